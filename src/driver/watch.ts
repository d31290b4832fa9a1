/** The graph on its way through passes and stages to a Program: shown where that is asked, and the way ended where that is asked. */
import { fail, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { print } from "../ir/text/print.js";
import type { Program } from "../program/program.js";
import { printProgram } from "../program/text/print.js";
import { onnxPasses, requireNames, selectPasses } from "../../passes/pipeline.js";
import { stageNames } from "../../passes/stages.js";

export interface WatchOptions {
  /** Passes and stages after which `onPrint` gets the graph in the text form, each time one has run; `program` gives the Program's. */
  readonly printAfter?: readonly string[];
  readonly onPrint?: (name: string, text: string) => void;
  /** The pass or stage after which the call ends, the first time it has run; nothing is written. */
  readonly stopAfter?: string;
}

/** What the Program is called among passes and stages. */
const whole = "program";

/** Ends a compilation on purpose: no river below has a way out of its middle. */
export class Stopped extends Error {
  readonly after: string;

  constructor(after: string) {
    super(`stopped after ${after}`);
    this.after = after;
  }
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #met = new Set<string>();

  /** `select` leaves out passes of the optimiser. Throws `unknown-pass`, and `pass-not-run` where it could not stop. */
  constructor(options: WatchOptions, select: readonly string[] = []) {
    const { printAfter = [], stopAfter } = options;
    this.#options = options;
    requireNames(
      [...printAfter, ...(stopAfter === undefined ? [] : [stopAfter])],
      [...onnxPasses.map((p) => p.name), ...stageNames, whole],
    );
    if (stopAfter === undefined) return;
    const runs = new Set([...selectPasses(onnxPasses, select).map((p) => p.name), ...stageNames, whole]);
    if (!runs.has(stopAfter))
      fail("pass-not-run", `nothing stops after "${stopAfter}": that pass does not run`, {
        why: "The list of passes leaves it out.",
        fix: `Add +${stopAfter} to --passes, or stop after another pass.`,
      });
  }

  /** Called with each graph that a pass or stage of this name has given. Throws `Stopped`. */
  readonly after = (name: string, graph: Graph): void => this.#meet(name, () => print(graph));

  /** Called with the Program, before any of it is C++. Throws `Stopped`. */
  program(program: Program): void {
    this.#meet(whole, () => printProgram(program));
  }

  #meet(name: string, text: () => string): void {
    const { printAfter, onPrint, stopAfter } = this.#options;
    this.#met.add(name);
    if (printAfter?.includes(name)) onPrint?.(name, text());
    if (stopAfter === name) throw new Stopped(name);
  }

  /** What was asked to be printed and never came. */
  missed(): readonly Diagnostic[] {
    const missing = (this.#options.printAfter ?? []).filter((name) => !this.#met.has(name));
    return [...new Set(missing)].map((name) =>
      problem("pass-not-run", `nothing is printed after "${name}": that pass did not run`, {
        severity: "warning",
        why: "The list of passes leaves it out, or --stop-after ended before it.",
        fix: "Print after another pass.",
      }),
    );
  }
}

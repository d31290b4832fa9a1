/** Programs on a chip's twin: many compiled into one program of C++, each run in a process of its own. */
import { holds } from "../../src/base/cond.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import { bundleSteps } from "../../src/emit/bundle.js";
import { guardsByTime } from "../../src/emit/tree.js";
import { loweringSteps } from "../../src/driver/compile.js";
import { packageRoot } from "../../src/host/package.js";
import { runBatch } from "../../src/suite/batch.js";
import type { CompiledCase } from "../../src/suite/program.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { Undecided } from "./bound-bodies.js";
import { boundsOn, differs, isRefusal, optimised, saidBy, type Finding } from "./check.js";
import type { Program } from "./program.js";
import type { Machine } from "./tiles.js";

export interface OnTwin {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly refused?: string;
  /** Names of the kernels' schedules, and calls of the vendor's library. */
  readonly schedules: readonly string[];
  readonly calls: readonly string[];
}

export interface TwinBatch {
  readonly results: readonly OnTwin[];
  /** Kernels in the compiled unit. */
  readonly kernels: number;
}

const none = { findings: [], schedules: [], calls: [] };

/** Compiles the programs for one chip, builds them together and runs them. */
export async function onTwin(programs: readonly Program[], machine: Machine): Promise<TwinBatch> {
  const { target } = machine;
  const twin = await twinLibrary(target, packageRoot, {});
  const settled = programs.map((p, i) =>
    isDecided(p, machine) ? compiled(p, machine, `p${i}`) : { seed: p.seed, ...none, refused: "undecided" },
  );
  const ready = settled.flatMap((s) => ("emitted" in s ? [s] : []));
  const ran = await runBatch(ready, { target, twin, optimise: "-O0", seconds: 60 });
  let next = 0;
  const results = settled.map((s, i): OnTwin => {
    if (!("emitted" in s)) return s;
    const { status, reason, calls } = ran.cases[next++];
    const findings = status === "pass" ? [] : [{ kind: target.name, text: `${status}: ${reason ?? ""}` }];
    return { seed: programs[i].seed, findings, schedules: s.emitted.program.kernels.map((k) => k.schedule), calls: calls ?? [] };
  });
  return { results, kernels: ready.reduce((n, c) => n + c.emitted.kernels.length, 0) };
}

/** Whether the chip's numbers, if they are halves, decide all that bodies ask. */
function isDecided(program: Program, machine: Machine): boolean {
  try {
    return boundsOn(program, machine) !== undefined;
  } catch (error) {
    if (error instanceof Undecided) return false;
    throw error;
  }
}

function compiled(program: Program, machine: Machine, prefix: string): CompiledCase | OnTwin {
  const { seed, precision, prefer } = program;
  try {
    const graph = optimised(program.graph);
    const loaded = { graph, source: bytesSource(new Uint8Array(), "model.onnx"), catalogue, diagnostics: [] };
    const { plan } = finishNow(loweringSteps(graph, loaded, machine, prefix, { precision, prefer, prefix }));
    const sizes = new Map(Object.entries(program.symbols));
    const broken = guardsByTime(plan.program).early.find((g) => !holds(g.when, sizes));
    if (broken) return { seed, ...none, refused: broken.message };
    const files = { copyWeights: true, version: "0", assets: [], modelHashes: {} };
    const { emitted, bundle } = finishNow(bundleSteps(plan, machine.target, files));
    const names = plan.program.outputs.map((id) => plan.program.buffers[id].name);
    const inputs = new Map(program.graph.inputs.map((v, i) => [graph.inputs[i].name, program.inputs.get(v) as Tensor]));
    const test = { name: `${seed}`, model: new Uint8Array(), inputs: [], outputs: [], limits: { atol: 0, rtol: 0 }, random: false };
    return { test, emitted, files: bundle.files, inputs, frozen: [], faultOf: (outputs) => faultOf(program, machine, names, outputs) };
  } catch (error) {
    if (error instanceof DiagnosticError && isRefusal(error)) return { seed, ...none, refused: saidBy(error) };
    return { seed, ...none, findings: [{ kind: "lower", text: saidBy(error) }] };
  }
}

function faultOf(program: Program, machine: Machine, names: readonly string[], outputs: ReadonlyMap<string, Tensor>): string | undefined {
  const run = boundsOn(program, machine);
  for (const [i, v] of program.graph.outputs.entries()) {
    const got = outputs.get(names[i]);
    const fault = got ? differs(got, run.tensor(v), run.bound(v)) : "is missing";
    if (fault) return `${v.name}${fault}`;
  }
  return undefined;
}

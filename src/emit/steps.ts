/** A Program's acts as C++: the only place where rows emit and kernels are printed. */
import { boundsOf, type Ranges } from "../base/dim-bounds.js";
import type { Dim } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import { tensorType } from "../base/value-type.js";
import type { Steps } from "../base/steps.js";
import { identifierPicker } from "../base/text-writer.js";
import type { Chip, ClaimRow, Operand, PrintedKernel, Target } from "../claim/target.js";
import { rowName } from "../claim/call.js";
import { evidenceOf, withoutWitness } from "../claim/witness.js";
import type { Node } from "../ir/graph.js";
import type { Kernel } from "../kernel/tile.js";
import { rangesOf } from "../program/arena.js";
import { computesOf, kernelsByName, leavesOf, symbolOrder, wayOf, type Way } from "../program/flow.js";
import type { Act, Call, Copy, Evidence, Launch, Program, ProgramBuffer } from "../program/program.js";
import { launchSizes } from "./launch-sizes.js";
import { spellOver } from "./spell.js";

/** One way of a step as text, and what is known of it. */
export interface ActText {
  /** The body of its function in model.cpp. */
  readonly lines: readonly string[];
  readonly kind: Way;
  /** Vendor symbols it uses, keys of the target's symbol table; the evidence is the lowest of theirs. */
  readonly uses: readonly string[];
  readonly evidence: Evidence;
  /** Those of `uses` that no independent public source confirms; absent where there are none. */
  readonly unwitnessed?: readonly string[];
}

export interface StepText {
  readonly step: string;
  readonly act: ActText;
  readonly alternate?: ActText;
}

/** A Program with its text. */
export interface Emitted {
  readonly program: Program;
  /** Of the steps that compute, in order. */
  readonly steps: readonly StepText[];
  /** In the order of the program's. */
  readonly kernels: readonly PrintedKernel[];
  /** C identifiers of the buffers, by id. */
  readonly identifiers: readonly string[];
}

/** Vendor symbols that any step uses, by either way. */
export function symbolsUsed({ steps }: Emitted): readonly string[] {
  return usesOf(steps.flatMap((s) => (s.alternate ? [s.act, s.alternate] : [s.act])));
}

/** Pauses after each kernel. */
export function* emitSteps(program: Program, target: Target): Steps<Emitted> {
  const chip = target.chips[program.chip];
  const kernels: PrintedKernel[] = [];
  for (const kernel of program.kernels) {
    yield;
    kernels.push(target.printKernel(kernel, chip));
  }
  const printer = new ActPrinter(program, target, kernels);
  const steps = computesOf(program).map(({ id, act, alternate }): StepText => ({
    step: id,
    act: printer.act(act),
    ...(alternate ? { alternate: printer.act(alternate) } : {}),
  }));
  return { program, steps, kernels, identifiers: printer.identifiers };
}

/** Text and symbols of an act or of a part of it. */
interface Printed {
  readonly lines: readonly string[];
  readonly uses: readonly string[];
}

class ActPrinter {
  readonly identifiers: readonly string[];
  readonly #program: Program;
  readonly #target: Target;
  readonly #chip: Chip;
  readonly #rows: ReadonlyMap<string, ClaimRow>;
  readonly #kernels: ReadonlyMap<string, Kernel>;
  readonly #printed: ReadonlyMap<string, PrintedKernel>;
  readonly #ranges: Ranges;
  readonly #spell: (d: Dim) => string;

  constructor(program: Program, target: Target, printed: readonly PrintedKernel[]) {
    const pick = identifierPicker();
    this.identifiers = program.buffers.map((b) => pick(`b_${b.name}`));
    this.#program = program;
    this.#target = target;
    this.#chip = target.chips[program.chip];
    this.#rows = new Map(target.rows.map((r) => [rowName(r), r]));
    this.#kernels = kernelsByName(program);
    this.#printed = new Map(program.kernels.map((k, i) => [k.name, printed[i]]));
    this.#ranges = rangesOf(program.symbols);
    this.#spell = spellOver(symbolOrder(program));
  }

  act(act: Act): ActText {
    const { lines, uses } = this.#part(act);
    const { symbols } = this.#target;
    // A call outside any record, as a copy is, is as sure as the runtime.
    const evidence = uses.map((u) => evidenceOf(symbols[u])).reduce<Evidence>((a, b) => (a < b ? a : b), "E1");
    const doubtful = withoutWitness(uses, symbols);
    return {
      lines,
      kind: wayOf(act, this.#kernels),
      uses,
      evidence,
      ...(doubtful.length > 0 ? { unwitnessed: doubtful } : {}),
    };
  }

  #part(act: Act): Printed {
    switch (act.op) {
      case "call":
        return this.#call(act);
      case "launch":
        return this.#launch(act);
      case "copy":
        return this.#copy(act);
      case "region":
        return this.#region(act.body);
      default:
        throw act satisfies never;
    }
  }

  /** Names and early returns of one call stay its own. */
  #region(body: readonly Act[]): Printed {
    const parts = body.map((part) => ({ part, printed: this.#part(part) }));
    return {
      lines: parts.flatMap(({ part, printed }) =>
        leavesOf(part).some((a) => a.op === "call") ? inFunction(printed.lines) : printed.lines,
      ),
      uses: usesOf(parts.map((p) => p.printed)),
    };
  }

  #call({ row: name, then, attrs, inputs, outputs }: Call): Printed {
    const row = this.#rows.get(name);
    invariant(row, `${this.#target.name} has no row ${name}`);
    const { lines, uses } = row.emit({
      node: this.#nodeOf(row.op, attrs, inputs, outputs),
      inputs: inputs.map((id) => this.#operand(id)),
      outputs: outputs.map((id) => this.#operand(id)),
      then,
      dim: this.#spell,
      chip: this.#chip,
      allowHf32: this.#program.allowHf32,
    });
    return { lines: [...this.#unlessEmpty(outputs), ...lines], uses };
  }

  #nodeOf(op: string, attrs: Call["attrs"], inputs: Call["inputs"], outputs: Call["outputs"]): Node {
    const value = (id: number | null) => {
      const b = this.#buffer(id);
      return b && { name: b.name, type: tensorType(b.stored, b.shape) };
    };
    return { op, attrs, inputs: inputs.map(value), outputs: outputs.map(value), origin: [] };
  }

  #buffer(id: number | null): ProgramBuffer | undefined {
    return id === null ? undefined : this.#program.buffers[id];
  }

  #operand(id: number | null): Operand | undefined {
    const b = this.#buffer(id);
    return b && { dtype: b.stored, shape: b.shape, ptr: this.#ptr(b.id) };
  }

  #ptr(id: number): string {
    return `r.ptr(${this.identifiers[id]})`;
  }

  /** Nothing to do for an output without elements. Sizes at which an operand of a result that has some is empty were refused. */
  #unlessEmpty(outputs: Call["outputs"]): string[] {
    const first = outputs.find((id) => id !== null) ?? null;
    const unsure = (this.#buffer(first)?.shape ?? []).filter((d) => boundsOf(d, this.#ranges).lo < 1);
    const tests = [...new Set(unsure.map((d) => `${this.#spell(d)} == 0`))];
    return tests.length === 0 ? [] : [`if (${tests.join(" || ")}) return 0;`];
  }

  #launch({ kernel: name, buffers, ints, parallelism }: Launch): Printed {
    const [own, printed] = [this.#kernels.get(name), this.#printed.get(name)];
    invariant(own && printed, `no kernel is called ${name}`);
    const kernel = { ...own, ints: own.ints.map((i, at) => ({ ...i, value: ints[at] })), parallelism };
    const sizes = launchSizes(kernel, printed.ints, this.#spell, this.#ranges);
    const pointers = buffers.map((id) => this.#ptr(id));
    const { lines, uses } = this.#target.launch({ kernel, pointers, ints: sizes.ints, parallelism: sizes.parallelism, chip: this.#chip });
    const scoped = sizes.locals.length === 0 ? lines : ["{", ...[...sizes.locals, ...lines].map((l) => `  ${l}`), "}"];
    return { lines: scoped, uses: [...new Set([...uses, ...printed.uses])] };
  }

  #copy({ from, to, at, bytes }: Copy): Printed {
    const place = at === 0 ? this.#ptr(to) : `static_cast<uint8_t*>(${this.#ptr(to)}) + ${this.#spell(at)}`;
    return {
      lines: [`PTL_TRY(portolan::device::copy(${place}, ${this.#ptr(from)}, ${this.#spell(bytes)}, r.stream));`],
      uses: [],
    };
  }
}

function usesOf(parts: readonly { readonly uses: readonly string[] }[]): readonly string[] {
  return [...new Set(parts.flatMap((p) => p.uses))];
}

function inFunction(lines: readonly string[]): string[] {
  if (lines.length === 1 && lines[0].startsWith("PTL_TRY(")) return [...lines];
  return ["PTL_TRY([&]() -> int {", ...lines.map((l) => `  ${l}`), "  return 0;", "}());"];
}

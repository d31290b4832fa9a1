/** What the steps of a Program touch and how: all that is asked of them without printing a line. */
import type { Kernel } from "../kernel/tile.js";
import type { Act, Compute, Launch, Program, ProgramSymbol, Step, SymbolSource } from "./program.js";

/** Who does a step's work, for people: what the first call or scalar kernel of several says goes for all. */
export type Way = "library" | "kernel" | "scalar" | "copy";

export type Kernels = ReadonlyMap<string, Kernel>;

export function kernelsByName({ kernels }: Pick<Program, "kernels">): Kernels {
  return new Map(kernels.map((k) => [k.name, k]));
}

/** The calls, launches and copies of an act, in order. */
export function leavesOf(act: Act): readonly Exclude<Act, { op: "region" }>[] {
  return act.op === "region" ? act.body.flatMap(leavesOf) : [act];
}

export function launchesOf(act: Act): readonly Launch[] {
  return leavesOf(act).filter((a) => a.op === "launch");
}

export function wayOf(act: Act, kernels: Kernels): Way {
  const ways = leavesOf(act).map((a): Way => {
    if (a.op === "launch") return kernels.get(a.kernel)?.schedule === "scalar" ? "scalar" : "kernel";
    return a.op === "call" ? "library" : "copy";
  });
  return ways.find((w) => w === "library" || w === "scalar") ?? ways[0] ?? "copy";
}

/** What PORTOLAN_STEP_<id> is set to for an act. */
export function askedName(act: Act): "library" | "kernel" {
  return leavesOf(act).some((a) => a.op === "call") ? "library" : "kernel";
}

interface Touched {
  /** What comes from outside: buffers by id, each once, in the order of the operands. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

export function touchedBy(act: Act, kernels: Kernels): Touched {
  const [reads, writes] = [new Set<number>(), new Set<number>()];
  for (const leaf of leavesOf(act)) {
    const touched = touchedByLeaf(leaf, kernels);
    for (const id of touched.reads) if (!writes.has(id)) reads.add(id);
    for (const id of touched.writes) writes.add(id);
  }
  return { reads: [...reads], writes: [...writes] };
}

function touchedByLeaf(leaf: Exclude<Act, { op: "region" }>, kernels: Kernels): Touched {
  if (leaf.op === "copy") return { reads: [leaf.from], writes: [leaf.to] };
  if (leaf.op === "call") return { reads: leaf.inputs.filter((id) => id !== null), writes: leaf.outputs.filter((id) => id !== null) };
  const access = kernels.get(leaf.kernel)?.buffers.map((b) => b.access) ?? [];
  return {
    reads: leaf.buffers.filter((_, i) => access[i] !== "write"),
    writes: leaf.buffers.filter((_, i) => access[i] !== "read"),
  };
}

/** Every step of a list and of the bodies in it, a body's after the step that has it. */
export function* everyStep(steps: readonly Step[]): Iterable<Step> {
  for (const step of steps) {
    yield step;
    for (const body of bodiesOf(step)) yield* everyStep(body);
  }
}

export function bodiesOf(step: Step): readonly (readonly Step[])[] {
  if (step.op === "branch") return [step.then, step.otherwise];
  return step.op === "loop" ? [step.body] : [];
}

/** The steps that compute, of all bodies. */
export function computesOf({ steps }: Pick<Program, "steps">): readonly Compute[] {
  return [...everyStep(steps)].filter((s) => s.op === "compute");
}

/** Both ways of a step. */
export function waysOf(step: Compute): readonly Act[] {
  return step.alternate ? [step.act, step.alternate] : [step.act];
}

/** Buffers a step itself touches, by either way; those of its bodies are their steps'. */
export function buffersOf(step: Step, kernels: Kernels): readonly number[] {
  switch (step.op) {
    case "compute":
      return waysOf(step).flatMap((act) => {
        const { reads, writes } = touchedBy(act, kernels);
        return [...reads, ...writes];
      });
    case "read":
      return [step.from, step.to];
    case "write":
      return [step.to];
    case "bind":
      return step.pairs.flat();
    case "let":
    case "branch":
    case "loop":
      return [];
    default:
      throw step satisfies never;
  }
}

/** A symbol whose value a caller sets before a run. */
type GivenSymbol = ProgramSymbol & { readonly source: Extract<SymbolSource, { kind: "extent" }> };

export function givenSymbols({ symbols }: Pick<Program, "symbols">): readonly GivenSymbol[] {
  return symbols.filter((s): s is GivenSymbol => s.source.kind === "extent");
}

/** Symbols that steps give values. */
export function stepSymbols({ symbols }: Pick<Program, "symbols">): readonly ProgramSymbol[] {
  return symbols.filter((s) => s.source.kind === "step");
}

/** Names of the symbols in the order in which a running program holds their values. */
export function symbolOrder(program: Pick<Program, "symbols">): readonly string[] {
  return [...givenSymbols(program), ...stepSymbols(program)].map((s) => s.name);
}

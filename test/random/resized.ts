/** A program with open extents at other sizes, and with ends to them: 0 and 1 are sizes like all others when a bundle runs. */
import { holds } from "../../src/base/cond.js";
import { evaluateDim, isConst } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { isFloat } from "../../src/base/dtype.js";
import { elementCount, type Tensor, type TensorData } from "../../src/base/tensor.js";
import { rankedType, type SymbolInfo, type Value } from "../../src/ir/graph.js";
import { ours } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import type { Accuracy } from "./bounds.js";
import { unfit } from "./growing.js";
import type { Program } from "./program.js";
import { Rng } from "./rng.js";

/** A program, and the same at other sizes where it has them. */
export function bothSizes(program: Program): readonly Program[] {
  const other = resized(program, ours);
  return other ? [program, other] : [program];
}

/** Undefined for a program whose sizes are fixed, and for sizes that it does not take or whose numbers say nothing. */
function resized(program: Program, accuracy: Accuracy): Program | undefined {
  const names = Object.keys(program.symbols);
  const isOpen = program.graph.inputs.some((v) => rankedType(v)?.shape.some((d) => !isConst(d)));
  if (!isOpen) return undefined;
  const rng = new Rng(program.seed + 7_000_003);
  const symbols = Object.fromEntries(names.map((name) => [name, sizeOf(rng, program.symbols[name])]));
  const sizes = new Map(Object.entries(symbols));
  if (program.graph.guards.some((g) => !holds(g.when, sizes))) return undefined;
  const graph = { ...program.graph, symbols: names.map((name) => endsOf(rng, name, symbols[name])) };
  const inputs = new Map([...program.inputs].map(([v, t]) => [v, cut(v, t, sizes)]));
  const run = new BoundRun(accuracy);
  try {
    run.graph(graph, inputs);
  } catch (error) {
    // An index that is none at these sizes.
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
  const made = graph.nodes.flatMap((n) => n.outputs).filter((v) => v !== undefined);
  return made.every((v) => isTelling(v, run)) ? { ...program, graph, inputs, symbols, run } : undefined;
}

function sizeOf(rng: Rng, size: number): number {
  return rng.weighted<() => number>([
    [3, () => 0],
    [2, () => 1],
    [2, () => rng.int(0, size)],
    [1, () => size],
  ])();
}

/** An upper end lets whole rows be resident, a lower one above 0 lets kernels count on them. */
function endsOf(rng: Rng, name: string, size: number): SymbolInfo {
  return { name, range: { lo: rng.chance(0.7) ? 0 : size, hi: rng.pick([size, size + 9, Math.max(200, size), Infinity]) } };
}

/** The first elements: sizes do not grow. */
function cut(v: Value, t: Tensor, sizes: ReadonlyMap<string, number>): Tensor {
  const shape = (rankedType(v)?.shape ?? []).map((d) => evaluateDim(d, sizes));
  return { ...t, shape, data: t.data.slice(0, elementCount(shape)) as TensorData };
}

function isTelling(v: Value, run: BoundRun): boolean {
  const [t, e] = [run.tensor(v), run.bound(v)];
  return isFloat(t.dtype) ? unfit(t, e, run.numbers(v, t)) === undefined : !e?.some((x) => x > 0);
}

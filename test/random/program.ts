/** A random program from its number: a graph of ONNX operators, its inputs, and what its numbers may be off by. */
import type { DType } from "../../src/base/dtype.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { countOps, readsOf } from "../../src/ir/walk.js";
import { BoundRun } from "./bound-run.js";
import type { Accuracy } from "./bounds.js";
import { grow } from "./families.js";
import { Growing, type Limits } from "./growing.js";
import { Rng } from "./rng.js";
import { storable } from "./steps-pointwise.js";
import type { Filling } from "./values.js";

export interface Program {
  readonly seed: number;
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<Value, Tensor>;
  /** Sizes of the open extents. */
  readonly symbols: Readonly<Record<string, number>>;
  readonly precision: "fp32" | "fp16";
  readonly prefer: "library" | "kernels" | undefined;
  /** Every value of the graph, bounded. */
  readonly run: BoundRun;
}

/** Lengths around every granule and capacity. */
const lengths = [7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000];
const long = [1000, 2047, 2048, 2049, 4095, 4096, 4097, 5000];
const few = [1, 2, 3, 4, 5, 6, 8, 12];

export function shapeOf(rng: Rng, most: number): number[] {
  const rank = rng.weighted([
    [0.3, 0],
    [2, 1],
    [4, 2],
    [4, 3],
    [5, 4],
    [1.5, 5],
    [0.7, 6],
  ]);
  const shape = Array.from({ length: rank }, () => rng.pick(few));
  if (rank === 0) return shape;
  const at = rng.int(0, rank - 1);
  shape[at] = rng.weighted<() => number>([
    [6, () => rng.pick(lengths)],
    [1, () => rng.pick(long)],
    [0.3, () => 0],
    [2, () => rng.pick(few)],
  ])();
  for (let k = 0; shape.reduce((a, b) => a * b, 1) > most && k < 20; k++) {
    const others = shape.map((_, i) => i).filter((i) => i !== at && shape[i] > 1);
    if (others.length === 0) shape[at] = rng.pick(lengths);
    else shape[rng.pick(others)] = rng.int(1, 2);
  }
  return shape;
}

export function dtypeOf(rng: Rng): DType {
  return rng.weighted<DType>([
    [8, "f32"],
    [1.5, "f16"],
    [0.6, "bf16"],
    [1, "i32"],
    [1, "i64"],
    [0.8, rng.pick(storable)],
    [0.8, rng.pick(storable)],
  ]);
}

function limitsOf(rng: Rng): Limits {
  const open = rng.chance(0.25);
  const elements = rng.weighted([
    [66, 1100],
    [27, 4200],
    [6, 9000],
    [0.8, 40_000],
    [0.2, 150_000],
  ]);
  return { elements, work: 8 * elements, open };
}

/** `accuracy`: what docs/ulp.md allows. */
export function randomProgram(seed: number, accuracy: Accuracy): Program {
  const rng = new Rng(seed);
  const limits = limitsOf(rng);
  const filling = rng.weighted<Filling>([
    [5, "plain"],
    [4, "grid"],
    [1.5, "wide"],
  ]);
  const g = new Growing(rng, limits, new BoundRun(accuracy), filling);
  const dtype = dtypeOf(rng);
  const pool: Value[] = [g.input(dtype, shapeOf(rng, limits.elements))];
  const wanted = rng.int(1, 9);
  for (let tries = 0; g.nodes.length < wanted && tries < 4 * wanted; tries++) grow(g, pool);
  if (g.nodes.length === 0) {
    const plain = g.node("Identity", [pool[0]]);
    if (plain) pool.push(plain);
  }
  const graph = g.graph(outputsOf(g, pool));
  const hasFloats = pool.some((v) => g.dtype(v) === "f32");
  return {
    seed,
    graph,
    inputs: new Map(graph.inputs.map((v) => [v, g.tensor(v)])),
    symbols: Object.fromEntries(g.symbols),
    precision: hasFloats && rng.chance(0.2) ? "fp16" : "fp32",
    prefer: rng.pick(["kernels", "library", undefined]),
    run: g.run,
  };
}

/** What nobody reads, and now and then a value in the middle. */
export function outputsOf(g: Growing, pool: readonly Value[]): Value[] {
  const read = new Set(g.nodes.flatMap(readsOf));
  const made = new Set(g.nodes.flatMap((n) => n.outputs));
  const all = [...new Set([...g.nodes.flatMap((n) => n.outputs)])].filter((v): v is Value => v !== undefined && made.has(v));
  const ends = all.filter((v) => !read.has(v));
  const middle = g.rng.chance(0.3) ? pool.filter((v) => made.has(v) && read.has(v)).slice(0, 1) : [];
  return [...new Set([...ends, ...middle])];
}

/** The operators of a graph and of its bodies, one a node. */
export const operatorsOf = (graph: Graph): string[] => [...countOps(graph)].flatMap(([op, n]) => Array.from({ length: n }, () => op));

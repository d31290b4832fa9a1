/**
 * Levels in groups for the weights of products, from samples: errors are made up for among inputs that go together. Sums of
 * products of inputs come from onnxruntime, those of as many weights at a time as fit in memory; of a very wide weight those
 * of neighbouring columns alone.
 */
import { groupedProductsOf, type GroupedProduct } from "../../passes/quantise/grouped.js";
import { matrixOf } from "../../passes/quantise/matrix.js";
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import type { DType } from "../base/dtype.js";
import { roundTo } from "../base/float-formats.js";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { breathe } from "../host/turns.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { phaseKey, type Calibrating } from "./calibrate/observe.js";
import type { Samples } from "./calibrate/samples.js";
import { watch } from "./calibrate/watch.js";
import { factorOf } from "./compensate/factor.js";
import { betterRows, compensated, weighedScales, withErrors, type Block } from "./compensate/levels.js";
import { Moments } from "./compensate/moments.js";
import { packNBits, unpackNBits } from "./formats/layouts/onnx.js";
import type { Packing } from "./formats/nearest.js";
import { weight } from "./formats/weight.js";
import { withMoments, type Columns } from "./moments-graph.js";
import { keep, learning, resumed } from "./learnt.js";
import { nearestWeight, nibbles, productKey } from "./nearest.js";
import { packedWeight, shelved, type Shelf, type Shelved } from "./shelf.js";

interface Learnt {
  /** By `productKey`. */
  readonly weights: ReadonlyMap<string, PackedWeight>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Learning extends Calibrating {
  /** Neighbours along what is summed that share a scale. */
  readonly group: number;
  readonly isSkipped: (node: Node) => boolean;
  /** For the levels of weights that are done. */
  readonly shelf: Shelf;
  readonly limits?: Limits;
}

interface Limits {
  /** Columns of a weight whose errors are made up for together; a multiple of the group. */
  readonly together: number;
  /** What the sums of products of one batch take. */
  readonly batchBytes: number;
}

const usual: Limits = { together: 4096, batchBytes: 512 << 20 };
/** Rows of a weight that are worked on without a breath. */
const rowsTogether = 256;

/** A weight whose levels are to be chosen. */
interface Weight {
  readonly w: Value;
  readonly product: GroupedProduct;
  /** Of its scales. */
  readonly dtype: DType;
}

/** On its way from the nearest levels to better ones, with scales that become better too. */
interface Work extends Weight {
  readonly nearest: Packing;
  /** [n, k]. */
  readonly levels: Int8Array;
}

/** Weights that read the same activations, and some of their columns. */
interface Unit extends Columns {
  readonly weights: readonly Weight[];
}

/** Throws and rejects as `watch` does. */
export async function learnLevels(graph: Graph, samples: Samples, { memory, ...running }: Learning): Promise<Learnt> {
  const { group, shelf, signal, limits = usual } = running;
  const weights = weightsOf(graph, running);
  const batches = batchesOf(unitsOf(graph, [...weights.values()], Math.max(group, limits.together)), limits.batchBytes);
  const key = `${group} ${phaseKey(graph, [...weights.values()].map(({ w }) => w), samples)}`; // prettier-ignore
  const kept = resumed(memory, key, shelf);
  const done = new Map<string, Shelved>(kept?.done);
  const works = new Map<Value, Work | undefined>();
  const broken = new Set(groupedProductsOf(graph).flatMap(({ x }) => (kept?.broken.includes(x.name) ? [x] : [])));
  let runs = kept?.runs ?? 0;
  try {
    for (const [at, units] of [...batches.entries()].slice(runs / samples.count)) {
      const moments = await momentsOf(graph, units, samples, running);
      for (const [i, unit] of units.entries()) {
        for (const weight of unit.weights) if (!works.has(weight.w)) works.set(weight.w, workOn(weight, group));
        if (moments[i].isFinite) await improve(unit, works, moments[i], group, signal);
        else unit.xs.forEach((x) => broken.add(x));
        if (unit.from + unit.count === unit.k) finish(unit, works, shelf, done);
        running.onEvent?.({ kind: "progress", label: "choose levels", done: i + 1, total: units.length });
      }
      if (works.size === 0) runs = (at + 1) * samples.count;
    }
  } finally {
    if (runs > 0) memory?.write(learning, key, runs, [[...broken].map((x) => x.name), ...[...done].map(keep)]);
  }
  const found = [...weights.values()].flatMap(({ w, product, dtype }): [string, PackedWeight][] => {
    const shelved = done.get(w.name);
    return shelved ? [[productKey(product), packedWeight({ ...extentsOf(product), group, ...nibbles, dtype }, shelved)]] : [];
  });
  return { weights: new Map(found), diagnostics: [...broken].map(notFinite) };
}

const extentsOf = ({ data, axis }: GroupedProduct): { n: number; k: number } => ({ n: data.shape[axis], k: data.shape[1 - axis] });

/** By name; what is skipped is left out, and what is read along both its axes. */
function weightsOf(graph: Graph, { isSkipped }: Learning): Map<string, Weight> {
  const out = new Map<string, Weight>();
  for (const product of groupedProductsOf(graph)) {
    const { node, x, w } = product;
    if (!isSkipped(node) && !out.has(w.name)) out.set(w.name, { w, product, dtype: rankedType(x)?.dtype ?? "f32" });
  }
  for (const { w, axis } of groupedProductsOf(graph)) if (out.get(w.name)?.product.axis !== axis) out.delete(w.name);
  return out;
}

/** All columns of a weight follow each other. */
function unitsOf(graph: Graph, weights: readonly Weight[], together: number): readonly Unit[] {
  const readBy = new Map<Value, Set<Value>>();
  for (const { x, w } of groupedProductsOf(graph)) readBy.set(w, (readBy.get(w) ?? new Set()).add(x));
  const sharing = new Map<string, { xs: readonly Value[]; weights: Weight[] }>();
  for (const weight of weights) {
    const xs = [...(readBy.get(weight.w) ?? [])];
    const key = JSON.stringify(xs.map((x) => x.name));
    const known = sharing.get(key);
    if (known) known.weights.push(weight);
    else sharing.set(key, { xs, weights: [weight] });
  }
  return [...sharing.values()].flatMap(({ xs, weights: own }) => {
    const { data, axis } = own[0].product;
    const k = data.shape[1 - axis];
    return Array.from({ length: Math.ceil(k / together) }, (_, i): Unit => {
      const from = i * together;
      return { xs, weights: own, k, from, count: Math.min(together, k - from) };
    });
  });
}

function batchesOf(units: readonly Unit[], batchBytes: number): readonly (readonly Unit[])[] {
  const batches: Unit[][] = [];
  let room = 0;
  for (const unit of units) {
    const bytes = 8 * unit.count ** 2;
    if (room < bytes) [room, batches[batches.length]] = [batchBytes, []];
    room -= bytes;
    batches[batches.length - 1].push(unit);
  }
  return batches;
}

/** Undefined where the weight holds a NaN or an infinity. */
function workOn(weight: Weight, group: number): Work | undefined {
  const nearest = nearestWeight(weight.product, group);
  return nearest && { ...weight, nearest, levels: levelsIn(nearest) };
}

function levelsIn({ n, k, group, bits, levels, scales }: Packing): Int8Array {
  const groups = Math.ceil(k / group);
  const b = { dtype: "u8", shape: [n, groups, (group * bits) / 8], data: levels } as const;
  return unpackNBits({ b, scales: { dtype: "f32", shape: [n, groups], data: scales } }, k, bits, group).levels;
}

/** What is done is held packed, by name. */
function finish({ weights }: Unit, works: Map<Value, Work | undefined>, shelf: Shelf, done: Map<string, Shelved>): void {
  for (const { w } of weights) {
    const work = works.get(w);
    works.delete(w);
    if (!work) continue;
    const { nearest, levels } = work;
    const { b } = packNBits(weight({ ...nearest, levels, scaleType: "f32" }));
    done.set(w.name, shelved({ ...nearest, levels: b.data as Uint8Array }, shelf));
  }
}

/** One a unit. */
async function momentsOf(graph: Graph, units: readonly Unit[], samples: Samples, running: Learning): Promise<readonly Moments[]> {
  const moments = units.map((u) => new Moments(u.count));
  const owners = units.flatMap((u, i) => u.xs.map(() => i));
  const watched = withMoments(graph, units);
  await watch([watched], samples, { ...running, label: "learn levels" }, (place, [t]) => {
    moments[owners[place]].add(t.data as Float32Array);
  });
  return moments;
}

async function improve(
  { weights, k, from, count }: Unit,
  works: ReadonlyMap<Value, Work | undefined>,
  moments: Moments,
  group: number,
  signal?: AbortSignal,
): Promise<void> {
  const factor = factorOf(moments.sums, count);
  if (!factor) return;
  const { grid } = nibbles;
  const [groups, firstGroup] = [Math.ceil(k / group), from / group];
  for (const { w } of weights) {
    await breathe(signal);
    const work = works.get(w);
    if (!work) continue;
    const { dtype, product, levels, nearest } = work;
    const { n, scales } = nearest;
    const values = columnsOf(product, from, count);
    for (let row = 0; row < n; row += rowsTogether) {
      await breathe(signal);
      const rows = Math.min(rowsTogether, n - row);
      const block: Block = { values: values.subarray(row * count, (row + rows) * count), n: rows, count, group };
      const [heldLevels, heldScales] = [levels.subarray(row * k, (row + rows) * k), scales.subarray(row * groups, (row + rows) * groups)];
      const own = columns(heldLevels, rows, k, from, count);
      const ownScales = columns(heldScales, rows, groups, firstGroup, Math.ceil(count / group));
      const weighed = weighedScales(block, factor, grid, (s) => roundTo(dtype, s));
      const better = betterRows(compensated(block, factor, grid, weighed), withErrors(block, factor, own, ownScales));
      put(better.levels, heldLevels, rows, k, from);
      put(better.scales, heldScales, rows, groups, firstGroup);
    }
  }
}

/** [n, count] of a weight. */
function columnsOf({ data, axis }: GroupedProduct, from: number, count: number): Float32Array {
  const matrix = matrixOf(data, axis);
  const out = new Float32Array(matrix.n * count);
  for (const band of matrix.bands(1)) {
    const { columns: width } = band;
    const values = band.values();
    for (let r = 0; r < band.count; r++) {
      const row = values.subarray(r * width, (r + 1) * width);
      const at = band.first + r;
      if (matrix.byResult) out.set(row.subarray(from, from + count), at * count);
      else if (at >= from && at < from + count) for (let i = 0; i < width; i++) out[i * count + at - from] = row[i];
    }
  }
  return out;
}

/** [n, count] of [n, k]. */
function columns<T extends Int8Array | Float32Array>(all: T, n: number, k: number, from: number, count: number): T {
  const out = all.slice(0, n * count) as T;
  for (let row = 0; row < n; row++) out.set(all.subarray(row * k + from, row * k + from + count), row * count);
  return out;
}

function put(part: Int8Array | Float32Array, all: Int8Array | Float32Array, n: number, k: number, from: number): void {
  const count = part.length / n;
  for (let row = 0; row < n; row++) all.set(part.subarray(row * count, (row + 1) * count), row * k + from);
}

function notFinite({ name }: Value): Diagnostic {
  return problem("calibration-not-finite", `"${name}" held values that are NaN or infinite on these samples`, {
    severity: "warning",
    location: { tensor: name },
    why: "What they go together with cannot be told: weights that read it have the levels nearest to them.",
    fix: "Calibrate on samples that the model computes finite values for.",
  });
}

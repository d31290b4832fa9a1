/**
 * Levels in groups for the weights of products, from samples: errors are made up for among inputs that go together. Sums of
 * products of inputs come from onnxruntime, those of as many weights at a time as fit in memory; of a very wide weight those
 * of neighbouring columns alone.
 */
import { groupedProductsOf, type GroupedProduct } from "../../passes/quantise/grouped.js";
import { nearestLevels, nibbles, packedLevels } from "../../passes/quantise/pack-weights.js";
import { matrixOf } from "../../passes/quantise/matrix.js";
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import type { DType } from "../base/dtype.js";
import { fromNumbers, roundTo, toNumbers } from "../base/float-formats.js";
import { elementCount } from "../base/tensor.js";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { breathe } from "../host/turns.js";
import { constData } from "../ir/build.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { phaseKey, type Calibrating } from "./calibrate/observe.js";
import type { Samples } from "./calibrate/samples.js";
import { watch } from "./calibrate/watch.js";
import { factorOf } from "./compensate/factor.js";
import { betterRows, compensated, weighedScales, withErrors, type Block } from "./compensate/levels.js";
import { Moments } from "./compensate/moments.js";
import { withMoments, type Columns } from "./moments-graph.js";

interface Learnt {
  /** Of a weight, of which `axis` counts the results. */
  readonly levelsOf: (w: Value, axis: number) => PackedWeight | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Learning extends Calibrating {
  /** Neighbours along what is summed that share a scale. */
  readonly group: number;
  readonly isSkipped: (node: Node) => boolean;
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
/** Levels that are kept in the file of an interrupted calibration. */
const keptBytes = 128 << 20;

/** A weight whose levels are to be chosen. */
interface Weight {
  readonly w: Value;
  readonly product: GroupedProduct;
  /** Of its scales. */
  readonly dtype: DType;
}

/** On its way from the nearest levels to better ones. */
interface Work extends Weight {
  readonly n: number;
  readonly k: number;
  /** [n, k]. */
  readonly levels: Int8Array;
  /** [n, groups]. */
  readonly scales: Float32Array;
}

/** Weights that read the same activations, and some of their columns. */
interface Unit extends Columns {
  readonly weights: readonly Weight[];
}

/** Throws and rejects as `watch` does. */
export async function learnLevels(graph: Graph, samples: Samples, { memory, ...running }: Learning): Promise<Learnt> {
  const { group, signal, limits = usual } = running;
  const weights = weightsOf(graph, running);
  const batches = batchesOf(unitsOf(graph, [...weights.values()], Math.max(group, limits.together)), limits.batchBytes);
  const key = `${group} ${phaseKey(graph, [...weights.values()].map(({ w }) => w), samples)}`; // prettier-ignore
  const kept = memory?.read("learn levels", key);
  const done = new Map<Value, PackedWeight>();
  const [names = [], ...levels] = (kept?.seen ?? []) as readonly [readonly string[], ...Kept[]];
  for (const k of levels) restore(k, weights, group, done);
  const works = new Map<Value, Work | undefined>();
  const broken = new Set(groupedProductsOf(graph).flatMap(({ x }) => (names.includes(x.name) ? [x] : [])));
  let runs = kept?.done ?? 0;
  try {
    for (const [at, units] of [...batches.entries()].slice(runs / samples.count)) {
      const moments = await momentsOf(graph, units, samples, running);
      for (const [i, unit] of units.entries()) {
        for (const weight of unit.weights) if (!works.has(weight.w)) works.set(weight.w, workOn(weight, group));
        if (moments[i].isFinite) await improve(unit, works, moments[i], group, signal);
        else unit.xs.forEach((x) => broken.add(x));
        if (unit.from + unit.count === unit.k) finish(unit, works, group, done);
        running.onEvent?.({ kind: "progress", label: "choose levels", done: i + 1, total: units.length });
      }
      if (works.size === 0) runs = (at + 1) * samples.count;
    }
  } finally {
    const bytes = [...done.values()].reduce((sum, p) => sum + elementCount(p.levels.shape), 0);
    if (runs > 0 && bytes <= keptBytes) memory?.write("learn levels", key, runs, [[...broken].map((x) => x.name), ...[...done].map(keep)]); // prettier-ignore
  }
  const levelsOf = (w: Value, axis: number): PackedWeight | undefined =>
    weights.get(w.name)?.product.axis === axis ? done.get(w) : undefined;
  return { levelsOf, diagnostics: [...broken].map(notFinite) };
}

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
  const nearest = nearestLevels(weight.product.data, weight.product.axis, group, weight.dtype);
  return nearest && { ...weight, n: nearest.n, k: nearest.k, levels: nearest.levels(), scales: nearest.scales };
}

/** What is done is held packed. */
function finish({ weights }: Unit, works: Map<Value, Work | undefined>, group: number, done: Map<Value, PackedWeight>): void {
  for (const { w } of weights) {
    const work = works.get(w);
    works.delete(w);
    if (!work) continue;
    const packed = packedLevels({ ...work, levels: () => work.levels }, group, work.dtype);
    done.set(w, { ...packed, levels: constData(packed.levels.load()) });
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
  const [groups, firstGroup] = [Math.ceil(k / group), from / group];
  for (const { w } of weights) {
    await breathe(signal);
    const work = works.get(w);
    if (!work) continue;
    const { n, dtype, product, levels, scales } = work;
    const values = columnsOf(product, from, count);
    for (let row = 0; row < n; row += rowsTogether) {
      await breathe(signal);
      const rows = Math.min(rowsTogether, n - row);
      const block: Block = { values: values.subarray(row * count, (row + rows) * count), n: rows, count, group };
      const [heldLevels, heldScales] = [levels.subarray(row * k, (row + rows) * k), scales.subarray(row * groups, (row + rows) * groups)];
      const own = columns(heldLevels, rows, k, from, count);
      const ownScales = columns(heldScales, rows, groups, firstGroup, Math.ceil(count / group));
      const weighed = weighedScales(block, factor, nibbles, (s) => roundTo(dtype, s));
      const better = betterRows(compensated(block, factor, nibbles, weighed), withErrors(block, factor, own, ownScales));
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
    const width = band.values.length / band.count;
    for (let r = 0; r < band.count; r++) {
      const row = band.values.subarray(r * width, (r + 1) * width);
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

/** What an interrupted calibration keeps of a weight: bytes in base64. */
interface Kept {
  readonly w: string;
  readonly levels: string;
  readonly scales: string;
}

function keep([w, { levels, scales }]: readonly [Value, PackedWeight]): Kept {
  const text = (bytes: Uint8Array | Uint16Array | Float32Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return { w: w.name, levels: text(levels.load().data as Uint8Array), scales: text(Float32Array.from(toNumbers(scales.load()))) };
}

function restore(kept: Kept, weights: ReadonlyMap<string, Weight>, group: number, done: Map<Value, PackedWeight>): void {
  const weight = weights.get(kept.w);
  if (!weight) return;
  const { data, axis } = weight.product;
  const [n, k] = [data.shape[axis], data.shape[1 - axis]];
  const groups = Math.ceil(k / group);
  const levels = new Uint8Array(Buffer.from(kept.levels, "base64"));
  const scales = new Float32Array(new Uint8Array(Buffer.from(kept.scales, "base64")).buffer);
  done.set(weight.w, {
    ...{ n, k },
    levels: constData({ dtype: "u8", shape: [n, groups, levels.length / (n * groups)], data: levels }),
    scales: constData(fromNumbers(weight.dtype, [n, groups], scales)),
  });
}

function notFinite({ name }: Value): Diagnostic {
  return problem("calibration-not-finite", `"${name}" held values that are NaN or infinite on these samples`, {
    severity: "warning",
    location: { tensor: name },
    why: "What they go together with cannot be told: weights that read it have the levels nearest to them.",
    fix: "Calibrate on samples that the model computes finite values for.",
  });
}

/** Levels of eight bits of one layer, from what samples show of the elements that it sums over. */
import type { Correction } from "../../passes/quantise/scheme.js";
import { heldWeight } from "../../passes/quantise/weights.js";
import { toNumbers } from "../base/float-formats.js";
import { breathe } from "../host/turns.js";
import type { ConstData, Graph, Node } from "../ir/graph.js";
import type { Running } from "../driver/events.js";
import type { Course } from "./calibrate/parts.js";
import { factorOf } from "./compensate/factor.js";
import { betterRows, compensated, withErrors, type Block } from "./compensate/levels.js";
import { Moments } from "./compensate/moments.js";
import { gridOf } from "./formats/grid.js";
import { transpose } from "./formats/scales.js";
import { patchOf, withPatches, type Columns, type Patch } from "./patches-graph.js";

/** Elements whose errors are made up for together: their sums take 2 MiB in f64. */
const together = 512;
/** Rows of a weight that are worked on without a breath. */
const rowsTogether = 256;

const grid = gridOf("i8", "narrow");

interface Product {
  /** In the float graph. */
  readonly node: Node;
  readonly weight: ConstData;
  /** Of the weight, which counts the results. */
  readonly axis: number;
}

/**
 * As the weight lies; undefined where the nearest are taken: for operators whose sums are over no patches, and where nothing but zeros
 * or anything but numbers was seen. `held` is the product alone with its operands as levels. Rejects with AbortError when cancelled.
 */
export async function chosenLevels(
  { node, weight, axis }: Product,
  held: Graph,
  course: Course,
  running: Running,
): Promise<Correction["levels"]> {
  const patch = patchOf(node, weight);
  const nearest = patch && heldWeight(weight, axis);
  const twin = held.nodes.find((n) => n.op === node.op);
  if (!patch || !nearest || !twin) return undefined;
  const blocks = blocksOf(patch.k);
  const moments = blocks.map(({ count }) => Array.from({ length: patch.groups }, () => new Moments(count)));
  await course.look(withPatches(held, twin, weight, patch, blocks), running, (_, place, t) => {
    const size = blocks[place].count ** 2;
    moments[place].forEach((m, g) => m.add((t.data as Float32Array).subarray(g * size, (g + 1) * size)));
  });
  const byResult = axis === 0;
  const rows = weight.shape[axis];
  const matrix = <T extends Float32Array | Int8Array>(x: T): T => (byResult ? x : transpose(x, patch.k, rows));
  const values = matrix(Float32Array.from(toNumbers(weight.load())));
  const levels = Int8Array.from(matrix(nearest.levels.load().data as Int8Array));
  for (const [b, columns] of blocks.entries())
    for (const [g, own] of moments[b].entries()) {
      await improve({ values, levels, scales: nearest.scales, rows: rows / patch.groups, group: g }, patch, columns, own, running);
    }
  return byResult ? levels : transpose(levels, rows, patch.k);
}

function blocksOf(k: number): readonly Columns[] {
  return Array.from({ length: Math.ceil(k / together) }, (_, i) => ({ from: i * together, count: Math.min(together, k - i * together) }));
}

interface Work {
  /** [groups * rows, k]. */
  readonly values: Float32Array;
  readonly levels: Int8Array;
  /** One a row. */
  readonly scales: Float32Array;
  /** Of each group. */
  readonly rows: number;
  readonly group: number;
}

/** Better levels for some elements of the rows of a group. */
async function improve(
  { values, levels, scales, rows, group }: Work,
  { k }: Patch,
  { from, count }: Columns,
  moments: Moments,
  { signal }: Running,
): Promise<void> {
  await breathe(signal);
  const factor = moments.isFinite ? factorOf(moments.sums, count) : undefined;
  if (!factor) return;
  for (let done = 0; done < rows; done += rowsTogether) {
    await breathe(signal);
    const n = Math.min(rowsTogether, rows - done);
    const first = group * rows + done;
    const cut = <T extends Float32Array | Int8Array>(all: T): T => {
      const out = all.slice(0, n * count) as T;
      for (let r = 0; r < n; r++) out.set(all.subarray((first + r) * k + from, (first + r) * k + from + count), r * count);
      return out;
    };
    const block: Block = { values: cut(values), n, count, group: count };
    const own = scales.subarray(first, first + n);
    const better = betterRows(compensated(block, factor, grid, own), withErrors(block, factor, cut(levels), own));
    for (let r = 0; r < n; r++) levels.set(better.levels.subarray(r * count, (r + 1) * count), (first + r) * k + from);
  }
}

/**
 * Nearest levels of many weights, each read once: bands are packed on as many threads as there are cores, and lie on a shelf until
 * the model is written. Neither order nor number of threads shows in the bytes.
 */
import type { GroupedProduct } from "../../passes/quantise/grouped.js";
import { matrixOf, type Band } from "../../passes/quantise/matrix.js";
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import type { Running } from "../driver/events.js";
import { inThreads, usualThreads } from "../host/threads.js";
import { breathe } from "../host/turns.js";
import { rankedType } from "../ir/graph.js";
import { gridOf } from "./formats/grid.js";
import { packBand, packingOf, type Packing } from "./formats/nearest.js";
import type { PackedBand, UnpackedBand } from "./nearest-thread.js";
import { packedWeight, shelved, type Shelf } from "./shelf.js";

/** Levels of 4 bits, zero in the middle. */
export const nibbles = { grid: gridOf("i4"), bits: 4 } as const;

interface Packed extends Running {
  /** Neighbours along what is summed that share a scale. */
  readonly group: number;
  readonly shelf: Shelf;
  /** As many as there are cores unless told. */
  readonly threads?: number | undefined;
}

/** A weight on its way. */
interface Job {
  readonly product: GroupedProduct;
  readonly into: Packing;
  /** Bands that are not packed. */
  left: number;
  isFinite: boolean;
}

interface Piece {
  readonly job: Job;
  readonly byResult: boolean;
  readonly band: Band;
}

/** Elements that are worth a thread, threads that a reader can feed, and what all their rooms take together. */
const worthThread = 1 << 24;
const mostThreads = 8;
const roomBytes = 384 << 20;

/** By `productKey`; weights that hold a NaN or an infinity are left out. Rejects as `inThreads` does. */
export async function nearestWeights(products: readonly GroupedProduct[], running: Packed): Promise<ReadonlyMap<string, PackedWeight>> {
  const out = new Map<string, PackedWeight>();
  const distinct = [...new Map(products.map((p) => [productKey(p), p])).values()];
  const threads = threadsFor(distinct, running);
  let done = 0;
  const finish = (job: Job, isFinite: boolean): void => {
    job.isFinite &&= isFinite;
    if (--job.left > 0) return;
    if (job.isFinite) out.set(productKey(job.product), packedWeight(job.into, shelved(job.into, running.shelf)));
    running.onEvent?.({ kind: "progress", label: "pack weights", done: ++done, total: distinct.length });
  };
  const pieces = piecesOf(distinct, running.group, threads > 1);
  if (threads > 1) await packInThreads(pieces, threads, finish, running.signal);
  else
    for (const { job, byResult, band } of pieces) {
      finish(job, packBand({ ...band, byResult, values: band.values() }, job.into));
      await breathe(running.signal);
    }
  return out;
}

/** A row of many columns makes a band large, and room for fewer. */
function threadsFor(products: readonly GroupedProduct[], { threads = usualThreads(), group }: Packed): number {
  let [elements, largest] = [0, 1];
  for (const { data, axis } of products) {
    elements += data.shape[0] * data.shape[1];
    const { byResult, bands } = matrixOf(data, axis);
    for (const { count, columns } of bands(stepOf(byResult, group))) largest = Math.max(largest, 4 * count * columns);
  }
  return Math.min(threads, mostThreads, Math.ceil(elements / worthThread), Math.max(1, Math.floor(roomBytes / largest)));
}

/** Rows that bands are not cut between. */
const stepOf = (byResult: boolean, group: number): number => (byResult ? 1 : group);

/** What tells weights of products apart: one may be read along both its axes. */
export function productKey({ w, axis }: Pick<GroupedProduct, "w" | "axis">): string {
  return `${axis} ${w.name}`;
}

/** On this thread; undefined where the weight holds a NaN or an infinity. */
export function nearestWeight(product: GroupedProduct, group: number): Packing | undefined {
  let into: Packing | undefined;
  for (const { job, byResult, band } of piecesOf([product], group, false)) {
    ({ into } = job);
    if (!packBand({ ...band, byResult, values: band.values() }, into)) return undefined;
  }
  return into;
}

function* piecesOf(products: readonly GroupedProduct[], group: number, isShared: boolean): Iterable<Piece> {
  const room = (bytes: number): ArrayBufferLike => (isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  for (const product of products) {
    const { n, k, byResult, bands } = matrixOf(product.data, product.axis);
    const all = bands(stepOf(byResult, group));
    const into = packingOf({ n, k, group, ...nibbles, dtype: rankedType(product.x)?.dtype ?? "f32" }, room);
    const job: Job = { product, into, left: all.length, isFinite: true };
    for (const band of all) yield { job, byResult, band };
  }
}

/** Each thread has a room for the band that it works on. */
async function packInThreads(
  pieces: Iterable<Piece>,
  threads: number,
  finish: (job: Job, isFinite: boolean) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const next = pieces[Symbol.iterator]();
  const lanes = Array.from({ length: threads }, (): { room: Float32Array; piece?: Piece } => ({ room: new Float32Array() }));
  await inThreads<UnpackedBand, PackedBand>({
    ...{ entry: new URL("./nearest-thread.js", import.meta.url), threads, signal },
    give: (lane) => {
      const piece = next.next().value as Piece | undefined;
      if (!piece) return undefined;
      const { job, byResult, band } = piece;
      const { room } = lanes[lane];
      const size = band.count * band.columns;
      lanes[lane] = { piece, room: room.length < size ? new Float32Array(new SharedArrayBuffer(4 * size)) : room };
      return { kind: "band", band: { ...band, byResult, values: band.values(lanes[lane].room.subarray(0, size)) }, into: job.into };
    },
    hear: ({ isFinite }, lane) => {
      const { piece } = lanes[lane];
      if (piece) finish(piece.job, isFinite);
    },
  });
}

/**
 * The bytes of a constant in pieces, and constants that are another's in a different order or type. A weight may be
 * larger than the memory at hand, so what becomes of it before it is written is said here as a stream.
 */
import { dtypes } from "../base/dtype.js";
import { elementCount } from "../base/tensor.js";
import { transposeTensor } from "../ops/evaluate/movement.js";
import type { ConstData } from "./graph.js";

const pieceBytes = 4 << 20;
/** What a transpose holds of its result at a time; the source is read once for each such block. */
const blockBytes = 96 << 20;

/** Little-endian row-major bytes in order; undefined when only `load` gives the values. */
export function streamOf(data: ConstData): Iterable<Uint8Array> | undefined {
  return data.at ? rangesOf(data.at) : data.chunks?.();
}

function* rangesOf({ source, offset, length }: NonNullable<ConstData["at"]>): Iterable<Uint8Array> {
  for (let done = 0; done < length; done += pieceBytes) yield source.read(offset + done, Math.min(pieceBytes, length - done));
}

/** Axis i of the result is axis perm[i] of `from`; the constant remembers what it was made of. */
export function transposed(from: ConstData, perm: readonly number[]): ConstData {
  if (from.moved)
    return transposed(
      from.moved.from,
      perm.map((p) => from.moved?.perm[p] ?? p),
    );
  if (perm.every((p, i) => p === i)) return from;
  const shape = perm.map((p) => from.shape[p]);
  const planes = planesOf(from, perm);
  return {
    dtype: from.dtype,
    shape,
    load: () => transposeTensor(from.load(), perm),
    moved: { from, perm },
    ...(planes && { chunks: () => turned(from, planes) }),
  };
}

/** A transpose that turns `count` matrices of rows x cols, each where it lies. */
interface Planes {
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
}

/** Undefined for other permutations, for what lies nowhere as bytes, and for elements of other than 1, 2 or 4 bytes. */
function planesOf({ dtype, shape, at }: ConstData, perm: readonly number[]): Planes | undefined {
  const { bits, kind } = dtypes[dtype];
  if (!at || kind === "string" || ![8, 16, 32].includes(bits)) return undefined;
  const kept = perm.findIndex((p, i) => p !== i);
  const split = perm[kept];
  const moves = perm.slice(kept).every((p, i) => p === kept + ((i + split - kept) % (perm.length - kept)));
  if (!moves) return undefined;
  const extent = (from: number, to: number): number => elementCount(shape.slice(from, to));
  return { count: extent(0, kept), rows: extent(kept, split), cols: extent(split, shape.length) };
}

function* turned({ dtype, at }: ConstData, { count, rows, cols }: Planes): Iterable<Uint8Array> {
  if (!at) return;
  const width = dtypes[dtype].bits / 8;
  const columns = Math.max(1, Math.floor(blockBytes / Math.max(1, rows * width)));
  for (let plane = 0; plane < count; plane++)
    for (let c = 0; c < cols; c += columns) {
      const wide = Math.min(columns, cols - c);
      const block = new Uint8Array(wide * rows * width);
      turnBlock(at, { offset: plane * rows * cols * width, rows, cols, width }, c, wide, block);
      yield block;
    }
}

interface Matrix {
  /** Bytes from the constant's first. */
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
  /** Bytes of an element. */
  readonly width: number;
}

/** Columns c to c + wide of a matrix, as rows of `block`. */
function turnBlock(at: NonNullable<ConstData["at"]>, m: Matrix, c: number, wide: number, block: Uint8Array): void {
  const tall = Math.max(1, Math.floor(pieceBytes / (m.cols * m.width)));
  const to = elements(block, m.width);
  for (let r = 0; r < m.rows; r += tall) {
    const here = Math.min(tall, m.rows - r);
    const from = elements(at.source.read(at.offset + m.offset + r * m.cols * m.width, here * m.cols * m.width), m.width);
    for (let j = 0; j < wide; j++) for (let i = 0; i < here; i++) to[j * m.rows + r + i] = from[i * m.cols + c + j];
  }
}

type Elements = Uint8Array | Uint16Array | Uint32Array;

/** Bytes as whole elements, which are only moved; copied where they do not lie on a multiple of their size. */
function elements(bytes: Uint8Array, width: number): Elements {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  if (width === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

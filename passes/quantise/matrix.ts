/** A weight of two axes read in bands, so that one as large as memory can be packed: by rows of results or of what is summed. */
import { decodeFloats, isPackedFloat, toNumbers } from "../../src/base/float-formats.js";
import { dtypes, isHalf, type DType } from "../../src/base/dtype.js";
import type { ConstData } from "../../src/ir/graph.js";

/** Rows next to each other. */
export interface Band {
  readonly first: number;
  readonly count: number;
  readonly columns: number;
  /** [count, columns], read when asked for; in `room` where that is given, which is as large. */
  readonly values: (room?: Float32Array) => Float32Array;
}

export interface Matrix {
  /** Results, and what each sums over. */
  readonly n: number;
  readonly k: number;
  /** Whether a row holds one result's weights; else one weight of every result. */
  readonly byResult: boolean;
  /** All rows in order, a multiple of `step` in each band but the last. */
  readonly bands: (step: number) => readonly Band[];
}

/** What a band holds about. */
const bandBytes = 8 << 20;

/** `axis` counts the results. A transpose is read as what it turns. */
export function matrixOf(data: ConstData, axis: number): Matrix {
  const { moved } = data;
  if (moved && moved.perm[0] === 1) return matrixOf(moved.from, 1 - axis);
  const [rows, columns] = data.shape;
  const [n, k] = axis === 0 ? [rows, columns] : [columns, rows];
  const tall = Math.max(1, Math.floor(bandBytes / (4 * Math.max(1, columns))));
  return {
    ...{ n, k, byResult: axis === 0 },
    bands(step) {
      let read: Reader | undefined;
      const most = Math.max(step, Math.floor(tall / step) * step);
      return Array.from({ length: Math.ceil(rows / most) }, (_, i): Band => {
        const first = i * most;
        const count = Math.min(most, rows - first);
        return { first, count, columns, values: (room) => (read ??= readerOf(data))(first * columns, count * columns, room) };
      });
    },
  };
}

/** Elements from a position, as floats. */
type Reader = (from: number, count: number, room?: Float32Array) => Float32Array;

function readerOf({ at, dtype, load }: ConstData): Reader {
  if (at && (dtype === "f32" || isHalf(dtype))) {
    const width = dtypes[dtype].bits / 8;
    const { source, offset } = at;
    return (from, count, room) => {
      if (!room || dtype !== "f32" || !source.readInto)
        return put(asFloats(source.read(offset + from * width, count * width), dtype), room);
      source.readInto(offset + from * width, new Uint8Array(room.buffer, room.byteOffset, room.byteLength));
      return room;
    };
  }
  const t = load();
  const whole = t.data instanceof Float32Array ? t.data : Float32Array.from(toNumbers(t));
  return (from, count, room) => put(whole.subarray(from, from + count), room);
}

function put(values: Float32Array, room: Float32Array | undefined): Float32Array {
  room?.set(values);
  return room ?? values;
}

function asFloats(bytes: Uint8Array, dtype: DType): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return isPackedFloat(dtype)
    ? decodeFloats(dtype, new Uint16Array(buffer, byteOffset, byteLength / 2))
    : new Float32Array(buffer, byteOffset, byteLength / 4);
}

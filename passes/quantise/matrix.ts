/** A weight of two axes read in bands, so that one as large as memory can be packed: by rows of results or of what is summed. */
import { decodeFloats, isPackedFloat, toNumbers } from "../../src/base/float-formats.js";
import { dtypes, isHalf, type DType } from "../../src/base/dtype.js";
import type { ConstData } from "../../src/ir/graph.js";

/** Rows next to each other. */
interface Band {
  readonly first: number;
  readonly count: number;
  /** [count, columns]. */
  readonly values: Float32Array;
}

export interface Matrix {
  /** Results, and what each sums over. */
  readonly n: number;
  readonly k: number;
  /** Whether a row holds one result's weights; else one weight of every result. */
  readonly byResult: boolean;
  /** All rows in order, a multiple of `step` in each band but the last. */
  bands(step: number): Iterable<Band>;
}

/** What a band holds about. */
const bandBytes = 32 << 20;

/** `axis` counts the results. A transpose is read as what it turns. */
export function matrixOf(data: ConstData, axis: number): Matrix {
  const { moved } = data;
  if (moved && moved.perm[0] === 1) return matrixOf(moved.from, 1 - axis);
  const [rows, columns] = data.shape;
  const [n, k] = axis === 0 ? [rows, columns] : [columns, rows];
  const tall = Math.max(1, Math.floor(bandBytes / (4 * Math.max(1, columns))));
  return {
    ...{ n, k, byResult: axis === 0 },
    *bands(step) {
      const read = readerOf(data);
      const most = Math.max(step, Math.floor(tall / step) * step);
      for (let first = 0; first < rows; first += most) {
        const count = Math.min(most, rows - first);
        yield { first, count, values: read(first * columns, count * columns) };
      }
    },
  };
}

/** Elements from a position, as floats. */
function readerOf({ at, dtype, load }: ConstData): (from: number, count: number) => Float32Array {
  if (at && (dtype === "f32" || isHalf(dtype))) {
    const width = dtypes[dtype].bits / 8;
    return (from, count) => asFloats(at.source.read(at.offset + from * width, count * width), dtype);
  }
  const t = load();
  const whole = t.data instanceof Float32Array ? t.data : Float32Array.from(toNumbers(t));
  return (from, count) => whole.subarray(from, from + count);
}

function asFloats(bytes: Uint8Array, dtype: DType): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return isPackedFloat(dtype)
    ? decodeFloats(dtype, new Uint16Array(buffer, byteOffset, byteLength / 2))
    : new Float32Array(buffer, byteOffset, byteLength / 4);
}

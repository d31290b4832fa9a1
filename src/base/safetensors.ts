/**
 * The safetensors container: 8 bytes of header length, a JSON header, then the tensors without holes (gaps are named U8
 * entries). Offsets are known before a byte is written, so writing streams.
 */
import { byteLength, infoOf, type DType } from "./dtype.js";
import { elementCount, type Tensor } from "./tensor.js";

/** The container's own names: the types that arrays of other programs have too. Others are its bytes. */
function nameOf(dtype: DType): string {
  return infoOf(dtype).numpy === undefined ? "U8" : dtype.toUpperCase();
}

interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

interface SafetensorsLayout {
  /** The file's first bytes: length and header. */
  readonly head: Uint8Array;
  /** By entry, in bytes from the start of the file. */
  readonly at: readonly { readonly offset: number; readonly length: number; readonly padding: number }[];
  readonly size: number;
}

/** Tensors start on multiples of 64 bytes, so that a mapped file can be read in place. */
export function layoutSafetensors(entries: readonly SafetensorsEntry[]): SafetensorsLayout {
  const header: Record<string, unknown> = {};
  let end = 0;
  const local = entries.map((e, i) => {
    const padding = Math.ceil(end / 64) * 64 - end;
    if (padding > 0) header[`__pad_${i}`] = { dtype: "U8", shape: [padding], data_offsets: [end, end + padding] };
    const begin = end + padding;
    const length = byteLength(e.dtype, elementCount(e.shape));
    header[e.name] = { dtype: nameOf(e.dtype), shape: e.shape, data_offsets: [begin, begin + length] };
    end = begin + length;
    return { offset: begin, length, padding };
  });
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil((json.length + 8) / 64) * 64 - 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return { head, at: local.map((x) => ({ ...x, offset: x.offset + head.length })), size: head.length + end };
}

/** A tensor's bytes as they lie in a file: little-endian, row-major. Types that share a byte are not taken here. */
export function tensorBytes(t: Tensor): Uint8Array {
  if (Array.isArray(t.data)) throw new TypeError("strings have no bytes");
  return new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
}

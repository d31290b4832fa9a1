/**
 * The safetensors container: 8 bytes of header length, a JSON header, then the tensors without holes (gaps are named U8
 * entries). Offsets are known before a byte is written, so writing streams; where even the number of tensors is not, room
 * is kept for the header and filled at the end.
 */
import { invariant } from "./diagnostic.js";
import { byteLength, infoOf, type DType } from "./dtype.js";
import { elementCount, type Tensor } from "./tensor.js";

/** The container's own names: the types that arrays of other programs have too. Others are its bytes. */
export function safetensorsType(dtype: DType): string {
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

/** A tensor as a header names it. */
export interface StoredEntry {
  readonly name: string;
  /** As the container spells it: F16, I32, F8_E4M3. */
  readonly type: string;
  readonly shape: readonly number[];
  /** In bytes. */
  readonly length: number;
}

interface OpenSafetensors {
  /** Gives the next tensor its place: bytes of padding go before it; `begin` counts from the end of the header. */
  place(entry: StoredEntry): { readonly begin: number; readonly padding: number };
  /** Length and header of all that has a place, in `room` bytes where that is given. */
  head(room?: number): Uint8Array;
}

/** Tensors start on multiples of 64 bytes, so that a mapped file can be read in place. */
export function openSafetensors(): OpenSafetensors {
  // Without a prototype, so that "__proto__" is a name like any other.
  const header = Object.create(null) as Record<string, unknown>;
  let [end, count] = [0, 0];
  return {
    place({ name, type, shape, length }) {
      const padding = Math.ceil(end / 64) * 64 - end;
      if (padding > 0) header[`__pad_${count}`] = { dtype: "U8", shape: [padding], data_offsets: [end, end + padding] };
      const begin = end + padding;
      header[name] = { dtype: type, shape, data_offsets: [begin, begin + length] };
      end = begin + length;
      count++;
      return { begin, padding };
    },
    head: (room) => headOf(header, room),
  };
}

function headOf(header: Readonly<Record<string, unknown>>, room: number | undefined): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const size = room ?? headRoom(json.length);
  invariant(size >= json.length + 8, `a header of ${json.length + 8} bytes in room for ${size}`);
  const head = new Uint8Array(size).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(size - 8), true);
  head.set(json, 8);
  return head;
}

/** Bytes from the start of a file to its first tensor, for a header of so many bytes. */
export function headRoom(jsonBytes: number): number {
  return Math.ceil((jsonBytes + 8) / 64) * 64;
}

/** No less than what a tensor takes in a header, the padding before it included. */
export function entryRoom(name: string, shape: readonly number[]): number {
  return new TextEncoder().encode(JSON.stringify(name)).length + JSON.stringify(shape).length + 320;
}

export function layoutSafetensors(entries: readonly SafetensorsEntry[]): SafetensorsLayout {
  const open = openSafetensors();
  let end = 0;
  const local = entries.map(({ name, dtype, shape }) => {
    const length = byteLength(dtype, elementCount(shape));
    const { begin, padding } = open.place({ name, type: safetensorsType(dtype), shape, length });
    end = begin + length;
    return { offset: begin, length, padding };
  });
  const head = open.head();
  return { head, at: local.map((x) => ({ ...x, offset: x.offset + head.length })), size: head.length + end };
}

/** A tensor's bytes as they lie in a file: little-endian, row-major. Types that share a byte are not taken here. */
export function tensorBytes(t: Tensor): Uint8Array {
  if (Array.isArray(t.data)) throw new TypeError("strings have no bytes");
  return new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
}

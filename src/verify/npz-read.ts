/** NumPy's .npy and .npz as they lie in a file: what each array is, and its values when asked for, row by row where that is wanted. */
import { inflateRawSync } from "node:zlib";
import { bytesSource, type ByteSource } from "../base/byte-source.js";
import { fail } from "../base/diagnostic.js";
import { byteLength, findDType, type DType } from "../base/dtype.js";
import { allocate, elementCount, type Tensor } from "../base/tensor.js";
import { transposeTensor } from "../ops/evaluate/movement.js";
import { rawBytes } from "./npz.js";

/** An array that is read when it is asked for. */
export interface LyingArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  whole(): Tensor;
  /** What lies at a place of the first axis. */
  row(index: number): Tensor;
}

/** A tensor in memory as an array that lies somewhere. */
export function lying(t: Tensor): LyingArray {
  const shape = t.shape.slice(1);
  const size = elementCount(shape);
  return {
    dtype: t.dtype,
    shape: t.shape,
    whole: () => t,
    row: (i) => ({ dtype: t.dtype, shape, data: t.data.slice(i * size, (i + 1) * size) }),
  };
}

const unreadable = (why: string): never => fail("npz-unreadable", why);

/** Throws `npz-unreadable`. */
export function npyIn(source: ByteSource): LyingArray {
  if (source.size < 12 || source.read(0, 1)[0] !== 0x93) return unreadable("not a .npy file");
  const head = viewOf(source.read(0, 12));
  const start = head.getUint8(6) === 1 ? 10 : 12;
  const length = head.getUint8(6) === 1 ? head.getUint16(8, true) : head.getUint32(8, true);
  if (start + length > source.size) return unreadable("a .npy file ends early");
  const header = Buffer.from(source.read(start, length)).toString("latin1");
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const dtype =
    descr === rawBytes
      ? "u8"
      : (findDType((info) => info.numpy === descr) ?? unreadable(`a .npy with header ${header.trim()} is not taken here`));
  const sizes = /'shape': \(([^)]*)\)/.exec(header)?.[1] ?? "";
  const shape = sizes.split(",").filter((x) => x.trim() !== "").map(Number); // prettier-ignore
  const part = (of: readonly number[], index: number): Tensor => {
    const data = allocate(dtype, elementCount(of)) as Exclude<Tensor["data"], string[]>;
    const target = new Uint8Array(data.buffer);
    target.set(source.read(start + length + index * target.length, target.length));
    return { dtype, shape: of, data };
  };
  if (start + length + byteLength(dtype, elementCount(shape)) > source.size) return unreadable("a .npy file ends early");
  if (header.includes("'fortran_order': True")) return turned(dtype, shape, () => part([...shape].reverse(), 0));
  return { dtype, shape, whole: () => part(shape, 0), row: (i) => part(shape.slice(1), i) };
}

/** An array whose first axis runs fastest: it is read as its transpose. */
function turned(dtype: DType, shape: readonly number[], read: () => Tensor): LyingArray {
  const whole = (): Tensor => transposeTensor(read(), shape.map((_, i) => shape.length - 1 - i)); // prettier-ignore
  let kept: LyingArray | undefined;
  return { dtype, shape, whole, row: (i) => (kept ??= lying(whole())).row(i) };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Of the record that ends a zip file, and of what may follow it. */
const [endBytes, mostAfter] = [22, 0xffff];

/** The arrays by name, in the order of the file. Throws `npz-unreadable`. */
export function npzIn(source: ByteSource): Map<string, LyingArray> {
  const tailBytes = Math.min(source.size, endBytes + mostAfter);
  const tail = viewOf(source.read(source.size - tailBytes, tailBytes));
  let end = tailBytes - endBytes;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return unreadable("not an .npz file: it has no zip directory");
  const [size, from] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (from + size > source.size) return unreadable("an .npz file ends early, or is of more than 4 GiB");
  const directory = source.read(from, size);
  const out = new Map<string, LyingArray>();
  for (let i = tail.getUint16(end + 10, true), at = 0; i > 0; i--) {
    const entry = viewOf(directory.subarray(at));
    const nameLength = entry.getUint16(28, true);
    const name = Buffer.from(directory.subarray(at + 46, at + 46 + nameLength)).toString("utf8");
    out.set(name.replace(/\.npy$/, ""), npyIn(bodyOf(source, entry)));
    at += 46 + nameLength + entry.getUint16(30, true) + entry.getUint16(32, true);
  }
  return out;
}

/** The file of a zip entry; one that is deflated is held whole. */
function bodyOf(source: ByteSource, entry: DataView): ByteSource {
  const [size, local] = [entry.getUint32(20, true), entry.getUint32(42, true)];
  if (local + 30 > source.size) return unreadable("an .npz file ends early");
  const head = viewOf(source.read(local, 30));
  const from = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (from + size > source.size) return unreadable("an .npz file ends early, or is of more than 4 GiB");
  if (entry.getUint16(10, true) !== 0) return bytesSource(inflateRawSync(source.read(from, size)));
  return { name: source.name, size, read: (offset, length) => source.read(from + offset, length) };
}

export function readNpz(bytes: Uint8Array): Map<string, Tensor> {
  return new Map([...npzIn(bytesSource(bytes))].map(([name, t]) => [name, t.whole()]));
}

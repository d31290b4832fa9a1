/** NumPy's .npz, written stored. The C++ side is targets/common/runtime/npz.cpp. */
import { crc32 } from "node:zlib";
import { fail } from "../base/diagnostic.js";
import { infoOf, type DType } from "../base/dtype.js";
import { tensorBytes } from "../base/safetensors.js";
import { type Tensor } from "../base/tensor.js";

/** Whether .npy can hold this element type. */
export function isSpelled(dtype: DType): boolean {
  return infoOf(dtype).numpy !== undefined;
}

/** One byte an element of a type that NumPy has no name for, as ml_dtypes saves them: what they mean, the file does not say. */
export const rawBytes = "|V1";

export function writeNpy(t: Tensor): Uint8Array {
  const { numpy, held } = infoOf(t.dtype);
  const descr = numpy ?? (held && rawBytes);
  if (!descr) fail("unsupported-dtype", `.npy has no spelling for ${t.dtype}`);
  const shape = t.shape.length === 1 ? `${t.shape[0]},` : t.shape.join(", ");
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const text = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11) + "\n";
  const body = tensorBytes(t);
  const out = new Uint8Array(10 + text.length + body.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  out.set(new TextEncoder().encode(text), 10);
  out.set(body, 10 + text.length);
  return out;
}

export function writeNpz(arrays: ReadonlyMap<string, Tensor>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, t] of arrays) {
    const body = writeNpy(t);
    const file = new TextEncoder().encode(`${name}.npy`);
    // Version, UTF-8 flag, stored, 1980-01-01, crc, sizes, name: the fields both headers share.
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint16(2, 0x0800, true);
    common.setUint32(6, 0x00210000, true);
    common.setUint32(10, crcOf(body), true);
    common.setUint32(14, body.length, true);
    common.setUint32(18, body.length, true);
    common.setUint16(22, file.length, true);
    const shared = new Uint8Array(common.buffer);
    const local = Uint8Array.from([0x50, 0x4b, 3, 4, ...shared, ...file]);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(10, at, true);
    directory.push(Uint8Array.from([0x50, 0x4b, 1, 2, 20, 0, ...shared, ...new Uint8Array(tail.buffer), ...file]));
    parts.push(local, body);
    at += local.length + body.length;
  }
  const size = directory.reduce((n, d) => n + d.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, directory.length, true);
  end.setUint16(10, directory.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, at, true);
  return Buffer.concat([...parts, ...directory, new Uint8Array(end.buffer)]);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** node:zlib has crc32 from Node 20.15 on; older ones get the table. */
function crcOf(bytes: Uint8Array): number {
  if (typeof crc32 === "function") return crc32(bytes);
  let c = 0xffffffff;
  for (const b of bytes) c = crcTable[(c ^ b) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

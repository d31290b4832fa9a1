/**
 * The header of a GGUF file, read by range: what it says of its model, and each tensor's type and shape (ggml-org/ggml
 * docs/gguf.md). Lengths are those of a stranger: they are checked before anybody counts on them.
 */
import { exactNumber, extentOf } from "../base/element.js";
import type { ByteSource } from "../base/byte-source.js";
import { fail } from "../base/diagnostic.js";

interface GgufTensor {
  readonly name: string;
  /** As ggml calls it: Q4_K, F16. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface Gguf {
  /** Numbers, words and flags; of a list its length alone. */
  readonly fields: ReadonlyMap<string, number | string | boolean>;
  readonly tensors: readonly GgufTensor[];
}

/** Elements of a block and its bytes, by ggml's number. */
const types: Readonly<Record<number, readonly [name: string, elements: number, bytes: number]>> = {
  0: ["F32", 1, 4],
  1: ["F16", 1, 2],
  2: ["Q4_0", 32, 18],
  3: ["Q4_1", 32, 20],
  6: ["Q5_0", 32, 22],
  7: ["Q5_1", 32, 24],
  8: ["Q8_0", 32, 34],
  10: ["Q2_K", 256, 84],
  11: ["Q3_K", 256, 110],
  12: ["Q4_K", 256, 144],
  13: ["Q5_K", 256, 176],
  14: ["Q6_K", 256, 210],
  15: ["Q8_K", 256, 292],
  16: ["IQ2_XXS", 256, 66],
  17: ["IQ2_XS", 256, 74],
  18: ["IQ3_XXS", 256, 98],
  19: ["IQ1_S", 256, 50],
  20: ["IQ4_NL", 32, 18],
  21: ["IQ3_S", 256, 110],
  22: ["IQ2_S", 256, 82],
  23: ["IQ4_XS", 256, 136],
  24: ["I8", 1, 1],
  25: ["I16", 1, 2],
  26: ["I32", 1, 4],
  27: ["I64", 1, 8],
  28: ["F64", 1, 8],
  29: ["IQ1_M", 256, 56],
  30: ["BF16", 1, 2],
  39: ["MXFP4", 32, 17],
};

const valueBytes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const [stringKind, arrayKind] = [8, 9];

function malformed(source: ByteSource, why: string, byteOffset: number): never {
  return fail("gguf-malformed", `${source.name}: ${why}`, {
    location: { path: source.name, byteOffset },
    fix: "Fetch the file again, and compare its sha256 with its publisher's.",
  });
}

const window = 1 << 20;

/** A place in the file that moves on as it is read. */
class Reader {
  readonly #source: ByteSource;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Room of so many bytes at the place, which moves behind it. */
  #take(length: number): number {
    const end = this.at + length;
    if (!(end <= this.#source.size)) malformed(this.#source, `its header goes on behind the file's end`, this.at);
    if (this.at < this.#start || end > this.#start + this.#view.byteLength) {
      const bytes = this.#source.read(this.at, Math.min(Math.max(length, window), this.#source.size - this.at));
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#start = this.at;
    }
    const from = this.at - this.#start;
    this.at = end;
    return from;
  }

  u32(): number {
    const from = this.#take(4);
    return this.#view.getUint32(from, true);
  }

  /** A count or a length: exact, or the file is broken. */
  u64(): number {
    const from = this.#take(8);
    const value = extentOf(this.#view.getBigUint64(from, true));
    return value ?? malformed(this.#source, "a length is larger than any file", this.at - 8);
  }

  text(): string {
    const length = this.u64();
    const from = this.#take(length);
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + from, length));
  }

  skip(length: number): void {
    if (!(this.at + length <= this.#source.size)) malformed(this.#source, "its header goes on behind the file's end", this.at);
    this.at += length;
  }

  number(kind: number): number | boolean {
    const from = this.#take(valueBytes[kind]);
    const v = this.#view;
    switch (kind) {
      case 0:
        return v.getUint8(from);
      case 1:
        return v.getInt8(from);
      case 2:
        return v.getUint16(from, true);
      case 3:
        return v.getInt16(from, true);
      case 4:
        return v.getUint32(from, true);
      case 5:
        return v.getInt32(from, true);
      case 6:
        return v.getFloat32(from, true);
      case 7:
        return v.getUint8(from) !== 0;
      case 10:
        return exactNumber(v.getBigUint64(from, true), "an integer of the header");
      case 11:
        return exactNumber(v.getBigInt64(from, true), "an integer of the header");
      default:
        return v.getFloat64(from, true);
    }
  }
}

function valueOf(r: Reader, source: ByteSource, kind: number, depth = 0): number | string | boolean {
  if (kind === stringKind) return r.text();
  if (kind in valueBytes) return r.number(kind);
  if (kind !== arrayKind || depth > 4) return malformed(source, `a value is of kind ${kind}, which means nothing`, r.at);
  const [inner, length] = [r.u32(), r.u64()];
  if (inner in valueBytes) r.skip(length * valueBytes[inner]);
  else for (let i = 0; i < length; i++) valueOf(r, source, inner, depth + 1);
  return length;
}

function tensorOf(r: Reader, source: ByteSource): GgufTensor {
  const name = r.text();
  const rank = r.u32();
  if (rank > 8) malformed(source, `tensor ${JSON.stringify(name)} has ${rank} dimensions`, r.at);
  const shape = Array.from({ length: rank }, () => r.u64());
  const kind = r.u32();
  r.u64();
  const known = types[kind] as (typeof types)[number] | undefined;
  if (known === undefined) return malformed(source, `tensor ${JSON.stringify(name)} is of type ${kind}, which is not known`, r.at);
  const [type, elements, bytes] = known;
  return { name, type, shape, bytes: (shape.reduce((n, d) => n * d, 1) / elements) * bytes };
}

/** Far more than any model has. */
const most = 1 << 20;

/** Reads the header, no weight. Throws `gguf-malformed`. */
export function readGguf(source: ByteSource): Gguf {
  const r = new Reader(source);
  if (source.size < 24 || r.u32() !== 0x46554747) malformed(source, "it does not begin with GGUF", 0);
  const version = r.u32();
  if (version < 2 || version > 3) malformed(source, `it is of version ${version}, and versions 2 and 3 are read`, 4);
  const [tensors, pairs] = [r.u64(), r.u64()];
  if (tensors > most || pairs > most) malformed(source, `it says that it has ${tensors} tensors and ${pairs} fields`, 8);
  const fields = new Map<string, number | string | boolean>();
  for (let i = 0; i < pairs; i++) {
    const name = r.text();
    fields.set(name, valueOf(r, source, r.u32()));
  }
  return { fields, tensors: Array.from({ length: tensors }, () => tensorOf(r, source)) };
}

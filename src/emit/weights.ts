/**
 * Where each weight's bytes come from at load time: by reference from the model's own file where its layout is
 * unchanged, else from the bundle's safetensors, written as a stream, one tensor at a time.
 */
import { createHash } from "node:crypto";
import type { ByteSource } from "../base/byte-source.js";
import { invariant } from "../base/diagnostic.js";
import { byteLength } from "../base/dtype.js";
import { layoutSafetensors, tensorBytes } from "../base/safetensors.js";
import { elementCount } from "../base/tensor.js";
import { streamOf } from "../ir/constant-bytes.js";
import type { ConstData } from "../ir/graph.js";
import type { Program, ProgramWeight } from "../program/program.js";
import type { BundleFile } from "./file.js";

export interface WeightFiles {
  readonly weights: readonly ProgramWeight[];
  readonly files: readonly BundleFile[];
  /** Bytes of every file that holds weights, by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** sha256 of a weight's bytes, in hexadecimal: taken while they were written, else by reading them. */
  readonly hashOf: (weight: ProgramWeight) => string;
}

/** A program that has no weights yet, and its constants by buffer id. */
export interface Planned {
  readonly program: Program;
  readonly constants: ReadonlyMap<number, ConstData>;
}

export function planWeights({ constants, program: { buffers, prefix } }: Planned, options: { readonly copyWeights: boolean }): WeightFiles {
  const live = [...constants].filter(([, data]) => elementCount(data.shape) > 0).sort(([a], [b]) => a - b);
  const isCopied = ([, data]: readonly [number, ConstData]): boolean => options.copyWeights || !data.at;
  const copied = live.filter(isCopied);
  // Padding entries begin with "__", and two values of one name may come from the two ways of a step.
  const named = new Set<string>();
  const entryName = (id: number): string => {
    const { name } = buffers[id];
    const free = !name.startsWith("__") && !named.has(name);
    let stem = name;
    while (stem.startsWith("_")) stem = stem.slice(1);
    const picked = free ? name : `${stem} (buffer ${id})`;
    named.add(picked);
    return picked;
  };
  const layout = layoutSafetensors(copied.map(([id, data]) => ({ name: entryName(id), dtype: data.dtype, shape: data.shape })));
  const file = `${prefix}.safetensors`;
  const weights: ProgramWeight[] = copied.map(([id], i) => ({
    buffer: id,
    from: { file, offset: layout.at[i].offset, length: layout.at[i].length },
    pack: "as-is",
  }));
  for (const entry of live) {
    const [buffer, { at }] = entry;
    if (!isCopied(entry) && at)
      weights.push({ buffer, from: { file: at.source.name, offset: at.offset, length: at.length }, pack: "as-is" });
  }
  // One pass over each file while loading.
  weights.sort((a, b) => (a.from.file < b.from.file ? -1 : a.from.file > b.from.file ? 1 : a.from.offset - b.from.offset));
  const hashes = new Map<number, string>();
  const hashed = function* (id: number, data: ConstData): Iterable<Uint8Array> {
    const hash = createHash("sha256");
    for (const piece of constantBytes(data)) {
      hash.update(piece);
      yield piece;
    }
    hashes.set(id, hash.digest("hex"));
  };
  const bytes = function* (): Iterable<Uint8Array> {
    yield layout.head;
    for (const [i, [id, data]] of copied.entries()) {
      if (layout.at[i].padding > 0) yield new Uint8Array(layout.at[i].padding);
      yield* hashed(id, data);
    }
  };
  return {
    weights,
    files: copied.length === 0 ? [] : [{ path: `weights/${file}`, bytes }],
    sizes: fileSizes(weights, file, live),
    hashOf: ({ buffer }) => {
      const data = constants.get(buffer);
      invariant(data, `buffer ${buffer} has no constant`);
      if (!hashes.has(buffer)) for (const piece of hashed(buffer, data)) void piece;
      return hashes.get(buffer) ?? "";
    },
  };
}

/** The weights of a program that says where they lie: the bundle's own file as it is, and all others by reference. */
export function readWeights({ prefix, weights }: Program, sourceOf: (file: string) => ByteSource): WeightFiles {
  const own = `${prefix}.safetensors`;
  const sources = new Map([...new Set(weights.map((w) => w.from.file))].map((file) => [file, sourceOf(file)] as const));
  const bytes = (file: string, offset: number, length: number): Iterable<Uint8Array> => {
    const source = sources.get(file);
    invariant(source, `no weight lies in ${file}`);
    return piecesOf(source, offset, length);
  };
  return {
    weights,
    files: [...sources].flatMap(([file, { size }]) => (file === own ? [{ path: `weights/${own}`, bytes: () => bytes(own, 0, size) }] : [])),
    sizes: new Map([...sources].map(([file, { size }]) => [file, size])),
    hashOf: ({ from: { file, offset, length } }) => {
      const hash = createHash("sha256");
      for (const piece of bytes(file, offset, length)) hash.update(piece);
      return hash.digest("hex");
    },
  };
}

const pieceBytes = 1 << 22;

function* piecesOf(source: ByteSource, offset: number, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes) yield source.read(offset + at, Math.min(pieceBytes, length - at));
}

/** The bundle's own file ends with its last weight; the others are as large as their sources. */
function fileSizes(
  weights: readonly ProgramWeight[],
  own: string,
  live: readonly (readonly [number, ConstData])[],
): ReadonlyMap<string, number> {
  const sources = new Map(live.flatMap(([, { at }]) => (at ? [[at.source.name, at.source.size] as const] : [])));
  return new Map(
    [...new Set(weights.map((w) => w.from.file))].map((name) => [
      name,
      name === own
        ? Math.max(...weights.filter((w) => w.from.file === own).map((w) => w.from.offset + w.from.length))
        : (sources.get(name) ?? 0),
    ]),
  );
}

/** A constant's bytes in chunks; unchanged ones are copied from their file without being looked at. */
function* constantBytes(data: ConstData): Iterable<Uint8Array> {
  const length = byteLength(data.dtype, elementCount(data.shape));
  const stream = streamOf(data);
  if (stream) return yield* stream;
  const bytes = tensorBytes(data.load());
  invariant(bytes.length === length, `a constant of ${length} bytes gave ${bytes.length}`);
  yield bytes;
}

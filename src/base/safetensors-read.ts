/**
 * The header of a safetensors file, read by range and taken for hostile: lengths, offsets and types are checked before
 * anybody allocates by them, as the format's own reader does (huggingface/safetensors safetensors/src/tensor.rs).
 */
import { extentOf } from "./element.js";
import type { ByteSource } from "./byte-source.js";
import { fail } from "./diagnostic.js";
import type { DType } from "./dtype.js";
import { tensorBytes, type StoredEntry } from "./safetensors.js";
import { allocate, elementCount, type Tensor } from "./tensor.js";

/** A tensor in a file. */
export interface StoredTensor extends StoredEntry {
  readonly source: ByteSource;
  /** From the start of the file. */
  readonly offset: number;
}

/** Element types by the container's names: bits, and our own type where values are read. */
const types: Readonly<Record<string, { readonly bits: number; readonly dtype?: DType }>> = {
  BOOL: { bits: 8, dtype: "bool" },
  F4: { bits: 4 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  U8: { bits: 8, dtype: "u8" },
  I8: { bits: 8, dtype: "i8" },
  F8_E5M2: { bits: 8, dtype: "f8e5m2" },
  F8_E4M3: { bits: 8, dtype: "f8e4m3fn" },
  F8_E8M0: { bits: 8, dtype: "f8e8m0" },
  I16: { bits: 16, dtype: "i16" },
  U16: { bits: 16, dtype: "u16" },
  F16: { bits: 16, dtype: "f16" },
  BF16: { bits: 16, dtype: "bf16" },
  I32: { bits: 32, dtype: "i32" },
  U32: { bits: 32, dtype: "u32" },
  F32: { bits: 32, dtype: "f32" },
  C64: { bits: 64, dtype: "c64" },
  F64: { bits: 64, dtype: "f64" },
  I64: { bits: 64, dtype: "i64" },
  U64: { bits: 64, dtype: "u64" },
};

/** The reader of the format takes no longer header. */
const longestHeader = 100_000_000;
const deepest = 16;

function malformed(source: ByteSource, why: string, byteOffset = 8): never {
  return fail("safetensors-malformed", `${source.name}: ${why}`, {
    location: { path: source.name, byteOffset },
    fix: "Fetch the file again, and compare its sha256 with its publisher's.",
  });
}

/**
 * The tensors of a file in the order of their bytes; padding that Portolan wrote is left out. Throws
 * `safetensors-malformed`, `safetensors-truncated` and `model-git-lfs-pointer`.
 */
export function readSafetensors(source: ByteSource): StoredTensor[] {
  const length = headerLength(source);
  const parsed = parseHeader(source, source.read(8, length));
  const start = 8 + length;
  const found = Object.entries(parsed)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => storedTensor(source, start, name, value))
    .sort((a, b) => a.offset - b.offset || a.length - b.length);
  requireGapless(source, start, found);
  return found.filter(({ name, type }) => type !== "U8" || !/^__pad_\d+$/.test(name));
}

function headerLength(source: ByteSource): number {
  if (source.size < 8) truncated(source, `it has ${source.size} bytes, and its header begins after 8`);
  const first = source.read(0, Math.min(23, source.size));
  if (new TextDecoder("latin1").decode(first) === "version https://git-lfs")
    fail("model-git-lfs-pointer", `${source.name} is a Git LFS pointer, not the file it points to`, {
      location: { path: source.name },
      fix: "Run `git lfs pull` in the repository the checkpoint came from.",
    });
  const said = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  const length = extentOf(said) ?? Infinity;
  if (length > longestHeader) malformed(source, `a header of ${said} bytes is said to follow; none is longer than 10^8`, 0);
  if (8 + length > source.size) truncated(source, `its header ends at byte ${8 + length}, the file at ${source.size}`);
  return length;
}

function truncated(source: ByteSource, why: string): never {
  return fail("safetensors-truncated", `${source.name} is cut short: ${why}`, {
    location: { path: source.name },
    fix: "Fetch the file again: a download was probably interrupted.",
  });
}

function parseHeader(source: ByteSource, bytes: Uint8Array): object {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (error) {
    return malformed(source, `its header is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return malformed(source, "its header is no JSON object");
  const { depth, names } = outline(text);
  if (depth > deepest) malformed(source, `its header nests ${depth} deep`);
  if (names !== Object.keys(parsed).length) malformed(source, "its header names a tensor twice");
  return parsed;
}

/** How deep a JSON text nests, and how many names its outermost object has, told twice or not. */
function outline(json: string): { readonly depth: number; readonly names: number } {
  let [depth, most, names, quoted] = [0, 0, 0, false];
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (quoted && c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === "{" || c === "[") most = Math.max(most, ++depth);
    else if (c === "}" || c === "]") depth--;
    else if (c === ":" && depth === 1) names++;
  }
  return { depth: most, names };
}

const isSize = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
const isSizes = (v: unknown): v is readonly number[] => Array.isArray(v) && v.every(isSize);

function storedTensor(source: ByteSource, start: number, name: string, value: unknown): StoredTensor {
  const { dtype, shape, data_offsets: range } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const said = `tensor ${JSON.stringify(name)}`;
  if (typeof dtype !== "string" || !Object.hasOwn(types, dtype))
    malformed(source, `${said} has no element type that is known (${spelled(dtype)})`);
  if (!isSizes(shape)) malformed(source, `${said} has no shape of whole numbers`);
  if (!isSizes(range) || range.length !== 2 || range[0] > range[1]) malformed(source, `${said} has no range of bytes (${spelled(range)})`);
  const [begin, end] = range;
  if (start + end > source.size) truncated(source, `${said} ends at byte ${start + end}, the file at ${source.size}`);
  const bits = shape.reduce((n, d) => n * BigInt(d), BigInt(types[dtype].bits));
  if (bits !== BigInt(end - begin) * 8n)
    malformed(source, `${said} is ${dtype}[${shape.join(",")}], which ${end - begin} bytes do not hold`);
  return { name, type: dtype, shape, source, offset: start + begin, length: end - begin };
}

const spelled = (v: unknown): string => (JSON.stringify(v) ?? "absent").slice(0, 60);

/** Tensors lie one after the other, each byte in one of them. */
function requireGapless(source: ByteSource, start: number, found: readonly StoredTensor[]): void {
  let end = start;
  for (const { name, offset, length } of found) {
    if (offset !== end)
      malformed(source, `tensor ${JSON.stringify(name)} begins at byte ${offset}, and what is before it ends at ${end}`, end);
    end = offset + length;
  }
  if (end !== source.size) malformed(source, `its tensors end at byte ${end}, the file at ${source.size}`, end);
}

/** Our element type of a stored tensor; undefined for one whose values are not read here. */
export function storedDType(t: StoredEntry): DType | undefined {
  return types[t.type].dtype;
}

/** All of a tensor in memory. */
export function loadStored(t: StoredTensor, dtype: DType): Tensor {
  const loaded = { dtype, shape: t.shape, data: allocate(dtype, elementCount(t.shape)) };
  tensorBytes(loaded).set(t.source.read(t.offset, t.length));
  return loaded;
}

const pieceBytes = 1 << 22;

/** A tensor's bytes, a piece at a time. */
export function* storedBytes({ source, offset, length }: StoredTensor): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes) yield source.read(offset + at, Math.min(pieceBytes, length - at));
}

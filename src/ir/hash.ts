/**
 * The content of a constant as a sha256. Bytes that lie unchanged in a file are read in pieces, never as a whole, so
 * the hash of a 2 GB weight needs a few megabytes. Sub-byte types are hashed one element a byte, since packing differs.
 */
import { createHash, type Hash } from "node:crypto";
import { dtypes } from "../base/dtype.js";
import type { Tensor } from "../base/tensor.js";
import { streamOf } from "./constant-bytes.js";
import type { ConstData } from "./graph.js";

const known = new WeakMap<ConstData, string>();

/** 64 hex digits over the little-endian row-major elements; dtype and shape are not part of it. */
export function contentHash(data: ConstData): string {
  const had = known.get(data);
  if (had !== undefined) return had;
  const hash = createHash("sha256");
  const pieces = dtypes[data.dtype].bits >= 8 && data.dtype !== "string" ? streamOf(data) : undefined;
  if (pieces) for (const piece of pieces) hash.update(piece);
  else updateWith(hash, data.load());
  const out = hash.digest("hex");
  known.set(data, out);
  return out;
}

function updateWith(hash: Hash, t: Tensor): void {
  if (Array.isArray(t.data)) {
    for (const s of t.data) hash.update(`${Buffer.byteLength(s)}:`).update(s);
    return;
  }
  hash.update(new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength));
}

/** A constant known by its hash alone, as the text form carries large ones. */
export function hashOnly(dtype: ConstData["dtype"], shape: readonly number[], hash: string, load: () => Tensor): ConstData {
  const data: ConstData = { dtype, shape, load };
  known.set(data, hash);
  return data;
}

/**
 * Where each weight's bytes come from at load time: by reference from the model's own file where its layout is
 * unchanged, else from the bundle's safetensors, written as a stream, one tensor at a time.
 */
import { invariant } from "../base/diagnostic.js";
import { byteLength } from "../base/dtype.js";
import { layoutSafetensors, tensorBytes } from "../base/safetensors.js";
import { elementCount } from "../base/tensor.js";
import { streamOf } from "../ir/constant-bytes.js";
import type { ConstData } from "../ir/graph.js";
import type { ProgramBuffer, ProgramWeight } from "../plan/program.js";
import type { BundleFile } from "./file.js";

export interface WeightFiles {
  readonly weights: readonly ProgramWeight[];
  readonly files: readonly BundleFile[];
}

export function planWeights(
  constants: ReadonlyMap<number, ConstData>,
  buffers: readonly ProgramBuffer[],
  options: { readonly prefix: string; readonly copyWeights: boolean },
): WeightFiles {
  const live = [...constants].filter(([, data]) => elementCount(data.shape) > 0).sort(([a], [b]) => a - b);
  const isCopied = ([, data]: readonly [number, ConstData]): boolean => options.copyWeights || !data.at;
  const copied = live.filter(isCopied);
  // Padding entries begin with "__", and two values of one name may come from the two ways of a step.
  const named = new Set<string>();
  const entryName = (id: number): string => {
    const { name } = buffers[id];
    const free = !name.startsWith("__") && !named.has(name);
    const picked = free ? name : `${name.replace(/^_+/, "")} (buffer ${id})`;
    named.add(picked);
    return picked;
  };
  const layout = layoutSafetensors(copied.map(([id, data]) => ({ name: entryName(id), dtype: data.dtype, shape: data.shape })));
  const file = `${options.prefix}.safetensors`;
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
  if (copied.length === 0) return { weights, files: [] };
  const bytes = function* (): Iterable<Uint8Array> {
    yield layout.head;
    for (const [i, [, data]] of copied.entries()) {
      if (layout.at[i].padding > 0) yield new Uint8Array(layout.at[i].padding);
      yield* constantBytes(data);
    }
  };
  return { weights, files: [{ path: `weights/${file}`, bytes }] };
}

/** A constant's bytes in chunks; unchanged ones are copied from their file without being looked at. */
export function* constantBytes(data: ConstData): Iterable<Uint8Array> {
  const length = byteLength(data.dtype, elementCount(data.shape));
  const stream = streamOf(data);
  if (stream) return yield* stream;
  const bytes = tensorBytes(data.load());
  invariant(bytes.length === length, `a constant of ${length} bytes gave ${bytes.length}`);
  yield bytes;
}

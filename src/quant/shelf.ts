/** Where levels lie from when they are found until the model is written: a file beside it, or memory. */
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import { bytesSource, type ByteSource } from "../base/byte-source.js";
import type { DType } from "../base/dtype.js";
import { fromNumbers } from "../base/float-formats.js";
import type { ConstData } from "../ir/graph.js";
import { decodeElements, encodeElements } from "../onnx/bytes/elements.js";
import type { Packing } from "./formats/nearest.js";

export type Place = NonNullable<ConstData["at"]>;

export interface Shelf {
  /** Keeps bytes, which the caller may go on writing to. Throws `output-not-writable`. */
  put(bytes: Uint8Array): Place;
  /** What an interrupted run left there. */
  resumed(): ByteSource | undefined;
}

export const inMemory: Shelf = {
  put: (bytes) => ({ source: bytesSource(bytes.slice()), offset: 0, length: bytes.length }),
  resumed: () => undefined,
};

/** What lies on a shelf of a weight. */
export interface Shelved {
  readonly levels: Place;
  readonly scales: Place;
}

export function shelved({ levels, scales, dtype }: Packing, shelf: Shelf): Shelved {
  return { levels: shelf.put(levels), scales: shelf.put(encodeElements(fromNumbers(dtype, [scales.length], scales))) };
}

/** The weight that a pass puts into the graph. */
export function packedWeight({ n, k, group, bits, dtype }: Omit<Packing, "levels" | "scales">, { levels, scales }: Shelved): PackedWeight {
  const groups = Math.ceil(k / group);
  return {
    ...{ n, k },
    levels: constantAt("u8", [n, groups, (group * bits) / 8], levels),
    scales: constantAt(dtype, [n, groups], scales),
  };
}

function constantAt(dtype: DType, shape: readonly number[], at: Place): ConstData {
  return { dtype, shape, at, load: () => decodeElements(dtype, shape, at.source.read(at.offset, at.length)) };
}

/** map.json: from every ONNX node to the generated lines that carry it out. `schema.ts` reads it back. */
import type { KernelPartName } from "./kernel-file.js";

/** Lines [first, last], 1-based, of one file of the bundle. */
export interface SourcePlace {
  /** `model.cpp`, or a path below `kernels/`. */
  readonly file: string;
  /** `step`: the function in model.cpp that makes the calls and launches. The others are parts of a kernel's file. */
  readonly part: "step" | KernelPartName;
  readonly first: number;
  readonly last: number;
}

export interface SourceMap {
  readonly schemaVersion: 2;
  /** By the node's name, or its first output where it has none; sorted. */
  readonly nodes: Readonly<Record<string, { readonly steps: readonly string[]; readonly places: readonly SourcePlace[] }>>;
}

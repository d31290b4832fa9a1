import { isConst, mod, type Dim } from "../../../src/base/dim.js";
import { identifierPicker, type TextWriter } from "../../../src/base/text-writer.js";
import type { Caps } from "../../../src/kernel/caps.js";
import type { BufferType, Kernel, KernelBuffer, Tile } from "../../../src/kernel/tile.js";
import { namesIn } from "../../../src/kernel/walk.js";
import type { Spelling } from "../intrinsics.js";

export interface Printing {
  readonly kernel: Kernel;
  readonly caps: Caps;
  readonly out: TextWriter;
  readonly spell: Spelling;
  /** A C identifier of this kernel not used before. */
  readonly fresh: (name: string) => string;
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly buffers: ReadonlyMap<string, KernelBuffer>;
  /** The C variable a tile is reached through here: inside a pipeline, its half of the double buffer. */
  readonly at: ReadonlyMap<string, string>;
}

export function tileOf(p: Printing, name: string): Tile {
  const t = p.tiles.get(name);
  if (!t) throw new Error(`internal: kernel ${p.kernel.name} has no tile ${name}`);
  return t;
}

export function bufferType(p: Printing, name: string): BufferType {
  const b = p.buffers.get(name);
  if (!b) throw new Error(`internal: kernel ${p.kernel.name} has no buffer ${name}`);
  return b.type;
}

export function variable(p: Printing, tile: string): string {
  return p.at.get(tile) ?? tile;
}

/** Names the body uses besides its own, and calls that a variable of the same name would hide. */
const reserved = [
  "core",
  "cores",
  "work",
  "stream",
  "clusters",
  "min",
  "max",
  "abs",
  "floor",
  "ceil",
  "rint",
  "trunc",
  "sqrt",
  "exp",
  "log",
  "pow",
  "splat",
  "choose",
];

export function freshNames(kernel: Kernel): (name: string) => string {
  const names = new Set([...reserved, ...namesIn(kernel)]);
  return identifierPicker(names);
}

/** Whether d is a multiple of n whatever its symbols are. */
export function isMultiple(d: Dim, n: number): boolean {
  return isConst(d) ? d % n === 0 : mod(d, n) === 0;
}

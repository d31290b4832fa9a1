/**
 * What a kernel takes of a core's scratchpad, everything counted: tiles, twice where a pipeline alternates between
 * halves, and the scratch of the chip's own lowering. Schedules size tiles by it, interpreter and lowerings hold them to it.
 */
import { fail } from "../base/diagnostic.js";
import type { Caps } from "./caps.js";
import { memorySlots } from "./lower/memory.js";
import { spillSlots } from "./lower/register.js";
import type { BufferType, Kernel } from "./tile.js";
import { doubledTiles } from "./walk.js";

export const elementBytes: Readonly<Record<BufferType, number>> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

/** Bytes of a core's scratchpad. */
export interface Room {
  readonly tiles: number;
  readonly scratch: number;
}

export function roomOf(kernel: Kernel, caps: Caps): Room {
  const doubled = doubledTiles(kernel.body);
  const padded = (bytes: number) => Math.ceil(bytes / caps.local.granule) * caps.local.granule;
  const tiles = kernel.tiles.map((t) => padded(elementBytes[t.type] * t.capacity) * (doubled.has(t.name) ? caps.depth : 1));
  const scratch = caps.compute === "register" ? spillSlots(kernel, caps).map((lanes) => 4 * lanes) : slotBytes(kernel, caps);
  const total = (list: readonly number[]) => list.reduce((sum, n) => sum + padded(n), 0);
  return { tiles: total(tiles), scratch: total(scratch) };
}

function slotBytes(kernel: Kernel, caps: Caps): readonly number[] {
  return memorySlots(kernel, caps).map((s) => (s.form === "bits" ? s.capacity / 8 : 4 * s.capacity));
}

/** Fails with `scratchpad-overflow` when a kernel takes more than the chip has: a defect of its schedule. */
export function checkRoom(kernel: Kernel, caps: Caps): void {
  const { tiles, scratch } = roomOf(kernel, caps);
  if (tiles + scratch <= caps.local.bytes) return;
  fail(
    "scratchpad-overflow",
    `${kernel.name} needs ${tiles + scratch} bytes of scratchpad (tiles ${tiles}, scratch ${scratch}); ${caps.chip} has ${caps.local.bytes}`,
    { why: `the ${kernel.schedule} schedule sized its tiles without all that lives beside them`, location: { node: kernel.origin[0] } },
  );
}

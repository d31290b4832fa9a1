import { cFloat, cInt } from "../../../src/base/text-writer.js";
import { elementBytes } from "../../../src/kernel/room.js";
import type { BufferType, LaneType } from "../../../src/kernel/tile.js";
import { standardTypes } from "../../kit/spell.js";

/** Masks are lanes of f32. */
export function cType(type: BufferType | LaneType): string {
  return standardTypes[type === "mask" ? "f32" : type];
}

/** Types that kernels of others hand to the scalar accesses; the rest are plain accesses, which is the vendor's own way. */
export const scalarTypes: ReadonlySet<string> = new Set(["f32", "f16", "i32", "u32", "mask"]);

/** The lanes of the same size that __bang_transpose is seen to take, where a type's own are not; int64 has none. */
export function turnedAs(type: BufferType): string | undefined {
  switch (type) {
    case "u8":
    case "bool":
      return "int8_t";
    case "bf16":
    case "u16":
      return "int16_t";
    case "u32":
      return "int32_t";
    default:
      return undefined;
  }
}

/** Bytes of an element; masks are lanes of f32. */
export function sizeOf(type: BufferType | LaneType): number {
  return type === "mask" ? 4 : elementBytes[type];
}

export function spellConst(type: LaneType, value: number | bigint): string {
  if (type === "f32") return cFloat(Number(value));
  if (type === "f16") return `(half)${cFloat(Number(value))}`;
  if (type === "mask") return Number(value) !== 0 ? "true" : "false";
  return cInt(value, type === "i64" ? 64 : 32);
}

import { cFloat, cInt } from "../../../src/base/text-writer.js";
import { elementBytes } from "../../../src/kernel/room.js";
import type { BufferType, LaneType } from "../../../src/kernel/tile.js";
import { isHalf } from "../../kit/spell.js";
import type { RegisterType } from "../intrinsics.js";

const types: Readonly<Record<BufferType, string>> = {
  f32: "float",
  f16: "float16",
  bf16: "bfloat16",
  i32: "int",
  u32: "unsigned int",
  i64: "long long",
  i16: "short",
  u16: "unsigned short",
  i8: "signed char",
  u8: "unsigned char",
  bool: "unsigned char",
};

export function cType(type: BufferType): string {
  return types[type];
}

export function bytesOf(type: BufferType): number {
  return elementBytes[type];
}

/** The vector register a lane type lives in; masks live in an int. */
export function registerOf(type: LaneType): RegisterType {
  return type === "f32" || isHalf(type) ? "float32x16" : type === "u32" ? "uint32x16" : "int32x16";
}

/** A literal of a lane type. */
export function literal(type: LaneType, value: number | bigint): string {
  if (type === "f32" || isHalf(type)) return cFloat(Number(value));
  if (type === "mask") return Number(value) === 0 ? "0" : "0xFFFF";
  return cInt(value, type === "i64" ? 64 : 32);
}

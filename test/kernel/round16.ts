/** Rounding to the 16-bit floats, for tests. */
import { f16round } from "@petamoriken/float16";
import { f32Bits, f32FromBits } from "../../src/kernel/lane.js";

export function round16(type: "f16" | "bf16", x: number): number {
  if (type === "f16") return f16round(x);
  const bits = f32Bits(Math.fround(x));
  if (Number.isNaN(x)) return NaN;
  return f32FromBits((bits + 0x7fff + ((bits >>> 16) & 1)) & ~0xffff);
}

/** What C++ of every vendor calls element types by, and chips by their name. */
import { invariant } from "../../src/base/diagnostic.js";
import type { Chip } from "../../src/claim/target.js";
import type { BufferType, LaneType } from "../../src/kernel/tile.js";

/** Types as <cstdint> has them, halves as compilers for accelerators do. */
export const standardTypes: Readonly<Record<BufferType, string>> = {
  f32: "float",
  f16: "half",
  bf16: "bfloat16_t",
  i64: "int64_t",
  i32: "int32_t",
  u32: "uint32_t",
  i16: "int16_t",
  u16: "uint16_t",
  i8: "int8_t",
  u8: "uint8_t",
  bool: "uint8_t",
};

export function isHalf(type: BufferType | LaneType): type is "f16" | "bf16" {
  return type === "f16" || type === "bf16";
}

/** A chip with the fields that its own target gives it; one of another target is a mistake of ours. */
export function chipAmong<C extends Chip>(chips: Readonly<Record<string, C>>, chip: Chip): C {
  const found = Object.values(chips).find((c) => c.caps.chip === chip.caps.chip);
  invariant(found, `${chip.caps.chip} is a chip of another target`);
  return found;
}

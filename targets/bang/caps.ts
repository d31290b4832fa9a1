/**
 * The MLU chips as data. Numbers come from Cambricon's BANG C guide and mlu-ops' kernels/kernel.h. How many cores a board has
 * is asked of it at run time; `cores` is what schedules aim at.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { LaneType } from "../../src/kernel/tile.js";
import type { Chip } from "../../src/plan/target.js";

const KiB = 1024;
const f32: readonly LaneType[] = ["f32"];
const words: readonly LaneType[] = ["f32", "i32"];
const masks: readonly LaneType[] = ["mask"];
const ints: readonly LaneType[] = ["i32"];

/** NRAM the printer keeps for its own helpers (bitwise select, widening to int64): see print/helpers.ts. */
export const helperBytes = 16 * KiB;

/** Vector operands of NRAM start at NFU_ALIGN_SIZE (mlu-ops kernels/kernel.h); from arch 300 on that is speed, not law. */
const granule = 128;

/**
 * f32 functions every arch from 300 on has (bangc.md section 7). `min` and `max` are __bang_nan_minimum and
 * __bang_nan_maximum, which give NaN when either operand is NaN; rounding beyond floor comes from conversions.
 */
const native: Caps["native"] = {
  add: words,
  sub: words,
  mul: words,
  abs: f32,
  min: f32,
  max: f32,
  floor: f32,
  sqrt: f32,
  reciprocal: f32,
  exp2: f32,
  log2: f32,
  sin: f32,
  cos: f32,
  eq: words,
  ne: words,
  lt: words,
  le: words,
  gt: words,
  ge: words,
  and: masks,
  or: masks,
  xor: masks, // as "not equal"
  not: masks,
  bitand: ints,
  bitor: ints,
  bitxor: ints,
  bitnot: ints,
  select: words,
};

/**
 * Conversions that independent public kernels use, at fix position 0; other pairs go through them. Rounding to nearest is
 * arithmetic, since nobody shows what the rounding conversion does with a tie. A float that becomes a narrower integer is
 * whole and in range. int64 words are picked and widened by strided copies.
 */
const casts: Caps["casts"] = {
  "f16->f32": ["exact"],
  "f32->f16": ["rint"],
  "f32->i32": ["trunc"],
  "i32->f32": ["rint"],
  "u8->f32": ["exact"],
  "i8->f32": ["exact"],
  "i16->f32": ["exact"],
  "f32->u8": ["exact"],
  "f32->i8": ["exact"],
  "f32->i16": ["exact"],
  "i64->i32": ["exact"],
  "i32->i64": ["exact"],
  "mask->f32": ["exact"],
  "mask->i32": ["exact"],
  "mask->u8": ["exact"],
};

function caps(chip: string, cores: number, nramBytes: number, more: Partial<Pick<Caps, "native" | "casts">>): Caps {
  return {
    chip,
    cores,
    local: { bytes: nramBytes - helperBytes, granule },
    vectorBytes: 128,
    compute: "memory",
    // Three nested loops a descriptor from arch 300 on; byte granularity on both sides. That a source stride of 0 repeats
    // is seen inside NRAM only.
    dma: { rank: 3, maxBlocks: 1 << 16, unitBytes: 1, storeGranule: 1, stride0: false },
    comparePadBytes: granule,
    native: { ...native, ...more.native },
    nanMinMax: true,
    casts: { ...casts, ...more.casts },
    scalarForms: ["add", "sub", "mul", "eq", "ne", "lt", "le", "gt", "ge"],
    cycleForms: ["add", "sub", "mul", "eq", "lt", "le", "gt"],
    keepsConstants: true,
    maskForm: "lanes",
    depth: 2,
    maxArgs: 64,
    // taskDimX is 16 bits wide in the launch structures of public headers.
    maxGrid: 65535,
  };
}

/** What the vendor's own kernels leave of NRAM to the compiler's stack (mlu-ops kernels/kernel.h). */
const reserve = 128 * KiB;

/** `__bang_div` and bfloat16 conversions exist on mtp_592; whether mtp_372 has them is disputed (bangc.md section 7). */
const mlu590 = caps("MLU590", 32, 512 * KiB - reserve, { native: { div: f32 }, casts: { "bf16->f32": ["exact"], "f32->bf16": ["rint"] } });
const mlu370 = caps("MLU370", 16, 768 * KiB - reserve, {});

/** Chips by the name users write. */
export const chips: Readonly<Record<"MLU590" | "MLU370", Chip>> = {
  // One list of public chips says 80 GB (facts chips.json); no vendor's page was seen.
  MLU590: { caps: mlu590, arch: "mtp_592", contractTypes: ["f32", "f16", "bf16"], memoryBytes: 80 * 2 ** 30 },
  // The MLU370-X8 and S8 cards, 48 GB by the vendor's launch text of 2022-03 (facts chips.json).
  MLU370: { caps: mlu370, arch: "mtp_372", contractTypes: ["f32", "f16"], memoryBytes: 48 * 2 ** 30 },
};

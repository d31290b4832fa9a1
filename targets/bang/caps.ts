/**
 * The MLU chips as data. Numbers come from Cambricon's BANG C guide and mlu-ops' kernels/kernel.h. How many cores a board has
 * is asked of it at run time; `cores` is what schedules aim at.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { Chip } from "../../src/claim/target.js";
import { nativeOn } from "./instructions.js";

const KiB = 1024;
/** NRAM the printer keeps for its own helpers (bitwise select, widening to int64): see print/helpers.ts. */
export const helperBytes = 16 * KiB;

/** Vector operands of NRAM start at NFU_ALIGN_SIZE (mlu-ops kernels/kernel.h); from arch 300 on that is speed, not law. */
const granule = 128;

/**
 * What the printer makes of several instructions or of one of another name: selection by bits, masks compared. Beside the rows of
 * instructions.ts.
 */
const composed: Caps["native"] = { select: ["f32", "i32"], xor: ["mask"] };

/**
 * Conversions in more than one instruction, or none. Rounding to nearest is arithmetic, since nobody shows what the rounding
 * conversion does with a tie. int64 words are picked and widened by strided copies.
 */
const composedCasts: Caps["casts"] = {
  "u8->f32": ["exact"],
  "f32->u8": ["exact"],
  "i64->i32": ["exact"],
  "i32->i64": ["exact"],
  "mask->f32": ["exact"],
  "mask->i32": ["exact"],
  "mask->u8": ["exact"],
};

function caps(chip: string, arch: number, cores: number, nramBytes: number): Caps {
  const { native, casts, scalarForms, cycleForms } = nativeOn(arch);
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
    native: { ...native, ...composed },
    nanMinMax: true,
    casts: { ...casts, ...composedCasts },
    scalarForms,
    cycleForms,
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

const mlu590 = caps("MLU590", 592, 32, 512 * KiB - reserve);
const mlu370 = caps("MLU370", 372, 16, 768 * KiB - reserve);

/** Chips by the name users write. */
export const chips: Readonly<Record<"MLU590" | "MLU370", Chip>> = {
  // One list of public chips says 80 GB (facts chips.json); no vendor's page was seen.
  MLU590: { caps: mlu590, arch: "mtp_592", contractTypes: ["f32", "f16", "bf16"], memoryBytes: 80 * 2 ** 30 },
  // The MLU370-X8 and S8 cards, 48 GB by the vendor's launch text of 2022-03 (facts chips.json).
  MLU370: { caps: mlu370, arch: "mtp_372", contractTypes: ["f32", "f16"], memoryBytes: 48 * 2 ** 30 },
};

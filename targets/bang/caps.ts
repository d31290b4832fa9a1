/**
 * The MLU chips as data. Numbers come from Cambricon's BANG C guide and mlu-ops' kernels/kernel.h. How many cores a board has
 * is asked of it at run time; `cores` is what schedules aim at.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { Chip } from "../../src/claim/target.js";
import { chipAmong } from "../kit/spell.js";
import { nativeOn } from "./instructions.js";

const KiB = 1024;
/** NRAM the printer keeps for its own helpers (bitwise select, widening to int64): see print/helpers.ts. */
export const helperBytes = 16 * KiB;

/** An MLU as its printers and rows see it. */
interface BangChip extends Chip {
  /** Its CNNL is what public headers and callers show. */
  readonly hasCnnl: boolean;
  /** Whether that CNNL multiplies and convolves INT8 to FLOAT (the header of CNNL 1.28.6: MLU300 and MLU500 series). */
  readonly multipliesLevels: boolean;
  /** Whether torch_mlu_ops runs there (D: Cambricon/vllm-mlu README: MLU370 and above). */
  readonly hasTmo: boolean;
}

/** What an architecture asks of vector operands in NRAM, and of the descriptors of copies. */
interface Family {
  readonly arch: number;
  readonly granule: number;
  readonly wholeBytes?: number;
  readonly dmaRank: 2 | 3;
  readonly reductions?: Caps["reductions"];
}

/** Vector operands start at NFU_ALIGN_SIZE (mlu-ops kernels/kernel.h); from arch 300 on that is speed, not law. */
const mlu3xx = (arch: number): Family => ({ arch, granule: 128, dmaRank: 3 });

/**
 * Vector operands at multiples of 64 bytes, counts of lanes that fill multiples of 128 bytes (bangc.md section 4): tiles and rows
 * in granules that do both for halves and for floats. Descriptors of copies walk one loop less. Of reductions those that fold
 * whole rows by an instruction; a transposition would need rows in granules as well.
 */
const mlu2xx = (arch: number): Family => ({
  arch,
  granule: 256,
  wholeBytes: 128,
  dmaRank: 2,
  reductions: [
    ["sum", "rows"],
    ["prod", "rows"],
  ],
});

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

/** Composed conversions that need no others: selection and masks; the rest goes by int32 lanes and bytes. */
const plainCasts: Caps["casts"] = { "mask->f32": ["exact"] };

function caps(chip: string, family: Family, cores: number, nramBytes: number): Caps {
  const { native, casts, scalarForms, cycleForms } = nativeOn(family.arch);
  const words = native.add?.includes("i32") === true;
  const { granule, wholeBytes, dmaRank, reductions } = family;
  return {
    chip,
    cores,
    local: { bytes: nramBytes - helperBytes, granule, ...(wholeBytes && { wholeBytes }) },
    vectorBytes: 128,
    compute: "memory",
    // Three nested loops a descriptor from arch 300 on, two before; byte granularity on both sides. That a source stride of 0
    // repeats is seen inside NRAM only.
    dma: { rank: dmaRank, maxBlocks: 1 << 16, unitBytes: 1, storeGranule: 1, stride0: false },
    comparePadBytes: granule,
    native: { ...native, select: words ? ["f32", "i32"] : ["f32"], xor: ["mask"] },
    nanMinMax: native.max !== undefined,
    casts: { ...casts, ...(words ? composedCasts : plainCasts) },
    scalarForms,
    cycleForms,
    ...(reductions && { reductions }),
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

const mlu590 = caps("MLU590", mlu3xx(592), 32, 512 * KiB - reserve);
const mlu370 = caps("MLU370", mlu3xx(372), 16, 768 * KiB - reserve);
const mlu290 = caps("MLU290", mlu2xx(290), 64, 512 * KiB - reserve);

/** Chips by the name users write. */
export const chips: Readonly<Record<"MLU590" | "MLU370" | "MLU290", BangChip>> = {
  // One list of public chips says 80 GB (facts chips.json); no vendor's page was seen.
  MLU590: {
    caps: mlu590,
    arch: "mtp_592",
    contractTypes: ["f32", "f16", "bf16"],
    memoryBytes: 80 * 2 ** 30,
    hasCnnl: true,
    multipliesLevels: true,
    hasTmo: true,
  },
  // What the most of its cards gives one chip: the S8, an S4 with 48 GB. An X8 has as much for two chips, each a device of 24 GB, S4 and X4 have
  // 24 GB (src/chips has the cards; an assessment counts with the card's own).
  MLU370: {
    caps: mlu370,
    arch: "mtp_372",
    contractTypes: ["f32", "f16"],
    memoryBytes: 48 * 2 ** 30,
    hasCnnl: true,
    multipliesLevels: true,
    hasTmo: true,
  },
  // MLU290-M5, 32 GB of HBM2 (facts chips.json). Its library multiplies integers alone; kernels multiply floats.
  MLU290: {
    caps: mlu290,
    arch: "mtp_290",
    contractTypes: ["f32"],
    memoryBytes: 32 * 2 ** 30,
    hasCnnl: false,
    multipliesLevels: false,
    hasTmo: false,
  },
};

export const bangChip = (chip: Chip): BangChip => chipAmong<BangChip>(chips, chip);

/**
 * The Ascend chips as data. Numbers are those of the platform ini files (facts cann/soc.json), rules those of the
 * Ascend C pages (facts cann/ascendc.md); what the twin enforces of them follows in `twin/chips.gen.h`.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { Chip } from "../../src/claim/target.js";
import type { ScaleType } from "../../src/quant/formats/weight.js";
import { chipAmong } from "../kit/spell.js";
import { nativeOn } from "./instructions.js";

export interface AscendChip extends Chip {
  /** How the operators' documents name it: Atlas A2, A3, the inference products of arch 2002, or those of arch 3002. */
  readonly family: "910b" | "A3" | "950" | "310p" | "310b";
  /** Bytes of the unified buffer a kernel may lay out. */
  readonly usableBytes: number;
  /** Whether ReduceMax and ReduceMin always write the index beside the extreme: there is no form for the value alone. */
  readonly extremesInPairs: boolean;
  /** Conversions, as in `caps.casts`, that round to nearest even under CAST_NONE and know no CAST_RINT. */
  readonly nearestByNone: readonly string[];
  /** Whether DataCacheCleanAndInvalid is told where the line goes: its third template argument, which arch 2002 has not. */
  readonly flushNamesDestination: boolean;
  /** The record on how its kernels are launched: families differ in who says so. */
  readonly launchedBy: "ACLRT_LAUNCH_KERNEL" | "ACLRT_LAUNCH_KERNEL on 310B";
  /** Whether a pipe hands out ids of events (FetchEventID, SetFlag, WaitFlag); elsewhere a wait is one for all pipes. */
  readonly eventIds: boolean;
  /** Whether kernels of others take the scalar unit's square root there: no page names it. */
  readonly scalarRoot: boolean;
  /** Whether DataCopy copies inside the unified buffer. */
  readonly copiesInside: boolean;
  /** Bytes of the widest element that DataCopyPad takes; 0 where there is no DataCopyPad. */
  readonly widestPad: 0 | 4 | 8;
  /**
   * What aclnnWeightQuantBatchMatmulV2 takes: widths of a level and types of activations, which are those of the scales. Absent
   * where the call is not there (D: hicann/ops-nn matmul/weight_quant_batch_matmul_v2/docs).
   */
  readonly weightOnly?: { readonly bits: readonly number[]; readonly scales: readonly ScaleType[] };
  /** Whether aclnnQuantMatmulV4 gives sums of products of levels as they are, in INT32 (its page's table of types). */
  readonly levelsAsSums?: boolean;
}

/** Bytes some Ascend C calls keep for themselves unless the kernel is built to forbid those calls (ascendc.md section 1). */
const vendorReserveBytes = 8192;

/** What the printer's own helpers use beside tiles and scratch: one workspace, and rounding every buffer up to 256 bytes. */
export const spareBytes = 8192;
const roundingBytes = 4096;

const GiB = 2 ** 30;

/** Of a chip whose files name no memory: no program is refused for its size, nor is one said to fit. */
const unknownMemory = Infinity;

/** Bytes of the unified buffer a kernel may lay out. */
export function usableBytes(ubBytes: number, smaskBytes: number): number {
  return ubBytes - smaskBytes - vendorReserveBytes;
}

/** Conversions of Cast on arch 2201 (castTable); narrowing ones round to nearest even or toward zero. */
const casts2201: Caps["casts"] = {
  "f16->f32": ["exact"],
  "bf16->f32": ["exact"],
  "f32->f16": ["rint", "trunc"],
  "f32->bf16": ["rint", "trunc"],
  "i8->f16": ["exact"],
  "u8->f16": ["exact"],
  "f16->i8": ["rint", "trunc"],
  "f16->u8": ["rint", "trunc"],
  "i16->f16": ["rint", "trunc"],
  "i16->f32": ["exact"],
  "f32->i16": ["rint", "trunc"],
  "f16->i16": ["rint", "trunc"],
  "f16->i32": ["rint", "trunc"],
  "bf16->i32": ["rint", "trunc"],
  "i32->f32": ["rint", "trunc"],
  "f32->i32": ["rint", "trunc"],
  "i32->i16": ["exact"],
  "i32->i64": ["exact"],
  "i64->i32": ["exact"],
  "f32->i64": ["rint", "trunc"],
  "i64->f32": ["rint", "trunc"],
};

/** Arch 2002: CAST_NONE rounds to nearest even where digits are lost; there is no bf16, no shift, no f32 to i32. */
const casts2002: Caps["casts"] = {
  "f16->f32": ["exact"],
  "f32->f16": ["rint"],
  "i8->f16": ["exact"],
  "u8->f16": ["exact"],
  "f16->i8": ["rint", "trunc"],
  "f16->u8": ["rint", "trunc"],
  "f16->i32": ["rint", "trunc"],
  "i32->f32": ["rint"],
  "i32->i16": ["exact"],
  "f32->i64": ["rint", "trunc"],
};

/** Arch 3002 converts as 2201 does, but for bfloat16_t. */
const casts3002: Caps["casts"] = Object.fromEntries(Object.entries(casts2201).filter(([pair]) => !pair.includes("bf16")));

const f32 = ["f32"] as const;

/** What Compare, Select, Cast and words of masks do, beside the rows of instructions.ts. */
const nativeBoth: Caps["native"] = {
  lt: f32,
  le: f32,
  gt: f32,
  ge: f32,
  ne: f32,
  and: ["mask"],
  or: ["mask"],
  not: ["mask"],
  select: ["f32", "i32", "u32"],
};
const rounded: Caps["native"] = { floor: f32, ceil: f32, round: f32, trunc: f32 };
const otherScalarForms = ["eq", "ne", "lt", "le", "gt", "ge", "select"] as const;

const [on2201, on2002, on3002] = [2201, 2002, 3002].map(nativeOn);

type Offered = ReturnType<typeof nativeOn>;

/** `unitBytes` is what DMA moves whole; `more` is what an architecture computes beside its rows and what all have. */
function capsOf(
  chip: string,
  cores: number,
  usable: number,
  unitBytes: 1 | 32,
  { native, scalarForms = [] }: Offered,
  more: Caps["native"],
  casts: Caps["casts"],
): Caps {
  return {
    chip,
    cores,
    local: { bytes: usable - spareBytes - roundingBytes, granule: 32 },
    vectorBytes: 256,
    compute: "memory",
    dma: { rank: 2, maxBlocks: 4095, unitBytes, storeGranule: unitBytes, stride0: false },
    comparePadBytes: 256,
    native: { ...native, ...nativeBoth, ...more },
    nanMinMax: false, // not documented: Max and Min are used only where no operand is NaN
    casts,
    scalarForms: [...scalarForms, ...otherScalarForms],
    maskForm: "bits",
    depth: 2,
    maxArgs: 48,
    maxGrid: 65535,
  };
}

function arch2201(chip: string, cores: number, memoryBytes: number): AscendChip {
  const usable = usableBytes(196608, 256);
  return {
    arch: "dav-2201",
    family: chip.startsWith("Ascend910_93") ? "A3" : "910b",
    contractTypes: ["f32", "f16", "bf16"],
    memoryBytes,
    usableBytes: usable,
    extremesInPairs: false,
    nearestByNone: [],
    flushNamesDestination: true,
    launchedBy: "ACLRT_LAUNCH_KERNEL",
    eventIds: true,
    scalarRoot: true,
    copiesInside: true,
    widestPad: 8,
    weightOnly: { bits: [4, 8], scales: ["f16", "bf16"] },
    levelsAsSums: true,
    caps: capsOf(chip, cores, usable, 1, on2201, { ...rounded, eq: ["f32", "i32"] }, casts2201),
  };
}

function arch2002(chip: string, cores: number): AscendChip {
  const usable = usableBytes(262144, 0);
  return {
    arch: "dav-2002",
    family: "310p",
    contractTypes: ["f16"],
    // Atlas 300I Duo, 96 GB for two chips (3dnews.ru teardown, facts chips.json); the ini's default of 24e9 bytes is that of smaller cards.
    memoryBytes: 48 * 2 ** 30,
    usableBytes: usable,
    extremesInPairs: true,
    flushNamesDestination: false,
    launchedBy: "ACLRT_LAUNCH_KERNEL",
    eventIds: true,
    scalarRoot: true,
    copiesInside: true,
    widestPad: 0,
    weightOnly: { bits: [8], scales: ["f16"] },
    nearestByNone: ["f32->f16", "i32->f32", "f16->i8", "f16->u8"],
    caps: capsOf(chip, cores, usable, 32, on2002, { eq: f32 }, casts2002),
  };
}

/**
 * Arch 3002 converts as 2201 does, by the page on Cast; but that page has bfloat16_t there and the page on types has none, so
 * that nothing here rests on it. No page says whether its matrix unit takes float, and no call multiplies two matrices there.
 * The pages refuse it GetTPipePtr, FetchEventID, SetFlag by id, DataCopy inside the unified buffer and DataCopyPad of 64 bits.
 */
function arch3002(chip: string, memoryBytes: number): AscendChip {
  const usable = usableBytes(253952, 0);
  return {
    arch: "dav-3002",
    family: "310b",
    contractTypes: ["f16"],
    memoryBytes,
    usableBytes: usable,
    // Whether an index is written beside an extreme stands in no page: there is room for one.
    extremesInPairs: true,
    // The page has both forms on 310B, and the short one alone on 310P: asc-devkit, DataCacheCleanAndInvalid.md.
    flushNamesDestination: true,
    launchedBy: "ACLRT_LAUNCH_KERNEL on 310B",
    eventIds: false,
    // The kernel it was read in is built for 910B, 910_93 and 310P.
    scalarRoot: false,
    copiesInside: false,
    widestPad: 4,
    nearestByNone: [],
    caps: capsOf(chip, 1, usable, 1, on3002, { ...rounded, eq: f32 }, casts3002),
  };
}

/**
 * Chips by the name aclrtGetSocName gives. Cores: AIV cores where cube and vector are split, AI cores where coupled.
 * Memory of arch 2201: memory_size of each chip's ini under hicann/runtime src/platform/platform_config/cann; that of a
 * 910B2C names none, so the family's largest stands there: nothing that may fit is refused.
 */
export const chips: Readonly<Record<string, AscendChip>> = {
  Ascend910B2: arch2201("Ascend910B2", 48, 64 * GiB),
  Ascend310P3: arch2002("Ascend310P3", 8),
  Ascend910_9392: arch2201("Ascend910_9392", 48, 64 * GiB),
  Ascend910B1: arch2201("Ascend910B1", 48, 64 * GiB),
  Ascend910B2C: arch2201("Ascend910B2C", 48, 64 * GiB),
  Ascend910B3: arch2201("Ascend910B3", 40, 64 * GiB),
  Ascend910B4: arch2201("Ascend910B4", 40, 32 * GiB),
  Ascend910_9382: arch2201("Ascend910_9382", 48, 64 * GiB),
  Ascend910_9372: arch2201("Ascend910_9372", 40, 64 * GiB),
  Ascend910_9362: arch2201("Ascend910_9362", 40, 64 * GiB),
  Ascend310P1: arch2002("Ascend310P1", 10),
  Ascend310B1: arch3002("Ascend310B1", 32 * GiB),
  Ascend310B4: arch3002("Ascend310B4", unknownMemory),
};

/**
 * Chips for which nothing is generated: rows are asked what the operators' pages say of their family (arch 3510). What a page does
 * not tell by family is taken as it is on arch 2201.
 */
export const documentedChips: Readonly<Record<string, AscendChip>> = {
  Ascend950PR: { ...arch2201("Ascend950PR", 64, 128 * GiB), family: "950" },
};

export const ascendChip = (chip: Chip): AscendChip => chipAmong({ ...chips, ...documentedChips }, chip);

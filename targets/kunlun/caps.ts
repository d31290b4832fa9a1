/** What Kunlun's chips can do. Numbers: vendor programming guide 2.2 (KL2) and working kernels for KL3, see facts/kunlun/xpu-kernel.md. */
import type { Caps } from "../../src/kernel/caps.js";
import type { LaneType } from "../../src/kernel/tile.js";
import type { Chip } from "../../src/claim/target.js";
import { chipAmong } from "../kit/spell.js";
import { native, scalarForms } from "./instructions.js";

/** The multiply type XDNN is asked for: `float` keeps operands as they are, `int` quantises them to 30 bits of magnitude ("int31"). */
type GemmType = "float" | "int";

/**
 * Which libraries products and convolutions are spelled for: under XRE 5 Paddle calls xblas and xpudnn in the place of
 * XDNN's own, which nobody is seen to call there.
 */
export const profiles = { xre5: "XRE 5: XDNN with xblas and xpudnn", xre4: "XRE 4: XDNN alone" } as const;

export interface KunlunChip extends Chip {
  readonly profile: (typeof profiles)[keyof typeof profiles];
  readonly clusters: number;
  /** By type of the data. */
  readonly gemm: Readonly<Record<"f32" | "f16", GemmType>>;
  /** Whether the operators of vLLM-Kunlun run there, awq_gemm and gptq_gemm among them (D: baidu/vLLM-Kunlun docs/source/faqs.md). */
  readonly hasWeightOnly: boolean;
}

const numbers: readonly LaneType[] = ["f32", "i32"];
const integers: readonly LaneType[] = ["i32"];
const masks: readonly LaneType[] = ["mask"];

/** Cores of a cluster, both generations (section 1). */
export const coresPerCluster = 64;

function capsOf(chip: string, clusters: number): Caps {
  return {
    chip,
    cores: clusters * coresPerCluster,
    // 8 KB a core when all four of a group are active, stack included: practitioners use at most 6 KB (section 4).
    local: { bytes: 6144, granule: 64 },
    shared: { bytes: 256 * 1024, cores: coresPerCluster },
    vectorBytes: 64,
    compute: "register",
    // X2Y(src, dst, bytes): one contiguous run, any byte count and alignment on KL2 and later (section 5).
    dma: { rank: 1, maxBlocks: 1, unitBytes: 1, storeGranule: 1, stride0: false },
    comparePadBytes: 64,
    native: {
      ...native,
      neg: numbers,
      abs: ["f32"],
      and: masks,
      or: masks,
      xor: masks,
      not: masks,
      bitnot: integers,
      // Logical shifts by a scalar amount are all there is.
      shl: integers,
      shr: ["u32"],
      select: ["f32", "i32", "u32"],
    },
    // vmax is a > b ? a : b.
    nanMinMax: false,
    casts: {
      "f32->i32": ["rint", "trunc"],
      "i32->f32": ["rint"],
      "f16->f32": ["exact"],
      "bf16->f32": ["exact"],
      "f32->f16": ["rint"],
      "f32->bf16": ["rint"],
      "u8->i32": ["exact"],
      "i8->i32": ["exact"],
      "u16->i32": ["exact"],
      "i16->i32": ["exact"],
      "i32->u8": ["exact"],
      "i32->i8": ["exact"],
      "i32->u16": ["exact"],
      "i32->i16": ["exact"],
    },
    // Of sub it is the addition of the scalar's negative.
    scalarForms,
    maskForm: "register",
    depth: 2,
    // The driver's area for launch arguments holds 128 words (mobius/kunlun_k200 kunlun-driver, xpurt_priv).
    maxArgs: 128,
    maxArgBytes: 512,
    maxGrid: 255,
  };
}

/** KL2: `float` is known to fall back to 16 bits there (Paddle calls it local int16), so f32 asks for int31. */
const kl2 = (name: string) =>
  ({
    caps: capsOf(name, 8),
    arch: "xpu2",
    contractTypes: ["f32", "f16"],
    // 16 or 32 GB of GDDR6 (section 1); FlagPerf's runs on R200 show 32.0.
    memoryBytes: 32 * 2 ** 30,
    // The driver has a memory kind of its own for blocks that may cross a 4 GB boundary (XPU_MEM_MAIN_KL2_HUGE).
    allocationBytes: 4 * 2 ** 30,
    profile: profiles.xre4,
    clusters: 8,
    gemm: { f32: "int", f16: "float" },
    hasWeightOnly: false,
  }) as const satisfies KunlunChip;

export const chips = {
  /** KL3: float multiplies are taken as they stand. */
  P800: {
    caps: capsOf("P800", 12),
    arch: "xpu3",
    contractTypes: ["f32", "f16"],
    // xpu-smi shows 98304 MiB (section 1).
    memoryBytes: 98304 * 2 ** 20,
    profile: profiles.xre5,
    clusters: 12,
    gemm: { f32: "float", f16: "float" },
    hasWeightOnly: true,
  },
  R200: kl2("R200"),
  // An OAM module of the same chip (facts chips.json); FlagPerf runs it under the drivers of XRE 4.
  R300: kl2("R300"),
} as const satisfies Readonly<Record<string, KunlunChip>>;

export const kunlunChip = (chip: Chip): KunlunChip => chipAmong<KunlunChip>(chips, chip);

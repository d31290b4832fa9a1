/** Caps as the vendors' documents describe the vector units, for tests of expansions and lowerings. */
import type { Caps } from "../../src/kernel/caps.js";

const common = {
  cores: 1,
  local: { bytes: 65536, granule: 32 },
  vectorBytes: 256,
  dma: { rank: 2, maxBlocks: 4095, unitBytes: 1, storeGranule: 1, stride0: false },
  comparePadBytes: 256,
  depth: 2,
  maxArgs: 32,
  maxGrid: 65535,
} as const satisfies Partial<Caps>;

const f = ["f32"] as const;
const fi = ["f32", "i32"] as const;
const i = ["i32"] as const;
const m = ["mask"] as const;
const compareFloats = { eq: f, ne: f, lt: f, le: f, gt: f, ge: f };
const compareAll = { eq: fi, ne: fi, lt: fi, le: fi, gt: fi, ge: fi };
const arithmetic = { add: fi, sub: fi, mul: fi, min: fi, max: fi } as const;

export const ascend910b: Caps = {
  ...common,
  chip: "Ascend910B2",
  compute: "memory",
  native: {
    ...arithmetic,
    ...compareFloats,
    eq: fi,
    div: f,
    abs: f,
    exp: f,
    log: f,
    sqrt: f,
    floor: f,
    ceil: f,
    round: f,
    trunc: f,
    shl: i,
    shr: i,
    bitand: i,
    bitor: i,
    bitnot: i,
    and: m,
    or: m,
    not: m,
    select: f,
  },
  nanMinMax: false,
  casts: {
    "u8->f16": ["exact"],
    "i8->f16": ["exact"],
    "i16->f32": ["exact"],
    "f16->u8": ["rint", "trunc"],
    "f16->i8": ["rint", "trunc"],
    "f16->f32": ["exact"],
    "f16->i32": ["rint", "trunc"],
    "bf16->f32": ["exact"],
    "f32->f16": ["rint", "trunc"],
    "f32->bf16": ["rint", "trunc"],
    "f32->i32": ["rint", "trunc"],
    "f32->i16": ["rint", "trunc"],
    "i32->f32": ["rint", "trunc"],
  },
  scalarForms: ["add", "mul", "min", "max", "eq", "ne", "lt", "le", "gt", "ge"],
  maskForm: "bits",
};

export const ascend310p: Caps = {
  ...ascend910b,
  chip: "Ascend310P3",
  native: {
    ...arithmetic,
    ...compareFloats,
    div: f,
    abs: f,
    exp: f,
    log: f,
    sqrt: f,
    bitand: i,
    bitor: i,
    bitnot: i,
    and: m,
    or: m,
    not: m,
    select: f,
  },
  casts: {
    "u8->f16": ["exact"],
    "i8->f16": ["exact"],
    "f16->u8": ["rint", "trunc"],
    "f16->i8": ["rint", "trunc"],
    "f16->f32": ["exact"],
    "f16->i32": ["rint", "trunc"],
    "f32->f16": ["rint"],
    "i32->f32": ["rint"],
  },
};

export const mlu590: Caps = {
  ...common,
  chip: "MLU590",
  compute: "memory",
  local: { bytes: 393216, granule: 128 },
  comparePadBytes: 128,
  native: {
    ...arithmetic,
    ...compareAll,
    div: f,
    reciprocal: f,
    abs: f,
    neg: f,
    floor: f,
    sqrt: f,
    exp2: f,
    log2: f,
    bitand: i,
    bitor: i,
    bitxor: i,
    bitnot: i,
    and: m,
    or: m,
    xor: m,
    not: m,
  },
  nanMinMax: true,
  casts: {
    "mask->f32": ["exact"],
    "f32->i32": ["rint", "trunc"],
    "i32->f32": ["rint"],
    "f16->f32": ["exact"],
    "f32->f16": ["rint"],
    "bf16->f32": ["exact"],
    "f32->bf16": ["rint"],
    "u8->f32": ["exact"],
    "i8->f32": ["exact"],
    "f32->u8": ["rint"],
    "f32->i8": ["rint"],
  },
  scalarForms: ["add", "sub", "mul", "min", "max", "eq", "ne", "lt", "le", "gt", "ge"],
  cycleForms: ["add", "sub", "mul", "min", "max"],
  maskForm: "lanes",
};

/** Without __bang_div. */
export const mlu370: Caps = { ...mlu590, chip: "MLU370", native: { ...mlu590.native, div: [] } };

export const p800: Caps = {
  ...common,
  chip: "P800",
  compute: "register",
  local: { bytes: 6144, granule: 64 },
  vectorBytes: 64,
  comparePadBytes: 64,
  native: {
    ...arithmetic,
    eq: fi,
    ne: fi,
    lt: fi,
    le: fi,
    abs: f,
    shl: i,
    shr: ["u32"],
    bitand: i,
    bitor: i,
    bitxor: i,
    and: m,
    or: m,
    xor: m,
    not: m,
    select: fi,
  },
  nanMinMax: false,
  casts: {
    "i32->f32": ["rint"],
    "f32->i32": ["trunc"],
    "u8->i32": ["exact"],
    "i8->i32": ["exact"],
    "i32->u8": ["exact"],
    "i32->i8": ["exact"],
    "f16->f32": ["exact"],
    "f32->f16": ["rint"],
    "bf16->f32": ["exact"],
    "f32->bf16": ["rint"],
  },
  scalarForms: ["add", "mul", "min", "max", "eq", "ne", "gt", "ge", "bitand", "bitor", "bitxor"],
  maskForm: "register",
};

export const chips: readonly Caps[] = [ascend910b, ascend310p, mlu590, mlu370, p800];

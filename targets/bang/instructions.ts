/**
 * The vector instructions of BANG C, a row each: where it was read, what it computes, on which C types, and which function of
 * a tile it carries out on which lanes. From the rows follow the records in intrinsics.ts, what `caps.native`, `casts` and the
 * scalar and cycle forms offer, the names that print/vector.ts spells, and the twin's declarations and arithmetic
 * (twin/include/instructions.gen.h). others.ts has the rows that only kernels of others use.
 *
 * `computes` is C++ over a and b, which are lanes in the type that the unit computes in: float for half. `lacks` and `since`
 * name architectures (bangc.md section 7).
 */
import type { Caps, CastRound } from "../../src/kernel/caps.js";
import type { VectorFn } from "../../src/kernel/lower/memory-form.js";
import type { LaneType } from "../../src/kernel/tile.js";
import type { BinaryFn, CompareFn } from "../../src/ops/primitive.js";
import { entriesOf, nativeOf, type Instruction } from "../kit/instruction.js";
import { bangMode, core, dragon, generators, guide, header2018, intent, mluOps, ninetoothed, type Witnesses } from "./sources.js";

/**
 * Operands: two tiles, a tile and a number, a tile and a repeated row, one tile; two tiles whose comparison is a bit a lane; or a
 * conversion without, with one or with two fix positions.
 */
export type Form = "binary" | "scalar" | "cycle" | "unary" | "bits" | "convert" | "convertAt" | "convertBetween";
type Wide = "int64_t" | "uint64_t" | "int32_t" | "uint32_t";
export type CType = "float" | "half" | "bfloat16_t" | Wide | "int16_t" | "uint16_t" | "int8_t" | "uint8_t" | "char";

export interface VectorRow extends Instruction<Form, VectorFn> {
  readonly by: Witnesses;
  readonly computes: string;
  /** Element types: of all operands, or [to, from] of a conversion. */
  readonly types: readonly CType[];
  readonly cast?: readonly [pair: `${LaneType}->${LaneType}`, round: CastRound];
  readonly lacks?: number;
  readonly since?: number;
  /** The first architecture on which nobody uses it any more. */
  readonly before?: number;
  /** Generated code uses it from this architecture on: of older ones nobody shows it, or not with these results. */
  readonly usedFrom?: number;
  readonly assumption?: string;
}

type Carried = Pick<VectorRow, "fn" | "lanes" | "lacks" | "since" | "before" | "usedFrom" | "assumption">;
interface Meaning extends Carried {
  readonly computes: string;
  readonly types: readonly CType[];
}

const of = (form: Form) => (meaning: Meaning, by: Witnesses) => ({ form, by, ...meaning }) satisfies VectorRow;
export const [binary, scalar, cycle, unary, bits] = [of("binary"), of("scalar"), of("cycle"), of("unary"), of("bits")];

interface Converted extends Pick<VectorRow, "cast" | "since" | "usedFrom"> {
  readonly to: CType;
  readonly from: CType;
  readonly computes: string;
}
const converting =
  (form: Form) =>
  ({ to, from, ...rest }: Converted, ...by: Witnesses) =>
    ({ form, by, types: [to, from], ...rest }) satisfies VectorRow;
/** Without, with one and with two fix positions: real = integer * 2^position, and `a` is the real number that an integer becomes. */
export const [convert, convertAt, convertBetween] = [converting("convert"), converting("convertAt"), converting("convertBetween")];

const numbers: readonly CType[] = ["float", "half", "int32_t"];
const floats: readonly CType[] = ["float", "half"];
const bytes: readonly CType[] = ["int8_t"];
const words: readonly LaneType[] = ["f32", "i32"];
const f32: readonly LaneType[] = ["f32"];
const masks: readonly LaneType[] = ["mask"];
const ints: readonly LaneType[] = ["i32"];

const arithmetic: Witnesses = [header2018, `${mluOps}/roi_align_rotated`, intent, ninetoothed];
const cycles: Witnesses = [header2018, `${mluOps}/roi_align_rotated`, intent];
const masked: Witnesses = [`${mluOps}/yolo_box`, `${mluOps}/sparse_conv/get_indice_pairs`, `${mluOps}/focal_loss_sigmoid`, header2018];
const cycledMasks: Witnesses = [header2018, `${mluOps}/nms_rotated`];
/** Bytes as int8_t and their number: a change of mlu-ops for the newer compiler (f7a325ab, #1102) made it so in 93 places. */
const bytewise: Witnesses = [`${mluOps}/mutual_information_forward`, `${mluOps}/roiaware_pool3d`];
const boxes: Witnesses = [`${mluOps}/box_iou_rotated`, header2018];

const nanRule = "A1: __bang_nan_maximum and __bang_nan_minimum give NaN when either operand is NaN (mlu-ops logsumexp kernels rely on it).";
const assumption = "A2: comparisons write 1.0 or 0.0 in the operands' type, 1 or 0 for int32.";

const add: Meaning = { computes: "wrapped(a, b, '+')", types: numbers, fn: "add", lanes: words };
const sub: Meaning = { computes: "wrapped(a, b, '-')", types: numbers, fn: "sub", lanes: words };
const mul: Meaning = { computes: "wrapped(a, b, '*')", types: numbers, fn: "mul", lanes: words };
const compare = (fn: "eq" | "ne" | "lt" | "le" | "gt" | "ge", sign: string): Meaning => ({
  computes: `a ${sign} b`,
  types: numbers,
  fn,
  lanes: words,
});
const [eq, ne, lt, le, gt, ge] = [
  compare("eq", "=="),
  compare("ne", "!="),
  compare("lt", "<"),
  compare("le", "<="),
  compare("gt", ">"),
  compare("ge", ">="),
];
export const instructions = {
  __bang_add: binary(add, arithmetic),
  __bang_sub: binary(sub, arithmetic),
  __bang_mul: binary(mul, arithmetic),
  __bang_add_scalar: scalar(add, arithmetic),
  __bang_sub_scalar: scalar(sub, arithmetic),
  __bang_mul_scalar: scalar(mul, arithmetic),
  __bang_cycle_add: cycle(add, cycles),
  __bang_cycle_sub: cycle(sub, cycles),
  __bang_cycle_mul: cycle(mul, cycles),
  // mtp_372 has none, or so one document says.
  __bang_div: binary({ computes: "a / b", types: floats, fn: "div", lanes: f32, lacks: 372, since: 300 }, [
    `${mluOps}/box_iou_rotated`,
    `${mluOps}/utils/common.h`,
  ]),
  __bang_nan_maximum: binary(
    { computes: "a != a || b != b ? NAN : a > b ? a : b", types: floats, fn: "max", lanes: f32, since: 300, assumption: nanRule },
    [`${mluOps}/mutual_information_forward`, intent],
  ),
  __bang_nan_minimum: binary(
    { computes: "a != a || b != b ? NAN : a < b ? a : b", types: floats, fn: "min", lanes: f32, since: 300, assumption: nanRule },
    [`${mluOps}/mutual_information_forward`, intent],
  ),

  __bang_eq: binary({ ...eq, assumption }, masked),
  __bang_ne: binary({ ...ne, assumption }, masked),
  __bang_lt: binary({ ...lt, assumption }, masked),
  __bang_le: binary({ ...le, assumption }, masked),
  __bang_gt: binary({ ...gt, assumption }, masked),
  __bang_ge: binary({ ...ge, assumption }, masked),
  __bang_eq_scalar: scalar({ ...eq, assumption }, masked),
  __bang_ne_scalar: scalar({ ...ne, assumption }, masked),
  __bang_lt_scalar: scalar({ ...lt, assumption }, masked),
  __bang_le_scalar: scalar({ ...le, assumption }, masked),
  __bang_gt_scalar: scalar({ ...gt, assumption }, masked),
  __bang_ge_scalar: scalar({ ...ge, assumption }, masked),
  __bang_cycle_eq: cycle(eq, cycledMasks),
  __bang_cycle_lt: cycle(lt, cycledMasks),
  __bang_cycle_le: cycle(le, cycledMasks),
  __bang_cycle_gt: cycle(gt, cycledMasks),

  __bang_and: binary({ computes: "a != 0 && b != 0", types: floats, fn: "and", lanes: masks }, boxes),
  __bang_or: binary({ computes: "a != 0 || b != 0", types: floats, fn: "or", lanes: masks }, boxes),
  __bang_not: unary({ computes: "a == 0", types: floats, fn: "not", lanes: masks }, boxes),
  // Bitwise, counted in bytes: int8_t, which is another type than char and the one the newer compiler takes.
  __bang_band: binary({ computes: "(int8_t)(a & b)", types: bytes, fn: "bitand", lanes: ints }, [...bytewise, "MLU370 contest kernels"]),
  __bang_bor: binary({ computes: "(int8_t)(a | b)", types: bytes, fn: "bitor", lanes: ints }, [...bytewise, header2018]),
  __bang_bxor: binary({ computes: "(int8_t)(a ^ b)", types: bytes, fn: "bitxor", lanes: ints }, [...bytewise, header2018]),
  __bang_bnot: unary({ computes: "(int8_t)~a", types: bytes, fn: "bitnot", lanes: ints }, [...bytewise, header2018]),

  __bang_abs: unary({ computes: "fabsf(a)", types: floats, fn: "abs", lanes: f32, since: 300 }, [guide, intent, ninetoothed]),
  __bang_floor: unary({ computes: "floorf(a)", types: floats, fn: "floor", lanes: f32 }, [`${mluOps}/ms_deform_attn`, header2018]),
  __bang_recip: unary({ computes: "1.0f / a", types: floats, fn: "reciprocal", lanes: f32, usedFrom: 300 }, [
    `${mluOps}/box_iou_rotated`,
    intent,
  ]),
  __bang_sqrt: unary({ computes: "sqrtf(a)", types: floats, fn: "sqrt", lanes: f32, usedFrom: 300 }, [guide, ninetoothed]),
  __bang_log2: unary({ computes: "log2f(a)", types: floats, fn: "log2", lanes: f32, usedFrom: 300 }, [
    `${mluOps}/utils/common.h`,
    ninetoothed,
  ]),
  __bang_pow2: unary({ computes: "exp2f(a)", types: floats, fn: "exp2", lanes: f32, usedFrom: 300 }, [
    `${mluOps}/utils/common.h`,
    ninetoothed,
  ]),
  __bang_sin: unary({ computes: "sinf(a)", types: floats, fn: "sin", lanes: f32, usedFrom: 300 }, [header2018, ninetoothed]),
  __bang_cos: unary({ computes: "cosf(a)", types: floats, fn: "cos", lanes: f32, usedFrom: 300 }, [header2018, ninetoothed]),

  __bang_half2float: convert(
    { to: "float", from: "half", computes: "(float)a", cast: ["f16->f32", "exact"] },
    `${mluOps}/utils/common.h`,
    core,
    intent,
  ),
  __bang_float2half_rn: convert(
    { to: "half", from: "float", computes: "(half)a", cast: ["f32->f16", "rint"], since: 300 },
    `${mluOps}/utils/common.h`,
    core,
    intent,
  ),
  __bang_bfloat162float: convert(
    { to: "float", from: "bfloat16_t", computes: "from_bfloat16(a)", cast: ["bf16->f32", "exact"], since: 500 },
    `${core}/reduce/bang/reduce_bang.h`,
    intent,
  ),
  __bang_float2bfloat16_rn: convert(
    { to: "bfloat16_t", from: "float", computes: "to_bfloat16(a)", cast: ["f32->bf16", "rint"], since: 500 },
    core,
    intent,
  ),
  __bang_float2int32_tz: convertAt(
    { to: "int32_t", from: "float", computes: "to_integer<int32_t>(truncf(a))", cast: ["f32->i32", "trunc"], since: 300 },
    `${mluOps}/sparse_conv/indice_convolution`,
    dragon,
  ),
  __bang_int322float_rn: convertAt(
    { to: "float", from: "int32_t", computes: "a", cast: ["i32->f32", "rint"], since: 300 },
    `${mluOps}/sparse_conv/get_indice_pairs`,
    dragon,
  ),
  __bang_int82float: convertAt(
    { to: "float", from: "int8_t", computes: "a", cast: ["i8->f32", "exact"], usedFrom: 300 },
    dragon,
    "MLU370 contest kernels",
    bangMode,
  ),
  __bang_int162float: convertAt(
    { to: "float", from: "int16_t", computes: "a", cast: ["i16->f32", "exact"], usedFrom: 300 },
    bangMode,
    "MLU370 contest kernels",
  ),
  // Of whole numbers in range, for which every rounding is the same.
  __bang_float2int8_rd: convertAt(
    { to: "int8_t", from: "float", computes: "to_integer<int8_t>(roundf(a))", cast: ["f32->i8", "exact"], usedFrom: 300 },
    bangMode,
    `${generators} (stored file 17255568753)`,
  ),
  __bang_float2int16_rd: convertAt(
    { to: "int16_t", from: "float", computes: "to_integer<int16_t>(roundf(a))", cast: ["f32->i16", "exact"], usedFrom: 300 },
    bangMode,
    "a public quantiser in BANG C (stored file 3927581353)",
  ),
} as const satisfies Readonly<Record<string, VectorRow>>;

export type InstructionName = keyof typeof instructions;

export const rows: readonly (readonly [InstructionName, VectorRow])[] = entriesOf(instructions);

/** The first architecture whose vector unit computes in int32. */
const sinceInts = 300;

/** Whether generated code may use it on an architecture. */
function isOn({ lacks, since = 0, usedFrom = 0 }: VectorRow, arch: number): boolean {
  return lacks !== arch && arch >= Math.max(since, usedFrom);
}

/** Where an architecture has it for an element type, as C++ over `arch`. */
export function conditionOf({ form, lacks, since = 0, before }: VectorRow, type: CType): string {
  const first = type === "int32_t" && !form.startsWith("convert") ? Math.max(since, sinceInts) : since;
  const parts = [
    ...(lacks !== undefined ? [`arch != ${lacks}`] : []),
    ...(first > 0 ? [`arch >= ${first}`] : []),
    ...(before !== undefined ? [`arch < ${before}`] : []),
  ];
  return parts.length > 0 ? parts.join(" && ") : "true";
}

/** A row with the lanes that an architecture computes in. */
function rowOn(row: VectorRow, arch: number): VectorRow {
  return arch >= sinceInts || !row.lanes ? row : { ...row, lanes: row.lanes.filter((lane) => lane !== "i32") };
}

/** What `caps` offers of them on an architecture. */
export function nativeOn(arch: number): Pick<Caps, "native" | "casts" | "scalarForms" | "cycleForms"> {
  const here = rows.flatMap(([name, row]) => (isOn(row, arch) ? [[name, rowOn(row, arch)] as const] : []));
  const functions = (form: Form) => here.flatMap(([, row]) => (row.form === form && row.fn ? [row.fn as BinaryFn | CompareFn] : []));
  return {
    native: nativeOf(Object.fromEntries(here), ["binary", "unary"]),
    casts: Object.fromEntries(here.flatMap(([, { cast }]) => (cast ? [[cast[0], [cast[1]]]] : []))),
    scalarForms: functions("scalar"),
    cycleForms: functions("cycle"),
  };
}

/** The conversion from one lane type to another, and whether it takes fix positions. */
export function conversion(pair: string): { readonly name: InstructionName; readonly positions: readonly number[] } | undefined {
  const found = rows.find(([, { cast }]) => cast?.[0] === pair);
  return found && { name: found[0], positions: found[1].form === "convertAt" ? [0] : [] };
}

/**
 * Vector instructions that generated code does without and kernels of others use: older names, activation tables, conversions with
 * every rounding. The twin carries them out; the compiler offers none of them. What the tables of `__bang_active_*` give to the
 * last bit stands nowhere: the twin computes the function.
 */
import { generatedFrom } from "../kit/declare.js";
import {
  binary,
  bits,
  conditionOf,
  convert,
  convertAt,
  convertBetween,
  cycle,
  rows,
  scalar,
  unary,
  type CType,
  type Form,
  type VectorRow,
} from "./instructions.js";
import { bangMode, core, dragon, guide, header2018, mluOps } from "./sources.js";

/** Where their operands were read, beside targets/bang/sources.ts. */
const mmcvHelper = "mmcv mmcv/ops/csrc/common/mlu/common_mlu_helper.hpp";
const helperOfMluOps = "mlu-ops bangc-ops/kernels/utils/common.h";
const maskedFill = "MLU370 contest kernel of a masked fill (stored file 57060162993)";
const arange = "mlu-ops kernels/utils/common.h __mlu_op_arange_by_expand_";
const sparseAdd = "torch_mlu torch_mlu/csrc/aten/operators/bang/mlu_ops_lite/sparse_add_union1.mlu";
const voxels = "mmcv mmcv/ops/csrc/common/mlu/voxelization_mlu_kernel.mlu";
const infinicore = "InfiniCore src/infiniop/ops/random_sample/bang/random_sample_kernel.mlu";

const voxelsBackward = "mlu-ops kernels/dynamic_point_to_voxel/dynamic_point_to_voxel_backward/dynamic_point_to_voxel_backward_union1.mlu";
const indicePairs = "mlu-ops bangc-ops/kernels/get_indice_pairs/get_indice_pairs_utils.h";

const floats: readonly CType[] = ["float", "half"];
const words: readonly CType[] = ["int16_t", "uint16_t", "int32_t", "uint32_t"];
const numbers: readonly CType[] = [...floats, "int32_t"];
/** Counted in bytes; older kernels say char. */
const characters: readonly CType[] = ["char"];

const most = { computes: "fmaxf(a, b)", types: floats };
const least = { computes: "fminf(a, b)", types: floats };
const both = { computes: "a != 0 && b != 0", types: floats };
const either = { computes: "a != 0 || b != 0", types: floats };

const older: Readonly<Record<string, VectorRow>> = {
  __bang_maximum: binary(most, [guide]),
  __bang_minimum: binary(least, [guide]),
  __bang_maxequal: binary(most, [header2018, `${mluOps}/utils/common.h`]),
  __bang_minequal: binary(least, [header2018, `${mluOps}/utils/common.h`]),
  __bang_maxeq_scalar: scalar(most, [header2018, `${mluOps}/nms_rotated`]),
  __bang_mineq_scalar: scalar(least, [header2018, `${mluOps}/nms_rotated`]),
  __bang_cycle_maxequal: cycle(most, [header2018]),
  __bang_cycle_minequal: cycle(least, [header2018]),
  __bang_cycle_and: cycle(both, [header2018]),
  __bang_cycle_or: cycle(either, [header2018]),
  __bang_cycle_ne: cycle({ computes: "a != b", types: numbers }, [header2018]),
  __bang_cycle_ge: cycle({ computes: "a >= b", types: numbers }, [header2018]),
  __bang_xor: binary({ computes: "(a != 0) != (b != 0)", types: floats }, [header2018]),
  __bang_add_const: scalar({ computes: "a + b", types: floats }, [header2018]),
  __bang_sub_const: scalar({ computes: "a - b", types: floats }, [header2018]),
  __bang_mul_const: scalar({ computes: "a * b", types: floats }, [header2018]),
  __bang_neg: unary({ computes: "-a", types: floats }, [core]),
  __bang_square: unary({ computes: "a * a", types: floats }, [guide]),
  // Of base 2: what takes it multiplies by ln 2, or raises 2 to it.
  __bang_log: unary({ computes: "log2f(a)", types: floats }, [`${helperOfMluOps} __mluop_log`, "mlu-ops docs of yolo_box"]),
  __bang_relu: unary({ computes: "a > 0 ? a : 0", types: floats }, ["mlu-ops docs of generate_proposals_v2", bangMode]),
  __bang_cycle_band: cycle({ computes: "a & b", types: ["int8_t", "char"] }, [header2018]),
  __bang_cycle_bor: cycle({ computes: "a | b", types: ["int8_t", "char"] }, [header2018]),
  // Sums rounded toward zero, with which kernels for MLU2xx build conversions between float and int32.
  __bang_add_tz: binary({ computes: "sum_toward_zero(a, b)", types: ["float"], before: 300 }, [mmcvHelper, helperOfMluOps]),
  __bang_cycle_add_tz: cycle({ computes: "sum_toward_zero(a, b)", types: ["float"], before: 300 }, [mmcvHelper, helperOfMluOps]),
};

const lowestFirst = "A3: lane i of eight is bit i of its byte (mlu-ops ms_deform_attn: 0x55 chooses the even lanes).";
const comparedBits: Readonly<Record<string, VectorRow>> = Object.fromEntries(
  Object.entries({ eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" }).map(([name, sign]) => [
    `__bang_${name}_bitindex`,
    bits({ computes: `a ${sign} b`, types: floats, assumption: lowestFirst }, [header2018, `${mluOps}/dynamic_point_to_voxel`]),
  ]),
);

/** Bitwise instructions as kernels before the newer compiler write them (mlu-ops f7a325ab changes 93 of them). */
const onCharacters: readonly (readonly [string, VectorRow])[] = [
  ["__bang_band", binary({ computes: "(char)(a & b)", types: characters }, [header2018])],
  ["__bang_bor", binary({ computes: "(char)(a | b)", types: characters }, [header2018])],
  ["__bang_bxor", binary({ computes: "(char)(a ^ b)", types: characters }, [header2018])],
  ["__bang_bnot", unary({ computes: "(char)~a", types: characters }, [header2018])],
  ["__bang_mul_scalar", scalar({ computes: "(int16_t)(a * b)", types: ["int16_t"] }, [`${mluOps}/roi_align_rotated`])],
  ["__bang_add_scalar", scalar({ computes: "(int16_t)(a + b)", types: ["int16_t"] }, [`${mluOps}/roi_align_rotated`])],
];

/** Of newer compilers: bitwise on lanes of two and four bytes, counted in lanes, and integers besides int32. */
const onIntegers: readonly (readonly [string, VectorRow])[] = [
  ["__bang_band", binary({ computes: "bitwise(a, b, '&')", types: words, since: 300 }, [`${mluOps}/logspace`, maskedFill])],
  ["__bang_bor", binary({ computes: "bitwise(a, b, '|')", types: words, since: 300 }, [`${mluOps}/logspace`, maskedFill])],
  ["__bang_bxor", binary({ computes: "bitwise(a, b, '^')", types: words, since: 300 }, [maskedFill])],
  [
    "__bang_band_scalar",
    scalar({ computes: "bitwise(a, b, '&')", types: [...words, "float"], since: 300 }, [
      maskedFill,
      "mlu-ops (stored file 23213915134)",
      `${mluOps}/mutual_information`,
    ]),
  ],
  ["__bang_bxor_scalar", scalar({ computes: "bitwise(a, b, '^')", types: words, since: 300 }, [maskedFill])],
  ["__bang_mul_scalar", scalar({ computes: "wrapped(a, b, '*')", types: ["uint16_t"], since: 300 }, [maskedFill])],
  [
    "__bang_add_scalar",
    scalar({ computes: "wrapped(a, b, '+')", types: ["uint16_t", "uint32_t", "int64_t", "uint64_t"], since: 500 }, [arange, infinicore]),
  ],
  ["__bang_ge_scalar", scalar({ computes: "a >= b", types: ["int16_t"], since: 300 }, [`${mluOps}/logspace`])],
  ["__bang_not", unary({ computes: "a == 0", types: ["int32_t"] }, [voxels])],
  ["__bang_and", binary({ ...both, types: ["int32_t"], since: 300 }, [`${mluOps}/moe_dispatch_forward`])],
  ["__bang_or", binary({ ...either, types: ["int32_t"], since: 300 }, [`${mluOps}/moe_dispatch_forward, by its __bang_and`])],
  ["__bang_minequal", binary({ computes: "a < b ? a : b", types: ["int32_t"], since: 300 }, [voxelsBackward])],
  ["__bang_maxequal", binary({ computes: "a < b ? b : a", types: ["int32_t"], since: 300 }, [`${voxelsBackward}, by its __bang_minequal`])],
  // Shifts in zeros: 29 makes the 1.0 of a comparison a 1.
  ["__bang_srl", scalar({ computes: "b > 31 ? 0 : a >> b", types: ["uint32_t"], since: 300 }, [`${mluOps}/lgamma`])],
  ["__bang_div", scalar({ computes: "a / b", types: floats, since: 300 }, [`${mluOps}/dynamic_point_to_voxel_forward`])],
  ["__bang_div", scalar({ computes: "quotient(a, b)", types: ["int32_t"], since: 590 }, [indicePairs])],
  ["__bang_rem", scalar({ computes: "remainder(a, b)", types: ["uint32_t"], since: 500 }, ["mlu-ops (stored file 23213915134)"])],
  ["__bang_add", binary({ computes: "wrapped(a, b, '+')", types: ["int64_t"], since: 500 }, [sparseAdd])],
  ["__bang_mul_scalar", scalar({ computes: "wrapped(a, b, '*')", types: ["int64_t"], since: 500 }, [sparseAdd])],
  ["__bang_mul_scalar", scalar({ computes: "a * b", types: ["bfloat16_t"], since: 500 }, [sparseAdd])],
];

const activations: Readonly<Record<string, string>> = {
  exp: "expf(a)",
  exphp: "expf(a)",
  exp_less_0: "expf(a)",
  log: "logf(a)",
  loghp: "logf(a)",
  sqrt: "sqrtf(a)",
  sqrthp: "sqrtf(a)",
  rsqrt: "1.0f / sqrtf(a)",
  rsqrthp: "1.0f / sqrtf(a)",
  recip: "1.0f / a",
  reciphp: "1.0f / a",
  recip_greater_1: "1.0f / a",
  sigmoid: "1.0f / (1.0f + expf(-a))",
  tanh: "tanhf(a)",
  relu: "a > 0 ? a : 0",
  gelu: "0.5f * a * (1.0f + erff(a * 0.70710678f))",
  gelup: "0.5f * a * (1.0f + erff(a * 0.70710678f))",
  sin: "sinf(a)",
  cos: "cosf(a)",
  abs: "fabsf(a)",
  sign: "(a > 0) - (a < 0)",
  pow2: "exp2f(a)",
};

/** By suffix: to nearest with ties to even and away from zero, toward zero, away from it, up, down; without one, to even. */
const roundings: Readonly<Record<string, { readonly whole: string; readonly half: string }>> = {
  "": { whole: "nearbyintf(a)", half: "(half)a" },
  _rn: { whole: "nearbyintf(a)", half: "(half)a" },
  _rd: { whole: "roundf(a)", half: "to_half_away(a)" },
  _tz: { whole: "truncf(a)", half: "to_half(a, Toward::zero)" },
  _oz: { whole: "a < 0 ? floorf(a) : ceilf(a)", half: "to_half(a, Toward::outside)" },
  _up: { whole: "ceilf(a)", half: "to_half(a, Toward::above)" },
  _dn: { whole: "floorf(a)", half: "to_half(a, Toward::below)" },
};

/** Their spellings in names; `short` and `int` are older (mmcv's common_mlu_helper.hpp). */
const integers: readonly (readonly [string, CType])[] = [
  ["int8", "int8_t"],
  ["int16", "int16_t"],
  ["short", "int16_t"],
  ["int32", "int32_t"],
  ["int", "int32_t"],
];

function conversions(): Record<string, VectorRow> {
  const out: Record<string, VectorRow> = {
    __bang_uchar2float: convert({ to: "float", from: "uint8_t", computes: "(float)a" }, dragon),
    __bang_uchar2half: convert({ to: "half", from: "uint8_t", computes: "(half)a" }, header2018),
    __bang_half2uchar_dn: convert({ to: "uint8_t", from: "half", computes: "to_integer<uint8_t>(floorf((float)a))" }, header2018),
    // Integer pairs are modelled at position 0 only; another is a scaling nobody here has seen the rounding of.
    __bang_uchar2int16: convertAt({ to: "int16_t", from: "uint8_t", computes: "(int16_t)a" }, maskedFill),
    __bang_uchar2int32: convertAt({ to: "int32_t", from: "uint8_t", computes: "(int32_t)a" }, dragon),
    __bang_int322uchar: convertAt({ to: "uint8_t", from: "int32_t", computes: "(uint8_t)(a < 0 ? 0 : a > 255 ? 255 : a)" }, dragon),
    __bang_int82int32: convertBetween({ to: "int32_t", from: "int8_t", computes: "(int32_t)a" }, dragon),
    __bang_int322int8: convertBetween({ to: "int8_t", from: "int32_t", computes: "(int8_t)(a < -128 ? -128 : a > 127 ? 127 : a)" }, dragon),
    __bang_int162int32: convertBetween({ to: "int32_t", from: "int16_t", computes: "(int32_t)a" }, header2018),
    __bang_int322int16: convertBetween(
      { to: "int16_t", from: "int32_t", computes: "(int16_t)(a < -32768 ? -32768 : a > 32767 ? 32767 : a)" },
      header2018,
    ),
    __bang_float2bfloat16: convert({ to: "bfloat16_t", from: "float", computes: "to_bfloat16(a)", since: 500 }, core),
    __bang_float2bfloat16_tz: convert({ to: "bfloat16_t", from: "float", computes: "to_bfloat16_toward_zero(a)", since: 500 }, core),
  };
  for (const [suffix, { whole, half }] of Object.entries(roundings)) {
    out[`__bang_float2half${suffix}`] = convert({ to: "half", from: "float", computes: half }, bangMode);
    for (const [name, to] of integers)
      for (const from of floats)
        out[`__bang_${from}2${name}${suffix}`] = convertAt({ to, from, computes: `to_integer<${to}>(${whole})` }, bangMode);
  }
  for (const [name, from] of integers)
    for (const to of floats)
      for (const suffix of ["", "_rn", "_rd"])
        out[`__bang_${name}2${to}${suffix}`] = convertAt({ to, from, computes: "(float)a" }, bangMode);
  return out;
}

const macros: Readonly<Record<Form, string>> = {
  binary: "BINARY",
  scalar: "SCALAR",
  cycle: "CYCLE",
  unary: "UNARY",
  bits: "BITS",
  convert: "CONVERT",
  convertAt: "CONVERT_AT",
  convertBetween: "CONVERT_BETWEEN",
};

/** What the twin is told of each instruction: lines for macros that declare it and that compute it. */
export function twinInstructions(): string {
  const ours = new Set<string>(rows.map(([name]) => name));
  const active = Object.entries(activations).map(
    ([name, computes]) => [`__bang_active_${name}`, unary({ computes, types: floats }, [header2018])] as const,
  );
  const others = [...Object.entries(older), ...Object.entries(comparedBits), ...active, ...Object.entries(conversions())].filter(
    ([name]) => !ours.has(name),
  );
  const lines = [...rows, ...others, ...onCharacters, ...onIntegers].flatMap(([name, row]: readonly [string, VectorRow]) => {
    const ofType = (t: CType, shown: string = t) => `${macros[row.form]}(${shown}, ${name}, ${conditionOf(row, t)}, ${row.computes})`;
    return row.form.startsWith("convert") ? [ofType(row.types[0], row.types.join(", "))] : row.types.map((t) => ofType(t));
  });
  return [generatedFrom("targets/bang/instructions.ts and others.ts"), ...lines, ""].join("\n");
}

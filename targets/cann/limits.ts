/**
 * What each aclnn operator takes by element type and rank, and what a family of chips takes less: facts cann/aclnn.json,
 * read from the operators' pages. A row asks before it claims; a step asks again when it emits, so that no call is
 * written that the documents refuse on the chip.
 */
import type { DType } from "../../src/base/dtype.js";
import { calls, type CallName } from "./calls.js";
import type { AscendChip } from "./caps.js";

type Family = AscendChip["family"];

interface TensorLimit {
  readonly types: readonly DType[];
  /** Least and most dims; absent where the page names none. */
  readonly rank?: readonly [number, number];
}

interface CallLimits {
  readonly tensors: Readonly<Record<string, TensorLimit>>;
  readonly without?: Readonly<Partial<Record<Family, readonly DType[]>>>;
}

/** As aclDataType has them. */
export const aclTypes: Readonly<Partial<Record<DType, string>>> = {
  ...{ f32: "ACL_FLOAT", f16: "ACL_FLOAT16", bf16: "ACL_BF16", f64: "ACL_DOUBLE", bool: "ACL_BOOL" },
  ...{ i64: "ACL_INT64", i32: "ACL_INT32", i16: "ACL_INT16", i8: "ACL_INT8" },
  ...{ u64: "ACL_UINT64", u32: "ACL_UINT32", u16: "ACL_UINT16", u8: "ACL_UINT8" },
};

function takes(types: string, rank?: readonly [number, number]): TensorLimit {
  return { types: types.split(" ") as DType[], ...(rank && { rank }) };
}

const floats = "f32 f16 bf16";
const numbers = "f32 f16 f64 i32 i64 i16 i8 u8 bool bf16";
const sortable = "i8 u8 i16 i32 i64 f16 f32 f64 bf16 u16 u32 u64";
const noHalf = { "310p": ["bf16"], "310b": ["bf16"] } as const;
const unsigned = ["u16", "u32", "u64"] as const;
const pooled = ["bf16", "i32", "i64", "u8", "i16", "i8", "u16"] as const;

const same = (limit: TensorLimit, ...names: readonly string[]): Record<string, TensorLimit> =>
  Object.fromEntries(names.map((name) => [name, limit]));

export const limits: Readonly<Record<CallName, CallLimits>> = {
  aclnnMatmul: { tensors: same(takes(floats, [1, 6]), "self", "mat2", "out"), without: noHalf },
  aclnnMm: { tensors: same(takes(floats, [2, 2]), "self", "mat2", "out"), without: noHalf },
  aclnnAddmm: { tensors: { self: takes(floats, [1, 2]), ...same(takes(floats, [2, 2]), "mat1", "mat2", "out") }, without: noHalf },
  aclnnConvolution: { tensors: { ...same(takes(floats, [3, 5]), "input", "weight", "output"), bias: takes(floats, [1, 5]) } },
  aclnnMaxPool: {
    tensors: same(takes("f16 f32 bf16 i32 i64 u8 i16 i8 u16", [3, 4]), "self", "out"),
    without: { "910b": pooled, A3: pooled },
  },
  // 310P answers 161002 to f32 with cubeMathType 0: hicann/ops-nn pooling/avg_pool3_d/op_api/aclnn_avgpool2d.cpp.
  aclnnAvgPool2d: { tensors: same(takes(floats, [3, 4]), "self", "out"), without: { "310p": ["bf16", "f32"] } },
  aclnnGlobalAveragePool: { tensors: same(takes("f32 f16 f64 bf16", [4, 8]), "self", "out"), without: noHalf },
  aclnnMean: { tensors: same(takes("f32 f16 bf16 f64 i32 i64 i16 i8 u8", [0, 8]), "self", "out"), without: noHalf },
  aclnnAmax: { tensors: same(takes("f32 f16 f64 i8 i16 i32 i64 u8 bool bf16"), "self", "out"), without: noHalf },
  aclnnUpsampleNearest2d: { tensors: same(takes("f32 bf16 f16 f64 u8", [4, 4]), "self", "out"), without: { "310p": ["f32", "bf16"] } },
  aclnnUpsampleBilinear2d: { tensors: same(takes("f32 bf16 f16 f64", [4, 4]), "self", "out"), without: noHalf },
  aclnnTopk: {
    tensors: { ...same(takes(sortable, [1, 8]), "self", "valuesOut"), indicesOut: takes("i64", [1, 8]) },
    without: { "910b": unsigned, A3: unsigned },
  },
  aclnnRelu: { tensors: same(takes("f32 f16 i8 i32 i64 bf16", [0, 8]), "self", "out") },
  aclnnSigmoid: { tensors: same(takes(floats, [0, 8]), "self", "out"), without: noHalf },
  aclnnTanh: { tensors: { self: takes("f32 f16 bool u8 i8 i16 i32 i64 bf16"), out: takes(floats) } },
  aclnnSoftmax: { tensors: same(takes("f16 f32 f64 bf16", [0, 8]), "self", "out"), without: noHalf },
  aclnnAdd: { tensors: same(takes(numbers), "self", "other", "out") },
  aclnnSub: { tensors: same(takes(numbers, [0, 8]), "self", "other", "out"), without: { "310b": ["bf16"] } },
  aclnnMul: { tensors: same(takes(numbers), "self", "other", "out"), without: noHalf },
  aclnnDiv: { tensors: same(takes(numbers), "self", "other", "out"), without: { "310b": ["bf16"] } },
  aclnnPermute: { tensors: same(takes("f32 f16 f64 u64 i64 u32 i32 u16 i16 u8 i8 bool bf16"), "self", "out") },
};

export interface TensorAsked {
  readonly dtype: DType;
  readonly rank: number;
}

/** The element types a parameter takes on a family; none where the operator is not documented for it. */
export function typesOf(name: CallName, param: string, family: Family): readonly DType[] {
  const { tensors, without }: CallLimits = limits[name];
  if (!calls[name].socs.includes(family)) return [];
  return (tensors[param]?.types ?? []).filter((t) => !without?.[family]?.includes(t));
}

/** Why there is no such call on a chip; undefined where it is documented. */
export function undocumented(name: CallName, { family, caps }: AscendChip): string | undefined {
  return calls[name].socs.includes(family) ? undefined : `${name} is not documented for ${caps.chip}`;
}

/** Why the documents refuse a call with these tensors, by parameter, on a chip; undefined when they do not. */
export function refusal(name: CallName, given: Readonly<Record<string, TensorAsked | undefined>>, chip: AscendChip): string | undefined {
  const { family } = chip;
  const absent = undocumented(name, chip);
  if (absent !== undefined) return absent;
  for (const [param, tensor] of Object.entries(given)) {
    if (!tensor) continue;
    if (!typesOf(name, param, family).includes(tensor.dtype)) return `${name} takes no ${tensor.dtype} for ${param} on ${chip.caps.chip}`;
    const [least, most] = limits[name].tensors[param]?.rank ?? [0, 8];
    if (tensor.rank < least || tensor.rank > most) return `${name} takes ${least} to ${most} dims for ${param}, not ${tensor.rank}`;
  }
  return undefined;
}

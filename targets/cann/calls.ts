/**
 * The aclnn operators generated code may call, parameters in the vendor's order. Every operator is two calls: the first
 * (GetWorkspaceSize) takes these parameters and gives a workspace size and an executor, the second runs it on a stream.
 * Read from the operators' public headers (hicann/ops-*), whose parameter types CANN 8.1.RC1 shares; the element types and
 * ranks of each tensor, and what a family of chips takes less, from the operators' pages (facts cann/aclnn.json).
 */
import { basename } from "node:path";
import type { DType } from "../../src/base/dtype.js";
import type { SymbolRecord } from "../../src/claim/target.js";
import { confirmed } from "../../src/claim/witness.js";
import { named, paramsOf, type Param, type ParamsOf } from "../kit/signature.js";
import type { AscendChip } from "./caps.js";

interface TensorLimit {
  readonly types: readonly DType[];
  /** Least and most dims; absent where the page names none. */
  readonly rank?: readonly [number, number];
  /** What a family of chips takes of the types, where that is less for this parameter alone. */
  readonly only?: Readonly<Partial<Record<AscendChip["family"], readonly DType[]>>>;
}

interface CallLimits {
  readonly tensors: Readonly<Record<string, TensorLimit>>;
  readonly without?: Readonly<Partial<Record<AscendChip["family"], readonly DType[]>>>;
}

interface AclnnRecord extends SymbolRecord, CallLimits {
  readonly params: readonly Param[];
  /** Documented SoC families: 910b and A3 are arch 2201, 310p is arch 2002. */
  readonly socs: readonly string[];
}

type Aclnn<S extends string> = AclnnRecord & { readonly params: ParamsOf<S> };

function aclnn<const S extends string>(
  seen: string,
  socs: string,
  list: S,
  { tensors, without, assumption }: CallLimits & { readonly assumption?: string },
): (name: string) => Aclnn<S> {
  return (name) => ({
    kind: "call",
    header: `aclnnop/${basename(seen)}`,
    signature:
      `aclnnStatus ${name}GetWorkspaceSize(${list}, uint64_t* workspaceSize, aclOpExecutor** executor); ` +
      `aclnnStatus ${name}(void* workspace, uint64_t workspaceSize, aclOpExecutor* executor, aclrtStream stream)`,
    since: "8.1.RC1",
    evidence: "E1",
    seen,
    params: paramsOf(list),
    socs: socs.split(" "),
    tensors,
    ...(without && { without }),
    witness: confirmed("CANN 8.1.RC1 aclnnop headers: the same parameter types", seen),
    ...(assumption && { assumption }),
  });
}

function takes(types: string, rank?: readonly [number, number]): TensorLimit {
  return { types: types.split(" ") as DType[], ...(rank && { rank }) };
}

const same = (limit: TensorLimit, ...names: readonly string[]): Record<string, TensorLimit> =>
  Object.fromEntries(names.map((name) => [name, limit]));

const floats = "f32 f16 bf16";
const numbers = "f32 f16 f64 i32 i64 i16 i8 u8 bool bf16";
const sortable = "i8 u8 i16 i32 i64 f16 f32 f64 bf16 u16 u32 u64";
const noHalf = { "310p": ["bf16"], "310b": ["bf16"] } as const;
const unsigned = ["u16", "u32", "u64"] as const;
const pooled = ["bf16", "i32", "i64", "u8", "i16", "i8", "u16"] as const;

export const calls = named({
  aclnnMatmul: aclnn(
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_matmul.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType",
    { tensors: same(takes(floats, [1, 6]), "self", "mat2", "out"), without: noHalf },
  ),
  aclnnMm: aclnn(
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_mm.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat2, aclTensor* out, int8_t cubeMathType",
    { tensors: same(takes(floats, [2, 2]), "self", "mat2", "out"), without: noHalf },
  ),
  aclnnAddmm: aclnn(
    "hicann/ops-nn matmul/mat_mul_v3/op_host/op_api/aclnn_addmm.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* mat1, const aclTensor* mat2, const aclScalar* beta, const aclScalar* alpha, aclTensor* out, int8_t cubeMathType",
    { tensors: { self: takes(floats, [1, 2]), ...same(takes(floats, [2, 2]), "mat1", "mat2", "out") }, without: noHalf },
  ),
  // Which types go together, the page's table says: lower/levels.ts and the twin.
  aclnnQuantMatmulV4: aclnn(
    "hicann/ops-nn matmul/quant_batch_matmul_v3/op_api/aclnn_quant_matmul_v4.h",
    "950 A3 910b 310p",
    "const aclTensor* x1, const aclTensor* x2, const aclTensor* scale, const aclTensor* offset, const aclTensor* pertokenScaleOptional, const aclTensor* bias, bool transposeX1, bool transposeX2, const aclTensor* out",
    {
      tensors: {
        x1: { ...takes("i8 i32", [2, 6]), only: { "310p": ["i8"] } },
        x2: takes("i8 i32"),
        scale: takes("u64 i64 f32 bf16", [1, 1]),
        ...same(takes("f32", [1, 1]), "offset", "pertokenScaleOptional"),
        bias: { ...takes("i32 bf16 f16 f32", [1, 3]), only: { "310p": ["i32"] } },
        out: takes("f16 i8 bf16 i32"),
      },
    },
  ),
  aclnnWeightQuantBatchMatmulV2: aclnn(
    "hicann/ops-nn matmul/weight_quant_batch_matmul_v2/op_host/op_api/aclnn_weight_quant_batch_matmul_v2.h",
    "950 A3 910b 310p",
    "const aclTensor* x, const aclTensor* weight, const aclTensor* antiquantScale, const aclTensor* antiquantOffsetOptional, const aclTensor* quantScaleOptional, const aclTensor* quantOffsetOptional, const aclTensor* biasOptional, int antiquantGroupSize, const aclTensor* y",
    {
      tensors: {
        x: takes("f16 bf16"),
        weight: { ...takes("i8 i32 f32"), only: { "910b": ["i8", "i32"], A3: ["i8", "i32"], "310p": ["i8"] } },
        antiquantScale: takes("f16 bf16 u64 i64", [1, 2]),
        antiquantOffsetOptional: takes("f16 bf16 i32"),
        quantScaleOptional: takes("u64", [1, 2]),
        quantOffsetOptional: takes("f32"),
        biasOptional: takes("f16 f32 bf16", [1, 2]),
        y: { ...takes("f16 bf16 i8", [2, 2]), only: { "310p": ["f16"] } },
      },
      without: noHalf,
      assumption: "C2: of 8 int4 in an INT32 the first takes the lowest bits, and a weight is a half once it is dequantised",
    },
  ),
  aclnnConvolution: aclnn(
    "hicann/ops-nn conv/convolution_forward/op_host/op_api/aclnn_convolution.h",
    "950 A3 910b 310b 310p",
    "const aclTensor* input, const aclTensor* weight, const aclTensor* bias, const aclIntArray* stride, const aclIntArray* padding, const aclIntArray* dilation, bool transposed, const aclIntArray* outputPadding, const int64_t groups, aclTensor* output, int8_t cubeMathType",
    {
      tensors: { ...same(takes(floats, [3, 5]), "input", "weight", "output"), bias: takes(floats, [1, 5]) },
      assumption: "C1: cubeMathType 0 (KEEP_DTYPE) convolves f32 in f32; the page promises the type of the data, not that of the products",
    },
  ),
  aclnnMaxPool: aclnn(
    "hicann/ops-nn pooling/max_pool_v3/op_api/aclnn_max_pool.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclIntArray* kernelShape, const aclIntArray* strides, const int64_t autoPad, const aclIntArray* pads, const aclIntArray* dilations, const int64_t ceilMode, aclTensor* out",
    { tensors: same(takes("f16 f32 bf16 i32 i64 u8 i16 i8 u16", [3, 4]), "self", "out"), without: { "910b": pooled, A3: pooled } },
  ),
  // 310P answers 161002 to f32 with cubeMathType 0: hicann/ops-nn pooling/avg_pool3_d/op_api/aclnn_avgpool2d.cpp.
  aclnnAvgPool2d: aclnn(
    "hicann/ops-nn pooling/avg_pool3_d/op_api/aclnn_avgpool2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* kernelSize, const aclIntArray* strides, const aclIntArray* paddings, const bool ceilMode, const bool countIncludePad, const int64_t divisorOverride, const int8_t cubeMathType, aclTensor* out",
    { tensors: same(takes(floats, [3, 4]), "self", "out"), without: { "310p": ["bf16", "f32"] } },
  ),
  aclnnGlobalAveragePool: aclnn(
    "hicann/ops-math math/reduce_mean/op_api/aclnn_global_average_pool.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, aclTensor* out",
    { tensors: same(takes("f32 f16 f64 bf16", [4, 8]), "self", "out"), without: noHalf },
  ),
  aclnnMean: aclnn(
    "hicann/ops-math math/reduce_mean/op_api/aclnn_mean.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* dim, bool keepDim, aclDataType dtype, aclTensor* out",
    { tensors: same(takes("f32 f16 bf16 f64 i32 i64 i16 i8 u8", [0, 8]), "self", "out"), without: noHalf },
  ),
  aclnnAmax: aclnn(
    "hicann/ops-math math/reduce_max/op_api/aclnn_amax.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* dim, bool keepDim, aclTensor* out",
    { tensors: same(takes("f32 f16 f64 i8 i16 i32 i64 u8 bool bf16"), "self", "out"), without: noHalf },
  ),
  aclnnUpsampleNearest2d: aclnn(
    "hicann/ops-cv image/resize_nearest_neighbor_v2/op_api/aclnn_upsample_nearest_2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* outputSize, aclTensor* out",
    { tensors: same(takes("f32 bf16 f16 f64 u8", [4, 4]), "self", "out"), without: { "310p": ["f32", "bf16"] } },
  ),
  aclnnUpsampleBilinear2d: aclnn(
    "hicann/ops-cv image/upsample_bilinear2d/op_host/op_api/aclnn_upsample_bilinear_2d.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclIntArray* outputSize, const bool alignCorners, const double scalesH, const double scalesW, aclTensor* out",
    { tensors: same(takes("f32 bf16 f16 f64", [4, 4]), "self", "out"), without: noHalf },
  ),
  aclnnTopk: aclnn(
    "hicann/ops-nn index/gather_elements/op_api/aclnn_topk.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, int64_t k, int64_t dim, bool largest, bool sorted, aclTensor* valuesOut, aclTensor* indicesOut",
    {
      tensors: { ...same(takes(sortable, [1, 8]), "self", "valuesOut"), indicesOut: takes("i64", [1, 8]) },
      without: { "910b": unsigned, A3: unsigned },
    },
  ),
  aclnnRelu: aclnn("hicann/ops-nn activation/relu/op_api/aclnn_relu.h", "950 A3 910b 910", "const aclTensor* self, const aclTensor* out", {
    tensors: same(takes("f32 f16 i8 i32 i64 bf16", [0, 8]), "self", "out"),
  }),
  aclnnSigmoid: aclnn(
    "hicann/ops-nn activation/sigmoid/op_api/aclnn_sigmoid.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, aclTensor* out",
    { tensors: same(takes(floats, [0, 8]), "self", "out"), without: noHalf },
  ),
  aclnnTanh: aclnn("hicann/ops-math math/tanh/op_api/aclnn_tanh.h", "950 A3 910b 910", "const aclTensor* self, aclTensor* out", {
    tensors: { self: takes("f32 f16 bool u8 i8 i16 i32 i64 bf16"), out: takes(floats) },
  }),
  aclnnSoftmax: aclnn(
    "hicann/ops-nn activation/softmax_v2/op_api/aclnn_softmax.h",
    "950 A3 910b 310b 310p 910",
    "const aclTensor* self, int64_t dim, aclTensor* out",
    { tensors: same(takes("f16 f32 f64 bf16", [0, 8]), "self", "out"), without: noHalf },
  ),
  aclnnAdd: aclnn(
    "hicann/ops-math math/add/op_api/aclnn_add.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out",
    { tensors: same(takes(numbers), "self", "other", "out") },
  ),
  aclnnSub: aclnn(
    "hicann/ops-math math/sub/op_api/aclnn_sub.h",
    "950 A3 910b 310b 910",
    "const aclTensor* self, const aclTensor* other, const aclScalar* alpha, aclTensor* out",
    { tensors: same(takes(numbers, [0, 8]), "self", "other", "out"), without: { "310b": ["bf16"] } },
  ),
  aclnnMul: aclnn(
    "hicann/ops-math math/mul/op_api/aclnn_mul.h",
    "950 A3 910b 310p 910",
    "const aclTensor* self, const aclTensor* other, aclTensor* out",
    { tensors: same(takes(numbers), "self", "other", "out"), without: noHalf },
  ),
  aclnnDiv: aclnn(
    "hicann/ops-math math/div/op_api/aclnn_div.h",
    "950 A3 910b 310b 910",
    "const aclTensor* self, const aclTensor* other, aclTensor* out",
    { tensors: same(takes(numbers), "self", "other", "out"), without: { "310b": ["bf16"] } },
  ),
  aclnnPermute: aclnn(
    "hicann/ops-math conversion/transpose/op_api/aclnn_permute.h",
    "950 A3 910b 910",
    "const aclTensor* self, const aclIntArray* dims, aclTensor* out",
    { tensors: same(takes("f32 f16 f64 u64 i64 u32 i32 u16 i16 u8 i8 bool bf16"), "self", "out") },
  ),
});

export type CallName = keyof typeof calls;

type Texts<P extends readonly unknown[]> = { readonly [K in keyof P]: string };

/** One C++ expression for each parameter of a call, in order. */
export type ArgsOf<N extends CallName> = Texts<(typeof calls)[N]["params"]>;

/** The calls that take so many parameters. */
export type CallOf<Count extends number> = { [N in CallName]: ArgsOf<N>["length"] extends Count ? N : never }[CallName];

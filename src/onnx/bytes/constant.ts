/** Weights as ConstData: checked against their declared size at once, read only when somebody loads them. */
import { extentOf } from "../../base/element.js";
import type { ByteSource } from "../../base/byte-source.js";
import { fail } from "../../base/diagnostic.js";
import { byteLength, dtypeFromOnnx, dtypes, type DType } from "../../base/dtype.js";
import { allocate, elementCount, rowMajor, tensor, type Tensor } from "../../base/tensor.js";
import type { ConstData } from "../../ir/graph.js";
import { decodeElements, knownDType } from "./elements.js";
import { externalRange, type ExternalFiles } from "./external.js";
import type { OnnxSparseTensor, OnnxTensor } from "./schema.js";
import { loadFields, packedRange } from "./typed-fields.js";
import type { ByteRange } from "./wire.js";

/** The largest tensor that fits a JavaScript array of eight-byte elements. */
const maxElements = 2 ** 32;

interface Place extends ByteRange {
  readonly source: ByteSource;
}

/** Throws `tensor-type`, `tensor-dims`, `tensor-data-size` or one of the `external-data-*` diagnostics. */
export function constantOf(t: OnnxTensor, files: ExternalFiles): ConstData {
  const dtype = knownDType(dtypeFromOnnx(t.elementType), t.elementType, t.name);
  const shape = checkedDims(t.dims, t.name);
  const at = placeOf(t, dtype, shape, files);
  if (!at) return { dtype, shape, load: () => loadFields(t, dtype, shape) };
  if (dtype === "string")
    fail("tensor-data-size", `tensor ${JSON.stringify(t.name)} keeps strings as raw bytes, which have no boundaries`, {
      location: { tensor: t.name },
    });
  const need = byteLength(dtype, elementCount(shape));
  if (at.length !== need)
    fail(
      "tensor-data-size",
      `tensor ${JSON.stringify(t.name)} ${dtype}[${shape.join(",")}] needs ${need} bytes; the model gives ${at.length}`,
      {
        location: { tensor: t.name, path: at.source.name, byteOffset: at.offset },
      },
    );
  return { dtype, shape, at, load: () => decodeElements(dtype, shape, at.source.read(at.offset, at.length)) };
}

/** Where unchanged bytes lie; undefined when only the typed fields have them. */
function placeOf(t: OnnxTensor, dtype: DType, shape: readonly number[], files: ExternalFiles): Place | undefined {
  if (t.store.in === "external") return externalRange(t, t.store.entries, byteLength(dtype, elementCount(shape)), files);
  const range = t.store.in === "raw" ? t.store.range : packedRange(t, dtype);
  return range && { source: t.source, ...range };
}

function checkedDims(dims: readonly number[], name: string): readonly number[] {
  const location = { tensor: name };
  const bad = dims.find((d) => d < 0 || !Number.isSafeInteger(d));
  if (bad !== undefined) fail("tensor-dims", `tensor ${JSON.stringify(name)} has a dimension of ${bad}`, { location });
  if (elementCount(dims) > maxElements)
    fail("tensor-dims", `tensor ${JSON.stringify(name)} [${dims.slice(0, 8).join(",")}] has more than ${maxElements} elements`, {
      location,
    });
  return dims;
}

/** A sparse tensor as the dense constant it stands for. */
export function denseConstantOf(sparse: OnnxSparseTensor, files: ExternalFiles): ConstData {
  const { name } = sparse.values;
  const values = constantOf(sparse.values, files);
  const indices = constantOf(sparse.indices, files);
  const shape = checkedDims(sparse.dims, name);
  const count = values.shape[0] ?? 0;
  const coordinates = indices.shape.length === 2;
  const fits =
    values.shape.length === 1 &&
    indices.dtype === "i64" &&
    indices.shape[0] === count &&
    (!coordinates || indices.shape[1] === shape.length);
  if (!fits)
    fail(
      "sparse-tensor",
      `sparse tensor ${JSON.stringify(name)}: ${count} values do not fit i64 indices [${indices.shape.join(",")}] of rank ${shape.length}`,
      {
        location: { tensor: name },
      },
    );
  return { dtype: values.dtype, shape, load: () => densify(values.load(), indices.load(), shape, name) };
}

function densify(values: Tensor, indices: Tensor, shape: readonly number[], name: string): Tensor {
  const count = elementCount(shape);
  const dense = allocate(values.dtype, count);
  const strides = indices.shape.length === 2 ? rowMajor(shape) : [1];
  const slots = dtypes[values.dtype].kind === "complex" ? 2 : 1;
  for (let i = 0; i < values.shape[0]; i++) {
    const position = strides.reduce(
      (sum, stride, k) => sum + stride * (extentOf(indices.data[i * strides.length + k] as bigint) ?? Infinity),
      0,
    );
    if (!(position >= 0 && position < count))
      fail("sparse-tensor", `sparse tensor ${JSON.stringify(name)}: index ${position} is outside its ${count} elements`, {
        location: { tensor: name },
      });
    for (let s = 0; s < slots; s++) dense[position * slots + s] = values.data[i * slots + s];
  }
  return tensor(values.dtype, shape, dense);
}

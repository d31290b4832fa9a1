/** onnxruntime as the reference: loaded only when asked for, and only if it is installed. */
import { fail } from "../base/diagnostic.js";
import type { DType } from "../base/dtype.js";
import { isDType } from "../base/dtype.js";
import type { Tensor, TensorData } from "../base/tensor.js";
import { allocate } from "../base/tensor.js";

const names: Readonly<Partial<Record<DType, string>>> = {
  f32: "float32",
  f64: "float64",
  f16: "float16",
  i64: "int64",
  i32: "int32",
  i16: "int16",
  i8: "int8",
  u64: "uint64",
  u32: "uint32",
  u16: "uint16",
  u8: "uint8",
  bool: "bool",
  string: "string",
};

export interface Reference {
  run(inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>>;
  readonly outputNames: readonly string[];
}

/** `model` is a path (external data is found beside it) or the model's bytes. */
export async function openReference(model: string | Uint8Array): Promise<Reference> {
  let ort: typeof import("onnxruntime-node");
  try {
    ort = await import("onnxruntime-node");
  } catch {
    return fail("onnxruntime-missing", "comparing needs onnxruntime, which is not installed here", {
      fix: "npm install onnxruntime-node, or compare with expected outputs instead.",
    });
  }
  const options = { graphOptimizationLevel: "basic", logSeverityLevel: 3 } as const;
  const session =
    typeof model === "string" ? await ort.InferenceSession.create(model, options) : await ort.InferenceSession.create(model, options);
  return {
    outputNames: session.outputNames,
    async run(inputs) {
      const feeds: Record<string, InstanceType<typeof ort.Tensor>> = {};
      for (const [name, t] of inputs) {
        const type = names[t.dtype];
        if (!type) fail("unsupported-dtype", `onnxruntime's binding does not take ${t.dtype} inputs ("${name}")`);
        feeds[name] = new ort.Tensor(type as "float32", t.data as Float32Array, t.shape);
      }
      const results = await session.run(feeds);
      return new Map(
        session.outputNames.map((name) => [name, fromOrt(results[name] as { type: string; dims: readonly number[]; data: unknown })]),
      );
    },
  };
}

function fromOrt(t: { readonly type: string; readonly dims: readonly number[]; readonly data: unknown }): Tensor {
  const dtype = (Object.keys(names) as DType[]).find((d) => names[d] === t.type);
  if (!dtype || !isDType(dtype)) return fail("unsupported-dtype", `onnxruntime returned ${t.type}`);
  const data = allocate(dtype, 0);
  const array = t.data as TensorData;
  if (Array.isArray(array) || Array.isArray(data)) return { dtype, shape: t.dims, data: array };
  // f16 arrives as Uint16Array or Float16Array bits; the class we store it in has the same width.
  const Store = data.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TensorData;
  return { dtype, shape: [...t.dims], data: new Store(array.buffer, array.byteOffset, array.length) };
}

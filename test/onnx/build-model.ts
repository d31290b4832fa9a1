/** Small models as files, written by onnx-proto, which shares no line with the reader under test. */
import { onnx } from "onnx-proto";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { importOnnx, type Imported, type ImportOptions } from "../../src/onnx/import/import.js";

const T = onnx.AttributeProto.AttributeType;

export function intAttr(name: string, i: number): onnx.IAttributeProto {
  return { name, type: T.INT, i };
}
export function intsAttr(name: string, ints: number[]): onnx.IAttributeProto {
  return { name, type: T.INTS, ints };
}
export function floatAttr(name: string, f: number): onnx.IAttributeProto {
  return { name, type: T.FLOAT, f };
}
export function floatsAttr(name: string, floats: number[]): onnx.IAttributeProto {
  return { name, type: T.FLOATS, floats };
}
export function textAttr(name: string, s: string): onnx.IAttributeProto {
  return { name, type: T.STRING, s: new TextEncoder().encode(s) };
}
export function graphAttr(name: string, g: onnx.IGraphProto): onnx.IAttributeProto {
  return { name, type: T.GRAPH, g };
}
export function tensorAttr(name: string, t: onnx.ITensorProto): onnx.IAttributeProto {
  return { name, type: T.TENSOR, t };
}

/** `node("Relu", ["x"], ["y"], [attributes])`. */
export function node(
  opType: string,
  input: string[],
  output: string[],
  attribute: onnx.IAttributeProto[] = [],
  more: onnx.INodeProto = {},
): onnx.INodeProto {
  return { opType, input, output, attribute, ...more };
}

/** f32 unless told; a text is a dim_param, null a dim without either. */
export function info(name: string, dims?: (number | string | null)[], elemType = 1): onnx.IValueInfoProto {
  const dim = dims?.map((d) => (typeof d === "number" ? { dimValue: d } : d === null ? {} : { dimParam: d }));
  return { name, type: { tensorType: { elemType, ...(dim ? { shape: { dim } } : {}) } } };
}

export function weights(name: string, dims: number[], values: number[]): onnx.ITensorProto {
  return { name, dims, dataType: 1, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

export interface ModelSpec {
  readonly graph: onnx.IGraphProto;
  readonly opset?: number;
  readonly irVersion?: number;
  readonly more?: onnx.IModelProto;
}

export function modelBytes({ graph, opset = 17, irVersion = 8, more = {} }: ModelSpec): Uint8Array {
  const message = { irVersion, opsetImport: [{ domain: "", version: opset }], graph: { name: "g", ...graph }, ...more };
  return onnx.ModelProto.encode(onnx.ModelProto.create(message)).finish();
}

export const noOptions: ImportOptions = { catalogue: new Map(), openBeside: () => undefined };

export function importModelSpec(spec: ModelSpec, options: Partial<ImportOptions> = {}): Imported {
  return importOnnx(bytesSource(modelBytes(spec), "m.onnx"), { ...noOptions, ...options });
}

/** The codes a call is refused with. Anything but a DiagnosticError fails the test. */
export function refusal(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
  return [];
}

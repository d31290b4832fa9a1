/**
 * An ONNX file as records: what onnx.proto of onnx/onnx says (IR version 13), names and bytes as they lie in the file,
 * nothing resolved. Weights are ranges. Field numbers live with the readers in model.ts and the writers in export/.
 */
import type { ByteSource } from "../../base/byte-source.js";
import type { ByteRange } from "./wire.js";

/** Where a tensor's elements are. `fields`: one of the typed repeated fields, read by walking the message again. */
export type TensorStore =
  | { readonly in: "raw"; readonly range: ByteRange }
  | { readonly in: "fields" }
  | { readonly in: "external"; readonly entries: ReadonlyMap<string, string> };

export interface OnnxTensor {
  readonly name: string;
  /** TensorProto.DataType, unchecked. */
  readonly elementType: number;
  readonly dims: readonly number[];
  readonly store: TensorStore;
  /** The whole TensorProto. */
  readonly at: ByteRange;
  readonly source: ByteSource;
}

export interface OnnxSparseTensor {
  readonly values: OnnxTensor;
  /** int64: [n] linear positions or [n, rank] coordinates. */
  readonly indices: OnnxTensor;
  readonly dims: readonly number[];
}

/** A dimension: a value, a parameter's name, or nothing known. */
export type OnnxDim = number | string | undefined;

export type OnnxType =
  | { readonly kind: "tensor" | "sparse"; readonly elementType: number; readonly shape: readonly OnnxDim[] | undefined }
  | { readonly kind: "sequence" | "optional"; readonly of: OnnxType | undefined }
  | { readonly kind: "map"; readonly key: number; readonly of: OnnxType | undefined }
  | { readonly kind: "opaque"; readonly domain: string; readonly name: string };

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxType | undefined;
}

/** AttributeProto.AttributeType in the order of its numbers. */
export const attributeKinds = [
  "undefined",
  "float",
  "int",
  "string",
  "tensor",
  "graph",
  "floats",
  "ints",
  "strings",
  "tensors",
  "graphs",
  "sparse_tensor",
  "sparse_tensors",
  "type_proto",
  "type_protos",
] as const;

export type AttributeKind = (typeof attributeKinds)[number];

export interface OnnxAttribute {
  readonly name: string;
  readonly kind: AttributeKind;
  /** Inside a function: the name of the caller's attribute that gives the value. */
  readonly ref: string | undefined;
  readonly f: number;
  readonly i: bigint;
  readonly s: string;
  readonly t: OnnxTensor | undefined;
  readonly g: OnnxGraph | undefined;
  readonly sparse: OnnxSparseTensor | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
  readonly strings: readonly string[];
  readonly graphs: readonly OnnxGraph[];
  /** The whole AttributeProto, for kinds that are only carried through. */
  readonly at: ByteRange;
  readonly source: ByteSource;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly overload: string;
  /** "" is an absent optional. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
  /** Nodes that it stands for, where an exporter of ours noted several. */
  readonly origin: readonly string[] | undefined;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly sparseInitializers: readonly OnnxSparseTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
  readonly docString: string;
  readonly metadata: readonly (readonly [string, string])[];
  /** How many quantization annotations it carries; they are advice that nothing here reads. */
  readonly annotations: number;
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes without a default. */
  readonly attributes: readonly string[];
  /** Attributes with one. */
  readonly defaults: readonly OnnxAttribute[];
  readonly nodes: readonly OnnxNode[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly valueInfo: readonly OnnxValueInfo[];
}

export interface OnnxModel {
  readonly source: ByteSource;
  readonly irVersion: number;
  /** Domain ("" is ai.onnx) to version. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: bigint;
  readonly docString: string;
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  readonly metadata: readonly (readonly [string, string])[];
  /** How many training_info entries it carries; inference ignores them. */
  readonly trainingInfos: number;
}

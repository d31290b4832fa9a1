/**
 * Stand-alone values as ONNX's test data holds them: a TensorProto, SequenceProto or OptionalProto in a .pb file. The
 * files do not say which they are; the graph's declared type does.
 */
import { bytesSource, type ByteSource } from "../../base/byte-source.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { dtypes } from "../../base/dtype.js";
import type { Tensor } from "../../base/tensor.js";
import { constantOf, denseConstantOf } from "./constant.js";
import { encodeElements } from "./elements.js";
import { ExternalFiles } from "./external.js";
import { readSparseTensor, readTensor } from "./model-attribute.js";
import { openMessage, type Message } from "./wire.js";
import { MessageWriter } from "./write.js";

/** A value of any ONNX kind but map. */
type HostValue =
  | { readonly kind: "tensor"; readonly tensor: Tensor }
  | { readonly kind: "sequence"; readonly elements: readonly HostValue[] }
  | { readonly kind: "optional"; readonly value: HostValue | undefined };

/** Throws `model-malformed`, `model-truncated`, `tensor-type`, `tensor-dims` or `tensor-data-size`. */
export function readTensorProto(bytes: Uint8Array, name = "<tensor>"): Tensor {
  const source = bytesSource(bytes, name);
  return tensorOf(openMessage(source), source);
}

function readSequenceProto(bytes: Uint8Array, name = "<sequence>"): HostValue & { kind: "sequence" } {
  const source = bytesSource(bytes, name);
  return sequenceOf(openMessage(source), source);
}

function readOptionalProto(bytes: Uint8Array, name = "<optional>"): HostValue & { kind: "optional" } {
  const source = bytesSource(bytes, name);
  return optionalOf(openMessage(source), source);
}

/** Reads the file of a value whose declared kind is known. */
export function readHostValue(kind: HostValue["kind"], bytes: Uint8Array, name?: string): HostValue {
  switch (kind) {
    case "tensor":
      return { kind, tensor: readTensorProto(bytes, name) };
    case "sequence":
      return readSequenceProto(bytes, name);
    case "optional":
      return readOptionalProto(bytes, name);
    default:
      throw kind satisfies never;
  }
}

function tensorOf(m: Message, source: ByteSource): Tensor {
  return constantOf(readTensor(m, source), new ExternalFiles(() => undefined)).load();
}

/** Fields 3 to 7 of SequenceProto and OptionalProto alike. */
function elementOf(m: Message, source: ByteSource): HostValue | undefined {
  switch (m.field) {
    case 3:
      return { kind: "tensor", tensor: tensorOf(m.message(), source) };
    case 4:
      return { kind: "tensor", tensor: denseConstantOf(readSparseTensor(m.message(), source), new ExternalFiles(() => undefined)).load() };
    case 5:
      return sequenceOf(m.message(), source);
    case 6:
      return fail("value-map", `${source.name} holds a map, which no operator of ai.onnx takes`, { location: { path: source.name } });
    case 7:
      return optionalOf(m.message(), source);
    default:
      return undefined;
  }
}

function sequenceOf(m: Message, source: ByteSource): HostValue & { kind: "sequence" } {
  const elements: HostValue[] = [];
  while (m.next()) {
    const element = elementOf(m, source);
    if (element) elements.push(element);
  }
  return { kind: "sequence", elements };
}

function optionalOf(m: Message, source: ByteSource): HostValue & { kind: "optional" } {
  let value: HostValue | undefined;
  while (m.next()) value = elementOf(m, source) ?? value;
  return { kind: "optional", value };
}

/** A TensorProto with raw_data (string_data for strings). */
export function writeTensorProto(value: Tensor, name = ""): Uint8Array {
  const out = new MessageWriter();
  writeTensorFields(out, value.dtype, value.shape, name);
  writeElements(out, value);
  return out.whole();
}

/** Everything of a TensorProto but its elements. */
export function writeTensorFields(out: MessageWriter, dtype: Tensor["dtype"], shape: readonly number[], name: string): void {
  out.ints(1, shape);
  out.int(2, dtypes[dtype].onnx);
  out.textIfAny(8, name);
}

export function writeElements(out: MessageWriter, value: Tensor): void {
  if (value.dtype !== "string") return out.bytes(9, encodeElements(value));
  invariant(Array.isArray(value.data), "strings lie in an array");
  for (const text of value.data) out.text(6, text);
}

/** A value of any kind as the .pb file that `readHostValue` reads. */
export function writeHostValue(value: HostValue): Uint8Array {
  const out = new MessageWriter();
  switch (value.kind) {
    case "tensor":
      return writeTensorProto(value.tensor);
    case "sequence":
      out.int(2, elementKind(value.elements[0]));
      for (const element of value.elements) out.bytes(elementField(element), writeHostValue(element));
      return out.whole();
    case "optional":
      out.int(2, elementKind(value.value));
      if (value.value) out.bytes(elementField(value.value), writeHostValue(value.value));
      return out.whole();
    default:
      throw value satisfies never;
  }
}

function elementField(value: HostValue): number {
  return { tensor: 3, sequence: 5, optional: 7 }[value.kind];
}

/** SequenceProto.DataType: the field number less two; 0 is undefined. */
function elementKind(value: HostValue | undefined): number {
  return value ? elementField(value) - 2 : 0;
}

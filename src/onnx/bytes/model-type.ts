/** Reads TypeProto, ValueInfoProto and shapes. */
import { isNameless } from "../import/dim-names.js";
import type { OnnxDim, OnnxType, OnnxValueInfo } from "./schema.js";
import type { Message } from "./wire.js";

export function readValueInfo(m: Message): OnnxValueInfo {
  let name = "";
  let type: OnnxType | undefined;
  while (m.next()) {
    if (m.field === 1) name = m.text();
    else if (m.field === 2) type = readType(m.message());
  }
  return { name, type };
}

/** undefined when the message declares none of the kinds. */
function readType(m: Message): OnnxType | undefined {
  let type: OnnxType | undefined;
  while (m.next()) {
    if (m.field === 1) type = readTensorType(m.message(), "tensor");
    else if (m.field === 4) type = { kind: "sequence", of: readElementType(m.message()) };
    else if (m.field === 5) type = readMapType(m.message());
    else if (m.field === 7) type = readOpaqueType(m.message());
    else if (m.field === 8) type = readTensorType(m.message(), "sparse");
    else if (m.field === 9) type = { kind: "optional", of: readElementType(m.message()) };
  }
  return type;
}

function readTensorType(m: Message, kind: "tensor" | "sparse"): OnnxType {
  let elementType = 0;
  let shape: OnnxDim[] | undefined;
  while (m.next()) {
    if (m.field === 1) elementType = m.int();
    else if (m.field === 2) shape = readShape(m.message());
  }
  return { kind, elementType, shape };
}

function readShape(m: Message): OnnxDim[] {
  const dims: OnnxDim[] = [];
  while (m.next()) if (m.field === 1) dims.push(readDim(m.message()));
  return dims;
}

/** A negative value is how some exporters spell "unknown", others write a name that says nothing. */
function readDim(m: Message): OnnxDim {
  let dim: OnnxDim;
  while (m.next()) {
    if (m.field === 1) dim = m.int() < 0 ? undefined : m.int();
    else if (m.field === 2) {
      const name = m.text();
      dim = isNameless(name) ? undefined : name;
    }
  }
  return dim;
}

function readElementType(m: Message): OnnxType | undefined {
  let type: OnnxType | undefined;
  while (m.next()) if (m.field === 1) type = readType(m.message());
  return type;
}

function readMapType(m: Message): OnnxType {
  let key = 0;
  let of: OnnxType | undefined;
  while (m.next()) {
    if (m.field === 1) key = m.int();
    else if (m.field === 2) of = readType(m.message());
  }
  return { kind: "map", key, of };
}

function readOpaqueType(m: Message): OnnxType {
  const type = { kind: "opaque" as const, domain: "", name: "" };
  while (m.next()) {
    if (m.field === 1) type.domain = m.text();
    else if (m.field === 2) type.name = m.text();
  }
  return type;
}

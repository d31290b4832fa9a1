/** A primitive's attributes as a node carries them, and back. */
import { exactNumber } from "../base/element.js";
import { isConst, type Dim } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import type { PrimitiveAttrs } from "../ops/op.js";
import type { PrimitiveName } from "../ops/primitive.js";
import type { Attr } from "./graph.js";

/** Which list attributes are extents and may be symbolic; every other list holds plain integers (primitive.ts). */
const extentLists: Readonly<Partial<Record<PrimitiveName, readonly string[]>>> = {
  iota: ["shape"],
  dims: ["value"],
  read: ["value"],
  reshape: ["shape"],
  expand: ["shape"],
  slice: ["starts", "sizes"],
  pad: ["low", "high"],
};

export function nodeAttrs(op: PrimitiveName, attrs: PrimitiveAttrs): Record<string, Attr> {
  const out: Record<string, Attr> = {};
  for (const [name, v] of Object.entries(attrs)) {
    if (typeof v === "number") out[name] = { kind: "int", value: BigInt(v) };
    else if (typeof v === "string") out[name] = { kind: "text", value: v };
    else if (extentLists[op]?.includes(name)) out[name] = { kind: "dims", value: v };
    else out[name] = { kind: "ints", value: v.map((d) => whole(op, name, d)) };
  }
  return out;
}

function whole(op: string, name: string, d: Dim): bigint {
  invariant(isConst(d), `${op}: attribute "${name}" must be constant, is ${d}`);
  return BigInt(d);
}

/** Fails on attributes that no primitive has. Bodies are left to whoever runs the graph. */
export function primitiveAttrs(attrs: Readonly<Record<string, Attr>>): PrimitiveAttrs {
  const out: Record<string, number | string | readonly Dim[]> = {};
  for (const [name, a] of Object.entries(attrs)) {
    if (a.kind === "int") out[name] = exactNumber(a.value, `attribute "${name}"`);
    else if (a.kind === "text" || a.kind === "dims") out[name] = a.value;
    else if (a.kind === "ints") out[name] = a.value.map((x) => exactNumber(x, `attribute "${name}"`));
    else invariant(a.kind === "graph", `no primitive has an attribute of kind ${a.kind} ("${name}")`);
  }
  return out;
}

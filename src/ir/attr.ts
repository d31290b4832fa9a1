/** Short ways to write attributes, so that a made node reads like its text form. */
import type { Dim } from "../base/dim.js";
import type { Attr, ConstData, Graph } from "./graph.js";

export const int = (value: number | bigint): Attr => ({ kind: "int", value: BigInt(value) });
export const float = (value: number): Attr => ({ kind: "float", value });
export const text = (value: string): Attr => ({ kind: "text", value });
export const ints = (value: readonly (number | bigint)[]): Attr => ({ kind: "ints", value: value.map(BigInt) });
export const floats = (value: readonly number[]): Attr => ({ kind: "floats", value });
export const texts = (value: readonly string[]): Attr => ({ kind: "texts", value });
export const dims = (value: readonly Dim[]): Attr => ({ kind: "dims", value });
export const tensorAttr = (value: ConstData): Attr => ({ kind: "tensor", value });
export const graphAttr = (value: Graph): Attr => ({ kind: "graph", value });

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

function identity(x: object): number {
  const known = identities.get(x);
  if (known !== undefined) return known;
  identities.set(x, ++nextIdentity);
  return nextIdentity;
}

/** A text that is equal for equal attributes; a key in maps, never shown. */
export function attrKey(a: Attr): string {
  switch (a.kind) {
    case "int":
    case "ints":
      return `${a.kind}:${a.value}`;
    case "float":
      return `float:${Object.is(a.value, -0) ? "-0" : a.value}`;
    case "floats":
      return `floats:${a.value.map((x) => (Object.is(x, -0) ? "-0" : `${x}`)).join()}`;
    case "text":
    case "texts":
      return `${a.kind}:${JSON.stringify(a.value)}`;
    case "dims":
      return `dims:${a.value.join()}`;
    case "tensor":
    case "graph":
      return `${a.kind}:${identity(a.value)}`;
    case "graphs":
      return `graphs:${a.value.map(identity).join()}`;
    case "opaque":
      return `opaque:${a.tag}:${Buffer.from(a.bytes).toString("base64")}`;
    default:
      throw a satisfies never;
  }
}

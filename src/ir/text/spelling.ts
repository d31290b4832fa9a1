/** How names, numbers, types and elements are spelled in the text form; `parse.ts` reads exactly this. */
import { dimKey } from "../../base/dim.js";
import { dtypes, type DType } from "../../base/dtype.js";
import type { TensorData } from "../../base/tensor.js";
import type { ValueType } from "../../base/value-type.js";

/** Words that open a statement; a value of that name prints quoted. */
const keywords: ReadonlySet<string> = new Set([
  "graph",
  "symbol",
  "guard",
  "meta",
  "const",
  "return",
  "from",
  "tensor",
  "opaque",
  "ints",
  "floats",
  "texts",
  "graphs",
  "dims",
  "nan",
  "inf",
]);

const bareValue = /^[A-Za-z_/][\w./']*$/;
const bareOp = /^[A-Za-z_][\w.]*(?:::[A-Za-z_][\w.]*)*$/;

/** Any string, in quotes where it could be mistaken; lone surrogates and control characters are escaped. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function spellName(name: string): string {
  return bareValue.test(name) && !keywords.has(name) && name !== "_" ? name : quote(name);
}

export function spellOp(op: string): string {
  return bareOp.test(op) ? op : quote(op);
}

/** A number that reads back to the same double and is never taken for an integer attribute. */
export function spellFloat(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  if (Object.is(x, -0)) return "-0.0";
  const text = `${x}`;
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export function spellType(type: ValueType): string {
  switch (type.kind) {
    case "tensor":
      return `${type.dtype}[${type.shape ? type.shape.map(dimKey).join(",") : "*"}]`;
    case "sparse":
      return `sparse(${type.dtype}[${type.shape ? type.shape.map(dimKey).join(",") : "*"}])`;
    case "sequence":
    case "optional":
      return `${type.kind}(${spellType(type.of ?? { kind: "unknown" })})`;
    case "map":
      return `map(${type.key}, ${spellType(type.of ?? { kind: "unknown" })})`;
    case "unknown":
      return "?";
    default:
      throw type satisfies never;
  }
}

/** Elements of a constant as they lie in their array: f16 and smaller floats by their bits. */
export function spellElements(dtype: DType, data: TensorData): string {
  if (Array.isArray(data)) return data.map(quote).join(", ");
  const real = data instanceof Float32Array || data instanceof Float64Array;
  const bits = dtypes[dtype].kind === "float" && !real;
  return Array.from(data as ArrayLike<number | bigint>, (x) =>
    real ? spellFloat(x as number) : bits ? `0x${x.toString(16)}` : `${x}`,
  ).join(", ");
}

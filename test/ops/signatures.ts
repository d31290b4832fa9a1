/** An operator's declaration as one line: operands, attributes with their defaults, and how many outputs it has at most. */
import type { InputSpec, OpRecord } from "../../src/ops/op.js";

function inputText(i: InputSpec): string {
  const types = typeof i.types === "string" ? i.types : i.types.join("|");
  return `${i.variadic ? "..." : ""}${i.name}${i.optional ? "?" : ""}: ${i.shaping ? "shaping " : ""}${types}`;
}

export function signatureOf(r: OpRecord): string {
  const attrs = Object.entries(r.attrs).map(([name, a]) => {
    const words = a.oneOf ? ` of ${a.oneOf.join("|")}` : "";
    return `${name}: ${a.kind}${words}${a.presence === "default" ? ` = ${JSON.stringify(a.default)}` : a.presence === "maybe" ? "?" : ""}`;
  });
  return `${r.op}(${[...r.inputs.map(inputText), ...attrs].join(", ")}) -> ${r.maxOutputs}${r.constantsOnly ? " of constants only" : ""}`;
}

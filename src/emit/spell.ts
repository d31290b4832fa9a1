/** Spells sizes as C++ over the table of symbol values a step receives (`r.dims`). */
import type { Cond } from "../base/cond.js";
import { spellDim } from "../base/dim-text.js";
import type { Dim } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import { isIdentifier } from "../base/text-writer.js";

export function spellOver(symbols: readonly string[], table = "r.dims"): (d: Dim) => string {
  const index = new Map(symbols.map((name, i) => [name, i]));
  return (d) =>
    spellDim(d, {
      name(symbol) {
        const i = index.get(symbol);
        if (i !== undefined) return `${table}[${i}]`;
        // A kernel's own int parameter, a local of the step's function.
        invariant(isIdentifier(symbol), `size depends on "${symbol}", which has no source`);
        return symbol;
      },
      call: (op, a, b) => `portolan::${op}(${a}, ${b})`,
      ceil: (a, b) => `portolan::ceildiv(${a}, ${b})`,
    });
}

/** A condition over the same table. */
export function spellCond(c: Cond, spell: (d: Dim) => string): string {
  if ("all" in c) {
    if (c.all.length === 0) return c.op === "and" ? "true" : "false";
    return c.all.map((x) => `(${spellCond(x, spell)})`).join(c.op === "and" ? " && " : " || ");
  }
  const sign = { eq: "==", ne: "!=", lt: "<", le: "<=" }[c.op];
  return `${spell(c.a)} ${sign} ${spell(c.b)}`;
}

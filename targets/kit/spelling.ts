/** What the printers of all targets spell alike. */
import type { Cond } from "../../src/base/cond.js";
import type { Dim } from "../../src/base/dim.js";

const signs = { eq: "==", ne: "!=", lt: "<", le: "<=" } as const;

/** A condition on sizes in C; `bracketed` says which parts of a conjunction or a choice stand in parentheses. */
export function conditionText(c: Cond, dim: (d: Dim) => string, bracketed: (part: Cond) => boolean): string {
  if (!("all" in c)) return `${dim(c.a)} ${signs[c.op]} ${dim(c.b)}`;
  if (c.all.length === 0) return c.op === "and" ? "true" : "false";
  const parts = c.all.map((x) => (bracketed(x) ? `(${conditionText(x, dim, bracketed)})` : conditionText(x, dim, bracketed)));
  return parts.join(c.op === "and" ? " && " : " || ");
}

/** Conditions on extents: what follows of them from the symbols' ranges, and whether they hold at given sizes. */
import { boundsOf, type Range } from "./dim-bounds.js";
import { evaluateDim, sameDim, sub, symbolsOf, type Dim } from "./dim.js";

/** A condition on dims, decided on the host when the sizes are known. */
export type Cond =
  | { readonly op: "eq" | "ne" | "lt" | "le"; readonly a: Dim; readonly b: Dim }
  | { readonly op: "and" | "or"; readonly all: readonly Cond[] };

export const always: Cond = { op: "and", all: [] };

/** true or false when it follows from the ranges, else undefined. */
export function decide(c: Cond, range?: (name: string) => Range | undefined): boolean | undefined {
  if ("all" in c) {
    const parts = c.all.map((x) => decide(x, range));
    if (c.op === "and") return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
    return parts.includes(true) ? true : parts.includes(undefined) ? undefined : false;
  }
  const { lo, hi } = gapOf(c, range);
  switch (c.op) {
    case "eq":
      return lo === 0 && hi === 0 ? true : lo > 0 || hi < 0 ? false : undefined;
    case "ne":
      return lo === 0 && hi === 0 ? false : lo > 0 || hi < 0 ? true : undefined;
    case "lt":
      return hi < 0 ? true : lo >= 0 ? false : undefined;
    case "le":
      return hi <= 0 ? true : lo > 0 ? false : undefined;
    default:
      throw c satisfies never;
  }
}

function gapOf({ a, b }: Extract<Cond, { readonly a: Dim }>, range?: (name: string) => Range | undefined): Range {
  return sameDim(a, b) ? noGap : boundsOf(sub(a, b), range);
}

const noGap: Range = { lo: 0, hi: 0 };

/** The names of its symbols, each as often as it stands there. */
export function symbolsIn(c: Cond): readonly string[] {
  return "all" in c ? c.all.flatMap(symbolsIn) : [...symbolsOf(c.a), ...symbolsOf(c.b)];
}

/** Whether it holds with these values of its symbols. */
export function holds(c: Cond, values: ReadonlyMap<string, number>): boolean {
  if ("all" in c) return c.op === "and" ? c.all.every((x) => holds(x, values)) : c.all.some((x) => holds(x, values));
  const [a, b] = [evaluateDim(c.a, values), evaluateDim(c.b, values)];
  switch (c.op) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    default:
      throw c satisfies never;
  }
}

/** What follows of an extent from the ranges of its symbols. */
import { add, floorDiv, isConst, max, min, mod, mul, sub, symbol, type Atom, type Dim, type Term } from "./dim.js";

export interface Range {
  readonly lo: number;
  readonly hi: number;
}

/** What is known of each symbol. */
export type Ranges = (symbol: string) => Range | undefined;

/** Safe bounds by interval arithmetic; an unknown symbol is [0, Infinity). */
export function boundsOf(d: Dim, range: Ranges = () => undefined): Range {
  if (isConst(d)) return { lo: d, hi: d };
  const known = new Map<string, Range>();
  const rangeOf = ({ key, atom }: Term["atoms"][number]): Range => {
    const had = known.get(key) ?? atomBounds(atom, range);
    known.set(key, had);
    return had;
  };
  const plain = sumBounds(d.terms, rangeOf);
  if (plain.lo >= 0 || d.terms.every((t) => t.atoms.length < 2)) return plain;
  const shifted = fromLowerBounds(d.terms, rangeOf);
  return { lo: Math.max(plain.lo, shifted.lo), hi: Math.min(plain.hi, shifted.hi) };
}

type RangeOfAtom = (atom: Term["atoms"][number]) => Range;

function atomBounds(atom: Atom, range: (name: string) => Range | undefined): Range {
  if (atom.op === "sym") return range(atom.name) ?? { lo: 0, hi: Infinity };
  const [a, b] = [boundsOf(atom.a, range), boundsOf(atom.b, range)];
  if (atom.op === "min") return { lo: Math.min(a.lo, b.lo), hi: Math.min(a.hi, b.hi) };
  if (atom.op === "max") return { lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
  if (b.lo < 1) return { lo: -Infinity, hi: Infinity };
  if (atom.op === "mod") return a.lo >= 0 && a.hi < b.lo ? a : { lo: 0, hi: b.hi - 1 };
  const all = [a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi].map((x) => (Number.isNaN(x) ? 0 : Math.floor(x)));
  return { lo: Math.min(...all), hi: Math.max(...all) };
}

function sumBounds(terms: readonly Term[], rangeOf: RangeOfAtom): Range {
  const times = (a: Range, b: Range): Range => {
    const all = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi].map((x) => (Number.isNaN(x) ? 0 : x));
    return { lo: Math.min(...all), hi: Math.max(...all) };
  };
  return terms
    .map((t) => t.atoms.reduce<Range>((acc, atom) => times(acc, rangeOf(atom)), { lo: t.factor, hi: t.factor }))
    .reduce((a, b) => ({ lo: a.lo + b.lo, hi: a.hi + b.hi }), { lo: 0, hi: 0 });
}

/**
 * The same with every atom counted from its own lower bound: u*v + u + v + 1 for u, v >= -1 is u'*v' for u', v' >= 0,
 * where the plain sum knows nothing. Such products of sizes are what convolutions leave in flattened shapes.
 */
function fromLowerBounds(terms: readonly Term[], rangeOf: RangeOfAtom): Range {
  const ranges = new Map<string, Range>();
  const counted = (atom: Term["atoms"][number]): Dim => {
    const { lo, hi } = rangeOf(atom);
    const from = Number.isFinite(lo) ? lo : 0;
    const above = symbol(`above ${atom.key}`);
    ranges.set(`above ${atom.key}`, { lo: lo - from, hi: hi - from });
    return add(above, from);
  };
  const sum = add(...terms.map((t) => mul(t.factor, ...t.atoms.map(counted))));
  if (isConst(sum)) return { lo: sum, hi: sum };
  return sumBounds(sum.terms, ({ atom }) => (atom.op === "sym" && ranges.get(atom.name)) || { lo: -Infinity, hi: Infinity });
}

/** Towards zero, as in C; b is positive. */
export function truncDiv(a: Dim, b: Dim): Dim {
  if (isConst(a) && isConst(b)) return a < 0 ? 0 - Math.floor(-a / b) : Math.floor(a / b);
  if (boundsOf(a).lo >= 0) return floorDiv(a, b);
  if (boundsOf(a).hi <= 0) return mul(-1, floorDiv(mul(-1, a), b));
  // (n - 1) / 8 is 0 where n is 0: a numerator that stays above -b gives no negative quotient.
  if (boundsOf(add(a, b)).lo > 0) return floorDiv(max(a, 0), b);
  return sub(floorDiv(max(a, 0), b), floorDiv(max(mul(-1, a), 0), b));
}

/** The same value for all symbols in their ranges, without the min and max that these ranges decide. */
export function tighten(d: Dim, range: (name: string) => Range | undefined): Dim {
  if (isConst(d)) return d;
  const atomOf = (atom: Atom): Dim => {
    if (atom.op === "sym") return symbol(atom.name);
    const [a, b] = [tighten(atom.a, range), tighten(atom.b, range)];
    if (atom.op === "floordiv") return floorDiv(a, b);
    if (atom.op === "mod") return mod(a, b);
    const atMost = (x: Dim, y: Dim): boolean => boundsOf(sub(x, y), range).hi <= 0;
    const least = atMost(a, b) ? a : atMost(b, a) ? b : undefined;
    if (least === undefined) return atom.op === "min" ? min(a, b) : max(a, b);
    return (atom.op === "min") === (least === a) ? a : b;
  };
  return add(...d.terms.map((t) => mul(t.factor, ...t.atoms.map(({ atom }) => atomOf(atom)))));
}

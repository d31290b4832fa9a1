/**
 * Integer expressions over named symbols: a tensor's extent, a stride, a tile count, an offset inside a kernel.
 *
 * A constant is a plain JavaScript number; anything else is a `DimExpr`. Sums are kept as polynomials with sorted
 * terms, so two expressions that expand to the same polynomial are equal by `key`; floor division, modulo, min and
 * max are atoms with a few exact simplifications. The same type serves on the host (symbols are the Program's) and
 * inside kernels (symbols are the kernel's int parameters and loop variables).
 */
import { invariant } from "./diagnostic.js";

export type Dim = number | DimExpr;

export type Atom =
  { readonly op: "sym"; readonly name: string } | { readonly op: "floordiv" | "mod" | "min" | "max"; readonly a: Dim; readonly b: Dim };

interface KeyedAtom {
  readonly key: string;
  readonly atom: Atom;
}

export interface Term {
  readonly factor: number;
  /** Sorted by key; a repeated atom is a power. */
  readonly atoms: readonly KeyedAtom[];
  readonly key: string;
}

export class DimExpr {
  readonly terms: readonly Term[];
  #key: string | undefined;

  constructor(terms: readonly Term[]) {
    this.terms = terms;
  }

  /** Canonical text; parses back with `parseDim`. Spelled when first asked for: most sums only pass through. */
  get key(): string {
    return (this.#key ??= printTerms(this.terms));
  }

  toString(): string {
    return this.key;
  }

  toJSON(): string {
    return this.key;
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === "number") throw new TypeError(`a symbolic dimension (${this.key}) was used as a number`);
    return this.key;
  }
}

/** A name that prints bare; any other symbol name prints quoted. */
const bareName = /^[A-Za-z_][A-Za-z0-9_.]*$/;
export const functionNames = ["floordiv", "mod", "min", "max"] as const;

export function symbol(name: string): DimExpr {
  const atom: Atom = { op: "sym", name };
  return new DimExpr([term(1, [atom])]);
}

function atomKey(atom: Atom): string {
  if (atom.op !== "sym") return `${atom.op}(${dimKey(atom.a)}, ${dimKey(atom.b)})`;
  const plain = bareName.test(atom.name) && !(functionNames as readonly string[]).includes(atom.name);
  return plain ? atom.name : JSON.stringify(atom.name);
}

function term(factor: number, atoms: readonly Atom[]): Term {
  return keyedTerm(factor, atoms.map(keyed).sort(byKey));
}

function keyed(atom: Atom): KeyedAtom {
  return { key: atomKey(atom), atom };
}

function byKey(a: KeyedAtom, b: KeyedAtom): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** A term of atoms that are sorted. */
function keyedTerm(factor: number, atoms: readonly KeyedAtom[]): Term {
  return { factor, atoms, key: atoms.length === 1 ? atoms[0].key : atoms.map((a) => a.key).join("*") };
}

function timesTerm(s: Term, t: Term): Term {
  const factor = s.factor * t.factor;
  if (s.atoms.length === 0) return { ...t, factor };
  if (t.atoms.length === 0) return { ...s, factor };
  return keyedTerm(factor, [...s.atoms, ...t.atoms].sort(byKey));
}

function printTerms(terms: readonly Term[]): string {
  if (terms.length === 0) return "0";
  return terms
    .map((t, i) => {
      const size = Math.abs(t.factor);
      const body = t.key === "" ? `${size}` : size === 1 ? t.key : `${size}*${t.key}`;
      return i === 0 ? (t.factor < 0 ? `-${body}` : body) : `${t.factor < 0 ? " - " : " + "}${body}`;
    })
    .join("");
}

/** Canonical text; equal for equal polynomials. */
export function dimKey(d: Dim): string {
  return typeof d === "number" ? `${d}` : d.key;
}

export function sameDim(a: Dim, b: Dim): boolean {
  return a === b || (typeof a !== "number" && typeof b !== "number" && a.key === b.key);
}

/** Whether two shapes are the same extent by extent. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a === b || (a.length === b.length && a.every((d, i) => sameDim(d, b[i])));
}

export function isConst(d: Dim): d is number {
  return typeof d === "number";
}

export function termsOf(d: Dim): readonly Term[] {
  if (typeof d !== "number") return d.terms;
  return d === 0 ? [] : [term(d, [])];
}

function fromTerms(terms: Iterable<Term>): Dim {
  const byKey = new Map<string, Term>();
  for (const t of terms) {
    const had = byKey.get(t.key);
    byKey.set(t.key, had ? { ...t, factor: had.factor + t.factor } : t);
  }
  const kept = [...byKey.values()].filter((t) => t.factor !== 0);
  // Constants last, the rest by key: the order a reader expects.
  kept.sort((a, b) => (a.key === "" ? 1 : b.key === "" ? -1 : a.key < b.key ? -1 : 1));
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0].key === "") return kept[0].factor;
  return new DimExpr(kept);
}

export function add(...dims: Dim[]): Dim {
  if (dims.every(isConst)) return dims.reduce((a, b) => a + b, 0);
  const terms = dims.filter((d) => d !== 0);
  return terms.length === 1 ? terms[0] : fromTerms(terms.flatMap(termsOf));
}

export function sub(a: Dim, b: Dim): Dim {
  if (isConst(a) && isConst(b)) return a - b;
  return a === b ? 0 : add(a, times(-1, b));
}

export function mul(...dims: Dim[]): Dim {
  return dims.reduce<Dim>(times, 1);
}

function times(a: Dim, b: Dim): Dim {
  if (isConst(a)) return isConst(b) ? a * b : scaled(b, a);
  if (isConst(b)) return scaled(a, b);
  return fromTerms(a.terms.flatMap((s) => b.terms.map((t) => timesTerm(s, t))));
}

/** Factors change and the order of terms does not. */
function scaled(d: DimExpr, by: number): Dim {
  if (by === 1) return d;
  return by === 0 ? 0 : new DimExpr(d.terms.map((t) => ({ ...t, factor: t.factor * by })));
}

/** Floor of a / b, as in Python; b is never 0. */
export function floorDiv(a: Dim, b: Dim): Dim {
  if (isConst(a) && isConst(b)) return Math.floor(a / b);
  if (b === 1) return a;
  if (a === 0) return 0;
  if (sameDim(a, b)) return 1;
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  const shared = sharedFactor(a, b);
  if (shared !== 1) return floorDiv(divideExactly(a, shared) as Dim, divideExactly(b, shared) as Dim);
  if (isConst(b) && b > 0) {
    // (k*b*x + r) / b  =>  k*x + r / b, which keeps 8 + x and x apart only where they differ.
    const whole = termsOf(a).filter((t) => t.factor % b === 0);
    if (whole.length > 0) {
      const rest = termsOf(a).filter((t) => t.factor % b !== 0);
      return add(fromTerms(whole.map((t) => ({ ...t, factor: t.factor / b }))), floorDiv(fromTerms(rest), b));
    }
    const inner = soleAtom(a);
    if (inner?.op === "floordiv" && isConst(inner.b) && inner.b > 0) return floorDiv(inner.a, inner.b * b);
  }
  return atomDim({ op: "floordiv", a, b });
}

/** The positive factor that all terms of both have in common; one of sizes is not 0 where the quotient means anything. */
function sharedFactor(a: Dim, b: Dim): Dim {
  const terms = [...termsOf(a), ...termsOf(b)];
  const factor = terms.reduce((g, t) => gcd(g, Math.abs(t.factor)), 0);
  // By a number alone nothing is cancelled: a count of bytes over a count of bytes keeps showing both.
  const atoms = isConst(b) ? [] : terms.slice(1).reduce((left, t) => commonAtoms(left, t.atoms), terms[0].atoms);
  const kept = isConst(b) ? 1 : factor;
  return kept === 1 && atoms.length === 0
    ? 1
    : fromTerms([
        term(
          kept,
          atoms.map((x) => x.atom),
        ),
      ]);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function commonAtoms(a: Term["atoms"], b: Term["atoms"]): Term["atoms"] {
  const left = [...b];
  return a.filter((x) => {
    const at = left.findIndex((y) => y.key === x.key && y.atom.op === "sym");
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** a - b * floor(a / b), as in Python. */
export function mod(a: Dim, b: Dim): Dim {
  if (isConst(a) && isConst(b)) return ((a % b) + b) % b;
  if (b === 1 || a === 0 || sameDim(a, b) || divideExactly(a, b) !== undefined) return 0;
  if (isConst(b) && b > 0) {
    const rest = termsOf(a).filter((t) => t.factor % b !== 0);
    if (rest.length < termsOf(a).length) return mod(fromTerms(rest), b);
  }
  return atomDim({ op: "mod", a, b });
}

export function ceilDiv(a: Dim, b: Dim): Dim {
  return isConst(a) && isConst(b) ? Math.ceil(a / b) : floorDiv(add(a, sub(b, 1)), b);
}

export function roundUp(a: Dim, b: Dim): Dim {
  return mul(ceilDiv(a, b), b);
}

export function min(a: Dim, b: Dim): Dim {
  return extreme("min", a, b);
}

export function max(a: Dim, b: Dim): Dim {
  return extreme("max", a, b);
}

export function extreme(op: "min" | "max", a: Dim, b: Dim): Dim {
  const gap = sub(a, b);
  if (isConst(gap)) return (op === "min") === gap <= 0 ? a : b;
  const [first, second] = dimKey(a) < dimKey(b) ? [a, b] : [b, a];
  return atomDim({ op, a: first, b: second });
}

export function product(dims: readonly Dim[]): Dim {
  return mul(1, ...dims);
}

function atomDim(atom: Atom): DimExpr {
  return new DimExpr([term(1, [atom])]);
}

/** The atom that an expression is, and nothing else. */
export function soleAtom(d: Dim): Atom | undefined {
  if (isConst(d) || d.terms.length !== 1) return undefined;
  const [t] = d.terms;
  return t.factor === 1 && t.atoms.length === 1 ? t.atoms[0].atom : undefined;
}

/** a / b when that is a whole polynomial, as (128*B*P + 128*B*S) / (32*B*P + 32*B*S) is 4; else undefined. */
export function divideExactly(a: Dim, b: Dim): Dim | undefined {
  const divisors = termsOf(b);
  if (divisors.length === 1) return byTerm(a, divisors[0]);
  if (divisors.length === 0 || isConst(a)) return a === 0 && b !== 0 ? 0 : undefined;
  const lead = leading(divisors);
  const parts: Term[] = [];
  // Each round removes the leading term of what is left and adds only lower ones; more rounds than this are no size.
  for (let rest: Dim = a, round = 0; round < 64; round++) {
    const [next] = termsOf(byTerm(fromTerms([leading(termsOf(rest))]), lead) ?? 0);
    if (!next) return undefined;
    parts.push(next);
    rest = sub(rest, mul(fromTerms([next]), b));
    if (rest === 0) return fromTerms(parts);
  }
  return undefined;
}

function byTerm(a: Dim, d: Term): Dim | undefined {
  const out: Term[] = [];
  for (const t of termsOf(a)) {
    if (t.factor % d.factor !== 0) return undefined;
    const left = [...t.atoms];
    for (const { key } of d.atoms) {
      const at = left.findIndex((x) => x.key === key);
      if (at < 0) return undefined;
      left.splice(at, 1);
    }
    out.push(
      term(
        t.factor / d.factor,
        left.map((x) => x.atom),
      ),
    );
  }
  return fromTerms(out);
}

/** The greatest term by degree, then by how often it has the first atom, the second, and so on: an order that products keep. */
function leading(terms: readonly Term[]): Term {
  const keys = [...new Set(terms.flatMap((t) => t.atoms.map((x) => x.key)))].sort();
  const power = (t: Term, key: string): number => t.atoms.filter((x) => x.key === key).length;
  const isGreater = (s: Term, t: Term): boolean => {
    if (s.atoms.length !== t.atoms.length) return s.atoms.length > t.atoms.length;
    const key = keys.find((k) => power(s, k) !== power(t, k));
    return key !== undefined && power(s, key) > power(t, key);
  };
  return terms.reduce((best, t) => (isGreater(t, best) ? t : best));
}

/** The symbols an expression reads, sorted. */
export function symbolsOf(d: Dim): string[] {
  const names = new Set<string>();
  const visit = (x: Dim): void => {
    for (const t of termsOf(x)) for (const { atom } of t.atoms) atom.op === "sym" ? names.add(atom.name) : (visit(atom.a), visit(atom.b));
  };
  visit(d);
  return [...names].sort();
}

/** Rebuilds an expression with some symbols replaced. */
export function substitute(d: Dim, by: (name: string) => Dim | undefined): Dim {
  if (isConst(d)) return d;
  const replaceAtom = (atom: Atom): Dim => {
    if (atom.op === "sym") return by(atom.name) ?? atomDim(atom);
    const [a, b] = [substitute(atom.a, by), substitute(atom.b, by)];
    return atom.op === "floordiv" ? floorDiv(a, b) : atom.op === "mod" ? mod(a, b) : extreme(atom.op, a, b);
  };
  return add(...d.terms.map((t) => mul(t.factor, ...t.atoms.map((x) => replaceAtom(x.atom)))));
}

/** The value under an assignment of every symbol. */
export function evaluateDim(d: Dim, values: Readonly<Record<string, number>> | ReadonlyMap<string, number>): number {
  const get = (name: string) =>
    values instanceof Map ? (values as ReadonlyMap<string, number>).get(name) : (values as Readonly<Record<string, number>>)[name];
  const out = substitute(d, get);
  invariant(isConst(out), `no value for ${symbolsOf(out).join(", ")} in ${dimKey(d)}`);
  return out;
}

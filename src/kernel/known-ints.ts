/**
 * What follows of a kernel's integers from how they are computed: the host's parameters, the lets and the loops. A
 * launch has work to do, so that no extent of the model is 0 in it.
 */
import { add, boundsOf, minimumOf, sub, substitute, symbol, type Dim, type Range } from "../base/dim.js";
import type { Kernel, Stmt } from "./tile.js";

export class KnownInts {
  /** Values by name; undefined where a name is given more than one. */
  readonly #values = new Map<string, Dim | undefined>();
  readonly #indexes = new Set<string>();
  readonly #ranges = new Map<string, Range>();

  constructor(kernel: Kernel) {
    for (const { name, value } of kernel.ints) this.#name(name, value);
    kernel.body.forEach((s) => this.#read(s));
  }

  /** Whether a <= b in every launch; false where that is not seen. */
  atMost(a: Dim, b: Dim): boolean {
    if (this.#leastOf(sub(b, a)) >= 0) return true;
    return this.#armsOf(a).some((arm) => this.atMost(arm, b));
  }

  #name(name: string, value: Dim): void {
    const had = this.#values.get(name);
    const other = this.#values.has(name) && String(had) !== String(value);
    this.#values.set(name, other ? undefined : value);
  }

  #read(s: Stmt): void {
    if (s.op === "let") return this.#name(s.name, s.value);
    if (s.op === "for" || s.op === "pipeline") this.#indexes.add(s.index);
    const inner =
      s.op === "for" ? [s.body] : s.op === "pipeline" ? [s.load, s.compute, s.store] : s.op === "when" ? [s.then, s.otherwise] : [];
    inner.flat().forEach((x) => this.#read(x));
  }

  #rangeOf(name: string): Range {
    const had = this.#ranges.get(name);
    if (had) return had;
    const range = this.#computeRange(name);
    this.#ranges.set(name, range);
    return range;
  }

  #computeRange(name: string): Range {
    if (this.#indexes.has(name)) return { lo: 0, hi: Infinity };
    if (!this.#values.has(name)) return { lo: 1, hi: Infinity };
    const value = this.#values.get(name);
    return value === undefined ? { lo: -Infinity, hi: Infinity } : boundsOf(value, (n) => this.#rangeOf(n));
  }

  /** Every name is counted from its least value, so that the names of a product keep what they share with a sum: n*m - n >= 0. */
  #leastOf(d: Dim): number {
    const least = (name: string): number => this.#rangeOf(name).lo;
    const counted = substitute(d, (name) => (Number.isFinite(least(name)) ? add(least(name), symbol(name)) : undefined));
    return boundsOf(counted, (name) => {
      const { lo, hi } = this.#rangeOf(name);
      return Number.isFinite(lo) ? { lo: 0, hi: hi - lo } : { lo, hi };
    }).lo;
  }

  /** What `d` is at most: the value of its name, the sides of its minimum. */
  #armsOf(d: Dim): readonly Dim[] {
    const sides = minimumOf(d);
    if (sides) return sides;
    const value = typeof d === "number" ? undefined : this.#values.get(d.key);
    return value === undefined ? [] : [value];
  }
}

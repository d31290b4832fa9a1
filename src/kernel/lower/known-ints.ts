/**
 * What follows of a kernel's integers from how they are computed: the host's parameters, the lets and the loops. A copy
 * that runs has elements, so sizes of the model count from 1, and so does what divides.
 */
import { divisorsOf, minimumOf } from "../../base/dim-ask.js";
import { add, sub, substitute, symbol, type Dim } from "../../base/dim.js";
import { boundsOf, type Range } from "../../base/dim-bounds.js";
import type { Kernel, Stmt } from "../tile.js";
import { bodiesOf } from "../walk.js";

const size: Range = { lo: 1, hi: Infinity };
const index: Range = { lo: 0, hi: Infinity };
const anything: Range = { lo: -Infinity, hi: Infinity };

export class KnownInts {
  /** Of the host's parameters: their values speak of the model's sizes, which the body does not know. */
  readonly #ints = new Map<string, Range>();
  /** Values of lets; undefined where a name is given more than one. */
  readonly #lets = new Map<string, Dim | undefined>();
  readonly #indexes = new Set<string>();
  readonly #divisors = new Set<string>();
  readonly #ranges = new Map<string, Range>();

  constructor(kernel: Kernel) {
    for (const { name, value } of kernel.ints)
      this.#ints.set(
        name,
        boundsOf(value, (n) => this.#ints.get(n) ?? size),
      );
    kernel.body.forEach((s) => this.#read(s));
  }

  /** Whether a <= b, dims of the kernel's body, in every launch; false where that is not seen. */
  atMost(a: Dim, b: Dim): boolean {
    if (this.#leastOf(sub(b, a)) >= 0) return true;
    return this.#armsOf(a).some((arm) => this.atMost(arm, b));
  }

  #read(s: Stmt): void {
    if (s.op === "let") return this.#name(s.name, s.value);
    if (s.op === "for" || s.op === "pipeline") this.#indexes.add(s.index);
    bodiesOf(s)
      .flat()
      .forEach((x) => this.#read(x));
  }

  #name(name: string, value: Dim): void {
    const other = this.#lets.has(name) && String(this.#lets.get(name)) !== String(value);
    this.#lets.set(name, other ? undefined : value);
    divisorsOf(value).forEach((d) => this.#divisors.add(String(d)));
  }

  #rangeOf(name: string): Range {
    const had = this.#ranges.get(name);
    if (had) return had;
    const { lo, hi } = this.#computeRange(name);
    const range = this.#divisors.has(name) ? { lo: Math.max(1, lo), hi: Math.max(1, hi) } : { lo, hi };
    this.#ranges.set(name, range);
    return range;
  }

  #computeRange(name: string): Range {
    if (this.#indexes.has(name)) return index;
    if (!this.#lets.has(name)) return this.#ints.get(name) ?? size;
    const value = this.#lets.get(name);
    return value === undefined ? anything : boundsOf(value, (n) => this.#rangeOf(n));
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

  /** What `d` is at most: the value of a let, the sides of its minimum. */
  #armsOf(d: Dim): readonly Dim[] {
    const sides = minimumOf(d);
    if (sides) return sides;
    const value = typeof d === "number" ? undefined : this.#lets.get(d.key);
    return value === undefined ? [] : [value];
  }
}

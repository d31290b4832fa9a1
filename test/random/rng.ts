/** Seeded choices: the same on every machine (mulberry32). */
export class Rng {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    this.next();
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** lo <= n <= hi. */
  int(lo: number, hi: number): number {
    return lo + Math.floor(this.next() * (hi - lo + 1));
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of `[weight, what]`. */
  weighted<T>(list: readonly (readonly [number, T])[]): T {
    let at = this.next() * list.reduce((n, [w]) => n + w, 0);
    for (const [w, what] of list) if ((at -= w) < 0) return what;
    return list[list.length - 1][1];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(Math.floor(this.next() * left.length), 1)[0]);
  }

  /** Some of them, in their order; at least `least`. */
  some<T>(list: readonly T[], least = 1): T[] {
    const count = this.int(Math.min(least, list.length), list.length);
    const chosen = new Set(this.shuffled([...list.keys()]).slice(0, count));
    return list.filter((_, i) => chosen.has(i));
  }
}

/**
 * Where buffers lie: which arena buffers live at the same time, and the order in which first-fit places them. The
 * bundle repeats the placement at run time with real sizes (targets/common/runtime/portolan.cpp, `place`); for static
 * shapes the compiler runs the same function to report the bytes.
 */

export const arenaAlign = 512;
/** Some DMA engines move whole 32-byte blocks: a tail may touch this much past a buffer's end. */
const arenaSlack = 32;

export interface Lifetime {
  readonly buffer: number;
  /** Steps, inclusive: written at `first`, last touched at `last`. */
  readonly first: number;
  readonly last: number;
}

/** Pairs of buffers that live at the same time. */
export function conflicts(lifetimes: readonly Lifetime[]): [number, number][] {
  const out: [number, number][] = [];
  const byStart = [...lifetimes].sort((a, b) => a.first - b.first || a.buffer - b.buffer);
  let alive: Lifetime[] = [];
  for (const next of byStart) {
    alive = alive.filter((other) => other.last >= next.first);
    for (const other of alive) out.push([Math.min(other.buffer, next.buffer), Math.max(other.buffer, next.buffer)]);
    alive.push(next);
  }
  return out.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

export function paddedBytes(bytes: number): number {
  return Math.ceil((bytes + arenaSlack) / arenaAlign) * arenaAlign;
}

/** Lowest offset where no conflicting, already placed buffer lies, buffer by buffer. */
export function firstFit(
  order: readonly number[],
  pairs: readonly (readonly [number, number])[],
  bytes: (buffer: number) => number,
): { readonly offsets: ReadonlyMap<number, number>; readonly total: number } {
  const rivals = new Map<number, number[]>();
  for (const [a, b] of pairs) {
    rivals.set(a, [...(rivals.get(a) ?? []), b]);
    rivals.set(b, [...(rivals.get(b) ?? []), a]);
  }
  const offsets = new Map<number, number>();
  let total = 0;
  for (const id of order) {
    const taken = (rivals.get(id) ?? [])
      .filter((r) => offsets.has(r))
      .map((r) => [offsets.get(r) as number, (offsets.get(r) as number) + paddedBytes(bytes(r))] as const)
      .sort((a, b) => a[0] - b[0]);
    const size = paddedBytes(bytes(id));
    let at = 0;
    for (const [begin, end] of taken) {
      if (at + size <= begin) break;
      at = Math.max(at, end);
    }
    offsets.set(id, at);
    total = Math.max(total, at + size);
  }
  return { offsets, total };
}

/** The most bytes alive at any step: no placement can do with less. */
export function lowerBound(lifetimes: readonly Lifetime[], bytes: (buffer: number) => number): number {
  const last = Math.max(-1, ...lifetimes.map((l) => l.last));
  const change = new Array<number>(last + 2).fill(0);
  for (const l of lifetimes) {
    change[l.first] += paddedBytes(bytes(l.buffer));
    change[l.last + 1] -= paddedBytes(bytes(l.buffer));
  }
  let now = 0;
  return change.reduce((most, delta) => Math.max(most, (now += delta)), 0);
}

/** The better of two orders: largest first, and as they come to life. */
export function arenaOrder(
  lifetimes: readonly Lifetime[],
  pairs: readonly (readonly [number, number])[],
  bytes: (buffer: number) => number,
): number[] {
  const inTime = [...lifetimes].sort((a, b) => a.first - b.first || a.buffer - b.buffer).map((l) => l.buffer);
  const bySize = [...inTime].sort((a, b) => bytes(b) - bytes(a) || a - b);
  return firstFit(bySize, pairs, bytes).total <= firstFit(inTime, pairs, bytes).total ? bySize : inTime;
}

/**
 * An extent that a Resize scales by a float, in integers: what a graph with open extents can compute. Plain numbers, since a
 * fraction is held against millions of extents.
 */

/** An extent times a scale, as onnxruntime has it: the product is an f32, so that 10 * 0.7 is 7, and then cut. */
export function scaledExtent(n: number, scale: number): number {
  return Math.floor(Math.fround(Math.fround(n) * scale));
}

/** floor((n * p - less) / q): 1 is less where the scale lies below its fraction, as 0.71428567 does below 5 / 7. */
interface Fraction {
  readonly p: number;
  readonly q: number;
  readonly less: number;
  /** Up to which extent it is the product. */
  readonly until: number;
}

/** How far a fraction is held against the product, and how far it must be the same. */
const [mostHeld, leastHeld] = [2 ** 22, 2 ** 12];
const known = new Map<number, Fraction | undefined>();

function heldUntil(scale: number, p: number, q: number, less: number): number {
  for (let n = 1; n <= mostHeld; n++) if (Math.floor((n * p - less) / q) !== scaledExtent(n, scale)) return n - 1;
  return mostHeld;
}

function search(scale: number): Fraction | undefined {
  for (let q = 1; q <= 64; q++) {
    const p = Math.round(scale * q);
    if (scale * q === p) return { p, q, less: 0, until: Infinity };
    if (Math.abs(scale * q - p) >= 1e-6 * q) continue;
    const found = [0, 1].map((less): Fraction => ({ p, q, less, until: heldUntil(scale, p, q, less) })).find((f) => f.until >= leastHeld);
    if (found) return found;
  }
  return undefined;
}

/** The fraction with a small denominator that stands for a scale; undefined where there is none. */
export function fractionOf(scale: number): Fraction | undefined {
  if (!known.has(scale)) known.set(scale, search(scale));
  return known.get(scale);
}

/** What a vendor's way of writing a scale loses of it, as a number that a report can add up. */

/** |got / wanted - 1|: 0 where the scale is kept, 2^-10 at most where 10 bits of its mantissa are. */
export function relativeLoss(wanted: number, got: number): number {
  return wanted === 0 ? Math.abs(got) : Math.abs(got / wanted - 1);
}

/** A scale as a vendor takes it, and the relative error that this makes of every value. */
export interface Converted<T> {
  readonly value: T;
  readonly loss: number;
}

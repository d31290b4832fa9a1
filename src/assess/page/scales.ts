/** Where logarithmic axes are marked. */

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Powers of ten within bounds, every so many of them. */
export function decades(from: number, to: number, every: number, spell: (x: number) => string): Tick[] {
  const [first, last] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
  const out: Tick[] = [];
  for (let p = first; p <= last; p += every) out.push({ at: 10 ** p, text: spell(Number((10 ** p).toPrecision(3))) });
  return out;
}

/** Powers of two within bounds, some of them where there are many. */
export function doublings(from: number, to: number, most: number, spell: (x: number) => string): Tick[] {
  const [first, last] = [Math.ceil(Math.log2(from)), Math.floor(Math.log2(to))];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const out: Tick[] = [];
  for (let p = first; p <= last; p += every) out.push({ at: 2 ** p, text: spell(2 ** p) });
  return out;
}

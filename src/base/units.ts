/** Figures as people read them. */

/** 1536 is "1.5 KiB". */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const at = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  return at === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * at)).toFixed(1)} ${units[at]}`;
}

/** 0.0123 is "12.3 ms"; no clock of a chip tells less than a nanosecond. */
export function readableSeconds(seconds: number): string {
  const [unit, factor] = seconds < 1e-6 ? ["ns", 1e9] : seconds < 1e-3 ? ["µs", 1e6] : seconds < 1 ? ["ms", 1e3] : ["s", 1];
  return seconds > 0 && seconds < 1e-9 ? "< 1 ns" : `${Number((seconds * (factor as number)).toPrecision(3))} ${unit}`;
}

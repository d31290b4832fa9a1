/** Figures as people read them. */

/** 1536 is "1.5 KiB". */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const at = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  return at === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * at)).toFixed(1)} ${units[at]}`;
}

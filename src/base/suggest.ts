/** "did you mean": the nearest of a few spellings. */

/** ` (did you mean "x"?)`, or nothing when none is near. */
export function closest(given: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(given.length / 3)) ? ` (did you mean "${best.name}"?)` : "";
}

/** How many letters must be changed, added, dropped or swapped with their neighbour (each place once). */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2] + 1 : Infinity;
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, changed, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}

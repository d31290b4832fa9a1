/** What may run next, read off the indentation of a formatted kernel. */

export interface Ways {
  readonly lines: readonly string[];
  /** Every way came to a stop before the function's end. */
  readonly stopped: boolean;
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
const isBlank = (line: string): boolean => /^\s*(\/\/.*)?$/.test(line);

/**
 * The lines that may run after (step 1) or before (step -1) a line, up to a stop: through blocks that are entered or
 * passed by, and round the loops that the line lies in. A stop inside a block that is only entered stops nothing.
 */
export function waysOn(lines: readonly string[], at: number, step: 1 | -1, isStop: (line: string) => boolean): Ways {
  const found: string[] = [];
  let level = indentOf(lines[at]);
  for (let i = at + step; i >= 0 && i < lines.length; i += step) {
    if (isBlank(lines[i])) continue;
    const indent = indentOf(lines[i]);
    if (indent === 0) return { lines: found, stopped: false };
    if (indent <= level && isStop(lines[i])) return { lines: found, stopped: true };
    if (indent < level) {
      level = indent;
      found.push(...roundLoop(lines, i, step, isStop));
    }
    found.push(lines[i]);
  }
  return { lines: found, stopped: false };
}

/** Where reading leaves a block by a line, and the block is a loop: its other end, up to a stop at its own level. */
function roundLoop(lines: readonly string[], edge: number, step: 1 | -1, isStop: (line: string) => boolean): string[] {
  const level = indentOf(lines[edge]);
  let open = edge;
  while (step > 0 && open > 0 && !(indentOf(lines[open]) === level && lines[open].endsWith("{"))) open--;
  if (!/^\s*(for|while) \(/.test(lines[open])) return [];
  let close = edge;
  while (step < 0 && close < lines.length && !(indentOf(lines[close]) === level && lines[close].trim() === "}")) close++;
  const body = step > 0 ? lines.slice(open + 1, edge) : lines.slice(edge + 1, close).reverse();
  const end = body.findIndex((l) => indentOf(l) === level + 2 && isStop(l));
  return end < 0 ? body : body.slice(0, end);
}

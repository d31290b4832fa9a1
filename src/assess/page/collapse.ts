/** A long list of things as runs and repeats: layers that come again and again are told once. */

export type Block = Run | Repeat;

/** Neighbours of one kind. */
export interface Run {
  readonly from: number;
  readonly length: number;
  readonly kind: string;
}

/** Blocks that follow each other `times` times. */
interface Repeat {
  readonly from: number;
  readonly length: number;
  readonly times: number;
  readonly body: readonly Block[];
}

interface Found {
  readonly period: number;
  readonly times: number;
}

/** No layer has more nodes, and none fewer, than is looked for. */
const longest = 400;
const shortest = 3;

/** `tokens` decide what is the same, `kinds` what stands in one run. */
export function collapsed(tokens: readonly string[], kinds: readonly string[], from = 0, to = tokens.length): Block[] {
  const blocks: Block[] = [];
  let [at, plain] = [from, from];
  while (at < to) {
    const found = repeatAt(tokens, at, to);
    if (!found) {
      at++;
      continue;
    }
    blocks.push(...runs(kinds, plain, at));
    const { period, times } = found;
    blocks.push({ from: at, length: period * times, times, body: collapsed(tokens, kinds, at, at + period) });
    at += period * times;
    plain = at;
  }
  return [...blocks, ...runs(kinds, plain, to)];
}

/** The repeat that starts here and covers most; of those that cover the same, the one with the shortest period. */
function repeatAt(tokens: readonly string[], at: number, to: number): Found | undefined {
  let best: Found | undefined;
  for (let period = shortest; period <= Math.min(longest, (to - at) / 2); period++) {
    let same = 0;
    while (at + period + same < to && tokens[at + same] === tokens[at + period + same]) same++;
    const times = Math.floor(same / period) + 1;
    if (times > 1 && period * times > (best ? best.period * best.times : 0)) best = { period, times };
  }
  return best;
}

function runs(kinds: readonly string[], from: number, to: number): Run[] {
  const out: Run[] = [];
  for (let i = from; i < to; i++) {
    const last = out[out.length - 1];
    if (last?.kind === kinds[i]) out[out.length - 1] = { ...last, length: last.length + 1 };
    else out.push({ from: i, length: 1, kind: kinds[i] });
  }
  return out;
}

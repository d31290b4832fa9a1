/** A long list of things as runs and repeats: layers that come again and again are told once. */

type Block = Run | Repeat;

/** Neighbours that are told one by one. */
interface Run {
  readonly from: number;
  readonly length: number;
}

/** Blocks that follow each other `times` times. */
interface Repeat extends Run {
  readonly times: number;
  readonly body: readonly Block[];
}

/** What one place stands for: itself, or the round of a repeat that it is in, and what it is there. */
export interface Step {
  /** The place of the first that is told of it. */
  readonly at: number;
  /** Of a repeat: which round, and of how many. */
  readonly round?: number;
  readonly times?: number;
}

interface Found {
  readonly period: number;
  readonly times: number;
}

/** No layer has more nodes, and none fewer, than is looked for. */
const longest = 400;
const shortest = 3;
/** What a repeat must save to be worth a frame, in nodes. */
const least = 8;

/** Of each place of a list the way to it, repeats outermost first. `tokens` decide what is the same. */
export function stepsTo(tokens: readonly string[]): readonly (readonly Step[])[] {
  const out: (readonly Step[])[] = [];
  const walk = (blocks: readonly Block[], shift: number, before: readonly Step[]): void => {
    for (const block of blocks)
      if (!("times" in block)) for (let at = block.from; at < block.from + block.length; at++) out[at + shift] = [...before, { at }];
      else {
        const { from, length, times, body } = block;
        for (let round = 0; round < times; round++) walk(body, shift + (round * length) / times, [...before, { at: from, round, times }]);
      }
  };
  walk(collapsed(tokens, 0, tokens.length), 0, []);
  return out;
}

function collapsed(tokens: readonly string[], from: number, to: number): Block[] {
  const blocks: Block[] = [];
  let [at, plain] = [from, from];
  const endRun = (): void => {
    if (at > plain) blocks.push({ from: plain, length: at - plain });
  };
  while (at < to) {
    const found = repeatAt(tokens, at, to);
    if (!found) {
      at++;
      continue;
    }
    endRun();
    const { period, times } = found;
    blocks.push({ from: at, length: period * times, times, body: collapsed(tokens, at, at + period) });
    at += period * times;
    plain = at;
  }
  endRun();
  return blocks;
}

/** The repeat that starts here and covers most; of those that cover the same, the one with the shortest period. */
function repeatAt(tokens: readonly string[], at: number, to: number): Found | undefined {
  let best: Found | undefined;
  for (let period = shortest; period <= Math.min(longest, (to - at) / 2); period++) {
    let same = 0;
    while (at + period + same < to && tokens[at + same] === tokens[at + period + same]) same++;
    const times = Math.floor(same / period) + 1;
    if (period * (times - 1) >= least && period * times > (best ? best.period * best.times : 0)) best = { period, times };
  }
  return best;
}

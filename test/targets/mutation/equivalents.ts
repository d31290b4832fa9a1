/**
 * Why a mutant that survives is no mistake: arguments that are checked on the kernel's text. What none of them shows stays
 * a survivor.
 */
import type { Mutant } from "./mutate.js";

interface Argument {
  readonly why: string;
  readonly holds: (lines: readonly string[], at: number, mutant: Mutant) => boolean;
}

const fence = /\b(mfence(_lm|_sm)?|sync_all|__sync)\(\);/;
const nothing =
  /^\s*(\}|$|\/\/|const (int|int32_t|int64_t|auto) |auto |float32x16_t \w+ = splat\([^[]*\);|(float|half|uint8_t)\* \w+_tile = )|^\s*(for|while) \(.*\{$|^\s*if \(.*\{$/;

/** The next line that does something, after `at`. */
function nextDeed(lines: readonly string[], at: number, step: 1 | -1): string {
  let i = at + step;
  while (i >= 0 && i < lines.length && nothing.test(lines[i])) i += step;
  return lines[i] ?? "";
}

/** Read straight on: what a loop does when it turns back is left to the run, which the mutant survived. */
const fencedNext = (lines: readonly string[], at: number): boolean => fence.test(nextDeed(lines, at, 1));
const fencedBefore = (lines: readonly string[], at: number): boolean => fence.test(nextDeed(lines, at, -1));

const ordering = /PipeBarrier<PIPE_V>\(\);|\bSync<HardEvent::(V_S|S_V)>\(\);/;

interface Touch {
  readonly writes: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
}

/** Tensors named by the vector calls of lines from `at` on, up to the next ordering point or brace. */
function touched(lines: readonly string[], at: number, step: 1 | -1): Touch | undefined {
  const [writes, all] = [new Set<string>(), new Set<string>()];
  for (let i = at + step; i >= 0 && i < lines.length; i += step) {
    if (ordering.test(lines[i])) break;
    if (/^\s*\}|\{$/.test(lines[i])) return undefined;
    const made = /^\s*([A-Z]\w+)\((.*)\);$/.exec(lines[i]);
    if (!made) continue;
    const names = [...made[2].matchAll(/\b[a-z]\w*(?=\b(?!\())/g)].map((m) => m[0]);
    names.forEach((n) => all.add(n));
    if (/Of(Rows|Cols)|Move|Spread|Fold/.test(made[1])) names.forEach((n) => writes.add(n));
    else if (names[0]) writes.add(names[0]);
  }
  return { writes, all };
}

const scalars = /^([cnrjtbuqio]\d*|r_\d+|cols|rows|pitch|run|s_\d+)$/;

/** No tensor of one side is written by the other. */
function independent(lines: readonly string[], at: number): boolean {
  const [above, below] = [touched(lines, at, -1), touched(lines, at, 1)];
  if (!above || !below) return false;
  const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].some((n) => !scalars.test(n) && b.has(n));
  return !shared(above.writes, below.all) && !shared(below.writes, above.all);
}

const around = (lines: readonly string[], at: number, by: number): string => lines[at + by] ?? "";

const argumentsOf: readonly Argument[] = [
  {
    why: "another fence follows before anything is read or written",
    holds: (lines, at, m) => (m.what === "drop a fence" || m.what === "do not wait for a copy") && fencedNext(lines, at),
  },
  {
    why: "another sync stands beside it",
    holds: (lines, at, m) => m.what === "drop a sync" && (fencedNext(lines, at) || fencedBefore(lines, at)),
  },
  {
    why: "a wait of the scalar unit for the vector unit and back stands beside the barrier, and drains the pipe",
    holds: (lines, at, m) =>
      m.what === "drop a pipe barrier" && [-1, 1].some((by) => /Sync<HardEvent::(S_V|V_S)>/.test(around(lines, at, by))),
  },
  {
    why: "the instructions on both sides of the barrier touch different tensors",
    holds: (lines, at, m) => m.what === "drop a pipe barrier" && independent(lines, at),
  },
];

/** The argument by which a surviving mutant is no mistake; nothing when there is none. */
export function equivalence(source: string, mutant: Mutant): string | undefined {
  const lines = source.split("\n");
  return argumentsOf.find((a) => a.holds(lines, mutant.line - 1, mutant))?.why;
}

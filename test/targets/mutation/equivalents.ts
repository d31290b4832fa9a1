/**
 * Why a mutant that survives is no mistake: arguments that are checked on the kernel's text. What none of them shows stays
 * a survivor.
 */
import { independent } from "./equivalents-ascend.js";
import { fence, oneUnitEach } from "./equivalents-units.js";
import type { Mutant } from "./mutate.js";

interface Argument {
  readonly why: string;
  readonly holds: (lines: readonly string[], at: number, mutant: Mutant) => boolean;
}

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

/** The statements of a loop whose head stands at a line: what follows the head there, or the block below it. */
function bodyOf(lines: readonly string[], at: number): readonly string[] {
  const own = /^\s*for \(.*?\w+ \+= \d+\) (.*)$/.exec(lines[at])?.[1] ?? "{";
  if (own !== "{") return [own];
  const indent = /^\s*/.exec(lines[at])?.[0] ?? "";
  const end = lines.indexOf(`${indent}}`, at);
  return lines.slice(at + 1, end).map((l) => l.trim());
}

/** Past a loop's end its masks are empty: every statement makes a register of its own, or keeps what a mask leaves. */
function maskedAway(lines: readonly string[], at: number): boolean {
  const [, index, bound] = /for \(int (\w+) = 0; \w+ < ([^;]+); \w+ \+= \d+\)/.exec(lines[at]) ?? [];
  if (!index) return false;
  const mask = `first_lanes(${bound} - ${index}`;
  const used = lines.map((l) => (l.includes(`= ${mask})`) ? /const int (\w+) =/.exec(l)?.[1] : undefined)).filter((u) => u !== undefined);
  const masked = (line: string): boolean => line.includes(mask) || used.some((u) => new RegExp(`\\b${u}\\b`).test(line));
  const keeps = /^(\w+) = \w+_mh\(.*\b\1, [^,]+\);$|^\w+ \|= .*&.*;$/;
  return bodyOf(lines, at).every(
    (l) => /^(float|float32x16_t|int32x16_t|const int|int) \w+(, \w+)*( =.*)?;$|^vload2?_lm/.test(l) || (keeps.test(l) && masked(l)),
  );
}

/** Past its end a pipeline that stores nothing is idle: a test above by the loop's own bound, or a lower one, guards every phase. */
function idleRound(lines: readonly string[], at: number): boolean {
  const [, indent, step, bound] = /^(\s*)for \(int32_t (\w+_step) = [^;]+; \2 < ([^;]+); \2\+\+\) \{$/.exec(lines[at]) ?? [];
  const [, end, lag] = /^(.*) \+ (\d+)$/.exec(bound ?? "") ?? [];
  if (!step || !end) return false;
  const body = lines
    .slice(at + 1, lines.indexOf(`${indent}}`, at))
    .filter((l) => l.startsWith(`${indent}  `) && l[indent.length + 2] !== " ");
  const guards = body.filter((l) => l.trim() !== "}" && l.trim() !== "__sync();");
  return guards.every((l) => {
    const [, top, more] = new RegExp(`^\\s*if \\((?:${step} >= [^&]+ && )?${step} < (.*?)(?: \\+ (\\d+))?\\) \\{$`).exec(l) ?? [];
    return top === end && Number(more ?? 0) <= Number(lag);
  });
}

/** A difference that is used only as both factors of a product. */
function onlySquared(lines: readonly string[], at: number): boolean {
  const name = /\b(\w+) = vvsub_float32x16\(/.exec(lines[at])?.[1];
  if (!name) return false;
  const end = lines.findIndex((l, i) => i > at && /^\s*\}/.test(l));
  const uses = lines.slice(at + 1, end).filter((l) => new RegExp(`\\b${name}\\b`).test(l));
  return (
    uses.length > 0 &&
    uses.every((l) => l.includes(`mul_float32x16(${name}, ${name})`) && l.split(new RegExp(`\\b${name}\\b`)).length === 3)
  );
}

/** The kernel names only the first element of the array that stands at a line. */
function onlyFirst(lines: readonly string[], at: number): boolean {
  const name = /__(?:nram|simd|local)__ (?!__shared)(?:\w+ )+?(\w+)\[/.exec(lines[at])?.[1];
  if (!name) return false;
  const all = lines.filter((_, i) => i !== at).flatMap((l) => [...l.matchAll(new RegExp(`(.{0,12})\\b${name}\\b(.{0,40})`, "g"))]);
  return (
    all.length > 0 &&
    all.every(([, before, after]) => /^\[0\]/.test(after) || before.endsWith("__load_nram(") || /^, \w+, 1 \* \d\);/.test(after))
  );
}

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
    why: "each array that both sides of the fence use is used by one unit there, which works in order",
    holds: (lines, at, m) => (m.what === "drop a sync" || /mfence_lm/.test(lines[at])) && oneUnitEach(lines, at),
  },
  {
    why: "every result of the loop's extra round is masked away",
    holds: (lines, at, m) => m.what === "a loop runs once too often" && maskedAway(lines, at),
  },
  {
    why: "every phase of the pipeline's extra round is guarded off",
    holds: (lines, at, m) => m.what === "a loop runs once too often" && idleRound(lines, at),
  },
  {
    why: "only the square of the difference is used",
    holds: (lines, at, m) => m.what === "swap operands" && onlySquared(lines, at),
  },
  {
    why: "the kernel uses one element of the array",
    holds: (lines, at, m) => m.what === "an array of one element" && onlyFirst(lines, at),
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

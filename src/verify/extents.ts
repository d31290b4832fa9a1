/**
 * Sizes for a model that leaves some open: small enough to run quickly, large enough to reach every window and loop,
 * different from each other so that mixed-up axes show, and such as the model's own conditions allow.
 */
import { holds, type Cond } from "../base/cond.js";
import { dimKey, evaluateDim, isConst, symbolsOf, type Dim } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import { fail } from "../base/diagnostic.js";

export interface OpenExtent {
  readonly name: string;
  /** Inclusive. */
  readonly range: Range;
  /** The first of several axes of an input. */
  readonly batch: boolean;
}

export interface ExtentRules {
  /** In the order in which they are decided. */
  readonly open: readonly OpenExtent[];
  readonly guards: readonly { readonly when: Cond; readonly message: string }[];
  /** Extents of any tensors, in any number: a model whose tensors are empty checks nothing. */
  readonly extents: readonly Dim[];
}

export type Extents = ReadonlyMap<string, number>;

/** What was in the way of the extent that could not be decided. */
interface Obstacle {
  readonly name: string;
  readonly message: string;
}

interface Rule {
  readonly symbols: readonly string[];
  readonly message: string;
  readonly holds: (values: Extents) => boolean;
}

const batches = [2, 1, 3, 4, 8, 16, 32, 64];
/** Primes first: they leave a rest in every tile. Then what networks that halve their sizes take, then anything. */
const lengths = [
  ...[29, 37, 43, 53, 61, 31, 47, 59],
  ...[32, 64, 96, 128, 160, 224],
  ...[24, 40, 48, 56],
  ...Array.from({ length: 128 }, (_, i) => 128 - i),
  ...[256, 320, 512, 640, 1024, 1280, 2048, 4096, 8192, 16000],
];
/** Values tried in all before the search gives up. */
const mostTried = 20_000;

/**
 * Every assignment that meets the guards and leaves no tensor empty, the most telling first, then those with empty
 * tensors. Returns what the search could not get past.
 */
export function* allowedExtents(rules: ExtentRules): Generator<Extents, Obstacle | undefined> {
  const guards = rules.guards.map((g): Rule => ({ symbols: condSymbols(g.when), message: g.message, holds: (v) => holds(g.when, v) }));
  const extents = distinctOpen(rules.extents);
  const strict = yield* search(rules.open, [...guards, ...extents.map((d) => atLeast(1, d))]);
  const loose = yield* search(rules.open, [...guards, ...extents.map((d) => atLeast(0, d))]);
  return loose ?? strict;
}

/** Throws `extents-not-found`. `how` are the options that settle the sizes. */
export function refuseExtents(obstacle: Obstacle | undefined, how: string): never {
  const { name, message } = obstacle ?? { name: "", message: "the model takes none of those tried" };
  return fail("extents-not-found", `no extent was found for ${JSON.stringify(name)}: ${message}`, {
    why: "Open extents are chosen such that the model's conditions on its sizes hold; none of the sizes tried meets them all.",
    fix: `Give ${how}.`,
  });
}

/** Those that are no plain numbers, each once: hundreds of tensors share a few. */
function distinctOpen(extents: readonly Dim[]): Dim[] {
  return [...new Map(extents.filter((d) => !isConst(d)).map((d) => [dimKey(d), d])).values()];
}

function atLeast(least: number, d: Dim): Rule {
  const message = least > 0 ? `a tensor's extent ${dimKey(d)} must not be empty` : `a tensor's extent ${dimKey(d)} must not be negative`;
  return { symbols: symbolsOf(d), message, holds: (values) => evaluateDim(d, values) >= least };
}

function* search(open: readonly OpenExtent[], rules: readonly Rule[]): Generator<Extents, Obstacle | undefined> {
  const places = new Map(open.map((o, i) => [o.name, i]));
  // A rule is asked as soon as its last symbol has a value; one over sizes that only the data decides, never.
  const due = open.map((): Rule[] => []);
  for (const rule of rules) {
    const at = rule.symbols.map((s) => places.get(s) ?? Infinity);
    const last = Math.max(...at);
    if (at.length > 0 && Number.isFinite(last)) due[last].push(rule);
  }
  const values = new Map<string, number>();
  let [tried, deepest] = [0, -1];
  let obstacle: Obstacle | undefined;
  const decide = function* (level: number): Generator<Extents> {
    if (level === open.length) return yield new Map(values);
    for (const value of candidates(open[level], [...values.values()])) {
      if (++tried > mostTried) return;
      values.set(open[level].name, value);
      const broken = due[level].find((r) => !r.holds(values));
      if (broken && level > deepest) [deepest, obstacle] = [level, { name: open[level].name, message: broken.message }];
      if (!broken) yield* decide(level + 1);
      values.delete(open[level].name);
    }
  };
  yield* decide(0);
  return obstacle;
}

function candidates({ range, batch }: OpenExtent, used: readonly number[]): number[] {
  // No elements only where nothing else is allowed.
  const [least, most] = [Math.min(Math.max(1, range.lo), range.hi), range.hi];
  const bounds = [least, ...(Number.isFinite(most) ? [most] : [])];
  const inside = [...new Set([...(batch ? [...batches, ...lengths] : lengths), ...bounds])].filter((x) => x >= least && x <= most);
  return batch ? inside : [...inside.filter((x) => !used.includes(x)), ...inside.filter((x) => used.includes(x))];
}

function condSymbols(c: Cond): string[] {
  return "all" in c ? c.all.flatMap(condSymbols) : [...symbolsOf(c.a), ...symbolsOf(c.b)];
}

/**
 * Mutation of kernel texts: a fixed table of operators for each dialect, applied at every site it fits, one at a time
 * and in the text's order. A mutant keeps the lines where they were, so that a violation's line is the kernel's own.
 */

/** What a mistake is about. The floors of the acceptance run are stated over these. */
export const mutationClasses = [
  "sync",
  "direction",
  "length",
  "off-by-one",
  "misalign",
  "shrink",
  "capacity",
  "overlap",
  "read-before-write",
  "free-twice",
  "operands",
] as const;

export type MutationClass = (typeof mutationClasses)[number];

/** One way to break a kernel. */
export interface Operator {
  readonly kind: MutationClass;
  readonly what: string;
  /** Each match is a site; the flags hold "g". */
  readonly find: RegExp;
  /** The text in place of a match; nothing where the operator does not apply after all. */
  readonly replace: (match: RegExpExecArray) => string | undefined;
}

export interface Mutant {
  readonly kind: MutationClass;
  readonly what: string;
  /** Of the site, from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

/** A statement that is one call: its arguments are split at the commas of its own level. */
export function call(
  kind: MutationClass,
  what: string,
  names: string,
  edit: (args: readonly string[], name: string) => string | undefined,
): Operator {
  const find = new RegExp(`(?<=^|[\\s.])(${names})\\((.*)\\);`, "gm");
  return {
    kind,
    what,
    find,
    replace: (m) => {
      const args = splitArguments(m[2]);
      return args && edit(args, m[1]);
    },
  };
}

/** Replaces what a pattern matches. */
export function text(kind: MutationClass, what: string, find: RegExp, replace: Operator["replace"]): Operator {
  return { kind, what, find, replace };
}

/** `name(args);` again. */
export function statement(name: string, args: readonly string[]): string {
  return `${name}(${args.join(", ")});`;
}

/** The arguments with one changed; nothing when there is no such argument. */
export function withArgument(args: readonly string[], index: number, change: (a: string) => string): string[] | undefined {
  const at = index < 0 ? args.length + index : index;
  return at >= 0 && at < args.length ? args.map((a, i) => (i === at ? change(a) : a)) : undefined;
}

/** Splits at top-level commas; nothing when the brackets do not balance (two statements on a line). */
export function splitArguments(list: string): string[] | undefined {
  const out: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < list.length; i++) {
    if ("([{".includes(list[i])) depth++;
    if (")]}".includes(list[i]) && --depth < 0) return undefined;
    if (list[i] === "," && depth === 0) {
      out.push(list.slice(from, i).trim());
      from = i + 1;
    }
  }
  out.push(list.slice(from).trim());
  return depth === 0 ? out : undefined;
}

/** All mutants of a text, by line and then by the operators' order. Comments and equal results are left out. */
export function mutantsOf(source: string, operators: readonly Operator[]): Mutant[] {
  const found: Mutant[] = [];
  const seen = new Set<string>([source]);
  for (const operator of operators)
    for (const match of source.matchAll(operator.find)) {
      const mutant = mutantAt(source, operator, match as RegExpExecArray);
      if (!mutant || seen.has(mutant.text)) continue;
      seen.add(mutant.text);
      found.push(mutant);
    }
  return found.sort((a, b) => a.line - b.line);
}

function mutantAt(source: string, operator: Operator, match: RegExpExecArray): Mutant | undefined {
  const start = match.index;
  const [first, last] = lineBounds(source, start, start + match[0].length);
  if (/^\s*(\/\/|#)/.test(source.slice(first, last))) return undefined;
  const replacement = operator.replace(match);
  if (replacement === undefined) return undefined;
  const mutated = source.slice(0, start) + replacement + source.slice(start + match[0].length);
  return {
    kind: operator.kind,
    what: operator.what,
    line: source.slice(0, start).split("\n").length,
    before: source.slice(first, last).trim(),
    after: mutated.slice(first, last + mutated.length - source.length).trim(),
    text: mutated,
  };
}

function lineBounds(source: string, start: number, end: number): [number, number] {
  const last = source.indexOf("\n", end);
  return [source.lastIndexOf("\n", start) + 1, last < 0 ? source.length : last];
}

/** `count` of the items, spread by a seed, in their own order; all when there are not more. */
export function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  if (items.length <= count) return [...items];
  let state = seed >>> 0;
  const ranked = items.map((_, index) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 + index) >>> 0;
    state = (state ^ Math.imul(state ^ (state >>> 12), 0x297a2d39)) >>> 0;
    return { index, rank: state };
  });
  const chosen = ranked.sort((a, b) => a.rank - b.rank || a.index - b.index).slice(0, count);
  return chosen
    .map((c) => c.index)
    .sort((a, b) => a - b)
    .map((i) => items[i]);
}

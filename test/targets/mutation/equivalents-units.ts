/** Fences between the units of one core, on dialects whose copies, vector and scalar instructions name the arrays they touch. */

import { waysOn } from "./ways.js";

export const fence = /\b(mfence(_lm|_sm)?|sync_all|__sync)\(\);/;

/** The kernel's own arrays on the chip, and the names that the kernel gives to parts of them. */
function arraysOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const arrays = new Map<string, string>();
  for (const line of lines) {
    const made = /__(?:nram|simd|local|shared)__ (?:\w+ )+?(\w+)\[/.exec(line)?.[1];
    if (made) arrays.set(made, made);
    const [, part, whole] = /^\s*(?:auto|\w+\*) (\w+) = \(?(\w+)\b/.exec(line) ?? [];
    if (part && arrays.has(whole)) arrays.set(part, arrays.get(whole) ?? whole);
  }
  return arrays;
}

const copyCall = /\b(__memcpy(_async)?|(GM2LM|LM2GM)(_ASYNC)?)\(/;
const vectorCall = /\b(v(load|store|gather|scatter)\w*_lm_\w+|move_row<\d>|lookup_row<\d>|__bang_\w+|fold_\w+_f\d+|turn)\(/;

/** Who touches memory in a statement: copies are a unit that does not wait for itself either. */
function unitOf(line: string): "copy" | "vector" | "scalar" {
  if (copyCall.test(line)) return "copy";
  return vectorCall.test(line) ? "vector" : "scalar";
}

/** The units at work on each array on every way from a line to the next fence or the end of the kernel; nothing in a helper. */
function unitsAt(lines: readonly string[], at: number, step: 1 | -1): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const head = lines.slice(0, at).findLast((l) => /^\S.*\{$/.test(l)) ?? "";
  if (!/__(mlu_)?global__/.test(head)) return undefined;
  const arrays = arraysOf(lines);
  const units = new Map<string, Set<string>>();
  for (const line of waysOn(lines, at, step, (l) => fence.test(l)).lines) {
    if (/__(?:nram|simd|local|shared)__ |^\s*(?:auto|\w+\*) \w+ = /.test(line)) continue;
    for (const [name] of line.matchAll(/\b\w+\b/g)) {
      const array = arrays.get(name);
      if (array) units.set(array, (units.get(array) ?? new Set()).add(unitOf(line)));
    }
  }
  return units;
}

/**
 * Each array that is at work on both sides of a fence is so under one unit, which does its work in order. mfence_lm() orders
 * the units of the core; it waits for no copy that was begun before it.
 */
export function oneUnitEach(lines: readonly string[], at: number): boolean {
  const [above, below] = [unitsAt(lines, at, -1), unitsAt(lines, at, 1)];
  if (!above || !below) return false;
  const waits = (unit: string): boolean => unit !== "copy" || !/mfence_lm/.test(lines[at]);
  return [...above].every(([array, every]) => {
    const units = [...every].filter(waits);
    if (units.length === 0) return true;
    const all = new Set([...units, ...(below.get(array) ?? [])]);
    return !below.has(array) || (all.size === 1 && !all.has("copy"));
  });
}

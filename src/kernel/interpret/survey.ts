/**
 * Walks a kernel at given sizes without computing anything: every statement's bounds, at the first and last turns of each
 * loop and some between, and the scratchpad. What it passes may still compute wrongly; what it refuses is a defect.
 */
import { invariant } from "../../base/diagnostic.js";
import type { Cond } from "../../base/cond.js";
import { evaluateDim, type Dim } from "../../base/dim.js";
import { checkBounds, type Ground } from "./bounds.js";
import type { Caps } from "../caps.js";
import { checkRoom } from "../room.js";
import type { Kernel, Stmt } from "../tile.js";
import { bodiesOf } from "../walk.js";

/** Turns of one loop that are looked at. */
const mostTurns = 12;

/** Throws on the first broken rule. `symbols` gives the model's sizes by name. */
export function surveyKernel(kernel: Kernel, symbols: Readonly<Record<string, number>>, caps: Caps): void {
  checkRoom(kernel, caps);
  const scope = intsOf(kernel, symbols);
  const dim = (d: Dim): number => (typeof d === "number" ? d : evaluateDim(d, scope));
  const tiles = new Map(kernel.tiles.map((spec) => [spec.name, { spec, pitch: dim(spec.pitch) }]));
  const elements = new Map(kernel.buffers.map((b) => [b.name, dim(b.elements)]));
  const ground: Ground = {
    caps,
    dim,
    tile: (name) => tiles.get(name) ?? missing(name),
    elements: (name) => elements.get(name) ?? missing(name),
  };
  const visit = (list: readonly Stmt[]): void => {
    const lets: string[] = [];
    for (const s of list) {
      if (s.op === "let") {
        scope.set(s.name, dim(s.value));
        lets.push(s.name);
      } else if (s.op === "for" || s.op === "pipeline") {
        for (const turn of turnsOf(dim(s.count))) {
          scope.set(s.index, turn);
          bodiesOf(s).forEach(visit);
        }
        scope.delete(s.index);
      } else if (s.op === "when") visit(holds(s.cond, dim) ? s.then : s.otherwise);
      else checkBounds(s, ground);
    }
    lets.forEach((name) => scope.delete(name));
  };
  visit(kernel.body);
}

function missing(name: string): never {
  throw new Error(`internal: a kernel names ${name}, which it does not declare`);
}

/** The model's sizes and the kernel's ints by name. */
export function intsOf(kernel: Kernel, symbols: Readonly<Record<string, number>>): Map<string, number> {
  const scope = new Map<string, number>();
  for (const { name, value } of kernel.ints) {
    invariant(!scope.has(name), `two ints named ${name}`);
    scope.set(name, evaluateDim(value, new Map([...Object.entries(symbols), ...scope])));
  }
  return scope;
}

function turnsOf(count: number): readonly number[] {
  if (count <= mostTurns) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: mostTurns }, (_, i) => Math.round((i * (count - 1)) / (mostTurns - 1)));
}

export function holds(c: Cond, dim: (d: Dim) => number): boolean {
  if ("all" in c) return c.op === "and" ? c.all.every((x) => holds(x, dim)) : c.all.some((x) => holds(x, dim));
  const [a, b] = [dim(c.a), dim(c.b)];
  return c.op === "eq" ? a === b : c.op === "ne" ? a !== b : c.op === "lt" ? a < b : a <= b;
}

/**
 * Pipelines in XPU C++: one loop whose iteration t loads tile t, computes tile t - 1 and stores tile t - 2, with one
 * mfence() at its head that says all three have passed.
 *
 *     for (int step = begin; step < end + 2; step++) {
 *       mfence();
 *       if (step < end)        ... GM2LM_ASYNC into half (step & 1)
 *       if (step >= begin + 2) ... LM2GM_ASYNC from half (step & 1)
 *       if (...)               ... compute
 *     }
 *     mfence();
 *
 * A tile that is loaded and stored itself would be overwritten by that: then computing and storing share a stage.
 */
import { isConst } from "../../../src/base/dim.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import { doubledTiles, tilesWithin } from "../../../src/kernel/walk.js";
import { hasTurn, isBusy, passesThrough, turnOf, type Steps } from "../../kit/pipeline.js";
import type { Of } from "../../kit/statements.js";
import type { XpuPage } from "./context.js";

type Pipeline = Of<"pipeline">;
type PrintBlock = (p: XpuPage, stmts: readonly Stmt[], open?: boolean) => void;

interface Stage {
  readonly lag: number;
  readonly body: readonly Stmt[];
  readonly dma: boolean;
}

/** The stages with how many iterations each runs behind the first; DMA is issued before computing. */
function stagesOf(s: Pipeline): readonly Stage[] {
  const groups: { body: readonly Stmt[]; dma: boolean }[] = [];
  if (s.load.length > 0) groups.push({ body: s.load, dma: true });
  if (passesThrough(s)) groups.push({ body: [...s.compute, ...withoutLets(s.store, s.compute)], dma: false });
  else {
    if (isBusy(s.compute)) groups.push({ body: s.compute, dma: false });
    if (isBusy(s.store)) groups.push({ body: s.store, dma: true });
  }
  const stages = groups.map((g, lag) => ({ ...g, lag }));
  return [...stages.filter((g) => g.dma), ...stages.filter((g) => !g.dma)];
}

/** Phases repeat the names they need; joined, one definition is enough. */
function withoutLets(stmts: readonly Stmt[], before: readonly Stmt[]): readonly Stmt[] {
  const named = new Set(before.flatMap((s) => (s.op === "let" ? [s.name] : [])));
  return stmts.filter((s) => !(s.op === "let" && named.has(s.name)));
}

export function printPipeline(p: XpuPage, s: Pipeline, printBlock: PrintBlock): void {
  const [begin, end] = bounds(p, s);
  const stages = stagesOf(s);
  const last = Math.max(...stages.map((g) => g.lag));
  const step = p.fresh("step");
  const past = last === 0 ? p.say(end) : `${p.say(end)} + ${last}`;
  p.out.loop(p.loopHead(step, past, p.say(begin)), () => {
    p.fence("mfence");
    for (const g of stages) printStage(p, s, g, { step, begin, end }, g.lag === last, printBlock);
  });
  if (s.store.length > 0) p.fence("mfence");
}

function bounds(p: XpuPage, s: Pipeline): [begin: string, end: string] {
  if (s.over === "serial") return ["0", isConst(s.count) ? p.dim(s.count) : named(p, "last", () => p.dim(s.count))];
  const begin = named(p, "first", () => p.blockBegin(s.count, "this core"));
  return [begin, named(p, "last", () => p.blockBegin(s.count, "the next"))];
}

function named(p: XpuPage, stem: string, value: () => string): string {
  const name = p.fresh(stem);
  p.out.declare(name, () => `const int ${name} = ${value()};`);
  return name;
}

function printStage(p: XpuPage, s: Pipeline, g: Stage, steps: Steps, isLast: boolean, printBlock: PrintBlock): void {
  const turn = hasTurn(steps, g.lag, isLast);
  p.out.branch(turn === "" ? "" : `if (${turn})`, () => {
    p.out.declare(s.index, () => `const int ${s.index} = ${turnOf(steps.step, g.lag)};`);
    const halves = usedTiles(g.body, doubledTiles([s])).map((tile) => [tile, half(p, tile, s.index)] as const);
    p.through(new Map(halves), () => printBlock(p, g.body, true));
    p.apart();
  });
}

/** A pointer to this iteration's half of a tile, declared here. */
function half(p: XpuPage, tile: string, index: string): string {
  const name = p.fresh(`${tile}_now`);
  p.out.line(`auto ${name} = ${p.variable(tile)} + (${p.say(index)} & 1) * ${p.tile(tile).capacity};`);
  return name;
}

/** The doubled tiles a block mentions, in order of their names. */
function usedTiles(stmts: readonly Stmt[], doubled: ReadonlySet<string>): readonly string[] {
  const mentioned = tilesWithin(stmts);
  return [...doubled].filter((t) => mentioned.has(t));
}

export function declaredLength(capacity: number, doubled: boolean): string {
  return doubled ? `2 * ${capacity}` : `${capacity}`;
}

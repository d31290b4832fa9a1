/** Loops over a task's share of the work, and the ping-pong pipeline. */
import type { Dim } from "../../../src/base/dim.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import { doubledTiles, tilesWithin } from "../../../src/kernel/walk.js";
import { hasTurn, isBusy, passesThrough, turnOf } from "../../kit/pipeline.js";
import { writes } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { cType } from "./spell.js";

type PrintBlock = (stmts: readonly Stmt[], async: ReadonlySet<Stmt>) => void;

interface Range {
  readonly begin: string;
  readonly end: string;
}

/** [begin, end) of this task: contiguous blocks that differ by at most one. */
function rangeOf(p: PrintContext, index: string, count: Dim, over: "cores" | "serial"): Range {
  if (over === "serial") return { begin: "0", end: p.dim(count) };
  const names = (stem: string) => p.fresh(`${index}_${stem}`);
  const [share, rest, begin, end] = ["share", "rest", "begin", "end"].map(names);
  const n = p.atom(count);
  p.out.line(`const int32_t ${share} = ${n} / taskDim, ${rest} = ${n} % taskDim;`);
  p.out.line(`const int32_t ${begin} = taskId * ${share} + (taskId < ${rest} ? taskId : ${rest});`);
  p.out.line(`const int32_t ${end} = ${begin} + ${share} + (taskId < ${rest} ? 1 : 0);`);
  return { begin, end };
}

const none: ReadonlySet<Stmt> = new Set();

export function printFor(p: PrintContext, s: Of<"for">, block: PrintBlock): void {
  const { begin, end } = rangeOf(p, s.index, s.count, s.over);
  p.out.loop(p.loopHead(s.index, end, begin), () => block(s.body, none));
}

const loaded = (s: Stmt): string | undefined => (s.op === "load" || s.op === "loadrows" ? s.to : undefined);

/** Copies of a load phase that may run on: their tiles are not read before the phase ends. */
function asyncLoads(stmts: readonly Stmt[]): ReadonlySet<Stmt> {
  const out = new Set<Stmt>();
  const readLater = (name: string, after: number) =>
    stmts
      .slice(after + 1)
      .some((s) => (s.op === "loadrows" ? s.index === name : s.op !== "load" && s.op !== "let" && tilesWithin([s]).has(name)));
  stmts.forEach((s, i) => {
    const name = loaded(s);
    if (name !== undefined && !readLater(name, i)) out.add(s);
  });
  return out;
}

/** The pointers a phase works through: one half of each doubled tile, by the parity of its step. */
function halves(p: PrintContext, index: string, stmts: readonly Stmt[]): void {
  const names = tilesWithin(stmts);
  for (const t of p.kernel.tiles) {
    if (!names.has(t.name) || !p.doubled.has(t.name)) continue;
    p.out.line(`${cType(t.type)}* ${p.at(t.name)} = ${p.array(t.name)}[${index} % 2];`);
  }
}

/**
 * Step k stores tile k-2, loads tile k and computes tile k-1, then one sync; without compute, step k stores tile k-1, and
 * without a store the last tile is computed one step after its load.
 * A store is issued before the load that takes over its half, so both lie in the IO queue in that order.
 */
export function printPipeline(p: PrintContext, s: Of<"pipeline">, block: PrintBlock): void {
  const range = rangeOf(p, s.index, s.count, s.over);
  const computes = isBusy(s.compute);
  const lag = computes && isBusy(s.store) ? 2 : 1;
  const steps = { ...range, step: p.fresh(`${s.index}_step`) };
  const phase = (back: number, body: readonly Stmt[], async: ReadonlySet<Stmt>, isLast = false) => {
    if (!isBusy(body)) return;
    p.out.branch(`if (${hasTurn(steps, back, isLast)})`, () => {
      p.out.line(`const int32_t ${s.index} = ${turnOf(steps.step, back)};`);
      halves(p, s.index, body);
      block(body, async);
    });
  };
  // What earlier statements still compute may lie in tiles the first loads overwrite.
  p.touch("pipeline", writes(...doubledTiles([s])));
  const turn = () => {
    phase(lag, s.store, new Set(s.store), true);
    if (computes && passesThrough(s)) p.call("__sync_io");
    phase(0, s.load, asyncLoads(s.load));
    phase(1, s.compute, none);
    p.sync();
  };
  p.out.loop(p.loopHead(steps.step, `${range.end} + ${lag}`, range.begin), turn, { always: true });
}

import { boundsOf } from "../../../src/base/dim-bounds.js";
import { isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import type { Region, Stmt } from "../../../src/kernel/tile.js";
import { tilesMoved } from "../../../src/kernel/walk.js";
import { hasSign } from "../../kit/page.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import type { XpuPage } from "./context.js";
import { printMap, printReduce } from "./loops.js";
import { printScalarMap, printScatter } from "./scalar.js";
import { bytesOf, cType } from "./spell.js";
import { printPipeline } from "./pipeline.js";

/** Copies issued and not yet waited for, by the tiles and buffers they touch. */
class InFlight {
  readonly #tiles = new Set<string>();
  readonly #written = new Set<string>();

  get any(): boolean {
    return this.#tiles.size > 0;
  }
  touches(tile: string, buffer: string): boolean {
    return this.#tiles.has(tile) || this.#written.has(buffer);
  }
  loads(tile: string): void {
    this.#tiles.add(tile);
  }
  stores(tile: string, buffer: string): void {
    this.#tiles.add(tile);
    this.#written.add(buffer);
  }
  clear(): void {
    this.#tiles.clear();
    this.#written.clear();
  }
}

/**
 * Prints a block. A copy is fenced before anything but another independent copy follows it; maps, reductions and moves
 * end with mfence_lm() themselves. `open` leaves the block's last copies in flight for the caller's fence.
 */
export function printBlock(p: XpuPage, stmts: readonly Stmt[], open = false): void {
  const flying = new InFlight();
  const fence = () => {
    if (flying.any) p.fence("mfence");
    flying.clear();
  };
  const printer = printerOf(p, flying, fence);
  stmts.forEach((s) => printStatement(s, printer));
  if (!open) fence();
}

function printerOf(p: XpuPage, flying: InFlight, fence: () => void): StatementPrinter<void> {
  const fenceIf = (touched: boolean) => {
    if (touched) fence();
  };
  const fenced =
    <S extends Stmt>(print: (p: XpuPage, s: S) => void) =>
    (s: S) => {
      fence();
      print(p, s);
    };
  const nested = fenced((_, s: Of<"for" | "when">) => {
    const open = movesOnly([s]);
    printNested(p, s, open);
    if (!open) return;
    for (const tile of tilesMoved([s], "load")) flying.loads(tile);
    for (const tile of tilesMoved([s], "store")) flying.stores(tile, "");
  });
  return {
    let: (s) => p.out.declare(s.name, () => `const int ${s.name} = ${p.dim(s.value)};`),
    load: (s) => {
      fenceIf(flying.touches(s.to, s.from.buffer));
      printLoad(p, s);
      flying.loads(s.to);
    },
    store: (s) => {
      fenceIf(flying.touches(s.from, s.to.buffer));
      printStore(p, s);
      flying.stores(s.from, s.to.buffer);
    },
    loadrows: (s) => {
      fenceIf(flying.touches(s.to, s.buffer) || flying.touches(s.index, s.buffer));
      printLoadRows(p, s);
      flying.loads(s.to);
    },
    for: nested,
    when: nested,
    pipeline: fenced((_, s) => printPipeline(p, s, printBlock)),
    move: fenced(printMove),
    lookup: fenced(printLookup),
    vectorMap: fenced(printMap),
    scalarMap: fenced(printScalarMap),
    scatter: fenced(printScatter),
    reduce: fenced(printReduce),
  };
}

/** Nothing but copies: they may all be in flight together. */
function movesOnly(stmts: readonly Stmt[]): boolean {
  return stmts.every((s) => {
    if (s.op === "for") return s.over === "serial" && movesOnly(s.body);
    if (s.op === "when") return movesOnly(s.then) && movesOnly(s.otherwise);
    return s.op === "let" || s.op === "load" || s.op === "store";
  });
}

function printNested(p: XpuPage, s: Of<"for" | "when">, open: boolean): void {
  if (s.op === "for") return printFor(p, s, open);
  const side = (body: readonly Stmt[]) => () => printBlock(p, body, open);
  p.out.branch(`if (${p.cond(s.cond)})`, side(s.then), side(s.otherwise));
}

function printFor(p: XpuPage, s: Of<"for">, open: boolean): void {
  const [from, to] = s.over === "cores" ? coreBlock(p, s.count) : ["0", p.dim(s.count)];
  p.out.loop(p.loopHead(s.index, to, from), () => printBlock(p, s.body, open));
}

/** First and past-the-last iteration of this core, the end as a variable. */
function coreBlock(p: XpuPage, count: Dim): [from: string, to: string] {
  const end = p.fresh("last");
  p.out.line(`const int ${end} = ${p.blockBegin(count, "the next")};`);
  return [p.blockBegin(count, "this core"), end];
}

// ---- DMA ------------------------------------------------------------------------------------------------------------

/** Loop heads over all but the last dim that has more than one position, with the row's number and its offset. */
interface Rows {
  readonly heads: readonly string[];
  /** The row's number as C++, "0" for a single row. */
  readonly row: string;
  readonly from: Offset;
  readonly length: Dim;
}

/** Rows of a region, merged where memory on both sides goes on from row to row. */
function rowsOf(p: XpuPage, region: Region, pitch: Dim): Rows {
  let dims = [...region.dims];
  let length = dims[dims.length - 1].size;
  dims = dims.slice(0, -1).filter((d) => d.size !== 1);
  // A row that starts where the one before it ends, in global and in local memory: one copy for all.
  while (dims.length > 0) {
    const inner = dims[dims.length - 1];
    if (!sameDim(inner.stride, length) || !(dims.length < rowDims(region) ? true : sameDim(pitch, length))) break;
    length = mul(length, inner.size);
    dims = dims.slice(0, -1);
  }
  const names = dims.map((_, i) => p.fresh(i === dims.length - 1 ? "r" : `r${i}`));
  const heads = dims.map((d, i) => p.loopHead(names[i], p.dim(d.size)));
  const row = dims.reduce((text, d, i) => (i === 0 ? names[0] : `(${text} * ${p.factor(d.size)} + ${names[i]})`), "0");
  const walked = dims
    .map((d, i) => (d.stride === 1 ? names[i] : `${names[i]} * ${p.factor(d.stride)}`))
    .filter((_, i) => dims[i].stride !== 0);
  const start = region.offset === 0 && walked.length > 0 ? [] : [p.dim(region.offset)];
  const isSum = start.length + walked.length > 1 || [region.offset, ...dims.map((d) => d.stride)].some(hasSign);
  return { heads, row, from: { text: [...start, ...walked].join(" + "), isSum }, length };
}

/** A distance from a buffer's first element, and whether it has a sign that another would bind to. */
interface Offset {
  readonly text: string;
  readonly isSum: boolean;
}

function rowDims(region: Region): number {
  return region.dims.slice(0, -1).filter((d) => d.size !== 1).length;
}

function isPositive(d: Dim): boolean {
  return boundsOf(d, () => ({ lo: 1, hi: Infinity })).lo >= 1;
}

/** `buffer + offset`, with the offset bracketed when it is a sum. */
function element(base: string, { text, isSum }: Offset): string {
  if (text === "0") return base;
  return isSum ? `${base} + (${text})` : `${base} + ${text}`;
}

/** `n * (int)sizeof(float)`; bytes need no factor. */
function byteCount(p: XpuPage, length: Dim, type: Parameters<typeof bytesOf>[0]): string {
  return bytesOf(type) === 1 ? p.dim(length) : `${p.factor(length)} * (int)sizeof(${cType(type)})`;
}

function nest(p: XpuPage, heads: readonly string[], guard: string | undefined, statement: () => string): void {
  const all = [...heads, ...(guard ? [`if (${guard})`] : [])];
  all.forEach((head, i) => p.out.line("  ".repeat(i) + head));
  p.out.line("  ".repeat(all.length) + statement());
}

function tileRow(p: XpuPage, tile: string, row: string, pitch: Dim): string {
  const base = p.variable(tile);
  return row === "0" ? base : pitch === 1 ? `${base} + ${row}` : `${base} + ${row} * ${p.factor(pitch)}`;
}

function printLoad(p: XpuPage, s: Of<"load">): void {
  const tile = p.tile(s.to);
  const type = p.buffer(s.from.buffer).type;
  const rows = rowsOf(p, s.from, tile.pitch);
  const guard = isPositive(rows.length) ? undefined : `${p.dim(rows.length)} > 0`;
  nest(p, rows.heads, guard, () => {
    const to = tileRow(p, s.to, rows.row, tile.pitch);
    return `${p.call("GM2LM_ASYNC", element(s.from.buffer, rows.from), to, byteCount(p, rows.length, type))};`;
  });
}

function printStore(p: XpuPage, s: Of<"store">): void {
  const tile = p.tile(s.from);
  const type = p.buffer(s.to.buffer).type;
  const rows = rowsOf(p, s.to, tile.pitch);
  const guard = isPositive(rows.length) ? undefined : `${p.dim(rows.length)} > 0`;
  nest(p, rows.heads, guard, () => {
    const from = tileRow(p, s.from, rows.row, tile.pitch);
    return `${p.call("LM2GM_ASYNC", from, element(s.to.buffer, rows.from), byteCount(p, rows.length, type))};`;
  });
}

function printLoadRows(p: XpuPage, s: Of<"loadrows">): void {
  const tile = p.tile(s.to);
  const type = p.buffer(s.buffer).type;
  const r = p.fresh("r");
  const guard = isPositive(s.cols) ? undefined : `${p.dim(s.cols)} > 0`;
  nest(p, [p.loopHead(r, p.dim(s.rows))], guard, () => {
    const index = `(int)${p.variable(s.index)}[${r}]`;
    const step = s.rowStride === 1 ? index : `${index} * ${p.factor(s.rowStride)}`;
    const text = s.offset === 0 ? step : `${p.dim(s.offset)} + ${step}`;
    const from = element(s.buffer, { text, isSum: s.offset !== 0 || hasSign(s.rowStride) });
    return `${p.call("GM2LM_ASYNC", from, tileRow(p, s.to, r, tile.pitch), byteCount(p, s.cols, type))};`;
  });
}

// ---- within local memory ----------------------------------------------------------------------------------------------

function printMove(p: XpuPage, s: Of<"move">): void {
  const to = p.tile(s.to);
  const size = `<${bytesOf(to.type)}>`;
  const single = isConst(s.rows) && s.rows === 1;
  const r = single ? "0" : p.fresh("r");
  const step = s.rowStride === 0 || single ? "" : s.rowStride === 1 ? r : `${r} * ${p.factor(s.rowStride)}`;
  const start = step === "" ? p.dim(s.offset) : s.offset === 0 ? step : `${p.dim(s.offset)} + ${step}`;
  const args = [tileRow(p, s.to, r, to.pitch), p.variable(s.from), start, p.dim(s.colStride), p.dim(s.cols)];
  const heads = single ? [] : [p.loopHead(r, p.dim(s.rows))];
  nest(p, heads, undefined, () => `${p.help("move_row", args, size)};`);
  p.fence("mfence_lm");
}

function printLookup(p: XpuPage, s: Of<"lookup">): void {
  const [to, index] = [p.tile(s.to), p.tile(s.index)];
  const r = p.fresh("r");
  nest(p, [p.loopHead(r, p.dim(s.rows))], undefined, () => {
    const args = [tileRow(p, s.to, r, to.pitch), p.variable(s.from), tileRow(p, s.index, r, index.pitch), p.dim(s.cols)];
    return `${p.help("lookup_row", args, `<${bytesOf(to.type)}>`)};`;
  });
  p.fence("mfence_lm");
}

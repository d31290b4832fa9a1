import { boundsOf } from "../../../src/base/dim-bounds.js";
import { isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import type { Region, Stmt } from "../../../src/kernel/tile.js";
import { hasSign } from "../../kit/page.js";
import { reads, writes } from "../../kit/sheet.js";
import { printStatement, type Of, type StatementPrinter } from "../../kit/statements.js";
import type { XpuPage } from "./context.js";
import { printMap, printReduce } from "./loops.js";
import { printScalarMap, printScatter } from "./scalar.js";
import { bytesOf, cType } from "./spell.js";
import { printPipeline } from "./pipeline.js";

/**
 * Prints a block. A core waits for all copies before it does anything but give another; maps, reductions and moves end with
 * mfence_lm() themselves. `open` leaves the block's last copies in flight for the caller's fence.
 */
export function printBlock(p: XpuPage, stmts: readonly Stmt[], open = false): void {
  stmts.forEach((s) => printStatement(s, printerOf(p)));
  if (!open) p.core();
}

function printerOf(p: XpuPage): StatementPrinter<void> {
  const alone =
    <S extends Stmt>(print: (p: XpuPage, s: S) => void) =>
    (s: S) => {
      p.core();
      print(p, s);
    };
  return {
    let: (s) => p.let(s.name, s.value),
    load: (s) => {
      p.copies([...writes(s.to), ...reads(s.from.buffer)]);
      printLoad(p, s);
    },
    store: (s) => {
      p.copies(writes(s.from, s.to.buffer));
      printStore(p, s);
    },
    loadrows: (s) => {
      p.copies([...writes(s.to), ...reads(s.index, s.buffer)]);
      printLoadRows(p, s);
    },
    for: alone((_, s) => printFor(p, s, movesOnly([s]))),
    when: alone((_, s) => p.when(s, (body) => printBlock(p, body, movesOnly([s])))),
    pipeline: alone((_, s) => printPipeline(p, s, printBlock)),
    move: alone(printMove),
    lookup: alone(printLookup),
    vectorMap: alone(printMap),
    scalarMap: alone(printScalarMap),
    scatter: alone(printScatter),
    reduce: alone(printReduce),
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

function printLoad(p: XpuPage, { from, to }: Of<"load">): void {
  printCopy(p, from, to, (remote, local, bytes) => p.call("GM2LM_ASYNC", remote, local, bytes));
}

function printStore(p: XpuPage, { from, to }: Of<"store">): void {
  printCopy(p, to, from, (remote, local, bytes) => p.call("LM2GM_ASYNC", local, remote, bytes));
}

function printCopy(p: XpuPage, region: Region, tile: string, call: (remote: string, local: string, bytes: string) => string): void {
  const { pitch } = p.tile(tile);
  const { heads, row, from, length } = rowsOf(p, region, pitch);
  const bytes = () => byteCount(p, length, p.buffer(region.buffer).type);
  nest(p, heads, guardOf(p, length), () => `${call(element(region.buffer, from), tileRow(p, tile, row, pitch), bytes())};`);
}

/** Nothing is copied where there may be nothing. */
const guardOf = (p: XpuPage, length: Dim) => (isPositive(length) ? undefined : `${p.dim(length)} > 0`);

function printLoadRows(p: XpuPage, s: Of<"loadrows">): void {
  const tile = p.tile(s.to);
  const type = p.buffer(s.buffer).type;
  const r = p.fresh("r");
  nest(p, [p.loopHead(r, p.dim(s.rows))], guardOf(p, s.cols), () => {
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

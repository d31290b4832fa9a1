import { boundsOf } from "../../../src/base/dim-bounds.js";
import { isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import type { Region, Stmt } from "../../../src/kernel/tile.js";
import { tilesMoved } from "../../../src/kernel/walk.js";
import { bufferType, tileOf, variable, type Printing } from "./context.js";
import { printMap, printReduce } from "./loops.js";
import { printScalarMap, printScatter } from "./scalar.js";
import { bytesOf, cType, condition, dim, factor } from "./spell.js";
import { printPipeline } from "./pipeline.js";

type Of<O extends Stmt["op"]> = Extract<Stmt, { op: O }>;

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
export function printBlock(p: Printing, stmts: readonly Stmt[], open = false): void {
  const flying = new InFlight();
  const fence = () => {
    if (flying.any) p.out.line(`${p.spell.call("mfence")};`);
    flying.clear();
  };
  for (const s of stmts) {
    if (s.op === "let") {
      p.out.declare(s.name, `const int ${s.name} = ${dim(s.value)};`);
      continue;
    }
    if (s.op === "load") {
      if (flying.touches(s.to, s.from.buffer)) fence();
      printLoad(p, s);
      flying.loads(s.to);
    } else if (s.op === "store") {
      if (flying.touches(s.from, s.to.buffer)) fence();
      printStore(p, s);
      flying.stores(s.from, s.to.buffer);
    } else if (s.op === "loadrows") {
      if (flying.touches(s.to, s.buffer) || flying.touches(s.index, s.buffer)) fence();
      printLoadRows(p, s);
      flying.loads(s.to);
    } else if ((s.op === "for" || s.op === "when") && movesOnly([s])) {
      fence();
      printNested(p, s, true);
      for (const tile of tilesMoved([s], "load")) flying.loads(tile);
      for (const tile of tilesMoved([s], "store")) flying.stores(tile, "");
    } else {
      fence();
      printCompute(p, s);
    }
  }
  if (!open) fence();
}

/** Nothing but copies: they may all be in flight together. */
function movesOnly(stmts: readonly Stmt[]): boolean {
  return stmts.every((s) => {
    if (s.op === "for") return s.over === "serial" && movesOnly(s.body);
    if (s.op === "when") return movesOnly(s.then) && movesOnly(s.otherwise);
    return s.op === "let" || s.op === "load" || s.op === "store";
  });
}

function printNested(p: Printing, s: Of<"for" | "when">, open: boolean): void {
  if (s.op === "for") return printFor(p, s, open);
  p.out.block(`if (${condition(s.cond)})`, () => printBlock(p, s.then, open), s.otherwise.length > 0 ? "} else {" : "}");
  if (s.otherwise.length === 0) return;
  p.out.indented(() => printBlock(p, s.otherwise, open));
  p.out.line("}");
}

function printCompute(p: Printing, s: Exclude<Stmt, { op: "let" | "load" | "store" | "loadrows" }>): void {
  switch (s.op) {
    case "for":
    case "when":
      return printNested(p, s, false);
    case "pipeline":
      return printPipeline(p, s, printBlock);
    case "move":
      return printMove(p, s);
    case "lookup":
      return printLookup(p, s);
    case "map":
      return s.mode === "vector" ? printMap(p, s) : printScalarMap(p, s);
    case "scatter":
      return printScatter(p, s);
    case "reduce":
      return printReduce(p, s);
    default:
      throw s satisfies never;
  }
}

function printFor(p: Printing, s: Of<"for">, open: boolean): void {
  const [from, to] = s.over === "cores" ? coreBlock(p, s.count) : ["0", dim(s.count)];
  p.out.block(`for (int ${s.index} = ${from}; ${s.index} < ${to}; ${s.index}++)`, () => printBlock(p, s.body, open));
}

/** First and past-the-last iteration of this core, the end as a variable. */
function coreBlock(p: Printing, count: Dim): [from: string, to: string] {
  const end = p.fresh("last");
  p.out.declare(end, `const int ${end} = ${p.spell.help("block_begin", [dim(count), "cores", "core + 1"])};`);
  return [p.spell.help("block_begin", [dim(count), "cores", "core"]), end];
}

// ---- DMA ------------------------------------------------------------------------------------------------------------

/** Loop heads over all but the last dim that has more than one position, with the row's number and its offset. */
interface Rows {
  readonly heads: readonly string[];
  /** The row's number as C++, "0" for a single row. */
  readonly row: string;
  readonly from: string;
  readonly length: Dim;
}

/** Rows of a region, merged where memory on both sides goes on from row to row. */
function rowsOf(p: Printing, region: Region, pitch: Dim): Rows {
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
  const heads = dims.map((d, i) => `for (int ${names[i]} = 0; ${names[i]} < ${dim(d.size)}; ${names[i]}++)`);
  const row = dims.reduce((text, d, i) => (i === 0 ? names[0] : `(${text} * ${factor(d.size)} + ${names[i]})`), "0");
  const walked = dims
    .map((d, i) => (d.stride === 1 ? names[i] : `${names[i]} * ${factor(d.stride)}`))
    .filter((_, i) => dims[i].stride !== 0);
  const start = region.offset === 0 && walked.length > 0 ? [] : [dim(region.offset)];
  return { heads, row, from: [...start, ...walked].join(" + "), length };
}

function rowDims(region: Region): number {
  return region.dims.slice(0, -1).filter((d) => d.size !== 1).length;
}

function isPositive(d: Dim): boolean {
  return boundsOf(d, () => ({ lo: 1, hi: Infinity })).lo >= 1;
}

/** `buffer + offset`, with the offset bracketed when it is a sum. */
function element(base: string, at: string): string {
  if (at === "0" || at === "") return base;
  return /[+-]/.test(at) ? `${base} + (${at})` : `${base} + ${at}`;
}

/** `n * (int)sizeof(float)`; bytes need no factor. */
function byteCount(length: Dim, type: Parameters<typeof bytesOf>[0]): string {
  return bytesOf(type) === 1 ? dim(length) : `${factor(length)} * (int)sizeof(${cType(type)})`;
}

function nest(p: Printing, heads: readonly string[], guard: string | undefined, statement: () => string): void {
  const all = [...heads, ...(guard ? [`if (${guard})`] : [])];
  all.forEach((head, i) => p.out.line("  ".repeat(i) + head));
  p.out.line("  ".repeat(all.length) + statement());
}

function tileRow(p: Printing, tile: string, row: string, pitch: Dim): string {
  const base = variable(p, tile);
  return row === "0" ? base : pitch === 1 ? `${base} + ${row}` : `${base} + ${row} * ${factor(pitch)}`;
}

function printLoad(p: Printing, s: Of<"load">): void {
  const tile = tileOf(p, s.to);
  const type = bufferType(p, s.from.buffer);
  const rows = rowsOf(p, s.from, tile.pitch);
  const guard = isPositive(rows.length) ? undefined : `${dim(rows.length)} > 0`;
  nest(p, rows.heads, guard, () => {
    const to = tileRow(p, s.to, rows.row, tile.pitch);
    return `${p.spell.call("GM2LM_ASYNC", element(s.from.buffer, rows.from), to, byteCount(rows.length, type))};`;
  });
}

function printStore(p: Printing, s: Of<"store">): void {
  const tile = tileOf(p, s.from);
  const type = bufferType(p, s.to.buffer);
  const rows = rowsOf(p, s.to, tile.pitch);
  const guard = isPositive(rows.length) ? undefined : `${dim(rows.length)} > 0`;
  nest(p, rows.heads, guard, () => {
    const from = tileRow(p, s.from, rows.row, tile.pitch);
    return `${p.spell.call("LM2GM_ASYNC", from, element(s.to.buffer, rows.from), byteCount(rows.length, type))};`;
  });
}

function printLoadRows(p: Printing, s: Of<"loadrows">): void {
  const tile = tileOf(p, s.to);
  const type = bufferType(p, s.buffer);
  const r = p.fresh("r");
  const guard = isPositive(s.cols) ? undefined : `${dim(s.cols)} > 0`;
  nest(p, [`for (int ${r} = 0; ${r} < ${dim(s.rows)}; ${r}++)`], guard, () => {
    const index = `(int)${variable(p, s.index)}[${r}]`;
    const step = s.rowStride === 1 ? index : `${index} * ${factor(s.rowStride)}`;
    const from = element(s.buffer, s.offset === 0 ? step : `${dim(s.offset)} + ${step}`);
    return `${p.spell.call("GM2LM_ASYNC", from, tileRow(p, s.to, r, tile.pitch), byteCount(s.cols, type))};`;
  });
}

// ---- within local memory ----------------------------------------------------------------------------------------------

function printMove(p: Printing, s: Of<"move">): void {
  const to = tileOf(p, s.to);
  const size = `<${bytesOf(to.type)}>`;
  const single = isConst(s.rows) && s.rows === 1;
  const r = single ? "0" : p.fresh("r");
  const step = s.rowStride === 0 || single ? "" : s.rowStride === 1 ? r : `${r} * ${factor(s.rowStride)}`;
  const start = step === "" ? dim(s.offset) : s.offset === 0 ? step : `${dim(s.offset)} + ${step}`;
  const args = [tileRow(p, s.to, r, to.pitch), variable(p, s.from), start, dim(s.colStride), dim(s.cols)];
  const heads = single ? [] : [`for (int ${r} = 0; ${r} < ${dim(s.rows)}; ${r}++)`];
  nest(p, heads, undefined, () => `${p.spell.help("move_row", args, size)};`);
  p.out.line(`${p.spell.call("mfence_lm")};`);
}

function printLookup(p: Printing, s: Of<"lookup">): void {
  const [to, index] = [tileOf(p, s.to), tileOf(p, s.index)];
  const r = p.fresh("r");
  nest(p, [`for (int ${r} = 0; ${r} < ${dim(s.rows)}; ${r}++)`], undefined, () => {
    const args = [tileRow(p, s.to, r, to.pitch), variable(p, s.from), tileRow(p, s.index, r, index.pitch), dim(s.cols)];
    return `${p.spell.help("lookup_row", args, `<${bytesOf(to.type)}>`)};`;
  });
  p.out.line(`${p.spell.call("mfence_lm")};`);
}

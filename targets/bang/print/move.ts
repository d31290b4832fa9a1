import { add, isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import type { Stmt } from "../../../src/kernel/tile.js";
import type { PrintContext } from "./context.js";
import { bytesOf, offsetPointer } from "./dma.js";
import { strided } from "./helpers.js";
import { atom, sizeOf, turnedAs } from "./spell.js";

type Move = Extract<Stmt, { op: "move" }>;
type Lookup = Extract<Stmt, { op: "lookup" }>;

const forward = (stride: Dim) => !isConst(stride) || stride >= 0;

function loop(p: PrintContext, stem: string, count: Dim, body: (index: string) => void): void {
  const index = p.name(stem);
  p.w.block(`for (int32_t ${index} = 0; ${index} < ${p.int(count)}; ${index}++)`, () => body(index));
}

export function printMove(p: PrintContext, s: Move): void {
  const from = offsetPointer(p.at(s.from), p.int(s.offset));
  if (s.rowStride === 1 && s.colStride !== 1 && s.colStride !== 0 && s.cols !== 1 && forward(s.colStride)) return turn(p, s, from);
  if (s.cols === 1 || s.colStride === 1) return rows(p, s, from);
  if (forward(s.colStride)) return picks(p, s, from);
  elements(p, s);
}

/** Whether the scalar unit walks: no copy goes backwards along columns. */
export function walksBackwards(s: Move): boolean {
  return s.cols !== 1 && !forward(s.colStride);
}

/** Whether both tiles have room for whole padded blocks in every launch. */
function fitsWhole(p: PrintContext, s: Move): boolean {
  const [to, source] = [p.tile(s.to), p.tile(s.from)];
  const block = mul(to.pitch, s.colStride);
  const { known } = p;
  return known.atMost(s.rows, s.colStride) && known.atMost(block, to.capacity) && known.atMost(add(block, s.offset), source.capacity);
}

/** Both tiles padded to whole rows: one transposition, or row by row where the padding has no room. */
function turn(p: PrintContext, s: Move, from: string): void {
  const [to, source] = [p.tile(s.to), p.tile(s.from)];
  const room = p.int(add(source.capacity, mul(-1, s.offset)));
  const args = [p.int(s.rows), p.int(s.cols), p.int(to.pitch), p.int(s.colStride)];
  const lanes = turnedAs(to.type);
  const as = (text: string) => (lanes === undefined ? text : `(${lanes}*)${atom(text)}`);
  if (to.type !== "i64" && fitsWhole(p, s)) return p.call("__bang_transpose", as(p.at(s.to)), as(from), args[2], args[3]);
  if (to.type === "i64") {
    p.need("turn_int64");
    p.w.line(`turn_int64(${[p.at(s.to), from, ...args].join(", ")});`);
    return;
  }
  p.need("turn");
  p.w.line(`turn(${[as(p.at(s.to)), as(from), ...args, to.capacity, room].join(", ")});`);
}

/** Contiguous runs of cols elements. */
function rows(p: PrintContext, s: Move, from: string): void {
  const to = p.tile(s.to);
  const size = sizeOf(to.type);
  if (s.rows === 1) return p.call("__bang_move", p.at(s.to), from, bytesOf(p, s.cols, size));
  // Rows equally far apart are one run, with what lies between them.
  if (sameDim(to.pitch, s.rowStride)) {
    const run = add(mul(add(s.rows, -1), to.pitch), s.cols);
    return p.call("__bang_move", p.at(s.to), from, bytesOf(p, run, size));
  }
  if (forward(s.rowStride)) {
    const last = p.int(add(s.rows, -1));
    p.w.line(
      `${strided(p.bang, p.at(s.to), from, bytesOf(p, s.cols, size), bytesOf(p, to.pitch, size), bytesOf(p, s.rowStride, size), last)};`,
    );
    return;
  }
  loop(p, "r", s.rows, (r) =>
    p.call(
      "__bang_move",
      `${p.at(s.to)} + ${r} * ${atom(p.int(to.pitch))}`,
      `${from} + ${r} * ${atom(p.int(s.rowStride))}`,
      bytesOf(p, s.cols, size),
    ),
  );
}

/** Every colStride-th element of each row. */
function picks(p: PrintContext, s: Move, from: string): void {
  const to = p.tile(s.to);
  const size = sizeOf(to.type);
  const one = (dst: string, src: string) => {
    p.w.line(`${strided(p.bang, dst, src, `${size}`, `${size}`, bytesOf(p, s.colStride, size), p.int(add(s.cols, -1)))};`);
  };
  if (s.rows === 1) return one(p.at(s.to), from);
  loop(p, "r", s.rows, (r) => one(`${p.at(s.to)} + ${r} * ${atom(p.int(to.pitch))}`, `${from} + ${r} * ${atom(p.int(s.rowStride))}`));
}

/** Backwards along columns: no copy walks that way, so the scalar unit does. */
function elements(p: PrintContext, s: Move): void {
  loop(p, "r", s.rows, (r) =>
    loop(p, "c", s.cols, (c) => {
      const at = [p.int(s.offset), `${r} * ${atom(p.int(s.rowStride))}`, `${c} * ${atom(p.int(s.colStride))}`].join(" + ");
      const { type } = p.tile(s.to);
      const value = p.load("nram", type, `${p.at(s.from)} + ${at}`);
      p.store("nram", type, `${p.at(s.to)} + ${r} * ${atom(p.int(p.tile(s.to).pitch))} + ${c}`, value);
    }),
  );
}

export function printLookup(p: PrintContext, s: Lookup): void {
  loop(p, "r", s.rows, (r) =>
    loop(p, "c", s.cols, (c) => {
      const { type } = p.tile(s.to);
      const at = p.load("nram", p.tile(s.index).type, `${p.at(s.index)} + ${r} * ${atom(p.int(p.tile(s.index).pitch))} + ${c}`);
      const value = p.load("nram", type, `${p.at(s.from)} + ${at}`);
      p.store("nram", type, `${p.at(s.to)} + ${r} * ${atom(p.int(p.tile(s.to).pitch))} + ${c}`, value);
    }),
  );
}

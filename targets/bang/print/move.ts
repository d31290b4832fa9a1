import { add, isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import { reads, writes } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { bytesOf, offsetPointer } from "./dma.js";
import { strided } from "./helpers/helper.js";
import { sizeOf, turnedAs } from "./spell.js";

type Move = Of<"move">;

const forward = (stride: Dim) => !isConst(stride) || stride >= 0;

function loop(p: PrintContext, stem: string, count: Dim, body: (index: string) => void): void {
  const index = p.fresh(stem);
  p.out.loop(p.loopHead(index, p.dim(count)), () => body(index));
}

export function printMove(p: PrintContext, s: Move): void {
  p.touch(walksBackwards(s) ? "scalar" : "vector", [...reads(s.from), ...writes(s.to)]);
  const from = offsetPointer(p.at(s.from), p.dim(s.offset));
  const turns = p.caps.local.wholeBytes === undefined;
  if (turns && s.rowStride === 1 && s.colStride !== 1 && s.colStride !== 0 && s.cols !== 1 && forward(s.colStride)) return turn(p, s, from);
  if (s.cols === 1 || s.colStride === 1) return rows(p, s, from);
  if (forward(s.colStride)) return picks(p, s, from);
  elements(p, s);
}

/** Whether the scalar unit walks: no copy goes backwards along columns. */
function walksBackwards(s: Move): boolean {
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
  const block = () => [p.dim(to.pitch), p.dim(s.colStride)] as const;
  const lanes = turnedAs(to.type);
  const as = (text: string, alone = true) => (lanes === undefined ? text : `(${lanes}*)${alone ? text : `(${text})`}`);
  const ends = [as(p.at(s.to)), as(from, s.offset === 0)] as const;
  if (to.type !== "i64" && fitsWhole(p, s)) return p.call("__bang_transpose", ...ends, ...block());
  const sizes = [p.dim(s.rows), p.dim(s.cols), ...block()];
  if (to.type === "i64") return p.help("turn_int64", p.at(s.to), from, ...sizes);
  p.help("turn", ...ends, ...sizes, to.capacity, p.dim(add(source.capacity, mul(-1, s.offset))));
}

/** Contiguous runs of cols elements. */
function rows(p: PrintContext, s: Move, from: string): void {
  const to = p.tile(s.to);
  const size = sizeOf(to.type);
  if (s.rows === 1) return p.move(p.at(s.to), from, bytesOf(p, s.cols, size));
  // Rows equally far apart are one run, with what lies between them.
  if (sameDim(to.pitch, s.rowStride)) {
    const run = add(mul(add(s.rows, -1), to.pitch), s.cols);
    return p.move(p.at(s.to), from, bytesOf(p, run, size));
  }
  if (forward(s.rowStride)) {
    const last = p.dim(add(s.rows, -1));
    p.out.line(
      `${strided(p.bang, p.at(s.to), from, bytesOf(p, s.cols, size), bytesOf(p, to.pitch, size), bytesOf(p, s.rowStride, size), last)};`,
    );
    return;
  }
  loop(p, "r", s.rows, (r) =>
    p.move(`${p.at(s.to)} + ${r} * ${p.atom(to.pitch)}`, `${from} + ${r} * ${p.atom(s.rowStride)}`, bytesOf(p, s.cols, size)),
  );
}

/** Every colStride-th element of each row. */
function picks(p: PrintContext, s: Move, from: string): void {
  const to = p.tile(s.to);
  const size = sizeOf(to.type);
  const one = (dst: string, src: string) => {
    p.out.line(`${strided(p.bang, dst, src, `${size}`, `${size}`, bytesOf(p, s.colStride, size), p.dim(add(s.cols, -1)))};`);
  };
  if (s.rows === 1) return one(p.at(s.to), from);
  loop(p, "r", s.rows, (r) => one(`${p.at(s.to)} + ${r} * ${p.atom(to.pitch)}`, `${from} + ${r} * ${p.atom(s.rowStride)}`));
}

/** Backwards along columns: no copy walks that way, so the scalar unit does. */
function elements(p: PrintContext, s: Move): void {
  loop(p, "r", s.rows, (r) =>
    loop(p, "c", s.cols, (c) => {
      const at = [p.dim(s.offset), `${r} * ${p.atom(s.rowStride)}`, `${c} * ${p.atom(s.colStride)}`].join(" + ");
      const { type } = p.tile(s.to);
      const value = p.load("nram", type, `${p.at(s.from)} + ${at}`);
      p.store("nram", type, `${p.at(s.to)} + ${r} * ${p.atom(p.tile(s.to).pitch)} + ${c}`, value);
    }),
  );
}

export function printLookup(p: PrintContext, s: Of<"lookup">): void {
  p.touch("scalar", [...reads(s.index, s.from), ...writes(s.to)]);
  loop(p, "r", s.rows, (r) =>
    loop(p, "c", s.cols, (c) => {
      const { type } = p.tile(s.to);
      const at = p.load("nram", p.tile(s.index).type, `${p.at(s.index)} + ${r} * ${p.atom(p.tile(s.index).pitch)} + ${c}`);
      const value = p.load("nram", type, `${p.at(s.from)} + ${at}`);
      p.store("nram", type, `${p.at(s.to)} + ${r} * ${p.atom(p.tile(s.to).pitch)} + ${c}`, value);
    }),
  );
}

/** Vector maps and reductions as the lowering lays them out: one intrinsic an instruction, or one helper call. */
import { fail, invariant } from "../../../src/base/diagnostic.js";
import { isConst, mul } from "../../../src/base/dim.js";
import type { MemoryInstr, MemoryMap, MemoryReduce, Operand, ScalarOperand, VectorOperand } from "../../../src/kernel/lower/memory-form.js";
import type { LaneType } from "../../../src/kernel/tile.js";
import { compareFns } from "../../../src/ops/primitive.js";
import { namesOf } from "../../kit/instruction.js";
import { reads, writes } from "../../kit/sheet.js";
import { call } from "../../kit/uses.js";
import {
  isVector,
  lanesOf,
  nameOf,
  printBlocks,
  printInstr,
  slotName,
  startsAtRow,
  type InstrOf,
  type InstrPrinter,
  type Place as VectorPlace,
} from "../../kit/vector.js";
import { conversion, instructions } from "../instructions.js";
import type { PrintContext } from "./context.js";
import { usesWorkspace, type HelperName } from "./helpers.js";
import { strided } from "./helpers/helper.js";
import { offsetPointer } from "./dma.js";
import { cType, sizeOf, spellConst } from "./spell.js";
import { readsOwn, touchesOf } from "./units.js";

type Place = VectorPlace<PrintContext>;
type Apply = InstrOf<"apply">;
type Cast = InstrOf<"cast">;

/** The lanes of one instruction, as its last operand says them. */
const count = (at: Place) => at.page.lanes(lanesOf(at, at.map.cols));

export function scratchName(slot: number): string {
  return `scratch${slot}_nram`;
}

/** The array an operand lies in, and what that holds. */
function home({ page: p }: Place, v: VectorOperand): readonly [base: string, held: LaneType] {
  return v.kind === "tile" ? [p.at(v.tile), p.tile(v.tile).type] : [scratchName(v.slot), "f32"];
}

/** An operand's first lane as a pointer of its type. */
function pointer(at: Place, v: VectorOperand): string {
  const { page: p, row } = at;
  const [base, held] = home(at, v);
  const typed = cType(held) === cType(v.type) ? base : `(${cType(v.type)}*)${base}`;
  if (!row || !startsAtRow(at, v)) return typed;
  const pitch = v.kind === "tile" ? p.tile(v.tile).pitch : at.map.pitch;
  return offsetPointer(typed, `${row.index} * ${p.atom(pitch)}`);
}

function scalar(at: Place, s: ScalarOperand): string {
  if (s.kind === "const") return spellConst(s.type, s.value);
  if (s.kind === "int") return `(${cType(s.type)})${at.page.atom(s.value)}`;
  const first = pointer({ ...at, row: undefined }, s.from);
  return `${s.negated ? "-" : ""}${at.page.load("nram", s.type, s.at === "row" && at.row ? `${first} + ${at.row.index}` : first)}`;
}

const unaryNames = namesOf(instructions, "unary");
/** Of masks, which are 1.0 or 0.0, "or else" is "not equal". */
const binaryNames = new Map([...namesOf(instructions, "binary"), ["xor", "__bang_ne"] as const]);
const scalarNames = namesOf(instructions, "scalar");
const cycleNames = namesOf(instructions, "cycle");
const bitwise: ReadonlySet<string> = new Set(["bitand", "bitor", "bitxor", "bitnot"]);

const comparisons: ReadonlySet<string> = new Set(compareFns);

function noIntrinsic(fn: string, type: LaneType): never {
  return fail("kernel-function", `BANG C has no vector instruction for ${fn} on ${type} lanes`, {
    why: "targets/bang/caps.ts lists the functions it has",
  });
}

const sameVector = (a: VectorOperand, b: Operand): boolean =>
  isVector(b) && a.as === b.as && (a.kind === "tile" ? b.kind === "tile" && a.tile === b.tile : b.kind === "scratch" && a.slot === b.slot);

function printApply(at: Place, i: Apply): void {
  if (i.fn === "select") return printSelect(at, i);
  if (bitwise.has(i.fn) && i.type !== "mask") return printBits(at, i);
  const integerCompare = comparisons.has(i.fn) && i.type === "i32";
  // An int32 comparison writes 1 or 0 in int32; masks are 1.0 or 0.0.
  const dst = pointer(at, integerCompare ? { ...i.dst, type: "i32" } : i.dst);
  printArithmetic(at, i, dst);
  if (integerCompare) at.page.call("__bang_int322float_rn", pointer(at, i.dst), dst, count(at), 0);
}

function printArithmetic(at: Place, i: Apply, dst: string): void {
  const [a, b] = i.args;
  invariant(isVector(a), `${i.fn} of a scalar`);
  const x = pointer(at, a);
  if (!b) return at.page.call(unaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, count(at));
  if (!isVector(b)) return at.page.call(scalarNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, scalar(at, b), count(at));
  const repeats = at.block.over === "full" && at.block.each === "tile" && b.as === "row";
  if (!repeats) return at.page.call(binaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, pointer(at, b), count(at));
  // No public kernel compares int32 in the repeating form.
  if (comparisons.has(i.fn) && i.type === "i32") return printRows(at, i, dst, x, b);
  at.page.call(cycleNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, pointer(at, b), count(at), at.page.dim(at.map.pitch));
}

/** A repeated row taken row by row. */
function printRows(at: Place, i: Apply, dst: string, x: string, b: VectorOperand): void {
  const { page: p, map } = at;
  const row = p.fresh("r");
  const offset = `${row} * ${p.atom(map.pitch)}`;
  p.out.loop(p.loopHead(row, p.dim(map.rows)), () =>
    p.call(binaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), `${dst} + ${offset}`, `${x} + ${offset}`, pointer(at, b), p.dim(map.pitch)),
  );
}

function printBits(at: Place, i: Apply): void {
  const name = (i.args.length === 1 ? unaryNames : binaryNames).get(i.fn) ?? noIntrinsic(i.fn, i.type);
  const bytes = (v: Operand) => (isVector(v) ? bytePointer(at, v) : noIntrinsic(i.fn, i.type));
  at.page.call(name, bytes(i.dst), ...i.args.map(bytes), byteCount(at, 4));
}

/** An operand's first lane as a pointer to bytes. */
function bytePointer(at: Place, v: VectorOperand): string {
  const plain = !startsAtRow(at, v) && cType(home(at, v)[1]) === cType(v.type);
  return `(int8_t*)${plain ? pointer(at, v) : `(${pointer(at, v)})`}`;
}

const byteCount = (at: Place, size: number) => `${at.page.atom(at.page.whole(lanesOf(at, at.map.cols)))} * ${size}`;

function printSelect(at: Place, i: Apply): void {
  const [mask, a, b] = i.args;
  invariant(isVector(mask) && isVector(a) && isVector(b), "select of a scalar");
  const kept = sameVector(i.dst, b) && !sameVector(i.dst, a);
  const helper: HelperName = kept ? at.page.forms.selectKept : at.page.forms.select;
  const lanes = (v: VectorOperand) => pointer(at, { ...v, type: "f32" });
  at.page.help(helper, lanes(i.dst), lanes(mask), lanes(a), lanes(b), count(at), ...(usesWorkspace(helper) ? ["helper_nram"] : []));
}

/** Conversions in more than one instruction: the helper, and how its last argument is to be read, if it takes one. */
const castHelpers: Readonly<Record<string, readonly [HelperName, ...workspace: string[]]>> = {
  "i64->i32": ["narrow_int64"],
  "i32->i64": ["widen_int64", "helper_nram"],
  "u8->f32": ["widen_uint8", "(float*)helper_nram"],
  "f32->u8": ["narrow_uint8", "(float*)helper_nram"],
};

function printCast(at: Place, i: Cast): void {
  const [from, to] = [i.src.type, i.dst.type];
  if (from === "mask" && to === "f32" && sameVector(i.dst, i.src)) return;
  const [dst, src] = [pointer(at, i.dst), pointer(at, i.src)];
  if (from === "mask" && to === "f32") return at.page.call("__bang_move", dst, src, byteCount(at, 4));
  if (from === "mask" && to === "u8") return at.page.call("__bang_float2int8_rd", bytePointer(at, i.dst), src, count(at), 0);
  const helped = castHelpers[`${from}->${to}`];
  if (helped) return at.page.help(helped[0], dst, src, count(at), ...helped.slice(1));
  // Masks are f32 lanes.
  const { name, positions } = conversion(`${from === "mask" ? "f32" : from}->${to}`) ?? noIntrinsic(`cast to ${to}`, from);
  at.page.call(name, dst, src, count(at), ...positions);
}

function printCopy(at: Place, { dst, src }: InstrOf<"copy">): void {
  const size = sizeOf(dst.type);
  const repeats = at.block.over === "full" && at.block.each === "tile" && src.as === "row";
  if (!repeats) return at.page.call("__bang_move", pointer(at, dst), pointer(at, src), byteCount(at, size));
  const row = at.page.dim(mul(at.map.pitch, size));
  at.page.out.line(`${strided(at.page.bang, pointer(at, dst), pointer(at, src), row, row, "0", `${at.page.dim(at.map.rows)} - 1`)};`);
}

function printIota(at: Place, i: InstrOf<"iota">): void {
  const dst = pointer(at, i.dst);
  const base = at.page.dim(i.base);
  if (i.axis === "row" && at.row)
    return at.page.call("__bang_write_value", dst, count(at), `(int32_t)(${base} + ${at.row.index} * ${at.page.atom(i.step)})`);
  const single = at.block.over === "scalar" || (i.axis === "row") !== (at.block.over === "col");
  invariant(!(single && at.block.over === "full"), "an index along one axis of a whole tile is laid out row by row");
  if (single) return at.page.call("__bang_write_value", dst, count(at), `(int32_t)(${base})`);
  at.page.help("sequence", dst, count(at), base, at.page.dim(i.step));
}

function printFill(at: Place, { dst, value }: InstrOf<"fill">): void {
  at.page.call("__bang_write_value", pointer(at, dst.type === "mask" ? { ...dst, type: "f32" } : dst), count(at), scalarOf(at, value));
}

function scalarOf(at: Place, s: ScalarOperand): string {
  return s.type === "mask" && s.kind === "const" ? (s.value ? "1.0f" : "0.0f") : scalar(at, s);
}

/** What instructions touch, in front of the first of them. */
function touch(p: PrintContext, ...instrs: readonly MemoryInstr[]): void {
  const { scalar, vector } = touchesOf(...instrs);
  p.touch("scalar", scalar);
  p.touch("vector", vector);
}

const printer: InstrPrinter<PrintContext> = { apply: printApply, cast: printCast, fill: printFill, copy: printCopy, iota: printIota };

export function printMap(p: PrintContext, map: MemoryMap): void {
  const print = (at: Place, instr: MemoryInstr) => {
    if (!at.row) touch(p, instr);
    else if (readsOwn(instr, at.block)) p.call("__sync_compute");
    printInstr(at, instr, printer);
  };
  printBlocks(p, map, print, (block) => touch(p, ...block.body));
}

const combines = { sum: "__bang_add", prod: "__bang_mul", max: "__bang_nan_maximum", min: "__bang_nan_minimum" } as const;

/**
 * Folds by halves, in pairs: rows onto rows for a reduction along rows; along columns, the tile is turned first, so that
 * all its rows fold at once and their results lie packed.
 */
export function printReduce(p: PrintContext, m: MemoryReduce): void {
  printMap(p, m);
  const whole: Place = { page: p, map: m, block: { over: "full", each: "tile", body: [] } };
  const type = m.src.type === "i32" ? "i32" : "f32";
  p.touch("vector", [...reads(nameOf(m.src), m.out), ...writes(slotName(m.work), m.out)]);
  const src = pointer(whole, m.src);
  const work = pointer(whole, { kind: "scratch", slot: m.work, type, as: "full" });
  const [rows, cols, pitch] = [m.rows, m.cols, m.src.kind === "tile" ? p.tile(m.src.tile).pitch : m.pitch];
  const along = m.along === "cols";
  const [folded, lanes, stride] = along ? [cols, rows, rows] : [rows, cols, pitch];
  const turned = along && !(isConst(rows) && rows === 1);
  if (turned) p.call("__bang_transpose", work, src, p.dim(rows), p.dim(pitch));
  const workspace = type === "i32" && (m.fn === "max" || m.fn === "min") ? ["helper_nram"] : [];
  p.help(`fold_${m.fn}_${type}`, work, turned ? work : src, p.dim(folded), p.dim(stride), ...workspace);
  const out = `${p.at(m.out)}`;
  if (!m.carry) return p.call("__bang_move", out, work, `${p.atom(p.whole(lanes))} * 4`);
  if (workspace.length === 0)
    return p.call(type === "i32" ? (m.fn === "sum" ? "__bang_add" : "__bang_mul") : combines[m.fn], out, out, work, p.lanes(lanes));
  p.out.line(`${call(`${m.fn}_i32`, [out, out, work, p.dim(lanes), ...workspace])};`);
}

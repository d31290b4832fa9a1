/** Vector maps and reductions as the lowering lays them out: one intrinsic an instruction, or one helper call. */
import { fail, invariant } from "../../../src/base/diagnostic.js";
import { isConst, mul, type Dim } from "../../../src/base/dim.js";
import type {
  MemoryBlock,
  MemoryInstr,
  MemoryMap,
  MemoryReduce,
  Operand,
  ScalarOperand,
  VectorOperand,
} from "../../../src/kernel/lower/memory-form.js";
import type { LaneType } from "../../../src/kernel/tile.js";
import { namesOf } from "../../kit/instruction.js";
import { conversion, instructions } from "../instructions.js";
import type { PrintContext } from "./context.js";
import { touchOfBlock, touchOfInstr, type Touch } from "./hazards.js";
import { strided, type HelperName } from "./helpers.js";
import { offsetPointer } from "./dma.js";
import { atom, cType, sizeOf, spellConst } from "./spell.js";

/** Where instructions of a block find their lanes. */
interface Place {
  readonly p: PrintContext;
  readonly map: MemoryMap;
  readonly block: MemoryBlock;
  /** The row in hand, "" in a block that runs once. */
  readonly row: string;
  /** Lanes of one instruction. */
  readonly n: string;
}

type Apply = Extract<MemoryInstr, { op: "apply" }>;
type Cast = Extract<MemoryInstr, { op: "cast" }>;

export function scratchName(slot: number): string {
  return `scratch${slot}_nram`;
}

/** An operand's first lane as a pointer of its type. */
function pointer(at: Place, v: VectorOperand): string {
  const { p, row } = at;
  const [base, held] = v.kind === "tile" ? [p.at(v.tile), p.tile(v.tile).type] : [scratchName(v.slot), "f32" as const];
  const typed = cType(held) === cType(v.type) ? base : `(${cType(v.type)}*)${base}`;
  if (row === "" || v.as !== "full") return typed;
  const pitch = v.kind === "tile" ? p.tile(v.tile).pitch : at.map.pitch;
  return offsetPointer(typed, `${row} * ${atom(p.int(pitch))}`);
}

function scalar(at: Place, s: ScalarOperand): string {
  if (s.kind === "const") return spellConst(s.type, s.value);
  if (s.kind === "int") return `(${cType(s.type)})${atom(at.p.int(s.value))}`;
  const first = pointer({ ...at, row: "" }, s.from);
  return `${s.negated ? "-" : ""}${at.p.load("nram", s.type, s.at === "row" ? `${first} + ${at.row}` : first)}`;
}

const unaryNames = namesOf(instructions, "unary");
/** Of masks, which are 1.0 or 0.0, "or else" is "not equal". */
const binaryNames = new Map([...namesOf(instructions, "binary"), ["xor", "__bang_ne"] as const]);
const scalarNames = namesOf(instructions, "scalar");
const cycleNames = namesOf(instructions, "cycle");
const bitwise: ReadonlySet<string> = new Set(["bitand", "bitor", "bitxor", "bitnot"]);

const comparisons: ReadonlySet<string> = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);

function noIntrinsic(fn: string, type: LaneType): never {
  return fail("kernel-function", `BANG C has no vector instruction for ${fn} on ${type} lanes`, {
    why: "targets/bang/caps.ts lists the functions it has",
  });
}

const isVector = (o: Operand): o is VectorOperand => o.kind === "tile" || o.kind === "scratch";
const sameVector = (a: VectorOperand, b: Operand): boolean =>
  isVector(b) && a.as === b.as && (a.kind === "tile" ? b.kind === "tile" && a.tile === b.tile : b.kind === "scratch" && a.slot === b.slot);

function printApply(at: Place, i: Apply): void {
  if (i.fn === "select") return printSelect(at, i);
  if (bitwise.has(i.fn) && i.type !== "mask") return printBits(at, i);
  const integerCompare = comparisons.has(i.fn) && i.type === "i32";
  // An int32 comparison writes 1 or 0 in int32; masks are 1.0 or 0.0.
  const dst = pointer(at, integerCompare ? { ...i.dst, type: "i32" } : i.dst);
  printArithmetic(at, i, dst);
  if (integerCompare) at.p.call("__bang_int322float_rn", pointer(at, i.dst), dst, at.n, 0);
}

function printArithmetic(at: Place, i: Apply, dst: string): void {
  const [a, b] = i.args;
  invariant(isVector(a), `${i.fn} of a scalar`);
  const x = pointer(at, a);
  if (!b) return at.p.call(unaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, at.n);
  if (!isVector(b)) return at.p.call(scalarNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, scalar(at, b), at.n);
  const repeats = at.block.over === "full" && at.block.each === "tile" && b.as === "row";
  if (!repeats) return at.p.call(binaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, pointer(at, b), at.n);
  // No public kernel compares int32 in the repeating form.
  if (comparisons.has(i.fn) && i.type === "i32") return printRows(at, i, dst, x, b);
  at.p.call(cycleNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), dst, x, pointer(at, b), at.n, at.p.int(at.map.pitch));
}

/** A repeated row taken row by row. */
function printRows(at: Place, i: Apply, dst: string, x: string, b: VectorOperand): void {
  const { p, map } = at;
  const row = p.name("r");
  const offset = `${row} * ${atom(p.int(map.pitch))}`;
  p.w.block(`for (int32_t ${row} = 0; ${row} < ${p.int(map.rows)}; ${row}++)`, () =>
    p.call(binaryNames.get(i.fn) ?? noIntrinsic(i.fn, i.type), `${dst} + ${offset}`, `${x} + ${offset}`, pointer(at, b), p.int(map.pitch)),
  );
}

function printBits(at: Place, i: Apply): void {
  const name = (i.args.length === 1 ? unaryNames : binaryNames).get(i.fn) ?? noIntrinsic(i.fn, i.type);
  const bytes = (v: Operand) => (isVector(v) ? `(int8_t*)${atom(pointer(at, v))}` : noIntrinsic(i.fn, i.type));
  at.p.call(name, bytes(i.dst), ...i.args.map(bytes), `${atom(at.n)} * 4`);
}

function printSelect(at: Place, i: Apply): void {
  const [mask, a, b] = i.args;
  invariant(isVector(mask) && isVector(a) && isVector(b), "select of a scalar");
  const kept = sameVector(i.dst, b) && !sameVector(i.dst, a);
  const helper: HelperName = kept ? "select_kept" : "select_lanes";
  useHelper(at.p, helper);
  const lanes = (v: VectorOperand) => pointer(at, { ...v, type: "f32" });
  at.p.w.line(`${helper}(${lanes(i.dst)}, ${lanes(mask)}, ${lanes(a)}, ${lanes(b)}, ${at.n}, helper_nram);`);
}

/** Notes the helper; its text, and with it its intrinsics, is printed once at the top of the file. */
function useHelper(p: PrintContext, helper: HelperName): void {
  p.need(helper);
}

/** Conversions in more than one instruction: the helper, and how its last argument is to be read, if it takes one. */
const castHelpers: Readonly<Record<string, readonly [HelperName, string]>> = {
  "i64->i32": ["narrow_int64", ""],
  "i32->i64": ["widen_int64", ", helper_nram"],
  "u8->f32": ["widen_uint8", ", (float*)helper_nram"],
  "f32->u8": ["narrow_uint8", ", (float*)helper_nram"],
};

function printCast(at: Place, i: Cast): void {
  const [from, to] = [i.src.type, i.dst.type];
  const [dst, src] = [pointer(at, i.dst), pointer(at, i.src)];
  if (from === "mask" && to === "f32")
    return sameVector(i.dst, i.src) ? undefined : at.p.call("__bang_move", dst, src, `${atom(at.n)} * 4`);
  if (from === "mask" && to === "u8") return at.p.call("__bang_float2int8_rd", `(int8_t*)${atom(dst)}`, src, at.n, 0);
  const helped = castHelpers[`${from}->${to}`];
  if (helped) {
    useHelper(at.p, helped[0]);
    at.p.w.line(`${helped[0]}(${dst}, ${src}, ${at.n}${helped[1]});`);
    return;
  }
  // Masks are f32 lanes.
  const { name, positions } = conversion(`${from === "mask" ? "f32" : from}->${to}`) ?? noIntrinsic(`cast to ${to}`, from);
  at.p.call(name, dst, src, at.n, ...positions);
}

function printCopy(at: Place, dst: VectorOperand, src: VectorOperand): void {
  const size = sizeOf(dst.type);
  const repeats = at.block.over === "full" && at.block.each === "tile" && src.as === "row";
  if (!repeats) return at.p.call("__bang_move", pointer(at, dst), pointer(at, src), `${atom(at.n)} * ${size}`);
  const row = at.p.int(mul(at.map.pitch, size));
  at.p.w.line(`${strided(at.p.bang, pointer(at, dst), pointer(at, src), row, row, "0", `${at.p.int(at.map.rows)} - 1`)};`);
}

function printIota(at: Place, i: Extract<MemoryInstr, { op: "iota" }>): void {
  const [base, step] = [at.p.int(i.base), at.p.int(i.step)];
  const dst = pointer(at, i.dst);
  if (i.axis === "row" && at.row !== "")
    return at.p.call("__bang_write_value", dst, at.n, `(int32_t)(${base} + ${at.row} * ${atom(step)})`);
  const single = at.block.over === "scalar" || (i.axis === "row") !== (at.block.over === "col");
  invariant(!(single && at.block.over === "full"), "an index along one axis of a whole tile is laid out row by row");
  if (single) return at.p.call("__bang_write_value", dst, at.n, `(int32_t)(${base})`);
  useHelper(at.p, "sequence");
  at.p.w.line(`sequence(${dst}, ${at.n}, ${base}, ${step});`);
}

function printInstr(at: Place, i: MemoryInstr): void {
  switch (i.op) {
    case "apply":
      return printApply(at, i);
    case "cast":
      return printCast(at, i);
    case "fill":
      return at.p.call(
        "__bang_write_value",
        pointer(at, i.dst.type === "mask" ? { ...i.dst, type: "f32" } : i.dst),
        at.n,
        scalarOf(at, i.value),
      );
    case "copy":
      return printCopy(at, i.dst, i.src);
    case "iota":
      return printIota(at, i);
    default:
      throw i satisfies never;
  }
}

function scalarOf(at: Place, s: ScalarOperand): string {
  return s.type === "mask" && s.kind === "const" ? (s.value ? "1.0f" : "0.0f") : scalar(at, s);
}

function lanesOf(p: PrintContext, map: MemoryMap, block: MemoryBlock): string {
  const { rows, cols, pitch } = map;
  const lanes: Dim = {
    full: block.each === "row" ? cols : isConst(rows) && rows === 1 ? cols : mul(rows, pitch),
    row: cols,
    col: rows,
    scalar: 1,
  }[block.over];
  return p.int(lanes);
}

/** Whether an instruction in a loop over rows reads by the scalar unit what an instruction of the same loop writes. */
function readsOwn(i: MemoryInstr, block: Touch): boolean {
  const written = new Set(block.vectorWrites);
  return (touchOfInstr(i).scalarReads ?? []).some((n) => written.has(n));
}

export function printBlocks(p: PrintContext, map: MemoryMap): void {
  for (const block of map.blocks) {
    const at: Place = { p, map, block, row: "", n: lanesOf(p, map, block) };
    const touch = touchOfBlock(block);
    if (block.each === "tile") {
      block.body.forEach((i) => {
        p.before(touchOfInstr(i));
        printInstr(at, i);
      });
      continue;
    }
    p.before(touch);
    const row = p.name("r");
    p.w.block(`for (int32_t ${row} = 0; ${row} < ${p.int(map.rows)}; ${row}++)`, () =>
      block.body.forEach((i) => {
        if (readsOwn(i, touch)) p.call("__sync_compute");
        printInstr({ ...at, row }, i);
      }),
    );
  }
}

const combines = { sum: "__bang_add", prod: "__bang_mul", max: "__bang_nan_maximum", min: "__bang_nan_minimum" } as const;

/**
 * Folds by halves, in pairs: rows onto rows for a reduction along rows; along columns, the tile is turned first, so that
 * all its rows fold at once and their results lie packed.
 */
export function printReduce(p: PrintContext, m: MemoryReduce): void {
  printBlocks(p, m);
  const whole: Place = { p, map: m, block: { over: "full", each: "tile", body: [] }, row: "", n: "" };
  const type = m.src.type === "i32" ? "i32" : "f32";
  const used = m.src.kind === "tile" ? m.src.tile : `scratch ${m.src.slot}`;
  p.before({ vectorReads: [used, m.out], vectorWrites: [`scratch ${m.work}`, m.out] });
  const src = pointer(whole, m.src);
  const work = pointer(whole, { kind: "scratch", slot: m.work, type, as: "full" });
  const [rows, cols, pitch] = [m.rows, m.cols, m.src.kind === "tile" ? p.tile(m.src.tile).pitch : m.pitch];
  const along = m.along === "cols";
  const [count, lanes, stride] = along ? [p.int(cols), p.int(rows), p.int(rows)] : [p.int(rows), p.int(cols), p.int(pitch)];
  const turned = along && !(isConst(rows) && rows === 1);
  if (turned) p.call("__bang_transpose", work, src, p.int(rows), p.int(pitch));
  const helper = `fold_${m.fn}_${type}` as HelperName;
  useHelper(p, helper);
  const bits = type === "i32" && (m.fn === "max" || m.fn === "min") ? ", helper_nram" : "";
  p.w.line(`${helper}(${work}, ${turned ? work : src}, ${count}, ${stride}${bits});`);
  const out = `${p.at(m.out)}`;
  if (!m.carry) return p.call("__bang_move", out, work, `${atom(lanes)} * 4`);
  if (bits === "") return p.call(type === "i32" ? (m.fn === "sum" ? "__bang_add" : "__bang_mul") : combines[m.fn], out, out, work, lanes);
  p.w.line(`${m.fn}_i32(${out}, ${out}, ${work}, ${lanes}, helper_nram);`);
}

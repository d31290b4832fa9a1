import { isConst, mul, sameDim, type Dim } from "../../../src/base/dim.js";
import { registerMap, registerReduce, spillSlots } from "../../../src/kernel/lower/register.js";
import type { RegisterLoop, RegisterMap, RegisterReduce, TileRef } from "../../../src/kernel/lower/register-form.js";
import type { LaneType, ReduceFn } from "../../../src/kernel/tile.js";
import type { Of } from "../../kit/statements.js";
import { isHalf } from "../../kit/spell.js";
import { isMultiple, type XpuPage } from "./context.js";
import { slotName } from "./operands.js";
import { extreme, larger } from "./scalar.js";
import { OpPrinter, type Part, type Place } from "./ops.js";
import { cType, literal } from "./spell.js";

export function printMap(p: XpuPage, s: Of<"map">): void {
  const map = registerMap(s, p.tiles, p.caps);
  for (const loop of map.loops) printLoop(p, map, loop);
  p.fence("mfence_lm");
}

/** Lanes of one pass. */
function lanesOf(loop: RegisterLoop): 16 | 32 {
  return loop.body.some((op) => (op.op === "load" || op.op === "store") && isHalf(op.stored)) ? 32 : 16;
}

function partsOf(lanes: 16 | 32): readonly Part[] {
  return lanes === 16
    ? [{ suffix: "", lane: 0 }]
    : [
        { suffix: "_l", lane: 0 },
        { suffix: "_h", lane: 16 },
      ];
}

function printLoop(p: XpuPage, map: RegisterMap, loop: RegisterLoop): void {
  const lanes = lanesOf(loop);
  const ops = new OpPrinter(p, partsOf(lanes));
  ops.shared(loop.once, { row: "0", col: "0" });
  if (loop.flat && fillsRows(map)) {
    const i = p.fresh("i");
    p.out.loop(`for (int ${i} = 0; ${i} < ${p.dim(flatLanes(map))}; ${i} += ${lanes})`, () => ops.body(loop.body, flatPlace(p, map, i)));
    return;
  }
  eachRow(p, map.rows, (r) => {
    ops.shared(loop.perRow, { row: r, col: "0" });
    const c = p.fresh("c");
    p.out.loop(`for (int ${c} = 0; ${c} < ${p.dim(map.cols)}; ${c} += ${lanes})`, () => ops.body(loop.body, rowPlace(p, map, r, c)));
  });
}

/** Whether each row ends within the last pass over it: between a short row and a long pitch lie passes over nothing. */
function fillsRows({ rows, cols, pitch }: RegisterMap): boolean {
  if (rows === 1 || sameDim(cols, pitch)) return true;
  return isConst(cols) && isConst(pitch) && pitch - cols < 16;
}

function eachRow(p: XpuPage, rows: Dim, body: (row: string) => void): void {
  if (rows === 1) return body("0");
  const r = p.fresh("r");
  p.out.loop(p.loopHead(r, p.dim(rows)), () => body(r));
}

/** Lanes of a map that runs as one row; a single row may be longer than the pitch, which then means nothing. */
function flatLanes(map: RegisterMap): Dim {
  return map.rows === 1 ? map.cols : mul(map.rows, map.pitch);
}

/** Where lane 0 of a pass lies in each tile; how many lanes of it a store may touch. */
function flatPlace(p: XpuPage, map: RegisterMap, i: string): Place {
  const total = flatLanes(map);
  return {
    row: "0",
    col: i,
    at: () => [i],
    room: () => (isMultiple(total, 32) ? undefined : { at: i, limit: p.dim(total) }),
    reach: () => (isMultiple(total, 32) ? undefined : { at: i, limit: p.dim(total) }),
  };
}

function rowPlace(p: XpuPage, map: RegisterMap, r: string, c: string): Place {
  const pitch = (ref: TileRef): Dim => ("tile" in ref ? p.tile(ref.tile).pitch : map.pitch);
  return {
    row: r,
    col: c,
    at: (ref, as) => (as === "row" || r === "0" ? [c] : [`${r} * ${p.factor(pitch(ref))}`, c]),
    room: () => (isMultiple(map.cols, 32) ? undefined : { at: c, limit: p.dim(map.cols) }),
    reach: (ref) => (isMultiple(pitch(ref), 32) ? undefined : { at: c, limit: p.dim(map.cols) }),
  };
}

// ---- reductions -------------------------------------------------------------------------------------------------------

export function printReduce(p: XpuPage, s: Of<"reduce">): void {
  const reduce = registerReduce(s, p.tiles, p.caps);
  for (const loop of reduce.loops.slice(0, -1)) printLoop(p, reduce, loop);
  const last = reduce.loops[reduce.loops.length - 1];
  if (reduce.loops.length > 1) p.fence("mfence_lm");
  if (reduce.along === "cols") reduceCols(p, reduce, last);
  else reduceRows(p, reduce, last);
  p.fence("mfence_lm");
}

const identities: Readonly<Record<ReduceFn, Readonly<Partial<Record<LaneType, number>>>>> = {
  sum: { f32: 0, i32: 0 },
  prod: { f32: 1, i32: 1 },
  max: { f32: -Infinity, i32: -2147483648 },
  min: { f32: Infinity, i32: 2147483647 },
};

const vectorOp = { sum: "add", prod: "mul", max: "max", min: "min" } as const;
const foldOf = { sum: "fold_sum", prod: "fold_prod", max: "fold_max", min: "fold_min" } as const;

type Element = "float32x16" | "int32x16";
const elementOf = (type: LaneType): Element => (type === "f32" ? "float32x16" : "int32x16");

/** Whether NaN lanes must be looked for: max and min of the chip lose them. */
function watchesNan(m: RegisterReduce): boolean {
  return m.type === "f32" && (m.fn === "max" || m.fn === "min");
}

function identity(m: RegisterReduce): string {
  return literal(m.type, identities[m.fn][m.type] ?? 0);
}

/** One value a row: lanes accumulate along the row, then fold. */
function reduceCols(p: XpuPage, m: RegisterReduce, loop: RegisterLoop): void {
  const lanes = lanesOf(loop);
  const ops = new OpPrinter(p, partsOf(lanes));
  const t = elementOf(m.type);
  ops.shared(loop.once, { row: "0", col: "0" });
  eachRow(p, m.rows, (r) => {
    ops.shared(loop.perRow, { row: r, col: "0" });
    const acc = p.fresh(m.fn);
    const nan = watchesNan(m) ? p.fresh("nan") : undefined;
    p.out.line(`${t}_t ${acc} = ${p.help("splat", [identity(m)])};`);
    if (nan) p.out.line(`int ${nan} = 0;`);
    const c = p.fresh("c");
    p.out.loop(`for (int ${c} = 0; ${c} < ${p.dim(m.cols)}; ${c} += ${lanes})`, () => {
      ops.body(loop.body, rowPlace(p, m, r, c));
      for (const part of partsOf(lanes)) accumulate(p, m, { acc, nan, c, part, value: ops.register(m.src, part) });
    });
    storeFolded(p, m, { r, acc, nan });
  });
}

interface Accumulation {
  readonly acc: string;
  readonly nan: string | undefined;
  readonly c: string;
  readonly part: Part;
  readonly value: string;
}

/** Lanes at and past cols take no part. */
function accumulate(p: XpuPage, m: RegisterReduce, a: Accumulation): void {
  const t = elementOf(m.type);
  const whole = isConst(m.cols) && m.cols % (a.part.suffix === "" ? 16 : 32) === 0;
  const update = `vv${vectorOp[m.fn]}_${t}` as const;
  if (whole) {
    p.out.line(`${a.acc} = ${p.call(update, a.acc, a.value)};`);
    if (a.nan) p.out.line(`${a.nan} |= ${p.call("vvneq_float32x16", a.value, a.value)} & 0xFFFF;`);
    return;
  }
  const left = `${p.dim(m.cols)} - ${a.c}${a.part.lane > 0 ? ` - ${a.part.lane}` : ""}`;
  const mask = p.fresh("used");
  p.out.line(`const int ${mask} = ${p.help("first_lanes", [left])};`);
  p.out.line(`${a.acc} = ${p.call(`${update}_mh`, a.acc, a.value, a.acc, mask)};`);
  if (a.nan) p.out.line(`${a.nan} |= ${p.call("vvneq_float32x16", a.value, a.value)} & ${mask};`);
}

function storeFolded(p: XpuPage, m: RegisterReduce, { r, acc, nan }: { r: string; acc: string; nan: string | undefined }): void {
  const out = p.tile(m.out);
  const place = `${p.variable(m.out)}[${r === "0" ? "0" : out.pitch === 1 ? r : `${r} * ${p.factor(out.pitch)}`}]`;
  const folded = p.help(foldOf[m.fn], [acc]);
  const value = nan ? `${nan} != 0 ? ${literal("f32", NaN)} : ${folded}` : folded;
  if (!m.carry) {
    p.out.line(`${place} = ${value};`);
    return;
  }
  const type = cType(m.type === "f32" ? "f32" : "i32");
  const [now, old] = [p.fresh("now"), p.fresh("old")];
  p.out.line(`const ${type} ${now} = ${value};`);
  p.out.line(`const ${type} ${old} = ${place};`);
  p.out.line(`${place} = ${joined(m, old, now)};`);
}

function joined(m: RegisterReduce, a: string, b: string): string {
  if (m.fn === "sum" || m.fn === "prod") return `${a} ${m.fn === "sum" ? "+" : "*"} ${b}`;
  return m.type === "f32" ? extreme(m.fn, a, b) : larger(m.fn, a, b);
}

/** One value a column: 16 or 32 columns at a time, accumulated in registers down the rows. */
function reduceRows(p: XpuPage, m: RegisterReduce, loop: RegisterLoop): void {
  const lanes = lanesOf(loop);
  const parts = partsOf(lanes);
  const ops = new OpPrinter(p, parts);
  const t = elementOf(m.type);
  ops.shared(loop.once, { row: "0", col: "0" });
  const c = p.fresh("c");
  const out = p.variable(m.out);
  p.out.loop(`for (int ${c} = 0; ${c} < ${p.dim(m.cols)}; ${c} += ${lanes})`, () => {
    const accs = parts.map((part) => p.fresh(`${m.fn}${part.suffix}`));
    const inside = (part: Part): string =>
      part.lane === 0 || isMultiple(m.cols, 32) ? "" : `if (${c} + ${part.lane} < ${p.dim(m.cols)}) `;
    const place = (part: Part): string => (part.lane === 0 ? `${out} + ${c}` : `${out} + (${c} + ${part.lane})`);
    parts.forEach((part, i) => {
      const carried = m.carry && p.call(`vload_lm_${t}`, place(part));
      const whole = inside(part) === "";
      p.out.line(`${t}_t ${accs[i]} = ${carried && whole ? carried : p.help("splat", [identity(m)])};`);
      if (carried && !whole) p.out.line(`${inside(part)}${accs[i]} = ${carried};`);
    });
    eachRow(p, m.rows, (r) => {
      ops.shared(loop.perRow, { row: r, col: "0" });
      ops.body(loop.body, rowPlace(p, m, r, c));
      parts.forEach((part, i) => p.out.line(`${accs[i]} = ${combined(p, m, accs[i], ops.register(m.src, part))};`));
    });
    parts.forEach((part, i) => p.out.line(`${inside(part)}${p.call(`vstore_lm_${t}`, place(part), accs[i])};`));
  });
}

function combined(p: XpuPage, m: RegisterReduce, acc: string, value: string): string {
  if (watchesNan(m)) return p.help(m.fn === "max" ? "max_nan" : "min_nan", [acc, value]);
  return p.call(`vv${vectorOp[m.fn]}_${elementOf(m.type)}`, acc, value);
}

// ---- spill slots ------------------------------------------------------------------------------------------------------

/** Declares the slots of maps whose expressions needed more registers than there are; nearly always none. */
export function declareSlots(p: XpuPage): void {
  spillSlots(p.kernel, p.caps).forEach((n, i) => p.out.line(`__simd__ float ${slotName(i)}[${n}];`));
}

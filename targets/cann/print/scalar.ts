/**
 * Prints maps that run lane by lane on the scalar unit: plain loops over the unified buffer, for types the vector unit
 * does not compute (int64) and for addresses chosen by data. Correct for everything, fast for nothing.
 */
import { fail } from "../../../src/base/diagnostic.js";
import type { Expr, LaneType } from "../../../src/kernel/tile.js";
import { tilesIn } from "../../../src/kernel/walk.js";
import { Lane, type LaneDialect } from "../../kit/lanes.js";
import { eachLane, scalarMap, scalarReduce, type ScalarUnit } from "../../kit/scalar.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import { cType, type Page } from "./page.js";
import { joined, scalarFunction } from "./scalar-functions.js";

function laneAt(page: Page, row: string, col: string): Lane {
  const lane: LaneDialect = {
    fresh: () => page.fresh("v"),
    declare: (type, name, text) => page.out.line(`const ${laneCType(type)} ${name} = ${text};`),
    literal: (type, value) => page.literal(type, value),
    int: (e) => `static_cast<${cType(e.type)}>(${page.dim(e.value)})`,
    index: (e) => `static_cast<${cType(e.type)}>(${page.dim(e.base)} + ${page.times(e.step, e.axis === "row" ? row : col)})`,
    tile: (e) => readTile(page, e, row, col),
    load: (e, index) => {
      page.uses.add("GetValue");
      return `${page.globalName(e.buffer)}.GetValue(${index})`;
    },
    cast: (e, value) => cast(page, e, value(e.args[0])),
    fn: (e, value) => scalarFunction(page, e, value),
  };
  return new Lane(lane);
}

function readTile(page: Page, { tile, as, type }: Extract<Expr, { op: "tile" }>, row: string, col: string): string {
  const { pitch, type: stored } = page.tile(tile);
  page.uses.add("GetValue");
  const full = [page.times(pitch, row), col].join(" + ");
  const at = { full, row: col, col: page.times(pitch, row), scalar: "0" }[as];
  const view = stored === type ? "" : `.ReinterpretCast<${cType(type)}>()`;
  return `${page.tileName(tile)}${view}.GetValue(${at})`;
}

type Cast = Extract<Expr, { op: "cast" }>;

function cast(page: Page, e: Cast, x: string): string {
  const [from] = e.args;
  const to = e.type;
  if (to === "mask") return `${x} != ${from.type === "f16" ? "static_cast<half>(0.0f)" : "0"}`;
  if (from.type === "mask") return to === "f16" ? `static_cast<half>(${x} ? 1.0f : 0.0f)` : `static_cast<${cType(to)}>(${x} ? 1 : 0)`;
  if (from.type === "bf16") return to === "f32" ? page.api("Cast", x) : narrowing(page, e, page.api("Cast", x), "f32");
  if (to === "bf16") return page.api("Cast", from.type === "f32" ? x : `static_cast<float>(${x})`);
  return narrowing(page, e, x, from.type);
}

/** Floats to integers truncate or round to even first; out of range wraps or saturates as told. */
function narrowing(page: Page, e: Cast, x: string, from: LaneType): string {
  const to = cType(e.type);
  const float = from === "f32" || from === "f16" || from === "bf16";
  if (!float || e.type === "f32" || e.type === "f16") return `static_cast<${to}>(${x})`;
  const whole = e.round === "rint" ? page.helper("RoundEven", `static_cast<float>(${x})`) : `static_cast<float>(${x})`;
  if (e.overflow === "saturate") return page.helperOf("Saturated", to, whole);
  return `static_cast<${to}>(${page.helper("WholeOf", whole)})`;
}

function laneCType(type: LaneType): string {
  return type === "mask" ? "bool" : cType(type);
}

function unitOf(page: Page): ScalarUnit {
  return {
    page,
    indexes: () => [page.fresh("r"), page.fresh("c")],
    laneAt: (row, col) => laneAt(page, row, col),
    put: (tile, row, col, _value, text) => {
      const { pitch, type } = page.tile(tile);
      page.out.line(`${page.tileName(tile)}.SetValue(${page.times(pitch, row)} + ${col}, static_cast<${cType(type)}>(${text}));`);
    },
    typeOf: laneCType,
  };
}

function readsOf(page: Page, exprs: readonly Expr[]): Access[] {
  const loads = exprs.flatMap(buffersIn);
  return [...reads(...tilesIn(exprs)), ...reads(...loads.map((b) => `global ${b}`))];
}

function buffersIn(e: Expr): readonly string[] {
  const own = e.op === "load" ? [e.buffer, ...buffersIn(e.index)] : [];
  return "args" in e ? [...own, ...e.args.flatMap(buffersIn)] : own;
}

export function printScalarMap(page: Page, s: Of<"map">): void {
  page.uses.add("SetValue");
  page.op("S", [...readsOf(page, values(s)), ...writes(...s.out.map((o) => o.tile))]);
  scalarMap(unitOf(page), s);
}

const values = (s: Of<"map">) => s.out.map((o) => o.value);

/** Writes lanes to computed places of global memory, then writes the scalar unit's cache back. */
export function printScatter(page: Page, s: Of<"scatter">): void {
  page.uses.add("SetValue", "GetValue", "DataCacheCleanAndInvalid");
  page.op("S", [...readsOf(page, [s.index, s.value]), ...writes(`global ${s.buffer}`)]);
  const target = page.globalName(s.buffer);
  const type = cType(page.buffer(s.buffer).type);
  eachLane(unitOf(page), s.rows, s.cols, (lane) => {
    const [index, value] = [lane.value(s.index), lane.value(s.value)];
    const old = page.fresh("old");
    if (s.combine !== "none") page.out.line(`const ${type} ${old} = ${target}.GetValue(${index});`);
    const joint = s.combine === "none" ? value : joined[s.combine](old, value);
    page.out.line(`${target}.SetValue(${index}, static_cast<${type}>(${joint}));`);
  });
  const destination = page.chip.flushNamesDestination ? ", DcciDst::CACHELINE_OUT" : "";
  page.out.line(`DataCacheCleanAndInvalid<${type}, CacheLine::ENTIRE_DATA_CACHE${destination}>(${target});`);
}

const folds = { sum: "add", prod: "mul", max: "max", min: "min" } as const;

/** Reductions of types the vector unit does not add. */
export function printScalarReduce(page: Page, s: Of<"reduce">): void {
  page.uses.add("SetValue", "GetValue");
  if (s.value.type === "mask") fail("internal-kernel", "a reduction of masks; masks are reduced as numbers");
  page.op("S", [...readsOf(page, [s.value]), ...writes(s.out)]);
  const [unit, out] = [unitOf(page), page.tileName(s.out)];
  const [indexes, name] = [unit.indexes(s.rows), page.fresh("sum")];
  const set = (at: string) => void page.out.line(`${out}.SetValue(${at}, ${name});`);
  scalarReduce(unit, s, indexes, { name, joined: joined[folds[s.fn]], old: (at) => `${out}.GetValue(${at})`, set });
}

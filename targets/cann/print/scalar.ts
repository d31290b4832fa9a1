/**
 * Prints maps that run lane by lane on the scalar unit: plain loops over the unified buffer, for types the vector unit
 * does not compute (int64) and for addresses chosen by data. Correct for everything, fast for nothing.
 */
import type { Dim } from "../../../src/base/dim.js";
import { fail } from "../../../src/base/diagnostic.js";
import type { Expr, LaneType } from "../../../src/kernel/tile.js";
import { tilesIn } from "../../../src/kernel/walk.js";
import { Lane, type LaneDialect } from "../../kit/lanes.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import { tileResource } from "./copies.js";
import { cType, type Page } from "./page.js";
import { scalarFunction } from "./scalar-functions.js";

/** A lane at a row and a column, whose statements go to `lines`. */
function laneAt(page: Page, row: string, col: string, lines: string[]): Lane {
  const lane: LaneDialect = {
    fresh: () => page.fresh("v"),
    declare: (type, name, text) => lines.push(`const ${laneCType(type)} ${name} = ${text};`),
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

/** Loops over rows and columns around the lines of one lane. */
function lanes(page: Page, rows: Dim, cols: Dim, body: (row: string, col: string) => readonly string[]): string[] {
  const [r, c] = [page.fresh("r"), page.fresh("c")];
  return [
    `${page.loopHead(r, page.dim(rows))} {`,
    `  ${page.loopHead(c, page.dim(cols))} {`,
    ...body(r, c).map((line) => `    ${line}`),
    "  }",
    "}",
  ];
}

function readsOf(page: Page, exprs: readonly Expr[]): Access[] {
  const loads = exprs.flatMap(buffersIn);
  return [...reads(...tilesIn(exprs).map(tileResource)), ...reads(...loads.map((b) => `global ${b}`))];
}

function buffersIn(e: Expr): readonly string[] {
  const own = e.op === "load" ? [e.buffer, ...buffersIn(e.index)] : [];
  return "args" in e ? [...own, ...e.args.flatMap(buffersIn)] : own;
}

export function printScalarMap(page: Page, s: Of<"map">): void {
  page.uses.add("SetValue");
  const lines = lanes(page, s.rows, s.cols, (row, col) => {
    const own: string[] = [];
    const w = laneAt(page, row, col, own);
    const values = s.out.map((o) => w.value(o.value));
    const stores = s.out.map((o, i) => {
      const { pitch, type } = page.tile(o.tile);
      return `${page.tileName(o.tile)}.SetValue(${page.times(pitch, row)} + ${col}, static_cast<${cType(type)}>(${values[i]}));`;
    });
    return [...own, ...stores];
  });
  const values = s.out.map((o) => o.value);
  page.op("S", [...readsOf(page, values), ...writes(...s.out.map((o) => tileResource(o.tile)))], ...lines);
}

const combined = {
  none: (_old: string, x: string) => x,
  add: (old: string, x: string) => `${old} + ${x}`,
  mul: (old: string, x: string) => `${old} * ${x}`,
  max: (old: string, x: string) => `${old} > ${x} || ${old} != ${old} ? ${old} : ${x}`,
  min: (old: string, x: string) => `${old} < ${x} || ${old} != ${old} ? ${old} : ${x}`,
} as const;

/** Writes lanes to computed places of global memory, then writes the scalar unit's cache back. */
export function printScatter(page: Page, s: Of<"scatter">): void {
  page.uses.add("SetValue", "GetValue", "DataCacheCleanAndInvalid");
  const target = page.globalName(s.buffer);
  const type = cType(page.buffer(s.buffer).type);
  const lines = lanes(page, s.rows, s.cols, (row, col) => {
    const own: string[] = [];
    const w = laneAt(page, row, col, own);
    const [index, value] = [w.value(s.index), w.value(s.value)];
    const old = page.fresh("old");
    const before = s.combine === "none" ? [] : [`const ${type} ${old} = ${target}.GetValue(${index});`];
    return [...own, ...before, `${target}.SetValue(${index}, static_cast<${type}>(${combined[s.combine](old, value)}));`];
  });
  const destination = page.chip.flushNamesDestination ? ", DcciDst::CACHELINE_OUT" : "";
  const flush = `DataCacheCleanAndInvalid<${type}, CacheLine::ENTIRE_DATA_CACHE${destination}>(${target});`;
  page.op("S", [...readsOf(page, [s.index, s.value]), ...writes(`global ${s.buffer}`)], ...lines, flush);
}

const identities: Readonly<Record<Of<"reduce">["fn"], (a: string, b: string) => string>> = {
  sum: (a, b) => `${a} + ${b}`,
  prod: (a, b) => `${a} * ${b}`,
  max: (a, b) => `${a} > ${b} || ${a} != ${a} ? ${a} : ${b}`,
  min: (a, b) => `${a} < ${b} || ${a} != ${a} ? ${a} : ${b}`,
};

/** Reductions of types the vector unit does not add: one accumulator a row (or a column), element by element. */
export function printScalarReduce(page: Page, s: Of<"reduce">): void {
  page.uses.add("SetValue", "GetValue");
  if (s.value.type === "mask") fail("internal-kernel", "a reduction of masks; masks are reduced as numbers");
  const out = page.tileName(s.out);
  const [r, c, sum] = [page.fresh("r"), page.fresh("c"), page.fresh("sum")];
  const [outer, inner] = s.along === "cols" ? [r, c] : [c, r];
  const [outerCount, innerCount] = s.along === "cols" ? [s.rows, s.cols] : [s.cols, s.rows];
  const own: string[] = [];
  const value = laneAt(page, r, c, own).value(s.value);
  const first = s.carry ? "false" : `${inner} == 0`;
  const lines = [
    `${page.loopHead(outer, page.dim(outerCount))} {`,
    `  ${laneCType(s.value.type)} ${sum} = ${s.carry ? `${out}.GetValue(${outer})` : "0"};`,
    `  ${page.loopHead(inner, page.dim(innerCount))} {`,
    ...own.map((line) => `    ${line}`),
    `    ${sum} = ${s.carry ? "" : `${first} ? ${value} : `}${identities[s.fn](sum, value)};`,
    "  }",
    `  ${out}.SetValue(${outer}, ${sum});`,
    "}",
  ];
  page.op("S", [...readsOf(page, [s.value]), ...writes(tileResource(s.out))], ...lines);
}

/**
 * Scalar maps, scatters and reductions: plain loops of the scalar unit over NRAM, one line a value. A select computes
 * only the side it takes, since the other may stand for an element outside its buffer.
 */
import { fail } from "../../../src/base/diagnostic.js";
import type { BufferType, Expr, LaneFn, LaneType } from "../../../src/kernel/tile.js";
import { tilesIn } from "../../../src/kernel/walk.js";
import { Lane, type LaneDialect } from "../../kit/lanes.js";
import { eachLane, scalarMap, scalarReduce, type ScalarUnit } from "../../kit/scalar.js";
import { reads, writes } from "../../kit/sheet.js";
import type { Of } from "../../kit/statements.js";
import type { PrintContext } from "./context.js";
import { cType, spellConst } from "./spell.js";
import { castText, fnText } from "./scalar-text.js";

const valueType = (type: LaneType): string => (type === "mask" ? "bool" : cType(type));

/** The lane at `r` and `c`. */
function laneOf(p: PrintContext): Lane {
  const lane: LaneDialect = {
    outerFirst: true,
    fresh: () => p.fresh("v"),
    declare: (type, name, text) => p.out.line(`const ${valueType(type)} ${name} = ${text};`),
    literal: spellConst,
    int: (e) => (e.type === "f32" ? `(float)${p.atom(e.value)}` : `(${cType(e.type)})${p.atom(e.value)}`),
    index: (e) => `(${cType(e.type)})(${p.dim(e.base)} + ${p.atom(e.step)} * ${e.axis === "row" ? "r" : "c"})`,
    tile: (e) => read(p, e),
    load: (e, index) => p.load("gdram", p.buffer(e.buffer).type, `${e.buffer} + ${index}`),
    cast: (e, value) => castText(p.bang, value(e.args[0]), e.args[0].type, e.type, e.round, e.overflow),
    fn: (e, value) => {
      if (e.fn === "pow" && e.type !== "f32") p.need("whole_pow");
      return fnText(e.fn, e.args[0].type, e.type, e.args.map(value)) ?? noMeaning(e.fn, e.type);
    },
    choose: (e, name, outer) => {
      const mask = outer.value(e.args[0]);
      p.out.line(`${valueType(e.type)} ${name};`);
      const side = (x: Expr) => () => p.out.line(`${name} = ${outer.inside().value(x)};`);
      p.out.branch(`if (${mask})`, side(e.args[1]), side(e.args[2]));
    },
  };
  return new Lane(lane);
}

function noMeaning(fn: LaneFn, type: LaneType): never {
  return fail("kernel-function", `${fn} has no meaning on ${type} lanes`, { why: "src/kernel/lane.ts says what each function takes" });
}

function read(p: PrintContext, e: Extract<Expr, { op: "tile" }>): string {
  const tile = p.tile(e.tile);
  const pitch = p.atom(tile.pitch);
  const at = { full: ` + r * ${pitch} + c`, row: " + c", col: ` + r * ${pitch}`, scalar: "" }[e.as];
  const lane = p.load("nram", tile.type, `${p.at(e.tile)}${at}`);
  return tile.type === e.type ? lane : `(${cType(e.type)})${lane}`;
}

const unitOf = (p: PrintContext): ScalarUnit => ({
  page: p,
  indexes: () => ["r", "c"],
  laneAt: () => laneOf(p),
  put: (name, _row, _col, value, text) => {
    const { type, pitch } = p.tile(name);
    p.store("nram", type, `${p.at(name)} + r * ${p.atom(pitch)} + c`, asStored(type, value, text));
  },
  typeOf: valueType,
});

export function printScalarMap(p: PrintContext, s: Of<"map">): void {
  p.touch("scalar", [...reads(...tilesIn(s.out.map((o) => o.value))), ...writes(...s.out.map((o) => o.tile))]);
  scalarMap(unitOf(p), s);
}

/** A value of a lane type as a tile or buffer holds it. No cast where it is that already: one to bfloat16_t is ambiguous. */
function asStored(to: BufferType, e: Expr, text: string): string {
  if (cType(to) === valueType(e.type)) return text;
  return `(${cType(to)})${isNamed(e) ? text : `(${text})`}`;
}

/** Whether a lane's value is one word: a name, or a literal without a sign. */
function isNamed(e: Expr): boolean {
  return e.op === "const" ? e.type !== "f16" && Number(e.value) >= 0 : e.op !== "int";
}

/** Two values joined by a function of a scatter or a reduction. */
function joined(fn: "add" | "mul" | "max" | "min", type: LaneType, a: string, b: string): string {
  return fnText(fn, type, type, [a, b]) ?? noMeaning(fn, type);
}

export function printScatter(p: PrintContext, s: Of<"scatter">): void {
  p.touch("scalar", reads(...tilesIn([s.index, s.value])));
  const { type } = s.value;
  eachLane(unitOf(p), s.rows, s.cols, (lane) => {
    const at = `${s.buffer} + ${lane.value(s.index)}`;
    const update = lane.value(s.value);
    const held = p.buffer(s.buffer).type;
    if (s.combine === "none") return p.store("gdram", held, at, asStored(held, s.value, update));
    const wide: LaneType = type === "f16" || type === "bf16" ? "f32" : type;
    const cast = (text: string, from: LaneType, to: LaneType) => castText(p.bang, text, from, to, "rint", "wrap");
    const old = p.fresh("old");
    p.out.line(`const ${valueType(wide)} ${old} = ${cast(p.load("gdram", held, at), type, wide)};`);
    const sum = p.fresh("joined");
    p.out.line(`const ${valueType(wide)} ${sum} = ${joined(s.combine, wide, old, cast(update, type, wide))};`);
    p.store("gdram", held, at, cast(sum, wide, type));
  });
}

const folds = { sum: "add", prod: "mul", max: "max", min: "min" } as const;

/** A reduction of a type the vector unit has no arithmetic for. */
export function printScalarReduce(p: PrintContext, s: Of<"reduce">): void {
  p.touch("scalar", [...reads(...tilesIn([s.value]), s.out), ...writes(s.out)]);
  const [held, name] = [p.tile(s.out).type, p.fresh("acc")];
  const out = (at: string) => `${p.at(s.out)} + ${s.along === "cols" ? `${at} * ${p.atom(p.tile(s.out).pitch)}` : at}`;
  scalarReduce(unitOf(p), s, ["r", "c"], {
    name,
    joined: (sum, x) => joined(folds[s.fn], s.value.type, sum, x),
    old: (at) => p.load("nram", held, out(at)),
    set: (at) => p.store("nram", held, out(at), name),
  });
}

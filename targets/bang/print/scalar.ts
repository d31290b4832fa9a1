/**
 * Scalar maps, scatters and reductions: plain loops of the scalar unit over NRAM, one line a value. A select computes
 * only the side it takes, since the other may stand for an element outside its buffer.
 */
import { fail } from "../../../src/base/diagnostic.js";
import type { BufferType, Expr, LaneFn, LaneType } from "../../../src/kernel/tile.js";
import { tilesIn } from "../../../src/kernel/walk.js";
import { Lane, type LaneDialect } from "../../kit/lanes.js";
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
    fresh: () => p.name("v"),
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

function lanes(p: PrintContext, rows: string, cols: string, body: () => void): void {
  p.out.loops([p.loopHead("r", rows), p.loopHead("c", cols)], body);
}

export function printScalarMap(p: PrintContext, s: Of<"map">): void {
  p.touch("scalar", [...reads(...tilesIn(s.out.map((o) => o.value))), ...writes(...s.out.map((o) => o.tile))]);
  lanes(p, p.dim(s.rows), p.dim(s.cols), () => {
    const lane = laneOf(p);
    const values = s.out.map((o) => lane.value(o.value));
    s.out.forEach((o, k) => {
      const tile = p.tile(o.tile);
      p.store("nram", tile.type, `${p.at(o.tile)} + r * ${p.atom(tile.pitch)} + c`, asStored(tile.type, o.value, values[k]));
    });
  });
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

const combines = { add: "add", mul: "mul", max: "max", min: "min" } as const;

export function printScatter(p: PrintContext, s: Of<"scatter">): void {
  p.touch("scalar", reads(...tilesIn([s.index, s.value])));
  const type = s.value.type;
  lanes(p, p.dim(s.rows), p.dim(s.cols), () => {
    const lane = laneOf(p);
    const at = `${s.buffer} + ${lane.value(s.index)}`;
    const update = lane.value(s.value);
    const held = p.buffer(s.buffer).type;
    if (s.combine === "none") return p.store("gdram", held, at, asStored(held, s.value, update));
    const wide: LaneType = type === "f16" || type === "bf16" ? "f32" : type;
    const old = p.name("old");
    p.out.line(`const ${valueType(wide)} ${old} = ${castText(p.bang, p.load("gdram", held, at), type, wide, "rint", "wrap")};`);
    const joined = p.name("joined");
    const other = castText(p.bang, update, type, wide, "rint", "wrap");
    p.out.line(
      `const ${valueType(wide)} ${joined} = ${fnText(combines[s.combine], wide, wide, [old, other]) ?? noMeaning(combines[s.combine], wide)};`,
    );
    p.store("gdram", held, at, castText(p.bang, joined, wide, type, "rint", "wrap"));
  });
}

const folds = { sum: "add", prod: "mul", max: "max", min: "min" } as const;

/** A reduction of a type the vector unit has no arithmetic for. */
export function printScalarReduce(p: PrintContext, s: Of<"reduce">): void {
  p.touch("scalar", [...reads(...tilesIn([s.value]), s.out), ...writes(s.out)]);
  const type = s.value.type;
  const along = s.along === "cols";
  const out = `${p.at(s.out)} + ${along ? `r * ${p.atom(p.tile(s.out).pitch)}` : "c"}`;
  const [outer, inner] = along ? ["r", "c"] : ["c", "r"];
  const size = { r: p.dim(s.rows), c: p.dim(s.cols) };
  p.out.loop(p.loopHead(outer, size[outer as "r" | "c"]), () => {
    const acc = p.name("acc");
    const held = p.tile(s.out).type;
    p.out.line(s.carry ? `${cType(type)} ${acc} = ${p.load("nram", held, out)};` : `${cType(type)} ${acc} = 0;`);
    p.out.loop(p.loopHead(inner, size[inner as "r" | "c"]), () => {
      const x = laneOf(p).value(s.value);
      const joined = fnText(folds[s.fn], type, type, [acc, x]) ?? noMeaning(folds[s.fn], type);
      p.out.line(s.carry ? `${acc} = ${joined};` : `${acc} = ${inner} == 0 ? ${x} : ${joined};`);
    });
    p.store("nram", held, out, acc);
  });
}

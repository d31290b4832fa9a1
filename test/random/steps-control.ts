/** Steps that run bodies: a choice by data, rounds that are counted or asked for, a walk along axes. */
import { symbol, symbolsOf, type Dim } from "../../src/base/dim.js";
import { isFloat, type DType } from "../../src/base/dtype.js";
import { tensorType, type TensorType } from "../../src/base/value-type.js";
import { graphAttr } from "../../src/ir/attr.js";
import { rankedType, type Value } from "../../src/ir/graph.js";
import { placeOf } from "./bound-bodies.js";
import { grow } from "./families.js";
import { int, ints, type Growing } from "./growing.js";
import type { Step } from "./step.js";
import { overflows } from "./steps-reduction.js";
import { tensorOf } from "./values.js";

/** How deep bodies lie in bodies. */
const deepest = 2;

const typeOf = (v: Value): TensorType => {
  const { dtype, shape } = rankedType(v)!;
  return tensorType(dtype, shape);
};

/** A few steps in a body, now and then with bodies of their own. */
function grown(g: Growing, from: readonly Value[]): Value[] {
  const pool = [...from];
  const wanted = g.rng.int(1, 4);
  for (let tries = 0; g.nodes.length < wanted && tries < 4 * wanted; tries++) {
    if (g.depth < deepest && g.rng.chance(0.12)) {
      const made = control(g, g.rng.pick(pool));
      if (made) pool.push(...[made].flat());
    } else grow(g, pool);
  }
  const own = new Set(g.nodes.flatMap((n) => n.outputs));
  return pool.filter((v) => own.has(v));
}

/** A value of the body with the type of `like`: one that was made, one made lane by lane, or what is read from outside. */
function similar(g: Growing, made: readonly Value[], like: Value): Value | undefined {
  const same = made.filter((v) => g.dtype(v) === g.dtype(like) && g.sameDims(v, like));
  if (same.length > 0 && g.rng.chance(0.85)) return same[same.length - 1];
  const more = g.rng.chance(0.8) ? grownFrom(g, like) : undefined;
  return more ?? g.node("Identity", [like]);
}

function grownFrom(g: Growing, like: Value): Value | undefined {
  const by = g.other(g.dtype(like), []);
  if (g.dtype(like) === "bool") return g.node(g.rng.pick(["And", "Or", "Xor"]), [like, by]);
  return g.node(g.rng.pick(["Add", "Sub", "Mul", "Max", "Min"]), [like, by]);
}

/** A truth value of no axes: from outside, or decided by the elements of x. */
function condition(g: Growing, x: Value): Value | undefined {
  if (g.rng.chance(0.3)) return g.input("bool", [], tensorOf("bool", [], [g.rng.int(0, 1)]));
  const dtype = g.dtype(x);
  if (dtype === "bool") return undefined;
  const fn = g.rng.pick(["ReduceMax", "ReduceMin", "ReduceSum"]);
  const least = overflows(g.tensor(x), fn) ? undefined : g.node(fn, [x], { keepdims: int(0) });
  if (!least) return undefined;
  const level = g.numbers(dtype, [g.rng.int(0, 2)], []);
  return g.node(g.rng.pick(["Less", "Greater", "GreaterOrEqual"]), [least, level]);
}

const branch: Step = (g, x) => {
  const cond = condition(g, x);
  if (!cond) return undefined;
  const like = [x, ...(g.rng.chance(0.4) ? [g.rng.pick(g.scope())] : [])];
  const bodies = [g.body(), g.body()].map((body) => {
    const made = grown(body, like);
    const outputs = like.map((v) => similar(body, made, v));
    return outputs.every((v) => v !== undefined) && new Set(outputs).size === outputs.length ? body.graph(outputs) : undefined;
  });
  const [yes, no] = bodies;
  return yes && no && g.running("If", [cond], like.map(typeOf), { then_branch: graphAttr(yes), else_branch: graphAttr(no) });
};

/** How many rounds: a number, one from outside, one that data decide, or none told. */
function count(g: Growing, x: Value): { readonly value: Value | undefined; readonly known?: number } | undefined {
  const { rng } = g;
  const n = rng.weighted([
    [1, 0],
    [2, 1],
    [6, rng.int(2, 4)],
  ]);
  const how = rng.int(0, 9);
  if (how < 5) return { value: g.numbers("i64", [n], []), known: n };
  if (how < 8) return { value: g.input("i64", [], tensorOf("i64", [], [n])) };
  if (how === 8) return { value: undefined };
  const least = isFloat(g.dtype(x)) && g.node("ReduceMax", [x], { keepdims: int(0) });
  const whole = least && g.node("Floor", [least]);
  const value = whole && g.node("Cast", [whole], { to: int(7) });
  return value ? { value } : undefined;
}

/** Whether there is another round: by its number, by what is carried, or as before. */
function again(body: Growing, [i, goes, ...carried]: readonly Value[], asked: boolean): Value | undefined {
  const { rng } = body;
  if (!asked) return body.node("Identity", [goes]);
  if (rng.chance(0.5)) return body.node("Less", [i, body.numbers("i64", [rng.int(0, 4)], [])]);
  return condition(body, rng.pick(carried));
}

/** One or two that rounds give one each, not what they carry. */
function rows(g: Growing, made: readonly Value[], carried: readonly (Value | undefined)[]): Value[] {
  const isLong = (d: Dim): boolean => symbolsOf(d).some((name) => name.startsWith("long_"));
  const fit = made.filter((v) => !carried.includes(v) && g.dims(v).length < 6 && !g.dims(v).some(isLong));
  return fit.length === 0 ? [] : g.rng.some(fit, 0).slice(0, 2);
}

const distinct = (values: readonly (Value | undefined)[]): values is Value[] =>
  values.every((v) => v !== undefined) && new Set(values).size === values.length;

/** What goes from round to round: how it begins, what a round is given, and what the round makes of it. */
interface Carried {
  readonly start: Value;
  readonly inner: Value;
  readonly next: (made: readonly Value[]) => Value | undefined;
  readonly result: TensorType;
}

function carriedAs(body: Growing, start: Value): Carried {
  const inner = body.parameter(start, body.tensor(start), body.bound(start));
  return { start, inner, next: (made) => similar(body, made, inner), result: typeOf(start) };
}

/** Something that is longer after every round. */
function growingFrom(body: Growing, start: Value): Carried | undefined {
  const [length, ...rest] = body.shape(start);
  if (length === undefined || length === 0) return undefined;
  const long = (name: string): TensorType => tensorType(body.dtype(start), [symbol(name), ...body.dims(start).slice(1)]);
  const inner = body.parameter({ name: "", type: long(`long_${body.symbols.size}`) }, body.tensor(start), body.bound(start));
  const more = (): Value =>
    body.rng.chance(0.4) ? inner : body.other(body.dtype(start), [1, ...rest], undefined, [1, ...body.dims(start).slice(1)]);
  const next = (): Value | undefined => body.node("Concat", body.rng.shuffled([inner, more()]), { axis: int(0) });
  return { start, inner, next, result: long(`rows_${inner.name}`) };
}

/** One or two values, of which one may grow. */
function carriedInto(g: Growing, body: Growing, x: Value): Carried[] {
  const first = carriedAs(body, x);
  const other = g.rng.chance(0.5) ? g.rng.pick(g.scope()) : undefined;
  if (!other) return [first];
  return [first, (g.rng.chance(0.3) ? growingFrom(body, other) : undefined) ?? carriedAs(body, other)];
}

const loop: Step = (g, x) => {
  const { rng } = g;
  const trips = count(g, x);
  if (!trips) return undefined;
  const asked = trips.value === undefined || rng.chance(0.3);
  const goes = asked && rng.chance(0.3) ? condition(g, x) : rng.chance(0.5) ? g.numbers("bool", [1], []) : undefined;
  const body = g.body();
  const round = body.parameter({ name: "", type: tensorType("i64", []) }, tensorOf("i64", [], [0]));
  const goesOn = body.parameter({ name: "", type: tensorType("bool", []) }, tensorOf("bool", [], [1]));
  const carried = carriedInto(g, body, x);
  const inner = carried.map((c) => c.inner);
  const made = grown(body, [...inner, ...(rng.chance(0.3) ? counted(body, round, g.dtype(x)) : [])]);
  const next = carried.map((c) => c.next(made));
  const each = rng.chance(0.5) ? rows(body, made, next) : [];
  const outputs = [again(body, [round, goesOn, ...inner], asked), ...next, ...each];
  if (!distinct(outputs)) return undefined;
  const length = asked ? undefined : trips.known;
  const types = [...carried.map((c) => c.result), ...each.map((v) => collected(g, v, 0, length))];
  const inputs = [trips.value, goes, ...carried.map((c) => c.start)];
  const results = g.running("Loop", inputs, types, { body: graphAttr(body.graph(outputs)) });
  return results?.flatMap((v) => (g.dims(v).some(isRows) ? folded(g, v) : [v]));
};

/** The number of the round as a value to compute with. */
function counted(body: Growing, i: Value, dtype: DType): Value[] {
  if (dtype === "bool") return [];
  const code = { f32: 1, f16: 10, i32: 6, i64: 7 }[dtype as string];
  const v = code === undefined ? undefined : body.node("Cast", [i], { to: int(code) });
  return v ? [v] : [];
}

/** The type of rows that lie along an axis; how many a run has, only the run may tell. */
function collected(g: Growing, v: Value, axis: number, length: Dim | undefined): TensorType {
  const dims = [...g.dims(v)];
  dims.splice(axis, 0, length ?? symbol(`rows_${v.name}`));
  return tensorType(g.dtype(v), dims);
}

const isRows = (d: Dim): boolean => symbolsOf(d).some((name) => name.startsWith("rows_"));

/** Of rows that only the run counts, what they come to: a result of such a size is refused. */
function folded(g: Growing, v: Value): Value[] {
  const fn = g.rng.pick(["ReduceSum", "ReduceMax", "ReduceL1", ...(isFloat(g.dtype(v)) ? ["ReduceMean"] : [])]);
  if (g.dtype(v) === "bool" || overflows(g.tensor(v), fn)) return [];
  return [g.node(fn, [v, g.numbers("i64", [0])], { keepdims: int(0) }) ?? []].flat();
}

const scan: Step = (g, x) => {
  const { rng } = g;
  const shape = g.shape(x);
  const fit = [...shape.keys()].filter((axis) => shape[axis] <= 20);
  if (fit.length === 0) return undefined;
  const axis = rng.pick(fit);
  const length = g.dims(x)[axis];
  const walked = [
    x,
    ...(rng.chance(0.3)
      ? g
          .scope()
          .filter((v) => v !== x && g.sameDims(v, x))
          .slice(0, 1)
      : []),
  ];
  const states = rng.chance(0.7) ? [rng.pick(g.scope())] : [];
  const body = g.body();
  const backward = walked.map(() => rng.int(0, 1));
  const given = [
    ...states.map((v) => body.parameter(v, g.tensor(v), g.bound(v))),
    ...walked.map((v, k) => place(g, body, v, axis, backward[k])),
  ];
  if (given.some((v) => v === undefined)) return undefined;
  const from = given as Value[];
  const made = grown(body, rng.shuffled(from));
  const carried = from.slice(0, states.length).map((v) => similar(body, made, v));
  const each = rows(body, made, carried);
  const outputs = [...carried, ...each];
  if (!distinct(outputs) || outputs.length === 0) return undefined;
  const axes = each.map((v) => rng.int(0, g.dims(v).length));
  const spelled = (k: number): number => (rng.chance(0.3) ? axes[k] - g.dims(each[k]).length - 1 : axes[k]);
  const attrs = {
    body: graphAttr(body.graph(outputs)),
    num_scan_inputs: int(walked.length),
    ...(axis > 0 || rng.chance(0.3) ? { scan_input_axes: ints(walked.map(() => (rng.chance(0.3) ? axis - shape.length : axis))) } : {}),
    ...(backward.includes(1) ? { scan_input_directions: ints(backward) } : {}),
    ...(each.length > 0
      ? { scan_output_axes: ints(each.map((_, k) => spelled(k))), scan_output_directions: ints(each.map(() => rng.int(0, 1))) }
      : {}),
  };
  const types = [...states.map(typeOf), ...each.map((v, k) => collected(g, v, axes[k], length))];
  return g.running("Scan", [...states, ...walked], types, attrs);
};

/** What the first round is given of a walked input. */
function place(g: Growing, body: Growing, v: Value, axis: number, backward: number): Value | undefined {
  const dims = g.dims(v).filter((_, i) => i !== axis);
  const length = g.shape(v)[axis];
  if (length === 0) return undefined;
  const { t, e } = placeOf(g.run.of(v), axis, backward ? length - 1 : 0, g.run);
  return body.parameter({ name: "", type: tensorType(g.dtype(v), dims) }, t, e);
}

/** If, Loop or Scan behind a value. */
export const control: Step = (g, x) => g.rng.weighted([[3, branch] as const, [4, loop] as const, [3, scan] as const])(g, x);

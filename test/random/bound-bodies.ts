/** What If, Loop and Scan give, with bounds: bodies run round by round, on decisions that no rounding can turn. */
import { isConst } from "../../src/base/dim.js";
import { allocate, type Tensor } from "../../src/base/tensor.js";
import { makeNode, tensorValue } from "../../src/ir/build.js";
import { int, ints } from "../../src/ir/attr.js";
import { intAttr, intsAttr, rankedType, type Attr, type Graph, type Node } from "../../src/ir/graph.js";
import type { Bounded, BoundRun } from "./bound-run.js";
import { tensorOf } from "./values.js";

/** A branch or a number of rounds that hangs on less than the numbers may be off by. */
export class Undecided extends Error {}

export function ranBodies(node: Node, run: BoundRun): Bounded[] {
  if (node.op === "If") return run.body(bodyOf(node, decision(run.of(node.inputs[0]!)) ? "then_branch" : "else_branch"), []);
  if (node.op === "Loop") return ranLoop(node, run);
  if (node.op === "Scan") return ranScan(node, run);
  throw new Error(`${node.op} runs bodies in a way that nobody told`);
}

function bodyOf(node: Node, name: string): Graph {
  const attr = node.attrs[name];
  if (attr?.kind !== "graph") throw new Error(`${node.op} has no ${name}`);
  return attr.value;
}

function decision({ t, e }: Bounded): number {
  if (e?.[0]) throw new Undecided("a decision hangs on a rounding");
  return Number(t.data[0]);
}

/** What a program that means to end stays within. */
const [mostRounds, mostElements] = [60, 50_000];

const fixed = (t: Tensor): Bounded => ({ t, e: undefined });

function ranLoop(node: Node, run: BoundRun): Bounded[] {
  const body = bodyOf(node, "body");
  const [count, goes, ...start] = node.inputs.map((v) => v && run.of(v));
  const most = count ? decision(count) : Infinity;
  let carried = start as Bounded[];
  let more = !goes || decision(goes) !== 0;
  const rows: Bounded[][] = [];
  for (let i = 0; more && i < most; i++) {
    if (i > mostRounds || carried.some(({ t }) => t.data.length > mostElements)) throw new Undecided("rounds without an end in sight");
    const [again, ...results] = run.body(body, [fixed(tensorOf("i64", [], [i])), fixed(tensorOf("bool", [], [1])), ...carried]);
    more = decision(again) !== 0;
    carried = results.slice(0, carried.length);
    rows.push(results.slice(carried.length));
  }
  const collected = body.outputs.slice(1 + carried.length);
  return [
    ...carried,
    ...collected.map((v, k) =>
      stacked(
        rows.map((r) => r[k]),
        rankedType(v),
        run,
      ),
    ),
  ];
}

function ranScan(node: Node, run: BoundRun): Bounded[] {
  const body = bodyOf(node, "body");
  const given = node.inputs.map((v) => run.of(v!));
  const states = given.length - (intAttr(node, "num_scan_inputs") ?? 0);
  const told = (name: string, k: number): number => Number(intsAttr(node, name)?.[k] ?? 0);
  const scanned = given.slice(states);
  const axes = scanned.map(({ t }, k) => (told("scan_input_axes", k) + t.shape.length) % t.shape.length);
  const length = scanned[0].t.shape[axes[0]];
  let carried = given.slice(0, states);
  const rows: Bounded[][] = [];
  for (let i = 0; i < length; i++) {
    const places = scanned.map((x, k) => placeOf(x, axes[k], told("scan_input_directions", k) === 1 ? length - 1 - i : i, run));
    const results = run.body(body, [...carried, ...places]);
    carried = results.slice(0, states);
    rows.push(results.slice(states));
  }
  const collected = body.outputs.slice(states).map((v, k) => {
    const all = rows.map((r) => r[k]);
    const x = stacked(told("scan_output_directions", k) === 1 ? all.reverse() : all, rankedType(v), run);
    const axis = told("scan_output_axes", k);
    const perm = [...x.t.shape.keys()].slice(1);
    perm.splice(axis < 0 ? axis + x.t.shape.length : axis, 0, 0);
    return computed("Transpose", [x], { perm: ints(perm) }, run);
  });
  return [...carried, ...collected];
}

/** One node over values that stand in no graph. */
function computed(op: string, inputs: readonly Bounded[], attrs: Readonly<Record<string, Attr>>, run: BoundRun): Bounded {
  const operands = inputs.map(({ t, e }) => {
    const v = tensorValue("", t.dtype, t.shape);
    run.set(v, t, e);
    return v;
  });
  return run.node(makeNode(op, operands, [tensorValue("", inputs[0].t.dtype, undefined)], attrs))[0];
}

export function placeOf(x: Bounded, axis: number, place: number, run: BoundRun): Bounded {
  return computed("Gather", [x, fixed(tensorOf("i64", [], [place]))], { axis: int(axis) }, run);
}

function stacked(rows: readonly Bounded[], type: ReturnType<typeof rankedType>, run: BoundRun): Bounded {
  if (rows.length === 0) return fixed(nothing(type));
  const high = rows.map((r) => computed("Unsqueeze", [r, fixed(tensorOf("i64", [1], [0]))], {}, run));
  return computed("Concat", high, { axis: int(0) }, run);
}

function nothing(type: ReturnType<typeof rankedType>): Tensor {
  if (!type?.shape.every(isConst)) throw new Undecided("no row tells its extents");
  return { dtype: type.dtype, shape: [0, ...type.shape], data: allocate(type.dtype, 0) };
}

import { add, mul, product, sameDim, sub, type Dim } from "../../base/dim.js";
import { tensorType } from "../../base/value-type.js";
import { dimsAttr, intAttr, type ConstData, type Node, type Value } from "../../ir/graph.js";
import { addAffine, along, linear, shapeOf, zero, type Affine, type Axis } from "../group/access.js";
import { dtypeOf, elementsOf, isEmpty, splatOf } from "../group/build.js";
import type { GroupBody, GroupExpr } from "../group/expr.js";
import { storesApart } from "./alignment.js";
import type { ScheduleContext, Scheduled } from "./context.js";
import { collapse } from "./layout.js";
import { scheduleDims } from "./dims.js";
import { scheduleRows } from "./rows.js";
import { scheduleRuns, type Run } from "./runs.js";
import { scheduleScatter } from "./scatter.js";
import { scheduleGroup } from "./schedule.js";

type Constants = ReadonlyMap<Value, ConstData>;

/** Kernels in launch order; undefined when the node has no schedule here or none fits. */
export function scheduleNode(node: Node, constants: Constants, context: ScheduleContext): readonly Scheduled[] | undefined {
  const inputs = node.inputs as readonly Value[];
  const [out] = node.outputs as readonly Value[];
  if (isEmpty(out)) return [];
  switch (node.op) {
    case "concat":
      return concat(inputs, out, intAttr(node, "axis") ?? 0, context);
    case "pad":
      return pad(inputs, out, dimsAttr(node, "low") ?? [], constants, context);
    case "gather":
      return scheduleRows(inputs[0], inputs[1], out, intAttr(node, "axis") ?? 0, context);
    case "scatternd":
      return scatter(node, inputs, out, context);
    case "dims":
      return scheduleDims(out, dimsAttr(node, "value") ?? [], context);
    default:
      return undefined;
  }
}

/** A body over `shape` whose every position writes one element of `out`. */
function bodyOf(shape: readonly Dim[], out: Value, at: (index: readonly Affine[]) => { to: Affine; expr: GroupExpr }): GroupBody {
  const axes: Axis[] = shape.map((extent, d) => ({ name: `d${d}`, extent }));
  const { to, expr } = at(axes.map((a) => (a.extent === 1 ? zero : along(a))));
  return { parallel: axes.filter((a) => a.extent !== 1), reduced: [], outputs: [{ value: out, at: to, expr }], elements: elementsOf };
}

/** Copies `x` into the box of `out` that starts at `low`. */
function placed(x: Value, out: Value, low: readonly Dim[]): GroupBody {
  const shape = shapeOf(x);
  return bodyOf(shape, out, (index) => ({
    to: linear(
      shapeOf(out),
      index.map((a, d) => addAffine(a, { offset: low[d], terms: [] })),
    ),
    expr: { op: "read", dtype: dtypeOf(x), value: x, at: linear(shape, index) },
  }));
}

function inOrder(bodies: readonly GroupBody[], context: ScheduleContext): readonly Scheduled[] | undefined {
  const done = bodies.map((b, k) => scheduleGroup(b, bodies.length > 1 ? { ...context, name: `${context.name}_${k}` } : context));
  return done.every((d) => d !== undefined) ? done.flat() : undefined;
}

/** Each part is stored into its region of the output. */
function concat(parts: readonly Value[], out: Value, axis: number, context: ScheduleContext): readonly Scheduled[] | undefined {
  let start: Dim = 0;
  const bodies: GroupBody[] = [];
  for (const x of parts) {
    const shape = shapeOf(x);
    if (!isEmpty(x))
      bodies.push(
        placed(
          x,
          out,
          shape.map((_, d) => (d === axis ? start : 0)),
        ),
      );
    start = add(start, shape[axis]);
  }
  if (bodies.every((b) => storesApart(collapse(b), context.caps))) return inOrder(bodies, context);
  const shape = shapeOf(out);
  const inner = product(shape.slice(axis + 1));
  const runs = parts.filter((x) => !isEmpty(x)).map((from): Run => ({ kind: "copy", from, length: mul(shapeOf(from)[axis], inner) }));
  const made = scheduleRuns(out, product(shape.slice(0, axis)), runs, context);
  return made && [made];
}

/** Fills, then stores the interior. */
function pad(
  [x, value]: readonly Value[],
  out: Value,
  low: readonly Dim[],
  constants: Constants,
  context: ScheduleContext,
): readonly Scheduled[] | undefined {
  const dtype = dtypeOf(out);
  const known = splatOf(constants.get(value), dtype);
  const expr: GroupExpr = known === undefined ? { op: "read", dtype, value, at: zero } : { op: "const", dtype, value: known };
  const flat = { name: "d", extent: elementsOf(out) };
  const fill: GroupBody = { parallel: [flat], reduced: [], outputs: [{ value: out, at: along(flat), expr }], elements: elementsOf };
  const same = shapeOf(x).every((e, d) => `${e}` === `${shapeOf(out)[d]}`);
  const bodies = [...(same ? [] : [fill]), ...(isEmpty(x) ? [] : [placed(x, out, low)])];
  if (bodies.every((b) => storesApart(collapse(b), context.caps))) return inOrder(bodies, context);
  return padByAxis(x, { value, known }, out, low, context);
}

/** One axis at a time, innermost first, each front to back. */
function padByAxis(
  x: Value,
  fill: { readonly value: Value; readonly known: number | bigint | undefined },
  out: Value,
  low: readonly Dim[],
  context: ScheduleContext,
): readonly Scheduled[] | undefined {
  const [from, to] = [shapeOf(x), shapeOf(out)];
  const axes = from.map((_, d) => d).filter((d) => !sameDim(from[d], to[d]));
  const done: Scheduled[] = [];
  let now = x;
  for (const d of [...axes].reverse()) {
    const shape = shapeOf(now).map((e, k) => (k === d ? to[d] : e));
    const name = `${context.name}_${d}`;
    const next: Value = d === axes[0] ? out : { name, type: tensorType(dtypeOf(out), shape) };
    const inner = product(shape.slice(d + 1));
    const edge = (count: Dim): Run => {
      const length = mul(count, inner);
      return fill.known === undefined
        ? { kind: "repeat", from: fill.value, length }
        : { kind: "fill", value: fill.known, like: out, length };
    };
    const middle: Run = { kind: "copy", from: now, length: mul(from[d], inner) };
    const runs = [edge(low[d]), middle, edge(sub(to[d], add(from[d], low[d])))].filter((r) => r.length !== 0);
    const made = scheduleRuns(next, product(shape.slice(0, d)), runs, { ...context, name });
    if (!made) return undefined;
    done.push(made);
    now = next;
  }
  return done;
}

function scatter(
  node: Node,
  [x, positions, updates]: readonly Value[],
  out: Value,
  context: ScheduleContext,
): readonly Scheduled[] | undefined {
  const copied = inOrder(
    [
      placed(
        x,
        out,
        shapeOf(x).map(() => 0),
      ),
    ],
    { ...context, name: `${context.name}_copy` },
  );
  if (!copied || isEmpty(updates)) return copied;
  const written = scheduleScatter(node, positions, updates, out, context);
  return written && [...copied, written];
}

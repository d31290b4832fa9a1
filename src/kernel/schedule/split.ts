/**
 * A long reduction with few results would keep one core busy and the others idle. Without a barrier between cores it
 * takes two launches: partial results for equal parts, then the reduction of the parts with the epilogue.
 */
import { isConst, mul, product } from "../../base/dim.js";
import type { Value } from "../../ir/graph.js";
import { tensorType } from "../../base/value-type.js";
import { addAffine, along, scaleAffine, splitAxis, type Affine, type Axis } from "../group/access.js";
import { topological, type GroupBody, type GroupExpr, type ReduceExpr } from "../group/expr.js";
import type { ScheduleContext } from "./context.js";

/** Shorter reductions are not worth a second launch. */
const worthSplitting = 1 << 15;

/** The two groups, or undefined when one launch is as good. */
export function splitReduction(body: GroupBody, { caps, name }: ScheduleContext): readonly GroupBody[] | undefined {
  const rows = product(body.parallel.map((a) => a.extent));
  const [axis, ...more] = body.reduced;
  if (more.length > 0 || !isConst(rows) || !isConst(axis.extent) || axis.extent < worthSplitting) return undefined;
  const reductions = topological(body.outputs.map((o) => o.expr)).filter((e): e is ReduceExpr => e.op === "reduce");
  const [only] = reductions;
  const wide = body.outputs.some((o) => o.at.terms.some((t) => t.axis === axis));
  if (reductions.length !== 1 || wide || rows * 4 > caps.cores) return undefined;
  const parts = partsOf(axis.extent, Math.ceil(caps.cores / Math.max(1, rows)));
  return parts === undefined ? undefined : halves(body, only, axis, parts, name);
}

/** The divisor of the length nearest to the cores wanted, if one is near. */
function partsOf(length: number, cores: number): number | undefined {
  for (let more = 0; more <= cores; more++)
    for (const parts of [cores + more, cores - (more >> 1)]) if (parts > 1 && length % parts === 0) return parts;
  return undefined;
}

function halves(body: GroupBody, only: ReduceExpr, axis: Axis, parts: number, name: string): readonly GroupBody[] {
  const part: Axis = { name: `${axis.name}p`, extent: parts };
  const inside: Axis = { name: `${axis.name}i`, extent: (axis.extent as number) / parts };
  const dtype = only.dtype === "f16" || only.dtype === "bf16" ? "f32" : only.dtype;
  const shape = [...body.parallel.map((a) => a.extent), parts];
  const partial: Value = { name: `${name}_partial`, type: tensorType(dtype, shape) };
  const at = body.parallel.reduce<Affine>((sum, a, k) => addAffine(sum, scaleAffine(along(a), product(shape.slice(k + 1)))), along(part));
  const first: GroupExpr = { ...only, dtype, arg: rewrite(only.arg, (e) => moved(e, axis, part, inside)) };
  const again: GroupExpr = { ...only, arg: { op: "read", dtype, value: partial, at } };
  const elements: GroupBody["elements"] = (v) => (v === partial ? mul(...shape) : body.elements(v));
  const split = { ...body, parallel: [...body.parallel, part], reduced: [inside], elements };
  const outputs = body.outputs.map((o) => ({ ...o, expr: rewrite(o.expr, (e) => (e === only ? again : undefined)) }));
  return [
    { ...split, outputs: [{ value: partial, at, expr: first }] },
    { ...body, reduced: [part], outputs, elements },
  ];
}

function moved(e: GroupExpr, axis: Axis, part: Axis, inside: Axis): GroupExpr | undefined {
  return e.op === "read" || e.op === "position" ? { ...e, at: splitAxis(e.at, axis, part, inside) } : undefined;
}

function rewrite(root: GroupExpr, by: (e: GroupExpr) => GroupExpr | undefined): GroupExpr {
  const memo = new Map<GroupExpr, GroupExpr>();
  const visit = (e: GroupExpr): GroupExpr => {
    const had = memo.get(e);
    if (had) return had;
    const made = by(e) ?? (e.op === "point" ? { ...e, args: e.args.map(visit) } : "arg" in e ? { ...e, arg: visit(e.arg) } : e);
    memo.set(e, made);
    return made;
  };
  return visit(root);
}

/** Runs operator cases through the reference semantics of a catalogue. */
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { dtypes } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/text/parse.js";
import { recordAttrs } from "../../src/ir/record-attrs.js";
import type { Catalogue, Handle } from "../../src/ops/op.js";
import { views, type NamedTensor, type OpCase, type View } from "./case-text.js";
import { ShadowBuilder } from "./shadow.js";

/**
 * Largest error, absolute or relative, whichever is smaller; Infinity where type, shape or a whole number differs, and,
 * where signs count, a zero's sign.
 */
export function errorOf(got: Tensor | undefined, want: Tensor, signed = false): number {
  if (!got || got.dtype !== want.dtype || got.shape.join() !== want.shape.join()) return Infinity;
  const same = (i: number) => got.data[i] === want.data[i];
  const { kind } = dtypes[want.dtype];
  if (want.dtype === "i64" || want.dtype === "u64" || kind === "string")
    return Array.from(want.data as string[]).every((_, i) => same(i)) ? 0 : Infinity;
  const [a, b] = [toNumbers(got), toNumbers(want)];
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || (a[i] === b[i] && !signed)) continue;
    if (a[i] === b[i]) return Infinity;
    const error = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
    worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
  }
  return worst;
}

/** The outputs of the case's graph, in order. */
export function outputsOf(c: OpCase, catalogue: Catalogue, graph: Graph = parse(c.text)): Tensor[] {
  const given = new Map(c.inputs.map((i) => [i.name, i.value]));
  const out = evaluateGraph(graph, catalogue, new Map(graph.inputs.map((v) => [v, given.get(v.name) as Tensor])));
  return graph.outputs.map((v) => out.get(v) as Tensor);
}

/** What stands as symbols in a view of a case. */
const forms = {
  open: { extents: true, shaping: undefined },
  sized: { extents: true, shaping: "sized" },
  loose: { extents: true, shaping: "loose" },
  shaped: { extents: false, shaping: "loose" },
} as const;

/**
 * The outputs of the case's graph in a view. Operands that shape the program stay constants where the view leaves them,
 * as all constants do in a graph of many nodes.
 */
export function viewOutputs(c: OpCase, catalogue: Catalogue, view: View, kept: ReadonlySet<string> = new Set()): Seen {
  const graph = parse(c.text);
  const form = forms[view];
  const b = new ShadowBuilder();
  const shaping = new Set(graph.nodes.flatMap((n) => n.inputs.filter((_, i) => shapes(catalogue, n, i))));
  const shown = (v: Value, i: number, t: Tensor, free: boolean): Handle => {
    if (shaping.has(v)) return form.shaping && free && !kept.has(v.name) ? b.shaping(t, `s${i}_`, form.shaping) : b.constant(t);
    return form.extents && free ? b.input(t, `d${i}_`) : b.constant(t);
  };
  const given = new Map(c.inputs.map((i) => [i.name, i.value]));
  const values = new Map<Value, Handle>();
  graph.inputs.forEach((v, i) => values.set(v, shown(v, i, given.get(v.name) as Tensor, true)));
  [...graph.constants].forEach(([v, ref], i) => values.set(v, shown(v, i + 50, ref.load(), graph.nodes.length === 1)));
  for (const node of graph.nodes) {
    const name = numbersFor(() => run(catalogue, b, node, values), catalogue, node);
    if (name !== undefined && !kept.has(name)) return viewOutputs(c, catalogue, view, new Set([...kept, name]));
  }
  const out = graph.outputs.map((v) => values.get(v) as Handle);
  return { tensors: out.map((h) => b.value(h)), extents: out.map((h) => `[${h.shape.join(", ")}]`).join(" ") };
}

/** What a view shows of the outputs: their elements at the case's sizes, and what their extents come to. */
interface Seen {
  readonly tensors: Tensor[];
  readonly extents: string;
}

/** The operand of which the operator says that it must be numbers: such ones stay constants. */
function numbersFor(f: () => void, catalogue: Catalogue, node: Node): string | undefined {
  try {
    f();
    return undefined;
  } catch (error) {
    const operand = error instanceof DiagnosticError ? /^input "(.*)" must be numbers/.exec(error.diagnostics[0].message)?.[1] : undefined;
    const at = catalogue.get(node.op)?.inputs.findIndex((i) => i.name === operand) ?? -1;
    const name = node.inputs[at]?.name;
    if (name === undefined) throw error;
    return name;
  }
}

function shapes(catalogue: Catalogue, node: Node, i: number): boolean {
  const inputs = catalogue.get(node.op)?.inputs ?? [];
  return inputs[Math.min(i, inputs.length - 1)]?.shaping ?? false;
}

function run(catalogue: Catalogue, b: ShadowBuilder, node: Node, values: Map<Value, Handle>): void {
  const record = catalogue.get(node.op);
  if (!record) throw new Error(`${node.op} has no record`);
  const inputs = node.inputs.map((v) => v && values.get(v));
  const handles = record.build(b, inputs, recordAttrs(record, node), node.outputs.length);
  node.outputs.forEach((v, i) => v && handles[i] && values.set(v, handles[i]));
}

function difference(got: readonly Tensor[], c: OpCase): string | undefined {
  const wrong = c.outputs.find((o, i) => !(errorOf(got[i], o.value, c.signed) <= c.within));
  return (
    wrong &&
    `output ${wrong.name} ${sizes(got[c.outputs.indexOf(wrong)])}, off by ${errorOf(got[c.outputs.indexOf(wrong)], wrong.value, c.signed)}`
  );
}

const sizes = (t: Tensor | undefined): string => (t ? `${t.dtype}[${t.shape.join()}]` : "missing");

/** In a view: the same numbers, or the refusal that was recorded. */
function viewFault(c: OpCase, view: View, wanted: string, catalogue: Catalogue): string | undefined {
  const became = viewFate(c, catalogue, view);
  return became === wanted ? undefined : `${view}: ${became}, not ${wanted}`;
}

/** "same" with what the extents come to, what a refusal says, or what is wrong. */
export function viewFate(c: OpCase, catalogue: Catalogue, view: View): string {
  try {
    const { tensors, extents } = viewOutputs(c, catalogue, view);
    return difference(tensors, c) ?? `same ${extents}`;
  } catch (error) {
    return error instanceof DiagnosticError ? said(error) : `${(error as Error).message}`.split("\n")[0];
  }
}

/** The views that show something else than the one before: those of operands that shape, where there are some. */
export function viewsOf(c: OpCase, catalogue: Catalogue): readonly View[] {
  const graph = parse(c.text);
  return graph.nodes.some((n) => n.inputs.some((_, i) => shapes(catalogue, n, i))) ? views : ["open"];
}

/** A refusal in a line: its code, its sentence, and the way out. */
export function said(error: DiagnosticError): string {
  const [{ code, message, fix }] = error.diagnostics;
  return [`${code}: ${message}`, ...(fix === undefined ? [] : [fix])].join(" | ").replaceAll("\n", " ");
}

/** Undefined when the case holds, else why not. */
export function faultOf(c: OpCase, catalogue: Catalogue): string | undefined {
  try {
    const got = outputsOf(c, catalogue);
    if (c.fails !== undefined) return `not refused with ${c.fails}`;
    const wrong = difference(got, c);
    return wrong ?? first(c.views, ([view, wanted]) => viewFault(c, view, wanted, catalogue));
  } catch (error) {
    const became = error instanceof DiagnosticError ? said(error) : `${(error as Error).message}`.split("\n")[0];
    return c.fails !== undefined && became === c.fails ? undefined : became;
  }
}

function first<T>(list: Iterable<T>, f: (x: T) => string | undefined): string | undefined {
  for (const x of list) {
    const found = f(x);
    if (found !== undefined) return found;
  }
  return undefined;
}

export type { NamedTensor };

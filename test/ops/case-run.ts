/** Runs operator cases through the reference semantics of a catalogue. */
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { dtypes } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import { evaluateGraph } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/parse.js";
import { recordAttrs } from "../../src/ir/record-attrs.js";
import type { Catalogue } from "../../src/ops/op.js";
import type { NamedTensor, OpCase } from "./case-text.js";
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

/** The outputs of the case's one operator where every extent of its inputs is a symbol, except of those that shape the program. */
export function openOutputs(c: OpCase, catalogue: Catalogue): Tensor[] {
  const graph = parse(c.text);
  const [node] = graph.nodes;
  const record = catalogue.get(node.op);
  if (graph.nodes.length !== 1 || !record) throw new Error(`${c.name} is not one operator`);
  const given = new Map(c.inputs.map((i) => [i.name, i.value]));
  const b = new ShadowBuilder();
  const shown = node.inputs.map((v, i) => {
    const value = v && (given.get(v.name) ?? graph.constants.get(v)?.load());
    return value && (record.inputs[Math.min(i, record.inputs.length - 1)].shaping ? b.constant(value) : b.input(value, `d${i}_`));
  });
  const handles = record.build(b, shown, recordAttrs(record, node), node.outputs.length);
  return node.outputs.flatMap((v, i) => {
    const h = handles[i];
    return v && h && graph.outputs.includes(v) ? [b.value(h)] : [];
  });
}

function difference(got: readonly Tensor[], c: OpCase): string | undefined {
  const wrong = c.outputs.find((o, i) => !(errorOf(got[i], o.value, c.signed) <= c.within));
  return (
    wrong &&
    `output ${wrong.name} ${sizes(got[c.outputs.indexOf(wrong)])}, off by ${errorOf(got[c.outputs.indexOf(wrong)], wrong.value, c.signed)}`
  );
}

const sizes = (t: Tensor | undefined): string => (t ? `${t.dtype}[${t.shape.join()}]` : "missing");

/** With open extents: the same numbers, or the refusal that was recorded. */
function openFault(c: OpCase, wanted: string, catalogue: Catalogue): string | undefined {
  const became = openFate(c, catalogue);
  return became === wanted ? undefined : `with open extents: ${became}, not ${wanted}`;
}

/** "same", the code of a refusal, or what is wrong. */
export function openFate(c: OpCase, catalogue: Catalogue): string {
  try {
    return difference(openOutputs(c, catalogue), c) ?? "same";
  } catch (error) {
    return error instanceof DiagnosticError ? error.diagnostics[0].code : `${(error as Error).message}`;
  }
}

/** Undefined when the case holds, else why not. */
export function faultOf(c: OpCase, catalogue: Catalogue): string | undefined {
  try {
    const got = outputsOf(c, catalogue);
    if (c.fails !== undefined) return `not refused with ${c.fails}`;
    const wrong = difference(got, c);
    return wrong ?? (c.open === undefined ? undefined : openFault(c, c.open, catalogue));
  } catch (error) {
    const code = error instanceof DiagnosticError ? error.diagnostics[0].code : undefined;
    return c.fails !== undefined && code === c.fails ? undefined : `${(error as Error).message}`.split("\n")[0];
  }
}

export type { NamedTensor };

/**
 * Operators become primitives: every node whose operator has a record, and that nobody wants to keep, is replaced by
 * what the record builds. Origins go along; extents stay symbolic; constants are read only where a formula asks.
 */
import { DiagnosticError, type Diagnostic } from "../../base/diagnostic.js";
import type { Catalogue } from "../../ops/op.js";
import { handleOf, wrap } from "../../ops/lang/core.js";
import { withBuilder, type Num } from "../../ops/lang/value.js";
import { isPrimitive } from "../../ops/primitive.js";
import { buildNode } from "../infer/node.js";
import { inferGraph, uniqueGuards } from "../infer/infer.js";
import { collectSymbols } from "../build.js";
import type { Graph, Node } from "../graph.js";
import { nodeAttrs } from "../primitive-node.js";
import { knowing, type Knowing } from "./context.js";
import type { Make, Outcome } from "./make.js";
import { rewriteAny } from "./rewrite.js";
import { SymbolicBuilder, type Emitter } from "../infer/symbolic-builder.js";
import { ValueView } from "./views.js";

/**
 * Shape arithmetic is followed through `known`; without it the graph is inferred when a formula's operand may be an
 * extent, since a Shape that has become primitives no longer says so.
 *
 * `keep` says which nodes stay as they are (a library claims them). Nodes without record or with operands of
 * unknown rank stay too; the caller reports those. If and Loop become `if` and `loop` with decomposed bodies. Throws
 * the diagnostics of all nodes whose operands do not fit, or whose meaning hangs on what only the running program knows.
 */
export function decompose(graph: Graph, catalogue: Catalogue, keep: (node: Node) => boolean, known?: Knowing): Graph {
  const faults: Diagnostic[] = [];
  const out = rewriteAny(graph, knowing(catalogue, known ?? whenAsked(graph, catalogue)), ({ node, inputs }, make): Outcome => {
    if (isPrimitive(node.op) || keep(node)) return undefined;
    const control = controlFlow(node);
    if (control) return make.node(control.op, inputs, control.attrs, { types: node.outputs.map((v) => v?.type ?? { kind: "unknown" }) });
    return collecting(faults, () => expand(node, catalogue, make));
  });
  if (faults.length > 0) throw new DiagnosticError(faults);
  return out === graph ? graph : { ...out, guards: uniqueGuards(out.guards), symbols: collectSymbols(out) };
}

/** Inference that runs once, at the first question. */
function whenAsked(graph: Graph, catalogue: Catalogue): Knowing {
  let facts: Knowing["facts"];
  return {
    get facts() {
      return (facts ??= inferGraph(graph, catalogue).facts);
    },
  };
}

/** Goes on after a fault, so that one run names every node that cannot be taken apart. */
function collecting(faults: Diagnostic[], run: () => Outcome): Outcome {
  try {
    return run();
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    faults.push(...e.diagnostics);
    return undefined;
  }
}

function controlFlow(node: Node): { op: string; attrs: Node["attrs"] } | undefined {
  const { then_branch: yes, else_branch: no, body } = node.attrs;
  if (node.op === "If" && yes && no) return { op: "if", attrs: { then: yes, else: no } };
  return node.op === "Loop" && body ? { op: "loop", attrs: { body } } : undefined;
}

function expand(node: Node, catalogue: Catalogue, make: Make): Outcome {
  const builder = builderOver(make);
  const results = buildNode(node, catalogue, make.facts, builder, (v) => new ValueView(v, make.facts));
  if ("unknown" in results) return undefined;
  builder.guards.forEach((g) => make.guard(g));
  return results.map((h) => h && builder.own(h).behind);
}

/** A builder whose primitives become nodes of a rewrite. */
export function builderOver(make: Make): SymbolicBuilder<ValueView> {
  return new SymbolicBuilder(emitter(make));
}

/** What a formula over views makes. */
export function builtOver(make: Make, formula: (operand: (v: ValueView) => Num) => Num): ValueView {
  const builder = builderOver(make);
  const operand = (v: ValueView): Num => wrap(builder.operand(v.dtype ?? "i8", v.shape ?? [], v, v.constant, undefined));
  return withBuilder(builder, () => builder.own(handleOf(formula(operand))).behind);
}

function emitter(make: Make): Emitter<ValueView> {
  return {
    node: (op, inputs, attrs, results) =>
      make.node(op, inputs, nodeAttrs(op, attrs), { types: results.map((h) => ({ kind: "tensor", dtype: h.dtype, shape: h.shape })) }),
    constant: (data) => make.constant(data),
  };
}

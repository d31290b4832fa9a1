/**
 * Types for every value of a graph, shape arithmetic followed symbolically.
 *
 * Inferred types win over declared ones, which only help where nothing can be inferred; a declaration that contradicts
 * is reported. An element type or a rank that contradicts is an error; a declared extent that does is a warning, as is a
 * rank that some operand's value decides, since exporters leave stale shapes behind and every runtime goes by what
 * follows from the operators.
 */
import { decide } from "../../base/cond.js";
import { dimKey, type Dim } from "../../base/dim.js";
import type { Element } from "../../base/element.js";
import { DiagnosticError, problem, type Diagnostic } from "../../base/diagnostic.js";
import { sameType, tensorType, type ValueType } from "../../base/value-type.js";
import type { Catalogue } from "../../ops/op.js";
import { elementsOf, type Fact, type Knowledge } from "./facts.js";
import { condText } from "../text/print.js";
import { collectSymbols } from "../build.js";
import { inferOnce, inherit } from "./remembered.js";
import { inferBodies } from "./bodies.js";
import type { ConstData, Graph, Guard, Node, Value } from "../graph.js";
import { nodeLabel } from "../record-attrs.js";
import { spellType } from "../text/spelling.js";
import { undecided } from "./undecided.js";
import { exchangeReads } from "../walk.js";

export interface Inferred {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  /** What is known of computed values before the program runs: elements of small tensors, and whether data goes into them. */
  readonly facts: ReadonlyMap<Value, Fact>;
}

/** Never throws for a fault of the model: faults are among the diagnostics, and the graph keeps what was declared. */
export function inferGraph(graph: Graph, catalogue: Catalogue): Inferred {
  const inference = new Inference(catalogue);
  const body = inference.run(graph);
  const typed = { ...body, guards: uniqueGuards([...graph.guards, ...inference.guards]) };
  return { graph: { ...typed, symbols: collectSymbols(typed) }, diagnostics: inference.diagnostics, facts: inference.facts };
}

/** Each condition once; an equation is the same from both sides. */
export function uniqueGuards(guards: readonly Guard[]): Guard[] {
  const seen = new Map<string, Guard>();
  for (const g of guards) {
    const { when } = g;
    const key = when.op === "eq" ? [dimKey(when.a), dimKey(when.b)].sort().join(" == ") : condText(when);
    if (!seen.has(key)) seen.set(key, g);
  }
  return [...seen.values()];
}

export class Inference implements Knowledge {
  readonly catalogue: Catalogue;
  readonly diagnostics: Diagnostic[] = [];
  readonly guards: Guard[] = [];
  readonly facts = new Map<Value, Fact>();
  readonly #constants = new Map<Value, ConstData>();
  /** A value as it came, and as it is typed now. */
  readonly #typed = new Map<Value, Value>();

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
  }

  constant(v: Value): ConstData | undefined {
    return this.#constants.get(v);
  }

  fact(v: Value): Fact | undefined {
    return this.facts.get(v);
  }

  elements(v: Value): readonly Element[] | undefined {
    return elementsOf(v, this);
  }

  /** Types a graph or a body; `inputs` gives better types for a body's inputs than were declared. */
  run(graph: Graph, inputs: readonly (ValueType | undefined)[] = []): Graph {
    const constants = new Map([...graph.constants].map(([v, data]) => [this.retype(v, tensorType(data.dtype, data.shape)), data]));
    for (const [v, data] of constants) this.#constants.set(v, data);
    const typedInputs = graph.inputs.map((v, i) => this.retype(v, inputs[i] ?? v.type));
    const nodes = graph.nodes.map((n) => this.#node(n));
    return { ...graph, inputs: typedInputs, constants, nodes, outputs: graph.outputs.map((v) => this.now(v)) };
  }

  /** The typed value that stands for one that came in. */
  now(v: Value): Value {
    return this.#typed.get(v) ?? v;
  }

  retype(v: Value, type: ValueType): Value {
    const out = sameType(type, v.type) ? v : { ...v, type };
    this.#typed.set(v, out);
    return out;
  }

  #node(original: Node): Node {
    const read = exchangeReads(original, (v) => this.now(v));
    try {
      const bodies = inferBodies(read, original, this);
      if (bodies) return { ...bodies.node, outputs: this.#outputs(original, bodies.types, bodies.facts ?? []) };
      const facts = inferOnce(read, this.catalogue, this);
      if ("unknown" in facts) return typedAs(read, this.#outputs(original, [], []));
      this.guards.push(...facts.guards);
      if (facts.refused) this.#note(facts.refused);
      const declared = read.inputs.some((v) => v && this.fact(v)?.declared);
      const known = declared ? facts.facts.map((f) => f && { ...f, declared }) : facts.facts;
      return typedAs(read, this.#outputs(original, facts.types, known));
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw e;
      this.#note(e);
      return typedAs(read, this.#outputs(original, [], []));
    }
  }

  #outputs(node: Node, types: readonly (ValueType | undefined)[], facts: readonly (Fact | undefined)[]): (Value | undefined)[] {
    return node.outputs.map((v, i) => {
      const type = types[i];
      if (!v || !type) {
        if (v) this.#know(v, v, this.catalogue.has(node.op) ? { sized: false, declared: true } : undefined);
        return v && this.retype(v, v.type);
      }
      this.#compare(node, v, type);
      const out = this.retype(v, merged(type, v.type));
      this.#know(v, out, facts[i]);
      return out;
    });
  }

  /** Under both values: who rewrites the graph that came in asks for its own. */
  #know(original: Value, typed: Value, fact: Fact | undefined): void {
    for (const v of [original, typed])
      // A body is typed more than once: what an earlier round knew no longer holds.
      if (fact) this.facts.set(v, fact);
      else this.facts.delete(v);
  }

  #note(e: DiagnosticError): void {
    this.diagnostics.push(...e.diagnostics.map((d) => (undecided.has(d.code) ? { ...d, severity: "note" as const } : d)));
  }

  /** Reports a declaration that cannot be true. */
  #compare(node: Node, v: Value, inferred: ValueType): void {
    const [a, b] = [v.type, inferred];
    if (a === b) return;
    if (a.kind === "unknown" || b.kind === "unknown") return;
    const clash =
      a.kind !== b.kind || ("dtype" in a && "dtype" in b && a.dtype !== b.dtype) || ranksClash(node, a, b)
        ? "error"
        : shapesClash(a, b)
          ? "warning"
          : undefined;
    if (!clash) return;
    this.diagnostics.push(
      problem(
        "type-mismatch",
        `${node.op} "${nodeLabel(node)}": "${v.name}" is declared ${spellType(a)}, but ${spellType(b)} follows from its operands`,
        {
          severity: clash,
          location: { node: nodeLabel(node), tensor: v.name },
        },
      ),
    );
  }
}

/** The node with its outputs typed: itself where they were, else one of which is known what was known of it. */
function typedAs(read: Node, outputs: Node["outputs"]): Node {
  if (read.outputs.every((v, i) => v === outputs[i])) return read;
  const typed = { ...read, outputs };
  inherit(typed, read);
  return typed;
}

/** Operators whose rank is said by the value of an operand, which a declaration may be older than. */
const ranksByValue: ReadonlySet<string> = new Set(["Reshape", "Expand", "ConstantOfShape", "Squeeze", "Unsqueeze", "Gather", "Einsum"]);

/** Ranks that contradict each other whatever any value is. */
function ranksClash(node: Node, a: ValueType, b: ValueType): boolean {
  if (a.kind !== "tensor" || b.kind !== "tensor" || !a.shape || !b.shape || ranksByValue.has(node.op)) return false;
  return a.shape.length !== b.shape.length && node.inputs.length > 0;
}

function shapesClash(a: ValueType, b: ValueType): boolean {
  if (a.kind !== "tensor" || b.kind !== "tensor" || !a.shape || !b.shape) return false;
  if (a.shape.length !== b.shape.length) return true;
  return a.shape.some((d, i) => decide({ op: "eq", a: d, b: (b.shape as readonly Dim[])[i] }) === false);
}

/** What was inferred, filled from the declaration where inference has no rank or kind. */
function merged(inferred: ValueType, declared: ValueType): ValueType {
  if (inferred.kind === "unknown") return declared;
  if (inferred.kind !== "tensor" || inferred.shape || declared.kind !== "tensor") return inferred;
  return declared.dtype === inferred.dtype ? declared : inferred;
}

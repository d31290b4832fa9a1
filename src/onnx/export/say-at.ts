/**
 * A graph of the internal opset in the words of an older one: nodes run back through the steps of older/table.ts, and
 * what the opset still has no word for is refused by name.
 */
import { DiagnosticError, fail, type Diagnostic } from "../../base/diagnostic.js";
import type { TensorType } from "../../base/value-type.js";
import { constData } from "../../ir/build.js";
import { rankedType, type Attr, type ConstData, type Graph, type Node, type Value } from "../../ir/graph.js";
import { Names } from "../../ir/rewrite/names.js";
import { nodeLabel } from "../../ir/record-attrs.js";
import { eachGraph, mapBodies, readsOf } from "../../ir/walk.js";
import type { Draft, Sayer } from "./older/draft.js";
import { normalAxes } from "./older/negative-axes.js";
import { olderForms } from "./older/table.js";
import { domainOf } from "./opset.js";
import { typesSince, versions } from "./versions.js";

/** Constants above this are not looked into. */
const smallConstant = 4096;

/** The graph as opset `opset` says it. Throws `unsupported-opset`, one diagnostic a node that it has no words for. */
export function sayAt(graph: Graph, opset: number): Graph {
  const speaker = new Speaker(graph, opset);
  const said = speaker.graph(graph);
  if (speaker.faults.length > 0) throw new DiagnosticError(speaker.faults);
  return said;
}

interface Body {
  readonly nodes: Node[];
  readonly constants: Map<Value, ConstData>;
}

class Speaker {
  readonly faults: Diagnostic[] = [];
  readonly #opset: number;
  readonly #names: Names;
  readonly #constants = new Map<Value, ConstData>();
  readonly #read = new Set<Value>();

  constructor(graph: Graph, opset: number) {
    this.#opset = opset;
    this.#names = new Names(graph);
    eachGraph(graph, (g) => {
      g.constants.forEach((data, v) => this.#constants.set(v, data));
      for (const v of [...g.nodes.flatMap(readsOf), ...g.outputs]) this.#read.add(v);
    });
  }

  graph(graph: Graph): Graph {
    const body: Body = { nodes: [], constants: new Map(graph.constants) };
    for (const node of graph.nodes) this.#node({ ...node, attrs: mapBodies(node.attrs, (g) => this.graph(g)) }, body);
    const read = new Set([...body.nodes.flatMap(readsOf), ...graph.outputs]);
    const constants = new Map([...body.constants].filter(([v]) => read.has(v) || !this.#read.has(v)));
    return { ...graph, nodes: body.nodes, constants };
  }

  #node(node: Node, body: Body): void {
    if (node.version !== undefined || domainOf(node.op).domain !== "") return void body.nodes.push(node);
    try {
      this.#say(node, node, body, Infinity);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.faults.push(...error.diagnostics);
    }
  }

  /** Says what `root` became in its form of opset `version`. */
  #say(draft: Draft, root: Node, body: Body, version: number): void {
    const forms = Object.hasOwn(olderForms, draft.op) ? olderForms[draft.op] : [];
    const step = forms.find((s) => this.#opset < s.before && s.before < version);
    if (!step) return this.#append(draft, root, body);
    const later: Draft[] = [];
    const next = step.rewrite(draft, this.#sayer(root, body, later));
    if (next) this.#say(next, root, body, step.before);
    for (const one of later) this.#say(one, root, body, Infinity);
  }

  #append(draft: Draft, root: Node, body: Body): void {
    const { op, inputs, outputs } = draft;
    const attrs = this.#known(this.#opset < 11 ? normalAxes(draft) : draft, root);
    const last = inputs.findLastIndex((v) => v !== undefined) + 1;
    body.nodes.push({ ...root, op, inputs: inputs.slice(0, last), outputs, attrs });
  }

  /** The attributes that the opset has for the operator; a later one that says nothing is left out, another refused. */
  #known({ op, inputs, attrs }: Draft, root: Node): Draft["attrs"] {
    const all = Object.hasOwn(versions, op) ? versions[op] : undefined;
    if (!all) return attrs;
    const form = all.findLast(([since]) => since <= this.#opset) ?? this.#cannot(root, `the operator ${op} came with opset ${all[0][0]}`);
    const [, most, names] = form;
    this.#requireTypes(op, root);
    if (most > 0 && inputs.findLastIndex((v) => v !== undefined) >= most) this.#cannot(root, `${op} takes at most ${most} inputs there`);
    const known = names.split(" ");
    const kept = Object.entries(attrs).filter(([name, attr]) => known.includes(name) || !this.#isSilent(name, attr, root));
    return Object.fromEntries(kept);
  }

  /** Element types that an operator took later than it came. */
  #requireTypes(op: string, root: Node): void {
    if (!Object.hasOwn(typesSince, op)) return;
    for (const v of [...root.inputs, ...root.outputs]) {
      const { dtype } = rankedType(v) ?? {};
      const since = dtype && typesSince[op][dtype];
      if (since !== undefined && since > this.#opset) this.#cannot(root, `${op} takes ${dtype} since opset ${since}`);
    }
  }

  #isSilent(name: string, attr: Attr, root: Node): boolean {
    if (attr.kind === "opaque") return false;
    const value = "value" in attr ? attr.value : undefined;
    const silent = Array.isArray(value)
      ? value.every((x) => x === 1n)
      : Object.hasOwn(defaults, name) && String(value) === String(defaults[name]);
    if (!silent) this.#cannot(root, `it has no attribute "${name}" there`);
    return true;
  }

  #cannot(root: Node, what: string): never {
    return fail("unsupported-opset", `opset ${this.#opset} cannot say ${root.op} "${nodeLabel(root)}": ${what}`, {
      location: { node: nodeLabel(root) },
      fix: "Choose a newer opset with --opset, or leave the choice to Portolan.",
    });
  }

  #sayer(root: Node, body: Body, later: Draft[]): Sayer {
    const fresh: Sayer["fresh"] = (like, type) => ({ name: this.#names.fresh(like?.name ?? nodeLabel(root)), type });
    const typeOf = (v: Value | undefined): TensorType | undefined => (v?.type.kind === "tensor" ? v.type : undefined);
    return {
      opset: this.#opset,
      fresh,
      typeOf,
      rankOf: (v) => rankedType(v)?.shape.length,
      constant: (value) => {
        const v = fresh(undefined, { kind: "tensor", dtype: value.dtype, shape: value.shape });
        body.constants.set(v, constData(value));
        this.#constants.set(v, constData(value));
        return v;
      },
      before: (op, inputs, type, attrs = {}) => {
        const output = fresh(root.outputs[0], type);
        this.#say({ op, inputs, outputs: [output], attrs }, { ...root, op }, body, Infinity);
        return output;
      },
      after: (op, inputs, outputs, attrs = {}) => void later.push({ op, inputs, outputs, attrs }),
      known: (v) => {
        const data = v && this.#constants.get(v);
        return data && data.shape.reduce((a, b) => a * b, 1) <= smallConstant ? data.load() : undefined;
      },
      isRead: (v) => v !== undefined && this.#read.has(v),
      cannot: (what) => this.#cannot(root, what),
    };
  }
}

/** Values with which an attribute of a later opset says what the operator did without it. */
const defaults: Readonly<Record<string, number | string>> = {
  allowzero: 0,
  antialias: 0,
  batch_dims: 0,
  ceil_mode: 0,
  count_include_pad: 0,
  exclusive: 0,
  exclude_outside: 0,
  keep_aspect_ratio_policy: "stretch",
  largest: 1,
  layout: 0,
  noop_with_empty_axes: 0,
  reduction: "none",
  reverse: 0,
  saturate: 1,
  select_last_index: 0,
  sorted: 1,
  stash_type: 1,
  storage_order: 0,
  training_mode: 0,
};

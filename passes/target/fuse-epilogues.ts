import { product, sameDim, type Dim } from "../../src/base/dim.js";
import { tensorType } from "../../src/base/value-type.js";
import { libraryForm, withConstants, type LibraryForm } from "../../src/claim/call.js";
import { answerOf } from "../../src/claim/claim.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { mapBodies, readsOf, seenFrom } from "../../src/ir/walk.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * f(MatMul(a, w) + b)  =>  reshape(call target::Gemm(reshape(a), w, b) then f)      f(Gemm(a, w, b))  =>  call target::Gemm(a, w, b) then f
 *
 * where the target's row says that its one call adds a row of values to the product (`epilogue`), and f is an operator that
 * the call applies as well; without such an f, MatMul and addition alone. All matrices of a are one: w has two axes.
 *
 * Skipped when no row with an epilogue takes the product, when b is no row of as many values as w has columns, when
 * somebody else reads what lies between, and for a Gemm that nothing follows: it is one call as it is.
 */
export const fuseEpilogues: TargetPass = {
  name: "fuse-epilogues",
  // What is applied in the call is applied before the product is rounded to its type.
  rounds: true,
  run(graph, context) {
    const all: Shared = { names: new Names(graph), besides: [], context };
    return withConstants(fused(graph, all), all.besides);
  },
};

/** What a graph and its bodies have in common. */
interface Shared {
  readonly names: Names;
  readonly context: TargetContext;
  /** Constants that the calls read besides. */
  readonly besides: LibraryForm["constants"][number][];
}

function fused(graph: Graph, all: Shared): Graph {
  const finder = new Finder(graph, all);
  // From the end, so that what follows a sum is seen before the sum.
  for (const node of [...graph.nodes].reverse()) finder.look(node);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const made = finder.made.get(node);
    if (made) return made;
    if (finder.gone.has(node)) return [];
    const attrs = mapBodies(node.attrs, (body) => inBody(body, graph, all));
    return [attrs === node.attrs ? node : { ...node, attrs }];
  });
  return nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]) ? graph : { ...graph, nodes };
}

function inBody(body: Graph, outer: Graph, all: Shared): Graph {
  const inside = fused(seenFrom(body, outer), all);
  return inside.nodes === body.nodes ? body : { ...body, nodes: inside.nodes };
}

/** A product with the values that are added to each of its rows, and the nodes it stands for. */
interface Linear {
  readonly a: Value;
  readonly w: Value;
  readonly bias: Value | undefined;
  readonly attrs: Node["attrs"];
  readonly of: readonly Node[];
}

class Finder {
  /** What takes the place of a node, and nodes that went into another. */
  readonly made = new Map<Node, readonly Node[]>();
  readonly gone = new Set<Node>();
  readonly #graph: Graph;
  readonly #all: Shared;
  readonly #makers: ReadonlyMap<Value | undefined, Node>;
  readonly #uses = new Map<Value, number>();

  constructor(graph: Graph, all: Shared) {
    this.#graph = graph;
    this.#all = all;
    this.#makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n])));
    for (const v of [...graph.nodes.flatMap(readsOf), ...graph.outputs]) this.#uses.set(v, (this.#uses.get(v) ?? 0) + 1);
  }

  look(node: Node): void {
    if (this.gone.has(node)) return;
    const before = node.inputs.length === 1 ? this.#alone(node.inputs[0]) : undefined;
    const followed = before && this.#linear(before);
    if (followed && this.#fuse({ ...followed, of: [...followed.of, node] }, node, node.op)) return;
    const linear = node.op === "Add" ? this.#linear(node) : undefined;
    if (linear) this.#fuse(linear, node, undefined);
  }

  /** Who makes a value that nobody else reads. */
  #alone(v: Value | undefined): Node | undefined {
    return v && this.#uses.get(v) === 1 ? this.#makers.get(v) : undefined;
  }

  #linear(node: Node): Linear | undefined {
    const [a, w, bias] = node.inputs;
    if (node.op === "Gemm") return a && w && { a, w, bias, attrs: node.attrs, of: [node] };
    if (node.op !== "Add") return undefined;
    return this.#sum(node, a, w) ?? this.#sum(node, w, a);
  }

  #sum(node: Node, x: Value | undefined, bias: Value | undefined): Linear | undefined {
    const made = this.#alone(x);
    const [a, w] = made?.op === "MatMul" ? made.inputs : [];
    const [shape, row] = [rankedType(w)?.shape, rankedType(bias)?.shape];
    const isRow = shape?.length === 2 && row?.length === 1 && sameDim(row[0], shape[1]);
    return made && a && w && bias && isRow && (rankedType(a)?.shape.length ?? 0) >= 2
      ? { a, w, bias, attrs: {}, of: [made, node] }
      : undefined;
  }

  /** Whether a row of the target takes it. `last` gives the result. */
  #fuse(linear: Linear, last: Node, then: string | undefined): boolean {
    const { names, context, besides } = this.#all;
    const { target, chip } = context;
    const [y] = last.outputs;
    const rows = target.rows.filter((r) => r.op === "Gemm" && r.epilogue && (then === undefined || r.epilogue.includes(then)));
    const flat = y && rows.length > 0 ? this.#flat(linear, y) : undefined;
    const claimed = flat && answerOf(flat.gemm, rows, this.#graph, context);
    if (!flat || !claimed || typeof claimed === "string") return false;
    const { nodes, constants } = libraryForm(claimed, target, chip, names);
    const form = nodes.map((n) => (n.call && then ? { ...n, call: { ...n.call, then } } : n));
    besides.push(...constants);
    linear.of.forEach((n) => n !== last && this.gone.add(n));
    this.made.set(last, [...flat.before, ...form, ...flat.after]);
    return true;
  }

  /** The product of two matrices, with views of what has more axes around it. */
  #flat({ a, w, bias, attrs, of }: Linear, y: Value): { gemm: Node; before: Node[]; after: Node[] } | undefined {
    const [left, right, result] = [rankedType(a), rankedType(w), rankedType(y)];
    if (!left || !right || !result || left.dtype !== result.dtype) return undefined;
    const origin = [...new Set(of.flatMap((n) => n.origin))];
    const gemm = (x: Value, out: Value): Node => ({ op: "Gemm", inputs: bias ? [x, w, bias] : [x, w], outputs: [out], attrs, origin });
    if (left.shape.length === 2) return { gemm: gemm(a, y), before: [], after: [] };
    const [k, rows] = [left.shape[left.shape.length - 1], product(left.shape.slice(0, -1))];
    const [x, out] = [this.#view(a, [rows, k]), this.#view(y, [rows, right.shape[1]])];
    return { gemm: gemm(x, out), before: [view(a, x, origin)], after: [view(out, y, origin)] };
  }

  #view(v: Value, shape: readonly Dim[]): Value {
    return { name: this.#all.names.fresh(v.name), type: tensorType(rankedType(v)?.dtype ?? "f32", shape) };
  }
}

function view(from: Value, to: Value, origin: Node["origin"]): Node {
  const shape = rankedType(to)?.shape ?? [];
  return { op: "reshape", inputs: [from], outputs: [to], attrs: nodeAttrs("reshape", { shape }), origin };
}

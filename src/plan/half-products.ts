/**
 * Products that only show once operators are taken apart (an attention's, an einsum's, those of a recurrent layer): where
 * the library would take them in f16, they get halves and give them, casts around. What else stays in f32.
 */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { tensorType } from "../base/value-type.js";
import { Names } from "../ir/rewrite/names.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import type { Chip } from "../claim/target.js";

const products: ReadonlySet<string> = new Set(["contract", "conv", "convtranspose"]);

interface ProductOptions {
  readonly wide: ReadonlySet<Value>;
  readonly isClaimable: (node: Node) => boolean;
}

export function halveProducts(graph: Graph, { wide, isClaimable }: ProductOptions): Graph {
  const names = new Names(graph);
  const halves = new Map<Value, Value>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const all = [...node.inputs, ...node.outputs];
    const single = all.every((v) => v !== undefined && rankedType(v)?.dtype === "f32" && !wide.has(v));
    if (!products.has(node.op) || !single) return [node];
    const derived = (v: Value): Value => ({ name: names.fresh(v.name), type: tensorType("f16", rankedType(v)?.shape ?? []) });
    const cast = (x: Value, y: Value, to: "f16" | "f32"): Node => ({
      op: "cast",
      inputs: [x],
      outputs: [y],
      attrs: nodeAttrs("cast", { to }),
      origin: node.origin,
    });
    const before: Node[] = [];
    const made: [Value, Value][] = [];
    const inputs = (node.inputs as Value[]).map((v) => {
      const known = halves.get(v) ?? made.find(([x]) => x === v)?.[1];
      if (known) return known;
      const half = derived(v);
      made.push([v, half]);
      before.push(cast(v, half, "f16"));
      return half;
    });
    const [y] = node.outputs as Value[];
    const half = derived(y);
    const taken = { ...node, inputs, outputs: [half] };
    if (!isClaimable(taken)) return [node];
    made.forEach(([v, h]) => halves.set(v, h));
    halves.set(y, half);
    return [...before, taken, cast(half, y, "f32")];
  });
  return { ...graph, nodes };
}

/** What a float32 program should know of a chip whose matrix unit takes halves only. */
export function productsInHalves(nodes: readonly Node[], chip: Chip): readonly Diagnostic[] {
  if (nodes.length === 0) return [];
  const [node] = nodes[0].origin;
  const count = nodes.length === 1 ? "one matrix product is" : `${nodes.length} matrix products are`;
  return [
    problem("half-products", `${count} computed from float16 operands: ${chip.caps.chip} multiplies no float32`, {
      severity: "warning",
      why: "Operands and results are rounded to 11 bits. They are scaled into the range of float16 before, and back after.",
      fix: "Take a chip that multiplies float32, or compare with verify whether the model bears it.",
      location: { node },
    }),
  ];
}

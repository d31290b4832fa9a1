/** Multiplications with an addition that a product or convolution takes, at given extents. */
import { evaluateDim, symbolsOf, type Dim } from "../base/dim.js";
import { elementCount } from "../base/tensor.js";
import { intAttr, rankedType, type Node, type Value } from "../ir/graph.js";

type Extents = ReadonlyMap<string, number>;

/** Undefined where no extent is known for a symbol. */
export function macsOf(node: Node, extents: Extents): number | undefined {
  const [x, w] = node.inputs;
  const [xs, ws, ys] = [shapeOf(x, extents), shapeOf(w, extents), shapeOf(node.outputs[0], extents)];
  if (!xs || !ws || !ys) return undefined;
  switch (node.op) {
    case "Conv":
      return elementCount(ys) * elementCount(ws.slice(1));
    case "ConvTranspose":
      return elementCount(xs) * elementCount(ws.slice(1));
    case "Gemm":
      return elementCount(ys) * xs[intAttr(node, "transA") === 1 ? 0 : 1];
    default:
      return elementCount(ys) * (xs.at(-1) ?? 1);
  }
}

function shapeOf(v: Value | undefined, extents: Extents): readonly number[] | undefined {
  const dims: readonly Dim[] | undefined = rankedType(v)?.shape;
  return dims?.every((d) => symbolsOf(d).every((s) => extents.has(s))) ? dims.map((d) => evaluateDim(d, extents)) : undefined;
}

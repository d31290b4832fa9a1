/**
 * A value divided by one number a channel, where the numbers go into constants of what computes it: nothing is added to
 * the graph. What cannot take them in is left alone.
 */
import { sameDim, type Dim } from "../../src/base/dim.js";
import { intAttr, rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";

/** A constant operand that is to be divided along an axis. */
export interface Division {
  readonly node: Node;
  readonly operand: number;
  /** The channels lie along it in a constant of that rank; one number for all becomes one a channel. */
  readonly axis: number;
  readonly rank: number;
}

export interface Makers {
  readonly maker: (v: Value) => Node | undefined;
  /** How often a value is read, as an output of the graph too. */
  readonly reads: (v: Value) => number;
}

/**
 * The operands whose division divides `v`, whose channels lie along `axis`; undefined where something has no constant
 * to take it in, or where a value on the way is read by others. Relu and its kind let positive factors through.
 */
export function divisionsOf(v: Value, axis: number, graph: Graph, makers: Makers): readonly Division[] | undefined {
  const node = makers.maker(v);
  const rank = rankedType(v)?.shape.length;
  if (!node || rank === undefined) return undefined;
  const isLast = axis === rank - 1;
  const through = (at: number): readonly Division[] | undefined => {
    const x = node.inputs[at];
    const [from, to] = [rankedType(x)?.shape, rankedType(v)?.shape];
    const isAlike = from && to && from.length === to.length && sameDim(from[axis], to[axis]);
    return x && isAlike && makers.reads(x) === 1 ? divisionsOf(x, axis, graph, makers) : undefined;
  };
  const constant = (at: number, channels: number | undefined): readonly Division[] | undefined => {
    const operand = node.inputs[at];
    const data = operand && graph.constants.get(operand);
    if (!data || channels === undefined || data.shape.length <= channels) return undefined;
    return [{ node, operand: at, axis: channels, rank: data.shape.length }];
  };
  const both = (...parts: readonly (readonly Division[] | undefined)[]): readonly Division[] | undefined =>
    parts.every((p) => p !== undefined) ? parts.flat() : undefined;
  switch (node.op) {
    case "Relu":
    case "LeakyRelu":
    case "Identity":
      return through(0);
    case "MaxPool":
    case "AveragePool":
    case "GlobalAveragePool":
      // Other axes are those that are pooled over.
      return axis === 1 ? through(0) : undefined;
    case "Conv":
      return axis === 1 ? both(constant(1, 0), node.inputs[2] ? constant(2, 0) : []) : undefined;
    case "MatMul":
      return isLast ? constant(1, rankOf(node.inputs[1]) - 1) : undefined;
    case "Gemm": {
      const columns = intAttr(node, "transB") === 1 ? 0 : 1;
      return axis === 1 ? both(constant(1, columns), node.inputs[2] ? alongColumns(node, graph) : []) : undefined;
    }
    case "LayerNormalization":
      return isLast && isVector(node.inputs[1]) ? both(constant(1, 0), node.inputs[2] ? constant(2, 0) : []) : undefined;
    case "Mul":
    case "Add":
      return byConstant(node, graph, { axis, rank, channels: rankedType(v)?.shape[axis] }, through);
    default:
      return undefined;
  }
}

const rankOf = (v: Value | undefined): number => rankedType(v)?.shape.length ?? 0;
const isVector = (v: Value | undefined): boolean => rankOf(v) === 1;

interface Channels {
  readonly axis: number;
  readonly rank: number;
  readonly channels: Dim | undefined;
}

/** A number for all or one a channel, beside another operand: the sum is divided in both, the product in the constant alone. */
function byConstant(
  node: Node,
  graph: Graph,
  { axis, rank, channels }: Channels,
  through: (at: number) => readonly Division[] | undefined,
): readonly Division[] | undefined {
  // As the constant stands from the right: [C] of a last axis, [C, 1, 1] of one with two behind it.
  const needed = rank - axis;
  const at = [0, 1].find((i) => {
    const v = node.inputs[i];
    const shape = v && graph.constants.get(v)?.shape;
    return shape && shape.length <= rank && shape.every((d, k) => d === 1 || (shape.length - k === needed && d === channels));
  });
  if (at === undefined || (node.op === "Add" && graph.constants.has(node.inputs[1 - at] as Value))) return undefined;
  const length = graph.constants.get(node.inputs[at] as Value)?.shape.length ?? 0;
  const wide = Math.max(needed, length);
  const own: readonly Division[] = [{ node, operand: at, axis: wide - needed, rank: wide }];
  if (node.op === "Mul") return own;
  const other = through(1 - at);
  return other && [...own, ...other];
}

/** The third operand of a Gemm, where it is one value a column. */
function alongColumns(node: Node, graph: Graph): readonly Division[] | undefined {
  const c = node.inputs[2];
  const data = c && graph.constants.get(c);
  return data?.shape.length === 1 ? [{ node, operand: 2, axis: 0, rank: 1 }] : undefined;
}

/**
 * How large the values of a graph are, as a power of two, followed from its constants: what multiplies adds up, what adds
 * takes the larger, a sum grows with its length, an operator of bounded result begins anew. Inputs and trained weights
 * count as about 1. So a mask of -1e12 or a factor of 1e-9 is seen to leave the range of f16, and its way back too.
 */
import { problem, type Diagnostic } from "../../src/base/diagnostic.js";
import { isConst, product } from "../../src/base/dim.js";
import { isFloat } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount } from "../../src/base/tensor.js";
import { eachGraph } from "../../src/ir/walk.js";
import { intsAttr, isUnread, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** log2 of the sizes that f16 holds with room to spare: it ends at 2^16, and keeps all its digits down to 2^-14. */
const most = 14;
const least = -12;

/** The largest finite f16, and half of the smallest one: what lies beyond becomes infinite, or zero. */
const largest = 65504;
const smallest = 2 ** -25;

const products = set("MatMul Gemm Conv ConvTranspose Einsum MatMulInteger");
const sums = set("ReduceSum ReduceSumSquare ReduceL1 CumSum");
const passing = set(
  "Identity Neg Abs Reshape Transpose Squeeze Unsqueeze Flatten Slice Gather GatherElements GatherND Concat Pad Expand Split Tile Resize " +
    "Add Sub Sum Mean ReduceMean ReduceMax ReduceMin AveragePool GlobalAveragePool MaxPool GlobalMaxPool ReduceL2 Where ScatterND " +
    "ScatterElements Relu LeakyRelu PRelu Elu Selu Celu Gelu Softplus HardSwish Mish LogSoftmax Trilu DepthToSpace SpaceToDepth Dropout " +
    "Ceil Floor Round Range ConstantOfShape",
);

/** Larger constants are weights that nobody looks through: they are trained, and of size 1. */
const mostLookedThrough = 1 << 24;

/** The least and the largest element that is not infinite, by size; undefined for a constant of zeros alone. */
function extremesOf(data: ConstData): { readonly low: number; readonly high: number; readonly abs: number } | undefined {
  if (!isFloat(data.dtype) || elementCount(data.shape) > mostLookedThrough || isUnread(data)) return undefined;
  let [low, high] = [Infinity, -Infinity];
  const { data: raw } = data.load();
  const numbers = raw instanceof Float32Array ? raw : toNumbers(data.load());
  for (const x of numbers) {
    if (!Number.isFinite(x)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  const abs = Math.max(Math.abs(low), Math.abs(high));
  return Number.isFinite(abs) && abs > 0 ? { low, high, abs } : undefined;
}

/** Values that f16 cannot hold, f32 constants among them. */
export function outOfRange(graph: Graph): ReadonlySet<Value> {
  const sizes = new Sizes(graph);
  const out = new Set<Value>();
  const isSingle = (v: Value): boolean => rankedType(v)?.dtype === "f32";
  for (const v of graph.constants.keys()) if (isSingle(v) && sizes.isTooLarge(v)) out.add(v);
  for (const node of graph.nodes) {
    // A small constant is as good as none where it is added, and matters where it multiplies.
    const factors = node.op === "Mul" || node.op === "Div" || products.has(node.op) ? node.inputs.slice(0, 2) : [];
    for (const v of [...factors, ...node.outputs]) if (v && isSingle(v) && sizes.isOut(v)) out.add(v);
  }
  return out;
}

/** What is said about the f32 constants that f16 cannot hold: those of one value together. */
export function constantsOutOfRange(graph: Graph): readonly Diagnostic[] {
  const byValue = new Map<number, string[]>();
  eachGraph(graph, ({ constants }) => {
    for (const [v, data] of constants) {
      const found = data.dtype === "f32" ? extremesOf(data) : undefined;
      if (!found || (found.abs <= largest && found.abs >= smallest)) continue;
      const value = Math.abs(found.low) > Math.abs(found.high) ? found.low : found.high;
      byValue.set(value, [...(byValue.get(value) ?? []), v.name]);
    }
  });
  return [...byValue].map(([value, names]) => {
    const said = names.slice(0, 3).map((n) => `"${n}"`);
    const all = names.length > 3 ? `${said.join(", ")} and ${names.length - 3} others` : said.join(", ");
    return problem(
      "half-range",
      `${all}: float16 has no ${Number(value.toPrecision(9))}${Math.abs(value) > largest ? "" : ", it would be 0"}`,
      {
        severity: "warning",
        why: "The constant stays float32, as does what it makes too large or too small for float16.",
        location: { tensor: names[0] },
      },
    );
  });
}

class Sizes {
  readonly #graph: Graph;
  readonly #sizes = new Map<Value, number>();
  readonly #signs = new Map<Value, { readonly low: number; readonly high: number }>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const [v, data] of graph.constants) {
      const found = extremesOf(data);
      if (!found) continue;
      const size = Math.log2(found.abs);
      if (elementCount(data.shape) === 1 || size > most || size < least) this.#sizes.set(v, size);
      this.#signs.set(v, found);
    }
    for (const node of graph.nodes) {
      const size = this.#of(node);
      for (const v of node.outputs) if (v && size !== 0) this.#sizes.set(v, size);
    }
  }

  size(v: Value | undefined): number {
    return (v && this.#sizes.get(v)) ?? 0;
  }

  isTooLarge(v: Value): boolean {
    return this.size(v) > most;
  }

  isOut(v: Value): boolean {
    return this.isTooLarge(v) || this.size(v) < least;
  }

  #of(node: Node): number {
    const [a, b] = node.inputs.map((v) => this.size(v));
    switch (node.op) {
      case "Mul":
        return a + b;
      case "Div":
        return a - b;
      case "Sqrt":
        return a / 2;
      case "Reciprocal":
        return -a;
      case "Exp":
        return a > 4 && a <= most ? most + 1 : 0;
      case "Pow":
        return a * this.#exponent(node);
      case "Cast":
        return this.#cast(node);
      case "Max":
      case "Min":
        return this.#chosen(node);
      case "Clip":
        return this.#clipped(node);
      default:
        return this.#other(node);
    }
  }

  #other(node: Node): number {
    const sizes = node.inputs.filter((v) => this.#isData(v)).map((v) => this.size(v));
    if (sums.has(node.op)) return sizes[0] + Math.log2(this.#summed(node)) + (node.op === "ReduceSumSquare" ? sizes[0] : 0);
    if (products.has(node.op)) return settled(sizes.reduce((sum, n) => sum + n, 0));
    return passing.has(node.op) ? Math.max(...sizes, sizes.length > 0 ? -Infinity : 0) : 0;
  }

  #isData(v: Value | undefined): boolean {
    const type = rankedType(v);
    return type !== undefined && isFloat(type.dtype);
  }

  #exponent(node: Node): number {
    const data = node.inputs[1] && this.#graph.constants.get(node.inputs[1]);
    return data && elementCount(data.shape) === 1 ? Number(toNumbers(data.load())[0]) : 1;
  }

  /** Integers may be of any size that their type holds; a mask is 0 or 1. */
  #cast(node: Node): number {
    const type = rankedType(node.inputs[0])?.dtype;
    if (type === "u8" || type === "i8") return 8;
    if (type === "bool") return 0;
    return type && !isFloat(type) ? most + 1 : this.size(node.inputs[0]);
  }

  /** A bound that only something larger still would meet says nothing. */
  #chosen(node: Node): number {
    const limits = node.inputs.filter((v) => {
      const bound = v && this.#signs.get(v);
      return !bound || (node.op === "Max" ? bound.low > -largest : bound.high < largest);
    });
    return Math.max(...limits.map((v) => this.size(v)), limits.length > 0 ? -Infinity : 0);
  }

  #clipped(node: Node): number {
    const [x, low, high] = node.inputs;
    const bounds = [low, high].map((v) => v && this.#signs.get(v));
    if (bounds.some((b) => b === undefined)) return this.size(x);
    return Math.min(this.size(x), Math.log2(Math.max(...bounds.map((b) => Math.abs(b?.high ?? 0)))));
  }

  /** Elements that meet in one of the result. */
  #summed(node: Node): number {
    const shape = rankedType(node.inputs[0])?.shape ?? [];
    if (node.op === "CumSum") return Math.max(1, ...shape.filter(isConst));
    const given = node.inputs[1] && this.#graph.constants.get(node.inputs[1]);
    const axes = given ? [...toNumbers(given.load())] : intsAttr(node, "axes");
    const summed = axes && axes.length > 0 ? axes.map((a) => shape[a < 0 ? a + shape.length : a] ?? 1) : shape;
    const count = product(summed);
    return isConst(count) ? Math.max(1, count) : 1;
  }
}

/** Trained weights make up for the size of what they multiply, unless that is out of all proportion. */
function settled(size: number): number {
  return size > most || size < least ? size : 0;
}

/**
 * Which values must not be stored as f16, told from the operators alone.
 *
 * f16 ends at 65504 and loses everything below 6e-8. Squares and exponentials leave that range soon, and are mostly on
 * their way to an operator that brings it back: the power spectrum before its logarithm, a variance before its square
 * root, a norm before its division. So a value stays f32 when it lies
 *
 * - between a square (Pow with an exponent of 2 or more, Mul(x, x), ReduceSumSquare) or an Exp and a Log, Sqrt,
 *   Reciprocal, Div or root, with only linear, selecting or moving operators in between; or
 * - between a graph input and the operand of such a square, with only linear and moving operators in between: nobody
 *   says how large an input is (audio samples reach 32768, a Fourier transform of them millions), and what is squared
 *   has but half the range to spare; or
 * - where its size, followed from constants through the operators, leaves the range (magnitude.ts).
 *
 * The rule cannot see a large input that is never squared.
 */
import { elementCount } from "../../src/base/tensor.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { eachGraph } from "../../src/ir/walk.js";
import { outOfRange } from "./magnitude.js";

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

export const moving = set("Reshape Transpose Squeeze Unsqueeze Flatten Slice Gather Concat Pad Expand Identity Split Tile");
const linear = set("Add Sub Mul Neg MatMul Gemm Conv ConvTranspose ReduceSum ReduceMean AveragePool GlobalAveragePool Sum Mean CumSum");
const selecting = set("Max Min Clip Relu Abs Where ReduceMax ReduceMin MaxPool GlobalMaxPool");
const growing = set("Exp ReduceSumSquare");
const returning = set("Log Sqrt Reciprocal Div ReduceLogSum");

/** Values to keep in f32 where everything else becomes f16, those of bodies among them. */
export function wideValues(graph: Graph): ReadonlySet<Value> {
  const wide = new Set<Value>();
  eachGraph(graph, (g) => {
    for (const found of [betweenSquareAndReturn(g), betweenInputAndSquare(g), outOfRange(g)]) for (const v of found) wide.add(v);
  });
  return wide;
}

function exponentOf(node: Node, { constants }: Graph): number | undefined {
  const data = node.inputs[1] && constants.get(node.inputs[1]);
  return node.op === "Pow" && data && elementCount(data.shape) === 1 ? Number(toNumbers(data.load())[0]) : undefined;
}

function isSquare(node: Node, graph: Graph): boolean {
  if (node.op === "Mul") return node.inputs[0] === node.inputs[1];
  return (exponentOf(node, graph) ?? 0) >= 2 || node.op === "ReduceSumSquare";
}

function isReturn(node: Node, graph: Graph): boolean {
  return returning.has(node.op) || (exponentOf(node, graph) ?? 1) < 1;
}

function passesOn(node: Node): boolean {
  return moving.has(node.op) || linear.has(node.op) || selecting.has(node.op);
}

function* present(values: readonly (Value | undefined)[]): Iterable<Value> {
  for (const v of values) if (v) yield v;
}

function betweenSquareAndReturn(graph: Graph): Set<Value> {
  const grown = new Set<Value>();
  for (const node of graph.nodes) {
    const begins = isSquare(node, graph) || growing.has(node.op);
    const goesOn = passesOn(node) && node.inputs.some((v) => v && grown.has(v));
    if (begins || goesOn) for (const v of present(node.outputs)) grown.add(v);
  }
  return reaching(graph, grown, (node) => isReturn(node, graph), passesOn);
}

function betweenInputAndSquare(graph: Graph): Set<Value> {
  const straight = (node: Node): boolean => moving.has(node.op) || linear.has(node.op);
  const given = new Set<Value>(graph.inputs);
  for (const node of graph.nodes) {
    const computed = [...present(node.inputs)].filter((v) => !graph.constants.has(v));
    if (straight(node) && !isSquare(node, graph) && computed.length > 0 && computed.every((v) => given.has(v)))
      for (const v of present(node.outputs)) given.add(v);
  }
  return reaching(graph, given, (node) => isSquare(node, graph), straight);
}

/** Those of `from` that come, through nodes that pass them on, to a node where they end. */
function reaching(graph: Graph, from: ReadonlySet<Value>, ends: (node: Node) => boolean, through: (node: Node) => boolean): Set<Value> {
  const out = new Set<Value>();
  for (const node of [...graph.nodes].reverse()) {
    const leads = ends(node) || (through(node) && node.outputs.some((v) => v && out.has(v)));
    if (leads) for (const v of present(node.inputs)) if (from.has(v)) out.add(v);
  }
  return out;
}

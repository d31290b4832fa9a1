/** What a node says to the rows of a library: its shapes, its window, its factors, with what the standard takes where it says nothing. */
import { isConst, type Dim } from "../../src/base/dim.js";
import { floatAttr, intAttr, intsAttr, rankedType, textAttr, type Node } from "../../src/ir/graph.js";

export function shapeOf(node: Node, input = 0): readonly Dim[] | undefined {
  return rankedType(node.inputs[input])?.shape;
}

export function outputShape(node: Node): readonly Dim[] | undefined {
  return rankedType(node.outputs[0])?.shape;
}

export function rankOf(node: Node, input = 0): number | undefined {
  return shapeOf(node, input)?.length;
}

/** A convolution's or pooling's window, a number a spatial dimension. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Pads in front of each dimension and behind it. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** The kernel is the attribute's, or the filter's known extents. */
export function windowOf(node: Node): Window {
  const spatial = Math.max(0, (rankOf(node) ?? 2) - 2);
  const filled = (name: string, value: number, count = spatial) => intsAttr(node, name) ?? new Array<number>(count).fill(value);
  const pads = filled("pads", 0, 2 * spatial);
  const filter = (shapeOf(node, 1) ?? []).slice(2).map((d) => (isConst(d) ? d : 0));
  return {
    kernel: intsAttr(node, "kernel_shape") ?? filter,
    strides: filled("strides", 1),
    dilations: filled("dilations", 1),
    begins: pads.slice(0, pads.length / 2),
    ends: pads.slice(pads.length / 2),
  };
}

/** The window over a plane: one dimension has a height of one in front. */
export function planar({ kernel, strides, dilations, begins, ends }: Window): Window {
  const two = (values: readonly number[], height: number) => (values.length === 1 ? [height, ...values] : values);
  return { kernel: two(kernel, 1), strides: two(strides, 1), dilations: two(dilations, 1), begins: two(begins, 0), ends: two(ends, 0) };
}

/** The shape with that height: of N C L where `at` is 2, of N L C where it is 1. */
export function planarShape(shape: readonly Dim[], at: 1 | 2): readonly Dim[] {
  return shape.length === 3 ? [...shape.slice(0, at), 1, ...shape.slice(at)] : shape;
}

/** Begin and end of each dimension in turn. */
export function padsByAxis({ begins, ends }: Pick<Window, "begins" | "ends">): readonly number[] {
  return begins.flatMap((begin, i) => [begin, ends[i]]);
}

export function hasEvenPads({ begins, ends }: Window): boolean {
  return begins.every((begin, i) => begin === ends[i]);
}

export function isDilated(node: Node): boolean {
  return (intsAttr(node, "dilations") ?? []).some((d) => d !== 1);
}

/** Whether pads are still to be computed from extents. */
export function padsItself(node: Node): boolean {
  return (textAttr(node, "auto_pad") ?? "NOTSET") !== "NOTSET";
}

export function groupOf(node: Node): number {
  return intAttr(node, "group") ?? 1;
}

/** What a product does with its operands: alpha * op(a) * op(b) + beta * c. */
export interface Factors {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
}

export function factorsOf(node: Node): Factors {
  const on = (name: string) => (intAttr(node, name) ?? intAttr(node, name.toLowerCase())) === 1;
  return { transA: on("transA"), transB: on("transB"), alpha: floatAttr(node, "alpha") ?? 1, beta: floatAttr(node, "beta") ?? 1 };
}

/** Whether operands are levels without zero points and the result their sums in such a type, or why not. */
export function levelsAs(type: "i32" | "f32", node: Node): true | string {
  const [a, b, y] = [node.inputs[0], node.inputs[1], node.outputs[0]].map((v) => rankedType(v)?.dtype);
  if (node.inputs.length > 2) return "zero points";
  return a === "i8" && b === "i8" && y === type ? true : `${a} times ${b} as ${y}`;
}

/** Counted from the front. */
export function axisOf(node: Node, rank: number): number {
  const axis = intAttr(node, "axis") ?? -1;
  return axis < 0 ? axis + rank : axis;
}

export function permutationOf(node: Node, rank: number): readonly number[] {
  return intsAttr(node, "perm") ?? [...new Array<number>(rank).keys()].reverse();
}

/** A shape of that rank, with leading ones. */
export function padded(shape: readonly Dim[], rank: number): readonly Dim[] {
  return [...new Array<Dim>(Math.max(0, rank - shape.length)).fill(1), ...shape];
}

/** How Resize finds its elements, with the standard's defaults. */
interface Resizing {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly antialias: boolean;
  readonly scales: readonly number[] | undefined;
}

export function resizingOf(node: Node): Resizing {
  const { scales } = node.attrs;
  return {
    mode: textAttr(node, "mode") ?? "nearest",
    coordinates: textAttr(node, "coordinate_transformation_mode") ?? "half_pixel",
    nearest: textAttr(node, "nearest_mode") ?? "round_prefer_floor",
    antialias: (intAttr(node, "antialias") ?? 0) !== 0,
    scales: scales?.kind === "floats" ? scales.value : undefined,
  };
}

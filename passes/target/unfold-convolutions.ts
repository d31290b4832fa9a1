import { product, type Dim } from "../../src/base/dim.js";
import { allocate, tensor } from "../../src/base/tensor.js";
import { constData } from "../../src/ir/build.js";
import { tensorType } from "../../src/base/value-type.js";
import { intAttr, intsAttr, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { countOps } from "../../src/ir/walk.js";
import type { PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";
import { isMultiplied, isProductMultiplied } from "./levels-as-floats.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * conv(x, w)  =>  reshape(contract(w, windows of x))                        x of one image
 * conv(x, w)  =>  reshape(transpose(contract(windows of x, w, transb=1)))   x of several
 *
 * A convolution of 8-bit levels as the product that it is, for chips whose library multiplies levels and convolves none: each column
 * of the one, or row of the other, holds what one place of the result sees. Where the filter has one tap nothing is copied.
 *
 * Skipped when a row takes the convolution, when none takes the product, for several groups, with zero points, and when the
 * filter's extents are open.
 */
export const unfoldConvolutions: TargetPass = {
  name: "unfold-convolutions",
  run(graph, context) {
    if ((countOps(graph).get("conv") ?? 0) === 0) return graph;
    return rewriteAny(graph, knowing(context.catalogue, context), (view, make) => unfolded(view, graph, context, make));
  },
};

function unfolded(view: AnyView, graph: Graph, context: TargetContext, make: Make): ValueView | undefined {
  const { node, inputs, outputs } = view;
  const [x, w, zeroX, zeroW] = inputs;
  const [y] = outputs;
  const isOfLevels = node.op === "conv" && x?.dtype === "i8" && w?.dtype === "i8" && y?.dtype === "i32";
  if (!isOfLevels || zeroX || zeroW || intAttr(node, "group") !== 1 || !x.shape || !y.shape || !w.fixedShape) return undefined;
  if (isMultiplied(node, graph, context)) return undefined;
  const window = { node, x, w, filter: w.fixedShape, places: y.shape.slice(2) };
  const [n] = x.shape;
  const [m, k, count] = [w.fixedShape[0], product(w.fixedShape.slice(1)), product(window.places)];
  const isTaken = (a: readonly Dim[], b: readonly Dim[], turned: boolean): boolean => {
    const levels = (name: string, shape: readonly Dim[]): Value => ({ name, type: tensorType("i8", shape) });
    return isProductMultiplied({ op: "contract", a: levels("a", a), b: levels("b", b), attrs: sums(turned) }, graph, context);
  };
  if (n !== 1) return isTaken([product([n, count]), k], [m, k], true) ? ofImages(window, y.shape, make) : undefined;
  const turned = [false, true].find((t) => isTaken([m, k], t ? [count, k] : [k, count], t));
  return turned === undefined ? undefined : ofOneImage(window, turned, y.shape, make);
}

/** A convolution whose filter, [M, C, taps..], sees `places` of each image. */
interface Window {
  readonly node: Node;
  readonly x: ValueView;
  readonly w: ValueView;
  readonly filter: readonly number[];
  readonly places: readonly Dim[];
}

/** [M, K] times [K, places], as the result lies; `turned` where calls limit what lies last, and places are many or open. */
function ofOneImage(window: Window, turned: boolean, shape: readonly Dim[], make: Make): ValueView {
  const { w, filter, places } = window;
  const k = product(filter.slice(1));
  const count = product(places);
  const columns = apply(make, "reshape", [windowsOf(window, turned, make)], { shape: turned ? [count, k] : [k, count] });
  const rows = apply(make, "reshape", [w], { shape: [filter[0], k] });
  return apply(make, "reshape", [apply(make, "contract", [rows, columns], sums(turned))], { shape });
}

/** [N * places, K] times w turned, whose channels then go in front of the places. */
function ofImages(window: Window, shape: readonly Dim[], make: Make): ValueView {
  const { w, filter, places } = window;
  const k = product(filter.slice(1));
  const rows = apply(make, "reshape", [windowsOf(window, true, make)], { shape: [product([shape[0], ...places]), k] });
  const sum = apply(make, "contract", [rows, apply(make, "reshape", [w], { shape: [filter[0], k] })], sums(true));
  const last = apply(make, "reshape", [sum], { shape: [shape[0], product(places), filter[0]] });
  return apply(make, "reshape", [apply(make, "transpose", [last], { perm: [0, 2, 1] })], { shape });
}

const sums = (turned: boolean): PrimitiveAttrs => ({ transa: 0, transb: Number(turned), acc: "i32" });

/** What each place sees, the places first, [N, places.., C, taps..], or last, [N, C, taps.., places..]. */
function windowsOf({ node, x, filter }: Window, placesFirst: boolean, make: Make): ValueView {
  const spatial = filter.slice(2);
  const n = spatial.length;
  const axes = spatial.map((_, i) => 2 + i);
  const [strides, dilations, pads] = ["strides", "dilations", "pads"].map((name) => intsAttr(node, name) ?? []);
  const padded = withPads(x, pads, make);
  const one = spatial.every((taps, i) => taps === 1 && strides[i] === 1);
  const seen = one ? padded : apply(make, "window", [padded], { axes, sizes: spatial, strides, dilations });
  const taps = one ? [] : axes.map((a) => a + n);
  return apply(make, "transpose", [seen], { perm: placesFirst ? [0, ...axes, 1, ...taps] : [0, 1, ...taps, ...axes] });
}

function withPads(x: ValueView, pads: readonly number[], make: Make): ValueView {
  if (pads.every((p) => p === 0)) return x;
  const n = pads.length / 2;
  const zero = make.constant(constData(tensor("i8", [], allocate("i8", 1))));
  return apply(make, "pad", [x, zero], { low: [0, 0, ...pads.slice(0, n)], high: [0, 0, ...pads.slice(n)] });
}

function apply(make: Make, op: PrimitiveName, inputs: readonly ValueView[], attrs: PrimitiveAttrs): ValueView {
  return make.node(op, inputs, nodeAttrs(op, attrs))[0];
}

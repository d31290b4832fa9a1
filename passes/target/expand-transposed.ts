import { mul, sub, type Dim } from "../../src/base/dim.js";
import { allocate, tensor } from "../../src/base/tensor.js";
import { claim } from "../../src/claim/claim.js";
import { constData } from "../../src/ir/build.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import { intAttr, intsAttr, textAttr, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { ValueView } from "../../src/ir/rewrite/views.js";
import { countOps } from "../../src/ir/walk.js";
import type { Catalogue, PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";
import type { TargetPass } from "./stage.js";

/**
 * convtranspose(x, w)  =>  slice(reshape(transpose(reshape(conv(pad(x), phases of w)))))
 *
 * A transposed convolution that no library row takes, as a plain one that a row or a generated kernel can carry out. No
 * zero is put between the elements of x: with stride s, output o = s * q + p meets only the taps t = s * u + p, so
 *
 *     y[s * q + p] = sum over u of x[q - u] * w[s * u + p]
 *
 * is one convolution of stride 1 whose filters are the s phases p of w, turned round, and y shows its channels side by
 * side (Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016). Where s is 1 that is the
 * well-known convolution with the filter turned round. Dilations are written into the filter unless s is 1.
 *
 * Skipped when a row takes it, and when the filter's extents are open; x may be of any size.
 */
export const expandTransposed: TargetPass = {
  name: "expand-transposed",
  rounds: true,
  run(graph, context) {
    if ((countOps(graph).get("convtranspose") ?? 0) === 0) return graph;
    const taken = [...claim(graph, context).byNode.keys()].flatMap((n) => n.outputs.filter((v) => v !== undefined));
    return asPlain(graph, context.catalogue, new Set(taken));
  },
};

/** Replaces each `convtranspose` but those that make one of `kept`. Returns the same graph when nothing is replaced. */
export function asPlain(graph: Graph, catalogue: Catalogue, kept: ReadonlySet<Value>): Graph {
  return rewriteAny(graph, knowing(catalogue), ({ node, inputs: [x, w], outputs: [y] }, make) => {
    const [filter, shape] = [w?.fixedShape, y?.shape];
    if (node.op !== "convtranspose" || !x || !w || !y || !filter || !shape || kept.has(y.value)) return undefined;
    const axes = phasesOf(node, filter.slice(2));
    const group = intAttr(node, "group") ?? 1;
    const attrs = { strides: axes.map(() => 1), dilations: axes.map((a) => a.dilation), group, acc: textAttr(node, "acc") ?? "f32" };
    const pads = [...axes.map((a) => a.low), ...axes.map((a) => a.high)];
    const all = apply(make, "conv", [x, phaseFilter(w, filter, axes, group, make)], { ...attrs, pads });
    return sideBySide(all, shape, axes, make);
  });
}

/** One spatial axis: what the operator says, and the plain convolution that follows. */
interface Phases {
  /** Phases, which is the stride; and taps of a phase, its dilation in the plain convolution. */
  readonly stride: number;
  readonly taps: number;
  readonly dilation: number;
  /** Taps of w, how far they are pulled apart in the filter, and how many places they then take. */
  readonly kernel: number;
  readonly spread: number;
  readonly span: number;
  /** Zeros before and after x. */
  readonly low: number;
  readonly high: number;
  /** First element shown of the phases side by side. */
  readonly start: number;
}

function apply(make: Make, op: PrimitiveName, inputs: readonly ValueView[], attrs: PrimitiveAttrs): ValueView {
  return make.node(op, inputs, nodeAttrs(op, attrs))[0];
}

function phasesOf(node: Node, kernels: readonly number[]): Phases[] {
  const n = kernels.length;
  const [strides, pads, dilations, extra] = ["strides", "pads", "dilations", "outputpadding"].map((name) => intsAttr(node, name) ?? []);
  return kernels.map((kernel, i) => {
    const [stride, apart] = [strides[i], dilations[i]];
    const span = (kernel - 1) * apart + 1;
    const taps = stride === 1 ? kernel : Math.ceil(span / stride);
    const reach = stride === 1 ? span - 1 : taps - 1;
    // What pads larger than the filter's reach cut off is computed and then not shown.
    const first = Math.min(Math.floor(pads[i] / stride), reach);
    return {
      stride,
      taps,
      dilation: stride === 1 ? apart : 1,
      kernel,
      spread: stride === 1 ? 1 : apart,
      span: stride === 1 ? kernel : span,
      low: reach - first,
      high: Math.max(Math.ceil((span + extra[i] - pads[n + i]) / stride) - 1, 0),
      start: pads[i] - first * stride,
    };
  });
}

/** w, [C, M/g, k..], as filters of a convolution, [M * phases, C/g, taps..], the phases of a channel in a row. */
function phaseFilter(w: ValueView, [c, m]: readonly number[], axes: readonly Phases[], group: number, make: Make): ValueView {
  const whole = [c, m, ...axes.map((a) => a.taps * a.stride)];
  const filled = padTo(spreadTaps(w, [c, m], axes, make), whole, make);
  const split = [group, c / group, m, ...axes.flatMap((a) => [a.taps, a.stride])];
  const phases = apply(make, "reshape", [filled], { shape: split });
  const isTap = (d: number): boolean => d >= 3 && d % 2 === 1;
  const starts = split.map((extent, d) => (isTap(d) ? extent - 1 : 0));
  const turned = apply(make, "slice", [phases], { starts, sizes: split, steps: split.map((_, d) => (isTap(d) ? -1 : 1)) });
  const perm = [0, 2, ...axes.map((_, i) => 4 + 2 * i), 1, ...axes.map((_, i) => 3 + 2 * i)];
  const filters = axes.reduce((count, a) => count * a.stride, group * m);
  return apply(make, "reshape", [apply(make, "transpose", [turned], { perm })], {
    shape: [filters, c / group, ...axes.map((a) => a.taps)],
  });
}

/** Zeros between the taps: every tap gets an axis of its own, padded at its end; what follows the last tap is cut off. */
function spreadTaps(w: ValueView, lead: readonly number[], axes: readonly Phases[], make: Make): ValueView {
  if (axes.every((a) => a.spread === 1)) return w;
  const alone = apply(make, "reshape", [w], { shape: [...lead, ...axes.flatMap((a) => [a.kernel, 1])] });
  const apart = padTo(alone, [...lead, ...axes.flatMap((a) => [a.kernel, a.spread])], make);
  const flat = apply(make, "reshape", [apart], { shape: [...lead, ...axes.map((a) => a.kernel * a.spread)] });
  const sizes = [...lead, ...axes.map((a) => a.span)];
  return apply(make, "slice", [flat], { starts: sizes.map(() => 0), sizes, steps: sizes.map(() => 1) });
}

/** Zeros at the end of each axis, up to these extents. */
function padTo(x: ValueView, extents: readonly number[], make: Make): ValueView {
  const dtype = x.dtype ?? "f32";
  const zero = make.constant(constData(tensor(dtype, [], allocate(dtype, 1))));
  const high = extents.map((extent, d) => sub(extent, x.shape?.[d] ?? extent));
  return apply(make, "pad", [x, zero], { low: extents.map(() => 0), high });
}

/** [N, M * phases, q..] as y, [N, M, o..]: the phases of each axis take turns along it. */
function sideBySide(all: ValueView, shape: readonly Dim[], axes: readonly Phases[], make: Make): ValueView {
  const n = axes.length;
  const [batch, , ...counts] = all.shape ?? [];
  const split = apply(make, "reshape", [all], { shape: [batch, shape[1], ...axes.map((a) => a.stride), ...counts] });
  const perm = [0, 1, ...axes.flatMap((_, i) => [2 + n + i, 2 + i])];
  const woven = apply(make, "transpose", [split], { perm });
  const long = [batch, shape[1], ...axes.map((a, i) => mul(a.stride, counts[i]))];
  const whole = apply(make, "reshape", [woven], { shape: long });
  return apply(make, "slice", [whole], { starts: [0, 0, ...axes.map((a) => a.start)], sizes: shape, steps: shape.map(() => 1) });
}

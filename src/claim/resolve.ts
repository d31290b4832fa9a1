/**
 * Makes a node's attributes explicit before a library row looks at it: defaults filled in, negative axes counted from
 * the front, auto_pad turned into pads, kernel sizes read off the weights, Resize's scales as floats. A row then reads
 * attributes and shapes and nothing else.
 */
import { exactNumber } from "../base/element.js";
import { isConst, sub, type Dim } from "../base/dim.js";
import { elementCount } from "../base/tensor.js";
import { toNumbers } from "../base/float-formats.js";
import { intsAttr, rankedType, textAttr, type Attr, type Graph, type Node, type Value } from "../ir/graph.js";
import type { AttrSpec, AttrValue, Catalogue } from "../ops/op.js";

const ints = (value: readonly number[]): Attr => ({ kind: "ints", value: value.map(BigInt) });
const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });

const whole = (x: number | bigint): number => exactNumber(x, "a default attribute");

function defaultAttr(spec: AttrSpec): Attr | undefined {
  const value: AttrValue | undefined = spec.default;
  if (spec.presence !== "default" || value === undefined) return undefined;
  switch (spec.kind) {
    case "int":
    case "bool":
    case "dtype":
      return typeof value === "string" ? { kind: "text", value } : int(whole(value as number | bigint));
    case "float":
      return { kind: "float", value: value as number };
    case "text":
      return { kind: "text", value: String(value) };
    case "ints":
      return ints((value as readonly (number | bigint)[]).map(whole));
    case "floats":
      return { kind: "floats", value: value as readonly number[] };
    case "texts":
    case "tensor":
      return undefined;
    default:
      throw spec.kind satisfies never;
  }
}

/** The node with explicit attributes, or a sentence saying why they cannot be known when compiling. */
export function resolve(node: Node, catalogue: Catalogue, graph: Graph): Node | string {
  const record = catalogue.get(node.op);
  const filled: Record<string, Attr> = { ...node.attrs };
  for (const [name, spec] of Object.entries(record?.attrs ?? {})) {
    const value = filled[name] ? undefined : defaultAttr(spec);
    if (value) filled[name] = value;
  }
  const rank = rankedType(node.inputs[0])?.shape.length;
  if (rank === undefined) return "the rank of its first input is unknown";
  const axis = filled["axis"];
  if (axis?.kind === "int" && axis.value < 0n) filled["axis"] = int(exactNumber(axis.value, 'attribute "axis"') + rank);
  const explicit = { ...node, attrs: filled };
  switch (node.op) {
    case "Conv":
    case "ConvTranspose":
      return resolveWindow(explicit, spatialOf(node.inputs[1]));
    case "MaxPool":
    case "AveragePool":
    case "LpPool":
      return resolveWindow(explicit, intsAttr(explicit, "kernel_shape"));
    case "Transpose":
      return intsAttr(explicit, "perm") ? explicit : { ...explicit, attrs: { ...filled, perm: ints([...Array(rank).keys()].reverse()) } };
    case "Resize":
      return resolveResize(explicit, graph);
    default:
      return explicit;
  }
}

function spatialOf(weights: Value | undefined): number[] | undefined {
  const spatial = rankedType(weights)?.shape.slice(2);
  return spatial?.every(isConst) ? spatial : undefined;
}

function resolveWindow(node: Node, kernel: readonly number[] | undefined): Node | string {
  if (!kernel) return "its kernel size is not known when compiling";
  const count = kernel.length;
  const strides = intsAttr(node, "strides") ?? new Array<number>(count).fill(1);
  const dilations = intsAttr(node, "dilations") ?? new Array<number>(count).fill(1);
  const attrs = { ...node.attrs, kernel_shape: ints(kernel), strides: ints(strides), dilations: ints(dilations) };
  const auto = textAttr(node, "auto_pad") ?? "NOTSET";
  if (node.op === "ConvTranspose") return resolveTransposed({ ...node, attrs }, kernel, strides, dilations, auto);
  if (auto === "NOTSET" || auto === "VALID") {
    const pads = (auto === "NOTSET" && intsAttr(node, "pads")) || new Array<number>(2 * count).fill(0);
    return { ...node, attrs: { ...attrs, pads: ints(pads), auto_pad: { kind: "text", value: "NOTSET" } } };
  }
  const extents = rankedType(node.inputs[0])?.shape.slice(2) ?? [];
  if (!extents.every(isConst)) return `auto_pad ${auto} of extents that are known only at run time`;
  const total = kernel.map((k, i) => {
    const out = Math.ceil(extents[i] / strides[i]);
    return Math.max(0, (out - 1) * strides[i] + (k - 1) * dilations[i] + 1 - extents[i]);
  });
  return { ...node, attrs: { ...attrs, pads: ints(split(total, auto)), auto_pad: { kind: "text", value: "NOTSET" } } };
}

/** All begins, then all ends; SAME_UPPER puts the odd one at the end. */
function split(total: readonly number[], auto: string): number[] {
  const small = total.map((t) => Math.floor(t / 2));
  const large = total.map((t, i) => t - small[i]);
  return auto === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
}

/** For ConvTranspose the output's extents are inferred already; pads follow from them. */
function resolveTransposed(
  node: Node,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  auto: string,
): Node | string {
  const outputPadding = intsAttr(node, "output_padding") ?? new Array<number>(kernel.length).fill(0);
  const done = (pads: readonly number[]): Node => ({
    ...node,
    attrs: { ...node.attrs, pads: ints(pads), output_padding: ints(outputPadding), auto_pad: { kind: "text", value: "NOTSET" } },
  });
  const given = intsAttr(node, "pads") ?? new Array<number>(2 * kernel.length).fill(0);
  if (auto === "VALID") return done(given.map(() => 0));
  if (auto === "NOTSET" && !intsAttr(node, "output_shape")) return done(given);
  const x = rankedType(node.inputs[0])?.shape.slice(2);
  const y = rankedType(node.outputs[0])?.shape.slice(2);
  if (!x?.every(isConst) || !y?.every(isConst)) return "its output size is fixed while its input size is known only at run time";
  const total = kernel.map((k, i) => strides[i] * (x[i] - 1) + outputPadding[i] + (k - 1) * dilations[i] + 1 - y[i]);
  if (total.some((t) => t < 0)) return "its output is larger than its input and kernel reach";
  return done(split(total, auto === "SAME_UPPER" ? "SAME_UPPER" : "SAME_LOWER"));
}

/** Scales as floats: from the scales operand, or from the extents of both sides where sizes were given. */
/** Whether no data goes into a value: it is computed from constants and from shapes. */
function isSized(v: Value, graph: Graph): boolean {
  const producers = new Map(graph.nodes.flatMap((n) => n.outputs.map((y) => [y, n] as const)));
  const seen = new Set<Value>();
  const visit = (x: Value): boolean => {
    if (graph.constants.has(x) || seen.has(x)) return true;
    seen.add(x);
    const made = producers.get(x);
    if (!made) return false;
    return made.op === "Shape" || made.op === "Size" || made.op === "dims" || made.inputs.every((y) => y === undefined || visit(y));
  };
  return visit(v);
}

function resolveResize(node: Node, graph: Graph): Node | string {
  const [x, y] = [rankedType(node.inputs[0]), rankedType(node.outputs[0])];
  if (!x || !y) return "its shapes are unknown";
  const scales = node.inputs[2] && graph.constants.get(node.inputs[2]);
  if (scales && elementCount(scales.shape) > 0) return withScales(node, spread(node, Array.from(toNumbers(scales.load())), x.shape.length));
  if (node.inputs[2] && !scales) return "its scales are known only at run time";
  if (node.inputs[3] && !isSized(node.inputs[3], graph)) return "its sizes are computed from data";
  if (y.shape.length !== x.shape.length) return "its output is declared with another rank, and nothing but data says more";
  const ratios = x.shape.map((d, i) => ratio(y.shape[i], d));
  if (ratios.some((r) => r === undefined)) return "its scales are known only at run time";
  return withScales(node, ratios as number[]);
}

function ratio(out: Dim, into: Dim): number | undefined {
  if (isConst(out) && isConst(into)) return out / into;
  return sub(out, into) === 0 ? 1 : undefined;
}

function spread(node: Node, scales: readonly number[], rank: number): number[] {
  const axes = intsAttr(node, "axes");
  if (!axes) return [...scales];
  const out = new Array<number>(rank).fill(1);
  axes.forEach((a, i) => (out[a < 0 ? a + rank : a] = scales[i]));
  return out;
}

function withScales(node: Node, scales: readonly number[]): Node {
  return { ...node, attrs: { ...node.attrs, scales: { kind: "floats", value: scales } } };
}

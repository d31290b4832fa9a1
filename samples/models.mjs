/**
 * The sample models as graphs: small, with seeded weights, so that their files can be made again bit by bit. Only
 * additions, multiplications and roundings to f32 make the weights: they are the same on every machine.
 */
import { symbol } from "../dist/src/base/dim.js";
import { constData, makeGraph, makeNode, tensorValue, value } from "../dist/src/ir/build.js";

/** mulberry32: numbers in [0, 1). */
function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const attribute = (v) => {
  if (typeof v === "bigint") return { kind: "int", value: v };
  if (typeof v === "number") return { kind: "float", value: v };
  if (typeof v === "string") return { kind: "text", value: v };
  return { kind: "ints", value: v };
};

/** Collects nodes and weights; `finish` makes the graph. A bigint attribute is an int, a number a float. */
class Draft {
  constructor(name, seed) {
    this.name = name;
    this.random = randomSource(seed);
    this.nodes = [];
    this.constants = new Map();
  }

  /** Values spread evenly over lo..hi. */
  weight(name, shape, lo, hi) {
    const count = shape.reduce((a, b) => a * b, 1);
    return this.constant(name, "f32", shape, Float32Array.from({ length: count }, () => lo + (hi - lo) * this.random()));
  }

  constant(name, dtype, shape, data) {
    const v = tensorValue(name, dtype, shape);
    this.constants.set(v, constData({ dtype, shape, data }));
    return v;
  }

  apply(op, name, inputs, attrs = {}) {
    const out = value(name);
    const named = Object.fromEntries(Object.entries(attrs).map(([key, v]) => [key, attribute(v)]));
    this.nodes.push(makeNode(op, inputs, [out], named, { origin: [`/${name}`], ...(op.includes("::") ? { version: 1 } : {}) }));
    return out;
  }

  finish(inputs, outputs) {
    const { name, nodes, constants } = this;
    return makeGraph({ name, inputs, outputs, nodes, constants, metadata: { producer_name: "portolan samples" } });
  }
}

const float = (name, shape) => tensorValue(name, "f32", shape);
const typed = (v, shape) => Object.assign(v, { type: float(v.name, shape).type });

/** y = relu(a + b): rows of an open number, b broadcast along them. */
export function broadcastRelu() {
  const d = new Draft("broadcast_relu", 1);
  const rows = symbol("N");
  const [a, b] = [float("a", [rows, 1000]), float("b", [1000])];
  const y = d.apply("Relu", "y", [d.apply("Add", "sum", [a, b])]);
  return d.finish([a, b], [typed(y, [rows, 1000])]);
}

/** A classifier of 3 x 16 x 16 images: Conv, BatchNormalization, Relu, MaxPool, Gemm, Softmax. */
export function convNet() {
  const d = new Draft("conv_net", 2);
  const x = float("image", [1, 3, 16, 16]);
  const conv = d.apply("Conv", "conv", [x, d.weight("conv.weight", [8, 3, 3, 3], -0.4, 0.4), d.weight("conv.bias", [8], -0.1, 0.1)], {
    kernel_shape: [3n, 3n],
    pads: [1n, 1n, 1n, 1n],
  });
  const statistics = [
    d.weight("norm.scale", [8], 0.5, 1.5),
    d.weight("norm.bias", [8], -0.2, 0.2),
    d.weight("norm.mean", [8], -0.1, 0.1),
    d.weight("norm.variance", [8], 0.5, 1.5),
  ];
  const norm = d.apply("BatchNormalization", "norm", [conv, ...statistics], { epsilon: 1e-5 });
  const pooled = d.apply("MaxPool", "pool", [d.apply("Relu", "relu", [norm])], { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  const flat = d.apply("Flatten", "flat", [pooled], { axis: 1n });
  const head = [d.weight("head.weight", [10, 512], -0.1, 0.1), d.weight("head.bias", [10], -0.1, 0.1)];
  const logits = d.apply("Gemm", "logits", [flat, ...head], { transB: 1n });
  const y = d.apply("Softmax", "probabilities", [logits], { axis: 1n });
  return d.finish([x], [typed(y, [1, 10])]);
}

const width = 32;
const heads = 4;

function linear(d, name, x, from, to) {
  const product = d.apply("MatMul", `${name}.product`, [x, d.weight(`${name}.weight`, [from, to], -0.3, 0.3)]);
  return d.apply("Add", name, [product, d.weight(`${name}.bias`, [to], -0.1, 0.1)]);
}

function layerNorm(d, name, x) {
  const parameters = [d.weight(`${name}.scale`, [width], 0.5, 1.5), d.weight(`${name}.shift`, [width], -0.2, 0.2)];
  return d.apply("LayerNormalization", name, [x, ...parameters], { axis: -1n, epsilon: 1e-5 });
}

/** A transformer block of width 32 and 4 heads over an open number of tokens. */
export function attentionBlock() {
  const d = new Draft("attention_block", 3);
  const tokens = symbol("T");
  const x = float("x", [1, tokens, width]);
  const perHead = d.constant("per_head", "i64", [4], BigInt64Array.from([0n, 0n, BigInt(heads), BigInt(width / heads)]));
  const merged = d.constant("merged", "i64", [3], BigInt64Array.from([0n, 0n, BigInt(width)]));
  const scale = d.constant("scale", "f32", [], Float32Array.from([1 / Math.sqrt(width / heads)]));
  const n = layerNorm(d, "norm1", x);
  const split = (name, perm) => {
    const parts = d.apply("Reshape", `${name}.parts`, [linear(d, name, n, width, width), perHead]);
    return d.apply("Transpose", `${name}.heads`, [parts], { perm });
  };
  const [q, k, v] = [split("q", [0n, 2n, 1n, 3n]), split("k", [0n, 2n, 3n, 1n]), split("v", [0n, 2n, 1n, 3n])];
  const scores = d.apply("Mul", "scores", [d.apply("MatMul", "q_k", [q, k]), scale]);
  const mixed = d.apply("MatMul", "mixed", [d.apply("Softmax", "weights", [scores], { axis: -1n }), v]);
  const back = d.apply("Transpose", "back", [mixed], { perm: [0n, 2n, 1n, 3n] });
  const attended = linear(d, "out", d.apply("Reshape", "joined", [back, merged]), width, width);
  const residual = d.apply("Add", "residual", [x, attended]);
  const gelu = d.apply("Gelu", "gelu", [linear(d, "up", layerNorm(d, "norm2", residual), width, 2 * width)]);
  const y = d.apply("Add", "y", [residual, linear(d, "down", gelu, 2 * width, width)]);
  return d.finish([x], [typed(y, [1, tokens, width])]);
}

/** Operators of the private domain `acme` around a MatMul; their meaning stands in custom-op/ops.ts. */
export function customOp() {
  const d = new Draft("custom_op", 4);
  const rows = symbol("N");
  const x = float("x", [rows, 24]);
  const normed = d.apply("acme::RmsScale", "normed", [x, d.weight("norm.scale", [24], 0.5, 1.5)], { eps: 1e-4 });
  const both = d.apply("MatMul", "both", [normed, d.weight("up.weight", [24, 80], -0.4, 0.4)]);
  const gated = d.apply("acme::FusedSwishGate", "gated", [both, d.weight("gate.bias", [40], -0.2, 0.2)], { beta: 1.5 });
  const smooth = d.apply("acme::SoftCap", "smooth", [gated], { cap: 2, mode: "tanh" });
  const logits = d.apply("MatMul", "logits", [smooth, d.weight("down.weight", [40, 12], -0.5, 0.5)]);
  const y = d.apply("acme::SoftCap", "y", [logits], { cap: 1.25, mode: "leaky" });
  return d.finish([x], [typed(y, [rows, 12])]);
}

/**
 * Line 28: a decoder of 7 billion parameters in halves, 14 GB of weights beside it that are holes in a file, assessed for one
 * chip, for one chip of each vendor, and for all; what it takes is measured in processes of their own.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import proto from "onnx-proto";
import { figure, portolan, root } from "./measure.mjs";

const shape = { layers: 32, width: 4096, inner: 11008, heads: 32, groups: 32, vocabulary: 32000 };
const { onnx } = proto;
const T = onnx.AttributeProto.AttributeType;
const half = 10;
const float = 1;
const int64 = 7;

/** Nodes, weights (name and dims, all halves) and small constants of a decoder with rotary embedding and a cache, as exporters write one. */
function decoder({ layers, width, inner, heads, groups, vocabulary }) {
  const [nodes, weights, small, inputs, outputs] = [[], [], [], [], []];
  const size = width / heads;
  const add = (opType, input, output, attributes = {}) => {
    const attribute = Object.entries(attributes).map(([name, v]) => {
      if (Array.isArray(v)) return { name, type: T.INTS, ints: v };
      return Number.isInteger(v) ? { name, type: T.INT, i: v } : { name, type: T.FLOAT, f: v };
    });
    nodes.push({ opType, name: output, input, output: [output], attribute });
    return output;
  };
  const weight = (name, dims) => {
    weights.push({ name, dims });
    return name;
  };
  const integers = (name, values) => {
    small.push({ name, dims: [values.length], dataType: int64, int64Data: values });
    return name;
  };
  const scalar = (name, value) => {
    small.push({ name, dims: [], dataType: float, floatData: [value] });
    return name;
  };
  const value = (name, elemType, dims) => {
    const dim = dims.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
    return { name, type: { tensorType: { elemType, shape: { dim } } } };
  };
  inputs.push(
    value("input_ids", int64, ["batch", "length"]),
    value("cos", half, [1, 1, "length", size]),
    value("sin", half, [1, 1, "length", size]),
  );
  inputs.push(value("mask", half, ["batch", 1, "length", "total"]));
  integers("split", [0, 0, heads, size]);
  integers("joined", [0, 0, width]);
  integers("first", [0]);
  integers("middle", [size / 2]);
  integers("end", [size]);
  integers("last", [3]);
  scalar("two", 2);
  scalar("epsilon", 1e-5);
  scalar("scale", 1 / Math.sqrt(size));
  add("Cast", ["scale"], "scale_half", { to: half });
  const norm = (x, name) => {
    const wide = add("Cast", [x], `${name}.wide`, { to: float });
    const squares = add("ReduceMean", [add("Pow", [wide, "two"], `${name}.squares`)], `${name}.mean`, { axes: [-1], keepdims: 1 });
    const root = add("Sqrt", [add("Add", [squares, "epsilon"], `${name}.shifted`)], `${name}.root`);
    const even = add("Cast", [add("Div", [wide, root], `${name}.even`)], `${name}.half`, { to: half });
    return add("Mul", [even, weight(`${name}.weight`, [width])], name);
  };
  const linear = (x, name, from, to) => add("MatMul", [x, weight(`${name}.weight`, [from, to])], name);
  const headsOf = (x) => add("Transpose", [add("Reshape", [x, "split"], `${x}.split`)], `${x}.heads`, { perm: [0, 2, 1, 3] });
  const turned = (x) => {
    const low = add("Slice", [x, "first", "middle", "last"], `${x}.low`);
    const high = add("Neg", [add("Slice", [x, "middle", "end", "last"], `${x}.high`)], `${x}.negated`);
    const other = add("Concat", [high, low], `${x}.other`, { axis: -1 });
    return add("Add", [add("Mul", [x, "cos"], `${x}.cos`), add("Mul", [other, "sin"], `${x}.sin`)], `${x}.turned`);
  };
  let x = add("Gather", [weight("embedding", [vocabulary, width]), "input_ids"], "embedded");
  for (let l = 0; l < layers; l++) {
    const at = `layer${l}`;
    const n = norm(x, `${at}.norm1`);
    const [q, k, v] = ["q", "k", "v"].map((p) => headsOf(linear(n, `${at}.${p}`, width, p === "q" ? width : (width / heads) * groups)));
    const [past, present] = ["past", "present"].map((when) => ["key", "value"].map((what) => `${when}.${l}.${what}`));
    for (const name of past) inputs.push(value(name, half, ["batch", groups, "past", size]));
    for (const name of present) outputs.push(value(name, half, ["batch", groups, "total", size]));
    const keys = add("Concat", [past[0], turned(k)], present[0], { axis: 2 });
    const values = add("Concat", [past[1], v], present[1], { axis: 2 });
    const scores = add("MatMul", [turned(q), add("Transpose", [keys], `${at}.keys`, { perm: [0, 1, 3, 2] })], `${at}.qk`);
    const masked = add("Add", [add("Mul", [scores, "scale_half"], `${at}.scaled`), "mask"], `${at}.masked`);
    const mixed = add("MatMul", [add("Softmax", [masked], `${at}.shares`, { axis: -1 }), values], `${at}.mixed`);
    const flat = add("Reshape", [add("Transpose", [mixed], `${at}.back`, { perm: [0, 2, 1, 3] }), "joined"], `${at}.flat`);
    x = add("Add", [x, linear(flat, `${at}.o`, width, width)], `${at}.residual1`);
    const m = norm(x, `${at}.norm2`);
    const gate = linear(m, `${at}.gate`, width, inner);
    const opened = add("Mul", [gate, add("Sigmoid", [gate], `${at}.sigmoid`)], `${at}.silu`);
    const up = add("Mul", [opened, linear(m, `${at}.up`, width, inner)], `${at}.gated`);
    x = add("Add", [x, linear(up, `${at}.down`, inner, width)], `${at}.residual2`);
  }
  linear(norm(x, "norm"), "logits", width, vocabulary);
  outputs.push(value("logits", half, ["batch", "length", vocabulary]));
  return { nodes, weights, small, inputs, outputs };
}

/** Writes model.onnx and a file of weights that is one hole; gives the bytes of the weights. */
function writeDecoder(folder) {
  const { nodes, weights, small, inputs, outputs } = decoder(shape);
  let offset = 0;
  const initializer = weights.map(({ name, dims }) => {
    const length = 2 * dims.reduce((a, b) => a * b);
    const entries = { location: "weights.bin", offset: `${offset}`, length: `${length}` };
    offset += Math.ceil(length / 4096) * 4096;
    return { name, dims, dataType: half, dataLocation: 1, externalData: Object.entries(entries).map(([key, v]) => ({ key, value: v })) };
  });
  const fd = openSync(join(folder, "weights.bin"), "w");
  ftruncateSync(fd, offset);
  closeSync(fd);
  const graph = { name: "decoder", node: nodes, input: inputs, output: outputs, initializer: [...initializer, ...small] };
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph });
  writeFileSync(join(folder, "model.onnx"), onnx.ModelProto.encode(model).finish());
  return offset;
}

export function assessLarge(check) {
  const folder = join(root, ".cache/assess-large");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const gigabytes = (writeDecoder(folder) / 1e9).toFixed(1);
  const sizes = ["batch=1", "length=1", "past=2047", "total=2048"].flatMap((dim) => ["--dim", dim]);
  const runs = [
    ["one chip", "Ascend910B2", 15],
    ["one chip of each vendor", "Ascend910B2,MLU590,P800", 40],
  ];
  for (const [what, chips, most] of runs) {
    const { seconds, peakRssMiB, status } = portolan(["assess", join(folder, "model.onnx"), "-t", chips, ...sizes, "--json"]);
    const name = `7B decoder with ${gigabytes} GB of weights, ${what}`;
    check(figure(28, `${name}, seconds`, seconds.toFixed(1), `< ${most}`, status === 0 && seconds < most));
    check(figure(28, `${name}, MiB`, Math.round(peakRssMiB), "< 600", status === 0 && peakRssMiB < 600));
  }
  rmSync(folder, { recursive: true, force: true });
}

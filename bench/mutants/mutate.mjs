/**
 * Seeded mutations of models that still are protobuf: operands exchanged, attributes, types, extents, opsets and weights
 * changed. What converters, editors and careless scripts make of a model; damage to bytes is test/onnx/damage.ts.
 */
import proto from "onnx-proto";
import { randomSource } from "../inputs.mjs";

const { onnx } = proto;

/** 64-bit values that are no safe integers in JavaScript, as protobufjs takes them. */
const int64 = (low, high) => ({ low, high, unsigned: false });
const wholeNumbers = [
  0,
  1,
  -1,
  2,
  3,
  -2,
  7,
  16,
  255,
  1 << 20,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 53,
  int64(-1, 0x7fffffff),
  int64(0, -0x80000000),
  int64(1, -0x80000000),
];
const realNumbers = [0, -0, 1, -1, 0.5, 1e-30, 1e30, Infinity, -Infinity, Number.NaN, 3.4e38];
const words = [
  "",
  "SAME_UPPER",
  "SAME_LOWER",
  "VALID",
  "NOTSET",
  "constant",
  "reflect",
  "edge",
  "wrap",
  "linear",
  "nearest",
  "cubic",
  "half_pixel",
  "asymmetric",
  "align_corners",
  "pytorch_half_pixel",
  "tf_crop_and_resize",
  "sum",
  "none",
  "mean",
  "add",
  "mul",
  "max",
  "min",
  "forward",
  "reverse",
  "bidirectional",
  "Relu",
  "Sigmoid",
  "ij,jk->ik",
  "...ii->i",
  "a->b",
  "constructor",
  "__proto__",
];
const names = ["", "x", "constructor", "__proto__", "a\nb", "*/", "名", '"', "a".repeat(400), "portolan_run", "0", "for", "../x"];

/** The dice of one mutation. */
class Dice {
  constructor(seed) {
    this.next = randomSource(seed);
  }
  below(n) {
    return Math.floor(this.next() * n);
  }
  pick(list) {
    return list.length === 0 ? undefined : list[this.below(list.length)];
  }
}

/** The graph and the bodies below it. */
function graphsOf(graph) {
  const inner = graph.node.flatMap((n) => n.attribute.flatMap((a) => [...(a.g ? [a.g] : []), ...a.graphs]));
  return [graph, ...inner.flatMap(graphsOf)];
}

const namesIn = (g) =>
  [...g.input.map((v) => v.name), ...g.initializer.map((t) => t.name), ...g.node.flatMap((n) => n.output)].filter((n) => n !== "");

const swapInputs = (g, dice) => {
  const node = dice.pick(g.node.filter((n) => n.input.length > 1));
  if (!node) return false;
  const [i, j] = [dice.below(node.input.length), dice.below(node.input.length)];
  [node.input[i], node.input[j]] = [node.input[j], node.input[i]];
  return i !== j;
};

const rewireInput = (g, dice) => {
  const node = dice.pick(g.node.filter((n) => n.input.length > 0));
  if (!node) return false;
  node.input[dice.below(node.input.length)] = dice.pick([...namesIn(g), ""]);
};

const changeArity = (g, dice) => {
  const node = dice.pick(g.node);
  if (!node) return false;
  const list = dice.next() < 0.7 ? node.input : node.output;
  if (dice.next() < 0.5) list.splice(dice.below(list.length + 1), 1);
  else list.splice(dice.below(list.length + 1), 0, list === node.input ? dice.pick([...namesIn(g), ""]) : dice.pick(["", "fresh"]));
};

const changeOperator = (g, dice) => {
  const [node, other] = [dice.pick(g.node), dice.pick(operators)];
  if (!node) return false;
  node.opType = other;
  if (dice.next() < 0.1) node.domain = dice.pick(["", "ai.onnx", "com.microsoft", "x::y"]);
};

const wiggled = (value, dice) => (dice.next() < 0.6 ? dice.pick(wholeNumbers) : Number(value) + dice.pick([-2, -1, 1, 2]));

const changeAttribute = (g, dice) => {
  const node = dice.pick(g.node.filter((n) => n.attribute.length > 0));
  const attribute = node && dice.pick(node.attribute);
  if (!attribute) return false;
  const what = dice.next();
  if (what < 0.1) node.attribute.splice(node.attribute.indexOf(attribute), 1);
  else if (what < 0.15) attribute.type = 1 + dice.below(14);
  else if (what < 0.18) attribute.name = dice.pick([...names, "axis", "axes", "to", "value"]);
  else if (what < 0.2) node.attribute.push(attribute);
  else changeAttributeValue(attribute, dice);
};

function changeAttributeValue(a, dice) {
  switch (a.type) {
    case 1:
      a.f = dice.pick(realNumbers);
      break;
    case 2:
      a.i = wiggled(a.i, dice);
      break;
    case 3:
      a.s = Buffer.from(dice.pick(words));
      break;
    case 4:
      if (a.t) changeTensor(a.t, dice);
      break;
    case 6:
      changeList(a.floats, dice, () => dice.pick(realNumbers));
      break;
    case 7:
      changeList(a.ints, dice, (old) => wiggled(old ?? 0, dice));
      break;
    case 8:
      changeList(a.strings, dice, () => Buffer.from(dice.pick(words)));
  }
}

function changeList(list, dice, fresh) {
  const [what, at] = [dice.next(), dice.below(list.length + 1)];
  if (what < 0.15) list.splice(at, 1);
  else if (what < 0.3) list.splice(at, 0, fresh());
  else if (list.length > 0) list[at % list.length] = fresh(list[at % list.length]);
}

const addAttribute = (g, dice) => {
  const node = dice.pick(g.node);
  if (!node) return false;
  const name = dice.pick([
    "axis",
    "axes",
    "keepdims",
    "pads",
    "strides",
    "dilations",
    "group",
    "kernel_shape",
    "auto_pad",
    "mode",
    "to",
    "epsilon",
    "perm",
    "exclusive",
    "ceil_mode",
    "num_outputs",
    "allowzero",
  ]);
  const list = [wiggled(0, dice), wiggled(1, dice)].slice(0, 1 + dice.below(2));
  const value = dice.pick([
    { type: 2, i: wiggled(1, dice) },
    { type: 7, ints: list },
    { type: 1, f: dice.pick(realNumbers) },
    { type: 3, s: Buffer.from(dice.pick(words)) },
  ]);
  node.attribute.push(onnx.AttributeProto.create({ name, ...value }));
};

const changeOpset = (_, dice, model) => {
  const entry = dice.pick(model.opsetImport);
  if (!entry) return false;
  entry.version = dice.next() < 0.8 ? 1 + dice.below(28) : dice.pick(wholeNumbers);
};

const valuesOf = (g) => [...g.input, ...g.output, ...g.valueInfo];

const changeType = (g, dice) => {
  const type = dice.pick(valuesOf(g))?.type?.tensorType;
  if (!type) return false;
  type.elemType = dice.next() < 0.9 ? 1 + dice.below(26) : dice.pick([-1, 99]);
};

const changeExtent = (g, dice) => {
  const type = dice.pick(valuesOf(g))?.type?.tensorType;
  if (!type) return false;
  if (dice.next() < 0.1) return void (type.shape = dice.next() < 0.5 ? null : { dim: [] });
  const dims = (type.shape ??= { dim: [] }).dim;
  const fresh = () =>
    dice.pick([{ dimValue: dice.pick(wholeNumbers) }, { dimValue: 1 + dice.below(9) }, { dimParam: dice.pick(["n", "m", "?", ""]) }, {}]);
  const [what, at] = [dice.next(), dice.below(dims.length + 1)];
  if (what < 0.2) dims.splice(at, 1);
  else if (what < 0.4) dims.splice(at, 0, fresh());
  else if (dims.length > 0) dims[at % dims.length] = fresh();
};

const changeWeight = (g, dice) => {
  const tensor = dice.pick(g.initializer);
  if (!tensor) return false;
  changeTensor(tensor, dice);
};

function changeTensor(t, dice) {
  const what = dice.next();
  if (what < 0.2) t.dataType = 1 + dice.below(26);
  else if (what < 0.5) changeList(t.dims, dice, () => dice.pick([0, 1, 2, 3, -1, ...wholeNumbers]));
  else if (what < 0.6) t.rawData = t.rawData.slice(0, dice.below(t.rawData.length + 1));
  else changeElement(t, dice);
}

function changeElement(t, dice) {
  if (t.rawData.length > 0) {
    const bytes = Buffer.from(t.rawData);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const write = (size, put) => bytes.length >= size && put(size * dice.below(Math.floor(bytes.length / size)));
    if (t.dataType === 7)
      write(8, (at) =>
        view.setBigInt64(at, dice.pick([0n, 1n, -1n, 2n, 3n, 5n, 2n ** 31n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]), true),
      );
    else if (t.dataType === 1) write(4, (at) => view.setFloat32(at, dice.pick(realNumbers), true));
    else write(1, (at) => view.setUint8(at, dice.below(256)));
    t.rawData = bytes;
  } else changeList(dice.pick([t.int64Data, t.floatData, t.int32Data]), dice, () => dice.pick(wholeNumbers.slice(0, 10)));
}

const dropNode = (g, dice) => {
  if (g.node.length === 0) return false;
  g.node.splice(dice.below(g.node.length), 1);
};

const moveNode = (g, dice) => {
  if (g.node.length < 2) return false;
  const [node] = g.node.splice(dice.below(g.node.length), 1);
  g.node.splice(dice.below(g.node.length + 1), 0, node);
};

const repeatNode = (g, dice) => {
  const node = dice.pick(g.node);
  if (!node) return false;
  const fresh = dice.next() < 0.8 ? node.output.map((n) => (n === "" ? "" : `${n}_again`)) : [...node.output];
  g.node.splice(dice.below(g.node.length + 1), 0, onnx.NodeProto.create({ ...node, output: fresh }));
};

const changeOutputs = (g, dice) => {
  if (dice.next() < 0.3) g.output.splice(dice.below(g.output.length + 1), 1);
  else g.output.push(onnx.ValueInfoProto.create({ name: dice.pick([...namesIn(g), "nothing"]) }));
};

/** A weight becomes an input of its type, or an input of fixed shape becomes a weight of zeros. */
const feedWeight = (g, dice) => {
  const t = dice.pick(g.initializer);
  if (!t) return false;
  g.initializer.splice(g.initializer.indexOf(t), 1);
  const dim = t.dims.map((d, i) => (dice.next() < 0.3 ? { dimParam: `d${i}` } : { dimValue: d }));
  g.input.push(onnx.ValueInfoProto.create({ name: t.name, type: { tensorType: { elemType: t.dataType, shape: { dim } } } }));
};

const storeInput = (g, dice) => {
  const v = dice.pick(g.input);
  if (!v) return false;
  g.input.splice(g.input.indexOf(v), 1);
  const dims = (v.type?.tensorType?.shape?.dim ?? []).map((d) => Math.min(8, Math.max(0, Number(d.dimValue ?? 1))));
  const count = dims.reduce((a, b) => a * b, 1);
  if (!(count <= 4096)) return false;
  g.initializer.push(
    onnx.TensorProto.create({ name: v.name, dims, dataType: 1, floatData: new Array(count).fill(dice.pick([0, 1, -2.5])) }),
  );
};

const renameValue = (g, dice) => {
  const old = dice.pick(namesIn(g));
  if (old === undefined) return false;
  const fresh = dice.pick(names);
  const renamed = (n) => (n === old ? fresh : n);
  for (const one of [...valuesOf(g), ...g.initializer]) one.name = renamed(one.name);
  for (const n of g.node) [n.input, n.output] = [n.input.map(renamed), n.output.map(renamed)];
};

const renameNode = (g, dice) => {
  const node = dice.pick(g.node);
  if (!node) return false;
  node.name = dice.pick(names);
};

const mutations = [
  swapInputs,
  rewireInput,
  rewireInput,
  changeArity,
  changeOperator,
  changeOperator,
  changeAttribute,
  changeAttribute,
  changeAttribute,
  addAttribute,
  changeOpset,
  changeType,
  changeType,
  changeExtent,
  changeExtent,
  changeWeight,
  changeWeight,
  dropNode,
  moveNode,
  repeatNode,
  changeOutputs,
  feedWeight,
  storeInput,
  renameValue,
  renameNode,
];

/** Of ai.onnx; every one that a model of today holds, and some that are gone. */
const operators =
  "Abs Acos Add And ArgMax ArgMin Asin Atan Attention AveragePool BatchNormalization BitShift BitwiseAnd BitwiseNot Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GridSample GroupNormalization HammingWindow HardSigmoid HardSwish Hardmax Identity If InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal Range Reciprocal ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceProd ReduceSum Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan ScatterElements ScatterND Selu SequenceAt SequenceConstruct Shape Shrink Sigmoid Sign Sin Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat Sub Sum Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor NoSuchOperator constructor __proto__".split(
    " ",
  );

/** The mutated model's bytes; the same for the same bytes and seed. One to four mutations, of which each finds its place. */
export function mutated(bytes, seed) {
  const model = onnx.ModelProto.decode(bytes);
  if (!model.graph) return bytes;
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  let wanted = 1 + (dice.next() < 0.4 ? 1 + dice.below(3) : 0);
  for (let tries = 0; wanted > 0 && tries < 30; tries++) {
    const graph = dice.next() < 0.7 ? model.graph : dice.pick(graphsOf(model.graph));
    if (dice.pick(mutations)(graph, dice, model) !== false) wanted--;
  }
  return onnx.ModelProto.encode(model).finish();
}

/** Own cases of what rearranges, picks, places, folds and makes elements. */
import { combos, each, fl, named, one } from "./spell.mjs";

const i64 = (name, values) => `${name}: i64[${values.length}]{${values.join(", ")}}`;
const big = "9223372036854775807";

const cuts = [
  [[3], [0], [0], [-1]],
  [[-3], [-6], [0], [-1]],
  [[1], [4], [0], [1]],
  [[0], [6], [0], [2]],
  [[1], [6], [0], [4]],
  [[-3], [-1], [0], [1]],
  [[5], [0], [0], [-1]],
  [[5], [0], [0], [-2]],
  [[-1], [`-${big}`], [0], [-1]],
  [[0], [big], [1], [3]],
  [[10], [20], [0], [1]],
  [[3], [1], [0], [1]],
  [[20], [-20], [1], [-3]],
  [
    [1, -4],
    [5, -1],
    [0, -1],
    [2, 1],
  ],
  [[-20], [3], [-2], [1]],
  [[2], [100], [1], [2]],
];
const slices = [
  ...cuts.map(([from, to, on, by], i) =>
    one("Slice", `cut${i}`, ["x: f32[6,5]", i64("b", from), i64("e", to), i64("a", on), i64("s", by)].join(", ")),
  ),
  one("Slice", "no-axes", `x: f32[6,5], ${i64("b", [1, 2])}, ${i64("e", [4, 5])}`),
  one("Slice", "no-steps", `x: f32[6,5], ${i64("b", [2])}, ${i64("e", [5])}, ${i64("a", [1])}`),
  one(
    "Slice",
    "step-0",
    `x: f32[6,5], ${i64("b", [2])}, ${i64("e", [5])}, ${i64("a", [1])}, ${i64("s", [0])}`,
    {},
    { fails: "operator-rule" },
  ),
];

const pads = [
  ...["constant", "reflect", "edge", "wrap"].flatMap((mode) => [
    one("Pad", `${mode}-2d`, `x: f32[3,4], ${i64("p", [1, 2, 0, 3])}`, { mode }),
    one("Pad", `${mode}-axis`, `x: f32[2,3,4], ${i64("p", [2, 1])}, _, ${i64("a", [-2])}`, { mode }),
    one("Pad", `${mode}-crop`, `x: f32[3,5], ${i64("p", [1, -1, -1, 2])}`, { mode }),
    one("Pad", `${mode}-axes`, `x: f32[2,3,4], ${i64("p", [0, 2, 1, 1])}, _, ${i64("a", [2, 1])}`, { mode }),
  ]),
  one("Pad", "value", `x: f32[3,4], ${i64("p", [0, 1, 1, 0])}, v: f32[]{2.5}`),
  one("Pad", "crop", `x: f32[3,4], ${i64("p", [-1, 2, 1, -2])}, v: f32[]{-1.0}`),
  one("Pad", "crop-more", `x: f32[5,4], ${i64("p", [-2, -1, -1, -1])}`),
  one("Pad", "crop-into-fill", `x: f32[5,3], ${i64("p", [-6, 2, 3, -4])}`),
  one("Pad", "crop-of-nothing", `x: f32[2,0], ${i64("p", [0, 4, 0, -1])}`),
  one("Pad", "crop-too-much", `x: f32[5], ${i64("p", [-4, -2])}`, {}, { fails: "extent-mismatch" }),
  one("Pad", "default", `x: f32[2,2], ${i64("p", [0, 1, 1, 0])}`),
  one("Pad", "bool", `x: bool[2,2], ${i64("p", [0, 1, 1, 0])}`, {}, { inputs: { x: [1, 1, 1, 1] } }),
];

const shapes = [
  ...[[3, 8], [0, -1], [2, 0, 2, -1], [-1], [2, 3, 4]].map((s, i) => one("Reshape", `to${i}`, `x: f32[2,3,4], ${i64("s", s)}`)),
  one("Reshape", "allowzero", `x: f32[0,3], ${i64("s", [3, 0])}`, { allowzero: 1 }),
  one("Reshape", "no-such-axis", `x: f32[4], ${i64("s", [2, 0, 2])}`, {}, { fails: "operator-rule" }),
  ...[undefined, 0, 1, 2, 3, -1].map((axis) => one("Flatten", `axis${axis}`, "x: f32[2,3,4]", axis === undefined ? {} : { axis })),
  one("Squeeze", "all", "x: f32[1,3,1,2]"),
  one("Squeeze", "some", `x: f32[1,3,1,2], ${i64("a", [-2])}`),
  one("Unsqueeze", "some", `x: f32[3,2], ${i64("a", [0, -1])}`),
  one("Transpose", "default", "x: f32[2,3,4]"),
  one("Transpose", "perm", "x: f32[2,3,4]", { perm: [1, 2, 0] }),
  one("Expand", "both", `x: f32[3,1], ${i64("s", [2, 1, 4])}`),
  one("Tile", "some", `x: f32[2,3], ${i64("r", [2, 1])}`),
  one("Tile", "each", `x: f32[2,3], ${i64("r", [3, 2])}`),
  one("Tile", "none", `x: f32[2,3], ${i64("r", [1, 1])}`),
  one("Concat", "three", "x: f32[2,1], z: f32[2,2], w: f32[2,3]", { axis: -1 }),
  one("Concat", "first", "x: f32[1,2], z: f32[2,2]", { axis: 0 }),
  ...[2, 3].map((num_outputs) =>
    one("Split", `parts${num_outputs}`, "x: f32[7,2]", { num_outputs }, { outs: ["a", "b", "d"].slice(0, num_outputs).join(", ") }),
  ),
  one("Split", "sizes", `x: f32[2,6], ${i64("s", [1, 3, 2])}`, { axis: -1 }, { outs: "a, b, d" }),
  one("Split", "default", "x: f32[6,2]", { num_outputs: 3 }, { outs: "a, b, d" }),
  ...["DCR", "CRD", undefined].map((mode) => one("DepthToSpace", `${mode}`, "x: f32[2,12,2,3]", { blocksize: 2, ...(mode && { mode }) })),
  one("DepthToSpace", "three", "x: f32[1,18,2,1]", { blocksize: 3 }),
  one("SpaceToDepth", "two", "x: f32[2,3,4,6]", { blocksize: 2 }),
  one("SpaceToDepth", "three", "x: f32[1,2,3,6]", { blocksize: 3 }),
  ...combos({ upper: [undefined, 0, 1] }).flatMap((a) => [
    one("Trilu", `k-${named(a)}`, "x: f32[2,3,4], k: i64[]{1}", a),
    one("Trilu", `minus-${named(a)}`, "x: f32[4,3], k: i64[]{-1}", a),
    one("Trilu", `none-${named(a)}`, "x: f32[3,3]", a),
  ]),
  one("CenterCropPad", "both", `x: f32[5,3,2], ${i64("s", [2, 6])}`, { axes: [0, -2] }, { outs: "y" }),
  one("CenterCropPad", "odd", `x: f32[5,4], ${i64("s", [2, 7])}`),
  one("ReverseSequence", "time0", "x: f32[4,3], l: i64[3]", { time_axis: 0, batch_axis: 1 }, { inputs: { l: [1, 3, 4] } }),
  one("ReverseSequence", "time1", "x: f32[3,4,2], l: i64[3]", { time_axis: 1, batch_axis: 0 }, { inputs: { l: [1, 3, 4] } }),
  one("ReverseSequence", "default", "x: f32[4,3], l: i64[3]", {}, { inputs: { l: [2, 1, 4] } }),
];

const reduced = [
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceL1",
  "ReduceL2",
  "ReduceSumSquare",
  "ReduceLogSum",
  "ReduceLogSumExp",
];
const positives = { x: Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 4 + 0.25) };
const reductions = reduced.flatMap((op) => [
  one(op, "last", `x: f32[2,3,4], ${i64("a", [-1])}`, {}, { inputs: positives }),
  one(op, "two", `x: f32[2,3,4], ${i64("a", [0, 2])}`, { keepdims: 0 }, { inputs: positives }),
  one(op, "all", "x: f32[2,3,4]", { keepdims: 0 }, { inputs: positives }),
  one(op, "default", "x: f32[2,3,4]", {}, { inputs: positives }),
  one(
    op,
    "noop",
    "x: f32[2,3,4]",
    { noop_with_empty_axes: 1 },
    {
      inputs: positives,
      ...(["ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"].includes(op) ? { self: true } : {}),
    },
  ),
  one(op, "i32", `x: i32[2,3], ${i64("a", [1])}`, {}, { inputs: { x: [1, 2, 3, 4, 5, 6] } }),
]);
const extremes = ["ArgMax", "ArgMin"].flatMap((op) =>
  each(
    op,
    "x: f32[2,3,2]",
    { axis: [undefined, 1, -1], keepdims: [undefined, 0], select_last_index: [undefined, 1] },
    { inputs: { x: [3, 1, 3, 1, 0, 1, 2, 2, 5, 0, 5, 2] } },
  ),
);
const folds = [
  one("ReduceMax", "bool", `x: bool[2,3], ${i64("a", [1])}`, {}, { inputs: { x: [0, 0, 1, 0, 0, 0] } }),
  one("ReduceMin", "bool", `x: bool[2,3], ${i64("a", [1])}`, {}, { inputs: { x: [1, 1, 1, 0, 1, 1] } }),
  one(
    "ReduceLogSumExp",
    "big",
    `x: f32[3,3], ${i64("a", [1])}`,
    {},
    { inputs: { x: [1000, 1000, 999, -1000, -1001, -1002, -Infinity, -Infinity, -Infinity] } },
  ),
];

const indices = [
  one("Gather", "rows", "x: f32[4,3], i: i64[2,2]", {}, { inputs: { i: [0, -1, 2, 1] } }),
  one("Gather", "columns", "x: f32[4,3], i: i64[2,2]", { axis: 1 }, { inputs: { i: [0, -1, 2, 1] } }),
  one("Gather", "known", "x: f32[4,3], i: i64[2]{-1, 1}", { axis: -2 }),
  one("Gather", "steps", "x: f32[6,3], i: i64[3]{0, 2, 4}"),
  one("GatherElements", "rows", "x: f32[3,3], i: i64[2,3]", {}, { inputs: { i: [0, -1, 2, 1, 0, 2] } }),
  one("GatherElements", "columns", "x: f32[3,3], i: i64[3,2]", { axis: 1 }, { inputs: { i: [0, -1, 2, 1, 0, 2] } }),
  one("GatherND", "tuples", "x: f32[2,3,4], i: i64[2,2]", {}, { inputs: { i: [0, 1, -1, 2] } }),
  one("GatherND", "batch", "x: f32[2,3,4], i: i64[2,1]", { batch_dims: 1 }, { inputs: { i: [1, -1] } }),
  one("GatherND", "known", "x: f32[2,3,4], i: i64[2,2]{0, 1, 1, 2}"),
  ...["none", "add", "mul", "max", "min"].flatMap((reduction) => [
    one(
      "ScatterElements",
      reduction,
      "x: f32[3,3], i: i64[2,3], u: f32[2,3]",
      { reduction },
      { inputs: { i: reduction === "none" ? [0, -1, 2, 1, 0, 1] : [0, -1, 2, 0, 2, 1], u: [1, 2, 3, -1, -2, -3] } },
    ),
    one(
      "ScatterND",
      reduction,
      "x: f32[3,3], i: i64[3,1], u: f32[3,3]",
      { reduction },
      { inputs: { i: reduction === "none" ? [0, 2, -2] : [0, 2, 0], u: [1, 2, 3, -1, -2, -3, 4, 5, 6] } },
    ),
  ]),
  one("ScatterElements", "axis", "x: f32[3,3], i: i64[3,1], u: f32[3,1]", { axis: 1 }, { inputs: { i: [2, 0, -1] } }),
  one("ScatterND", "deep", "x: f32[2,3,2], i: i64[2,2], u: f32[2,2]", {}, { inputs: { i: [0, -1, 1, 0] } }),
  one("Compress", "axis", "x: f32[3,4], c: bool[3]{1, 0, 1}", { axis: 0 }),
  one("Compress", "columns", "x: f32[2,4], c: bool[3]{0, 1, 1}", { axis: -1 }),
  one("Compress", "flat", "x: f32[3,2], c: bool[5]{0, 1, 0, 0, 1}"),
  ...combos({ axis: [undefined, 0, -2], largest: [undefined, 0] }).map((a) =>
    one("TopK", named(a), "x: f32[4,3], k: i64[1]{2}", a, { inputs: { x: [1, 5, 2, 4, 5, 2, 7, 0, 2, 3, 3, 9] }, outs: "v, i" }),
  ),
  ...["CumSum", "CumProd"].flatMap((op) => [
    ...combos({ exclusive: [undefined, 1], reverse: [undefined, 1] }).map((a) =>
      one(op, named(a), "x: f32[2,4], a: i64[]{1}", a, op === "CumProd" ? { self: true } : {}),
    ),
    one(op, "first", "x: f32[3,2], a: i64[]{-2}", {}, op === "CumProd" ? { self: true } : {}),
  ]),
  ...["linear", "circular"].map((mode) =>
    one(
      "TensorScatter",
      mode,
      "p: f32[2,4,2], u: f32[2,2,2], w: i64[2]",
      { mode },
      {
        inputs: { w: mode === "circular" ? [3, 1] : [2, 0], p: Array(16).fill(0), u: [1, 2, 3, 4, 5, 6, 7, 8] },
        expect: [
          {
            dtype: "f32",
            shape: [2, 4, 2],
            data: mode === "circular" ? [3, 4, 0, 0, 0, 0, 1, 2, 0, 0, 5, 6, 7, 8, 0, 0] : [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0],
          },
        ],
      },
    ),
  ),
  one(
    "TensorScatter",
    "axis3",
    "p: f32[1,1,3,4], u: f32[1,1,3,2], w: i64[1]",
    { axis: 3 },
    {
      inputs: { w: [1], p: Array(12).fill(0), u: [1, 2, 3, 4, 5, 6] },
      expect: [{ dtype: "f32", shape: [1, 1, 3, 4], data: [0, 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0] }],
    },
  ),
  one(
    "TensorScatter",
    "start",
    "p: f32[2,3,1], u: f32[2,2,1]",
    {},
    { inputs: { p: Array(6).fill(0), u: [1, 2, 3, 4] }, expect: [{ dtype: "f32", shape: [2, 3, 1], data: [1, 2, 0, 3, 4, 0] }] },
  ),
  one("TensorScatter", "batch", "p: f32[2,3,1], u: f32[2,2,1]", { axis: 0 }, { fails: "operator-rule" }),
];

const found = [
  one("NonZero", "i32", "x: i32[2,3]", {}, { inputs: { x: [0, 3, 0, -1, 0, 2] } }),
  one("NonZero", "none", "x: f32[3]", {}, { inputs: { x: [0, -0, 0] } }),
  ...[undefined, 0].flatMap((sorted) => [
    one("Unique", `flat-${sorted}`, "x: i64[8]", sorted === undefined ? {} : { sorted }, {
      inputs: { x: [3, 1, 3, -2, 1, 7, 0, -2] },
      outs: "y, i, j, n",
    }),
    one(
      "Unique",
      `rows-${sorted}`,
      "x: f32[4,2]",
      { axis: 0, ...(sorted === undefined ? {} : { sorted }) },
      { inputs: { x: [2, 1, 0, 1, 2, 1, 0, 0.5] }, outs: "y, i, j, n" },
    ),
    one(
      "Unique",
      `columns-${sorted}`,
      "x: f32[2,3]",
      { axis: -1, ...(sorted === undefined ? {} : { sorted }) },
      { inputs: { x: [2, 1, 2, 0, 1, 0] }, outs: "y, i, j, n" },
    ),
  ]),
];

const made = [
  one("Constant", "float", "", { value_float: fl(1.5) }),
  one("Constant", "floats", "", { value_floats: [fl(1.5), fl(2)] }),
  one("Constant", "int", "", { value_int: 3 }),
  one("Constant", "ints", "", { value_ints: [3, -4] }),
  one("Constant", "tensor", "", { value: { text: "tensor f32[2,2] {1.0, 2.0, 3.0, 4.0}" } }),
  one("Constant", "nothing", "", {}, { fails: "operator-rule" }),
  one("ConstantOfShape", "default", i64("s", [2, 3])),
  one("ConstantOfShape", "value", i64("s", [2, 3]), { value: { text: "tensor i32[1] {7}" } }),
  ...[{}, { start: 1 }, { end: 2 }, { start: -2 }, { start: 1, end: -1 }, { start: -9, end: 9 }, { start: 2, end: 1 }].map((a, i) =>
    one("Shape", `part${i}`, "x: f32[2,3,4,5]", a, { inputs: { x: Array(120).fill(0) } }),
  ),
  one("Size", "each", "x: f32[2,3,4]"),
  ...[
    [1, 10, 3],
    [0, 9, 3],
    [10, 1, -3],
    [10, 2, -4],
    [5, 1, 2],
    [0, 5, 1],
  ].map(([a, b, s], i) => one("Range", `i64-${i}`, `a: i64[]{${a}}, b: i64[]{${b}}, s: i64[]{${s}}`)),
  ...[
    [1, 10, 3],
    [0.5, 2, 0.4],
    [3, 0.2, -0.7],
    [0, 4, 1],
    [1, 0, 1.5],
    [0.25, 4, 2],
  ].map(([a, b, s], i) => one("Range", `f32-${i}`, `a: f32[]{${fl(a).text}}, b: f32[]{${fl(b).text}}, s: f32[]{${fl(s).text}}`)),
  ...[{}, { k: 1 }, { k: -2 }, { k: 1, dtype: 6 }].map((a, i) => one("EyeLike", `k${i}`, "x: f32[3,4]", a)),
  ...[{}, { axis: 0 }, { axis: 1 }, { axis: -2 }].flatMap((a) => [
    one("OneHot", `plane-${named(a)}`, "i: i64[2,3], d: i64[1]{4}, v: f32[2]{-1.0, 2.0}", a, { inputs: { i: [0, 3, -1, 2, -4, 9] } }),
  ]),
  one("Dropout", "default", "x: f32[4]", {}, { outs: "y, m" }),
  one("Dropout", "rate", "x: f32[4], r: f32[]{0.25}, t: bool[]{0}", {}, { outs: "y, m" }),
  one("Dropout", "no-rate", "x: f32[4], r: f32[]{0.0}, t: bool[]{1}", {}, { outs: "y, m" }),
  one("Dropout", "training", "x: f32[4], r: f32[]{0.25}, t: bool[]{1}", {}, { outs: "y, m", fails: "operator-rule" }),
  one("Dropout", "training-default", "x: f32[4], _, t: bool[]{1}", {}, { outs: "y, m", fails: "operator-rule" }),
];

export const movements = [...slices, ...pads, ...shapes, ...reductions, ...extremes, ...folds, ...indices, ...found, ...made];

/** Own cases of what samples: Resize in all its modes, GridSample, AffineGrid, RoiAlign, Col2Im, MaxUnpool. */
import { combos, each, fl, named, one } from "./spell.mjs";

const image = { x: Array.from({ length: 20 }, (_, i) => ((i * i * 7 + 3) % 23) / 4 - 2) };
const transforms = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"];
/** onnxruntime takes the rounded extent where the standard's own case takes n * scale. */
const disputed = (a) => a.coordinate_transformation_mode === "align_corners";
const resize = (operands, attrs, tag, more = {}) => one("Resize", `${tag}-${named(attrs)}`, operands, attrs, { inputs: image, ...more });
const by = (...s) => `x: f32[1,1,4,5], _, s: f32[4]{1.0, 1.0, ${s.map((v) => fl(v).text).join(", ")}}`;
const to = (...s) => `x: f32[1,1,4,5], _, _, s: i64[4]{1, 1, ${s.join(", ")}}`;

const nearest = combos({
  mode: ["nearest"],
  coordinate_transformation_mode: transforms,
  nearest_mode: ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"],
});
const smooth = combos({ mode: ["linear", "cubic"], coordinate_transformation_mode: transforms });
const crop = { coordinate_transformation_mode: "tf_crop_and_resize" };

export const resizes = [
  ...nearest.flatMap((a) => [resize(by(2, 3), a, "by23"), resize(to(3, 8), a, "to38"), resize(to(1, 2), a, "to12")]),
  ...smooth.flatMap((a) => [
    resize(by(2, 1.6), a, "by2"),
    resize(to(3, 7), a, "to37"),
    resize(to(1, 2), a, "to12"),
    ...(disputed(a) ? [] : [resize(by(0.6, 0.5), a, "by06")]),
  ]),
  ...["linear", "cubic"].flatMap((mode) => [
    resize(to(2, 3), { mode, antialias: 1 }, "to23"),
    resize(by(0.5, 0.6), { mode, antialias: 1 }, "by05"),
    resize(to(7, 2), { mode, antialias: 1 }, "to72"),
  ]),
  ...[1, 0].flatMap((exclude_outside) => [
    resize(to(6, 7), { mode: "cubic", exclude_outside, cubic_coeff_a: fl(-0.5) }, "to67"),
    resize(to(2, 3), { mode: "cubic", exclude_outside, antialias: 1 }, "to23"),
  ]),
  ...["not_larger", "not_smaller", "stretch"].flatMap((p) => [
    one(
      "Resize",
      `policy-${p}`,
      "x: f32[1,1,4,5], _, _, s: i64[2]{7, 8}",
      { axes: [2, 3], keep_aspect_ratio_policy: p },
      { inputs: image },
    ),
    one(
      "Resize",
      `policy-linear-${p}`,
      "x: f32[1,1,4,5], _, _, s: i64[2]{3, 2}",
      { axes: [2, 3], keep_aspect_ratio_policy: p, mode: "linear" },
      { inputs: image },
    ),
  ]),
  ...["nearest", "linear"].flatMap((mode) => [
    one(
      "Resize",
      `crop-${mode}`,
      "x: f32[1,1,4,5], r: f32[8]{0.0, 0.0, 0.2, 0.1, 1.0, 1.0, 0.9, 0.7}, _, s: i64[4]{1, 1, 3, 4}",
      { ...crop, mode },
      { inputs: image },
    ),
    one(
      "Resize",
      `crop-out-${mode}`,
      "x: f32[1,1,4,5], r: f32[8]{0.0, 0.0, -0.4, 0.3, 1.0, 1.0, 0.9, 1.5}, _, s: i64[4]{1, 1, 5, 4}",
      { ...crop, mode, extrapolation_value: fl(9.5) },
      { inputs: image },
    ),
    one(
      "Resize",
      `crop-one-${mode}`,
      "x: f32[1,1,4,5], r: f32[8]{0.0, 0.0, 0.2, 0.1, 1.0, 1.0, 0.9, 0.7}, _, s: i64[4]{1, 1, 1, 1}",
      { ...crop, mode },
      { inputs: image },
    ),
  ]),
  one("Resize", "crop-default", "x: f32[1,1,4,5], r: f32[8]{0.0, 0.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0}, _, s: i64[4]{1, 1, 5, 4}", crop, {
    inputs: image,
  }),
  one(
    "Resize",
    "u8-linear",
    "x: u8[1,1,2,3], _, _, s: i64[4]{1, 1, 5, 7}",
    { mode: "linear" },
    { inputs: { x: [0, 255, 100, 7, 60, 200] } },
  ),
  one("Resize", "nothing", "x: f32[1,1,4,5]", {}, { fails: "operator-rule" }),
  one("Resize", "no-such-mode", by(2, 2), { coordinate_transformation_mode: "sideways" }, { fails: "operator-rule" }),
  one(
    "Resize",
    "wide-symmetric",
    "x: f32[1,1,1,10], _, s: f32[4]{1.0, 1.0, 1.0, 0.55}",
    { mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" },
    {},
  ),
];

const points = Array.from(
  { length: 24 },
  (_, i) => [-1.7, -1.05, -0.8, -0.31, 0, 0.2, 0.55, 0.93, 1.1, 1.45, -0.6, 0.77][(i * 5 + (i >> 2)) % 12],
);

export const grids = [
  ...combos({ mode: ["linear", "nearest", "cubic"], padding_mode: ["zeros", "border", "reflection"], align_corners: [0, 1] }).map((a) =>
    one("GridSample", named(a), "x: f32[1,2,4,5], g: f32[1,3,4,2]", a, { inputs: { g: points } }),
  ),
  one("GridSample", "default", "x: f32[2,1,4,5], g: f32[2,2,3,2]", {}, { inputs: { g: points } }),
  ...["linear", "nearest"].map((mode) =>
    one("GridSample", `volume-${mode}`, "x: f32[1,1,2,3,4], g: f32[1,2,2,2,3]", { mode }, { inputs: { g: points } }),
  ),
  one(
    "GridSample",
    "one-wide",
    "x: f32[1,1,1,1], g: f32[1,2,6,2]",
    { padding_mode: "reflection", align_corners: 1 },
    { inputs: { g: points } },
  ),
  ...[0, 1].flatMap((align_corners) => [
    one("AffineGrid", `plane-${align_corners}`, "t: f32[2,2,3], s: i64[4]{2, 1, 3, 4}", { align_corners }, {}),
    one("AffineGrid", `volume-${align_corners}`, "t: f32[1,3,4], s: i64[5]{1, 1, 2, 3, 2}", { align_corners }, {}),
    one("AffineGrid", `one-wide-${align_corners}`, "t: f32[1,2,3], s: i64[4]{1, 1, 1, 2}", { align_corners }, {}),
  ]),
  one("AffineGrid", "default", "t: f32[1,2,3], s: i64[4]{1, 1, 2, 5}", {}, {}),
];

const boxes = [0, 0, 3, 3, 1, 2, 7.5, 6.5, -3, -2, 4, 12, 5, 5, 5, 5, 5, 6, 4, 3, 0, 0, 30, 40, 2.2, 3.1, 2.9, 3.3, -20, -20, -10, -10];
const roi = "x: f32[2,2,5,6], r: f32[8,4], b: i64[8]";
const roiInputs = { r: boxes, b: [0, 1, 1, 0, 1, 0, 1, 0] };

export const regions = [
  ...combos({
    mode: ["avg", "max"],
    coordinate_transformation_mode: ["half_pixel", "output_half_pixel"],
    sampling_ratio: [0, 2],
    spatial_scale: [undefined, fl(0.5)],
  }).map((a) => one("RoiAlign", named(a), roi, { ...a, output_height: 2, output_width: 3 }, { inputs: roiInputs })),
  one("RoiAlign", "default", roi, {}, { inputs: roiInputs }),
  one(
    "RoiAlign",
    "single",
    "x: f32[1,1,5,6], r: f32[2,4], b: i64[2]",
    { output_height: 5, output_width: 4 },
    { inputs: { r: boxes.slice(4, 12), b: [0, 0] } },
  ),
  one("Col2Im", "default", "x: f32[1,8,4], i: i64[2]{3, 3}, b: i64[2]{2, 2}", {}, {}),
  one("Col2Im", "all", "x: f32[1,12,6], i: i64[2]{5, 6}, b: i64[2]{2, 3}", { dilations: [2, 1], strides: [2, 2], pads: [1, 0, 0, 1] }, {}),
  one("Col2Im", "line", "x: f32[2,6,3], i: i64[1]{6}, b: i64[1]{3}", { strides: [2], pads: [1, 0] }, {}),
  one("MaxUnpool", "default", "x: f32[1,1,2,2], i: i64[1,1,2,2]", { kernel_shape: [2, 2] }, { inputs: { i: [0, 2, 4, 8] } }),
  one(
    "MaxUnpool",
    "strides",
    "x: f32[1,1,2,2], i: i64[1,1,2,2]",
    { kernel_shape: [2, 2], strides: [2, 2] },
    { inputs: { i: [5, 7, 13, 15] } },
  ),
  one(
    "MaxUnpool",
    "pads",
    "x: f32[1,2,2,2], i: i64[1,2,2,2]",
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 0, 0] },
    { inputs: { i: [0, 2, 9, 11, 16, 18, 25, 31] } },
  ),
];

const image20 = { x: Array.from({ length: 20 }, (_, i) => (i * i * 37) % 256) };
const moreResizes = [
  one(
    "Resize",
    "crop-scales",
    "x: f32[1,1,4,5], r: f32[8]{0.0, 0.0, 0.2, 0.1, 1.0, 1.0, 0.9, 0.7}, s: f32[4]{1.0, 1.0, 1.5, 0.6}",
    { ...crop, mode: "linear" },
    { inputs: image },
  ),
  one("Resize", "u8-antialias", "x: u8[1,1,4,5], _, _, s: i64[4]{1, 1, 2, 3}", { mode: "linear", antialias: 1 }, { inputs: image20 }),
];

const edges = [
  one("RoiAlign", "long", "x: f32[1,1,14,3], r: f32[1,4], b: i64[1]", {}, { inputs: { r: [0, 0, 3, 14], b: [0] } }),
  one(
    "RoiAlign",
    "at-edge",
    "x: f32[1,1,2,2], r: f32[2,4], b: i64[2]",
    { mode: "max", coordinate_transformation_mode: "output_half_pixel" },
    { inputs: { x: [-2, -3, -4, -5], r: [-1.5, -1.5, -0.5, -0.5, 1.5, 1.5, 2.5, 2.5], b: [0, 0] } },
  ),
];

export const sampling = [...edges, ...resizes, ...moreResizes, ...grids, ...regions];
export { each };

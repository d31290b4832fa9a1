/** Upsample and the early Resize as the Resize of today. */
import type { Rewrite } from "./draft.js";
import { cannotUpgrade, f32, floatOf, text, textOf, without } from "./rewrites.js";

/** Upsample-1 scaled the last two of four dims. */
export const upsampleTo7: Rewrite = (node, make) => {
  const scales = make.constant(f32([1, 1, floatOf(node, "height_scale", 1), floatOf(node, "width_scale", 1)]));
  return { ...node, inputs: [node.inputs[0], scales], attrs: { mode: text(plainMode(textOf(node, "mode", "nearest"))) } };
};

export const upsampleTo9: Rewrite = (node, make) => {
  const scales = node.attrs.scales;
  if (scales?.kind !== "floats") return node;
  return { ...node, inputs: [node.inputs[0], make.constant(f32(scales.value))], attrs: without(node.attrs, "scales") };
};

function plainMode(mode: string): string {
  return mode === "bilinear" ? "linear" : mode;
}

const asymmetric = { coordinate_transformation_mode: text("asymmetric") };

/**
 * Before opset 11 a coordinate was scaled, "asymmetric" of today, and for nearest it was rounded down where the axis
 * grows and up where it shrinks (test_resize_downsample_nearest of onnx 1.5; onnxruntime's "simple" rounding). An axis
 * that does not change takes either, so growing and shrinking become one Resize each:
 *
 * Resize-10(x, s)  =>  Resize(Resize(x, max(s, 1), floor), min(s, 1), ceil)
 */
export const resizeTo11: Rewrite = (node, make) => {
  const [x, scales] = node.inputs;
  const mode = plainMode(textOf(node, "mode", "nearest"));
  const attrs = { ...node.attrs, mode: text(mode), ...asymmetric };
  const rounded = (how: string) => ({ ...attrs, nearest_mode: text(how) });
  const known = make.known(scales)?.data as Float32Array | undefined;
  if (mode !== "nearest" || known?.every((s) => s >= 1)) return { ...node, inputs: [x, undefined, scales], attrs: rounded("floor") };
  if (known?.every((s) => s <= 1)) return { ...node, inputs: [x, undefined, scales], attrs: rounded("ceil") };
  const one = make.constant(f32([1]));
  const grown = make.before("Resize", [x, undefined, make.before("Max", [scales, one])], rounded("floor"));
  return { ...node, inputs: [grown, undefined, make.before("Min", [scales, one])], attrs: rounded("ceil") };
};

/** Upsample-9 only grows. Files past opset 9 that still say Upsample mean the same. */
export const upsampleToResize: Rewrite = (node) => {
  const [x, scales] = node.inputs;
  const mode = text(plainMode(textOf(node, "mode", "nearest")));
  return { ...node, op: "Resize", inputs: [x, undefined, scales], attrs: { mode, ...asymmetric, nearest_mode: text("floor") } };
};

/** Absent roi, scales and sizes were spelled as empty tensors; `tf_half_pixel_for_nn` went. */
export const resizeTo13: Rewrite = (node, make) => {
  const needsRoi = textOf(node, "coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize";
  const inputs = node.inputs.map((v, i) => {
    if (i === 0 || (i === 1 && needsRoi)) return v;
    return i === 1 || make.known(v)?.data.length === 0 ? undefined : v;
  });
  // With sizes given, scales were ignored.
  if (inputs[3]) inputs[2] = undefined;
  const resized = { ...node, inputs };
  if (textOf(node, "coordinate_transformation_mode", "half_pixel") !== "tf_half_pixel_for_nn") return resized;
  // floor((i + 0.5) / s) is (i + 0.5) / s - 0.5 rounded to nearest, halves up.
  if (textOf(node, "mode", "nearest") !== "nearest" || textOf(node, "nearest_mode", "round_prefer_floor") !== "floor")
    cannotUpgrade(
      node,
      make,
      'coordinate mode "tf_half_pixel_for_nn" without nearest_mode "floor"',
      "Opset 13 took that mode out; only with floor does another mode mean the same.",
    );
  return {
    ...resized,
    attrs: { ...node.attrs, coordinate_transformation_mode: text("half_pixel"), nearest_mode: text("round_prefer_ceil") },
  };
};

/** Convolutions in one to three spatial dimensions, with the standard's automatic padding. */
import {
  assumeShape,
  ceilDiv,
  conv,
  convTranspose,
  decided,
  dtype,
  floorDiv,
  formula,
  int,
  isFixed,
  maximum,
  maybe,
  optional,
  pad,
  rank,
  refuse,
  refuseOpen,
  shape,
  text,
  unsqueeze,
  type Num,
} from "../lang.js";
import { requireLengths, spatialAxes } from "./axes.formula.js";

export interface WindowAttrs {
  readonly auto_pad: string;
  readonly dilations: number[] | undefined;
  readonly pads: number[] | undefined;
  readonly strides: number[] | undefined;
}

export interface WindowGeometry {
  readonly strides: number[];
  readonly dilations: number[];
  /** Padding before and after, one entry a spatial axis. */
  readonly low: Num[];
  readonly high: Num[];
}

export const windowAttrs = {
  auto_pad: text("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
  dilations: maybe("ints"),
  pads: maybe("ints"),
  strides: maybe("ints"),
};

/** Strides, dilations and paddings of windows of the given sizes over N C ... data. */
export function geometry(x: Num, kernel: readonly Num[], a: WindowAttrs): WindowGeometry {
  const n = kernel.length;
  requireLengths(rank(x) - 2, { kernel_shape: kernel, strides: a.strides, dilations: a.dilations, pads: a.pads });
  const strides = a.strides ?? new Array<number>(n).fill(1);
  const dilations = a.dilations ?? new Array<number>(n).fill(1);
  const none = new Array<number>(n).fill(0);
  const given = a.pads ?? [];
  if (a.auto_pad === "NOTSET" && given.some((p) => p < 0))
    refuse(`pads [${given.join(", ")}] are negative: a window does not crop`, "Put a Slice or a Pad in front of it in the model.");
  if (a.auto_pad === "NOTSET") return { strides, dilations, low: a.pads?.slice(0, n) ?? none, high: a.pads?.slice(n) ?? none };
  if (a.auto_pad === "VALID") return { strides, dilations, low: none, high: none };
  const totals = shape(x)
    .slice(2)
    .map((extent, i) => {
      const span = (kernel[i] - 1) * dilations[i] + 1;
      // With stride 1 the amount does not depend on the extent.
      if (strides[i] === 1) return span - 1;
      return maximum((ceilDiv(extent, strides[i]) - 1) * strides[i] + span - extent, 0);
    });
  const small = totals.map((t) => floorDiv(t, 2));
  const large = totals.map((t, i) => t - small[i]);
  const upper = a.auto_pad === "SAME_UPPER";
  return { strides, dilations, low: upper ? small : large, high: upper ? large : small };
}

/** One value a channel added to N C ... data. */
export function addBias(y: Num, bias: Num | undefined): Num {
  if (bias === undefined) return y;
  return y + unsqueeze(assumeShape(bias, [shape(y)[1]], "there must be one bias a channel"), [0, ...spatialAxes(y)]);
}

const convAttrs = { ...windowAttrs, group: int(1), kernel_shape: maybe("ints") };

export const Conv = formula({ inputs: { x: "float", w: "float", b: optional("float") }, attrs: convAttrs }, ({ x, w, b, ...a }) => {
  const g = geometry(x, shape(w).slice(2), a);
  const options = { strides: g.strides, dilations: g.dilations, group: a.group };
  if ([...g.low, ...g.high].every(isFixed)) return addBias(conv(x, w, { ...options, pads: [...g.low, ...g.high] }), b);
  // Automatic padding of an extent known only at run time.
  const padded = pad(x, [0, 0, ...g.low], [0, 0, ...g.high], 0);
  return addBias(conv(padded, w, { ...options, pads: new Array<number>(2 * g.low.length).fill(0) }), b);
});

export const ConvInteger = formula(
  {
    inputs: { x: ["i8", "u8"], w: ["i8", "u8"], x_zero_point: optional(["i8", "u8"]), w_zero_point: optional(["i8", "u8"]) },
    attrs: convAttrs,
  },
  ({ x, w, x_zero_point, w_zero_point, ...a }) => {
    const g = geometry(x, shape(w).slice(2), a);
    return conv(x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      ...(x_zero_point === undefined ? {} : { zeroX: x_zero_point }),
      ...(w_zero_point === undefined ? {} : { zeroW: w_zero_point }),
    });
  },
);

export const ConvTranspose = formula(
  {
    inputs: { x: "float", w: "float", b: optional("float") },
    attrs: { ...convAttrs, output_padding: maybe("ints"), output_shape: maybe("ints") },
  },
  ({ x, w, b, ...a }) => {
    const kernel = shape(w).slice(2);
    const n = kernel.length;
    requireLengths(rank(x) - 2, {
      kernel_shape: kernel,
      strides: a.strides,
      dilations: a.dilations,
      pads: a.pads,
      output_padding: a.output_padding,
    });
    const strides = a.strides ?? new Array<number>(n).fill(1);
    const dilations = a.dilations ?? new Array<number>(n).fill(1);
    const outputPadding = [...(a.output_padding ?? new Array<number>(n).fill(0))];
    const same = a.auto_pad === "SAME_UPPER" || a.auto_pad === "SAME_LOWER";
    let low = a.pads?.slice(0, n) ?? new Array<number>(n).fill(0);
    let high = a.pads?.slice(n) ?? new Array<number>(n).fill(0);
    if (a.output_shape !== undefined || same) {
      // What the full result has too much is cut; what it lacks is appended.
      const extents = shape(x).slice(2);
      const wanted = a.output_shape?.slice(a.output_shape.length - n);
      const surplus = kernel.map((k, i) => {
        const span = (k - 1) * dilations[i] + 1;
        if (wanted === undefined) return outputPadding[i] + span - strides[i];
        return strides[i] * (extents[i] - 1) + outputPadding[i] + span - wanted[i];
      });
      surplus.forEach((s, i) => {
        const lacks = decided(s, "<=", 0 - strides[i]);
        if (lacks === true && isFixed(extents[i]))
          refuse(
            `output_shape asks for ${wanted?.[i]} on axis ${i + 2}, and ${extents[i]} elements give at most ${(wanted?.[i] ?? 0) + s + strides[i] - 1} (kernel ${kernel[i]}, stride ${strides[i]}, dilation ${dilations[i]})`,
            "Give an output_shape below that; padding belongs in a Pad behind the operator.",
          );
        if (s < 0) outputPadding[i] = outputPadding[i] - s;
      });
      if (!surplus.every(isFixed)) refuseOpen("what a ConvTranspose cuts from its result", [...extents, ...kernel]);
      const cut = surplus.map((s) => maximum(s, 0));
      const small = cut.map((s) => floorDiv(s, 2));
      const large = cut.map((s, i) => s - small[i]);
      low = a.auto_pad === "SAME_UPPER" ? small : large;
      high = a.auto_pad === "SAME_UPPER" ? large : small;
    }
    const y = convTranspose(x, w, { strides, dilations, group: a.group, pads: [...low, ...high], outputPadding, acc: dtype(x) });
    return addBias(y, b);
  },
);

/* Generated from convolution.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/convolution.formula.ts"); /** Convolutions in one to three spatial dimensions, with the standard's automatic padding. */
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
import { requireLengths, spatialAxes } from "./axes.gen.js";

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
  requireLengths($.sub($.call("52:18", rank, x) , 2, "52:26"), { kernel_shape: kernel, strides: a.strides, dilations: a.dilations, pads: a.pads });
  const strides = a.strides ?? new Array<number>(n).fill(1);
  const dilations = a.dilations ?? new Array<number>(n).fill(1);
  const none = new Array<number>(n).fill(0);
  const given = a.pads ?? [];
  if (a.auto_pad === "NOTSET" && $.test(given.some((p) => $.lt(p , 0, "57:54")), "57:34"))
    $.call("58:5", refuse, `pads [${given.join(", ")}] are negative: a window does not crop`, "Put a Slice or a Pad in front of it in the model.");
  if (a.auto_pad === "NOTSET") return { strides, dilations, low: a.pads?.slice(0, n) ?? none, high: a.pads?.slice(n) ?? none };
  if (a.auto_pad === "VALID") return { strides, dilations, low: none, high: none };
  const totals = $.call("61:18", shape, x)
    .slice(2)
    .map((extent, i) => {
      const span = $.add($.mul(($.sub(kernel[i] , 1, "64:31")) , dilations[i], "64:36") , 1, "64:51");
      // With stride 1 the amount does not depend on the extent.
      if ($.test($.eq(strides[i] , 1, "66:22"), "66:11")) return $.sub(span , 1, "66:41");
      return $.call("67:14", maximum, $.sub($.add($.mul(($.sub($.call("67:23", ceilDiv, extent, strides[i]) , 1, "67:51")) , strides[i], "67:56") , span, "67:69") , extent, "67:76"), 0);
    });
  const small = totals.map((t) => $.call("69:35", floorDiv, t, 2));
  const large = totals.map((t, i) => $.sub(t , small[i], "70:40"));
  const upper = a.auto_pad === "SAME_UPPER";
  return { strides, dilations, low: $.test(upper, "72:37") ? small : large, high: $.test(upper, "72:66") ? large : small };
}

/** One value a channel added to N C ... data. */
export function addBias(y: Num, bias: Num | undefined): Num {
  if (bias === undefined) return y;
  return $.add(y , $.call("78:14", unsqueeze, $.call("78:24", assumeShape, bias, [$.call("78:43", shape, y)[1]], "there must be one bias a channel"), [0, ...spatialAxes(y)]), "78:12");
}

const convAttrs = { ...windowAttrs, group: int(1), kernel_shape: maybe("ints") };

export const Conv = formula({ inputs: { x: "float", w: "float", b: optional("float") }, attrs: convAttrs }, ({ x, w, b, ...a }) => {
  const g = geometry(x, $.call("84:25", shape, w).slice(2), a);
  const options = { strides: g.strides, dilations: g.dilations, group: a.group };
  if ($.test([...g.low, ...g.high].every(isFixed), "86:7")) return addBias($.call("86:60", conv, x, w, { ...options, pads: [...g.low, ...g.high] }), b);
  // Automatic padding of an extent known only at run time.
  const padded = $.call("88:18", pad, x, [0, 0, ...g.low], [0, 0, ...g.high], 0);
  return addBias($.call("89:18", conv, padded, w, { ...options, pads: new Array<number>($.mul(2 , g.low.length, "89:74")).fill(0) }), b);
}, {"name":"Conv","path":"src/ops/formulas/convolution.formula.ts","line":83,"column":14});

export const ConvInteger = formula(
  {
    inputs: { x: ["i8", "u8"], w: ["i8", "u8"], x_zero_point: optional(["i8", "u8"]), w_zero_point: optional(["i8", "u8"]) },
    attrs: convAttrs,
  },
  ({ x, w, x_zero_point, w_zero_point, ...a }) => {
    const g = geometry(x, $.call("98:27", shape, w).slice(2), a);
    return $.call("99:12", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      ...(x_zero_point === undefined ? {} : { zeroX: x_zero_point }),
      ...(w_zero_point === undefined ? {} : { zeroW: w_zero_point }),
    });
  },
{"name":"ConvInteger","path":"src/ops/formulas/convolution.formula.ts","line":92,"column":14});

export const ConvTranspose = formula(
  {
    inputs: { x: "float", w: "float", b: optional("float") },
    attrs: { ...convAttrs, output_padding: maybe("ints"), output_shape: maybe("ints") },
  },
  ({ x, w, b, ...a }) => {
    const kernel = $.call("117:20", shape, w).slice(2);
    const n = kernel.length;
    requireLengths($.sub($.call("119:20", rank, x) , 2, "119:28"), {
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
    if (a.output_shape !== undefined || $.test(same, "132:41")) {
      // What the full result has too much is cut; what it lacks is appended.
      const extents = $.call("134:23", shape, x).slice(2);
      const wanted = a.output_shape?.slice($.sub(a.output_shape.length , n, "135:66"));
      const surplus = kernel.map((k, i) => {
        const span = $.add($.mul(($.sub(k , 1, "137:25")) , dilations[i], "137:30") , 1, "137:45");
        if (wanted === undefined) return $.sub($.add(outputPadding[i] , span, "138:59") , strides[i], "138:66");
        return $.sub($.add($.add($.mul(strides[i] , ($.sub(extents[i] , 1, "139:41")), "139:27") , outputPadding[i], "139:46") , span, "139:65") , wanted[i], "139:72");
      });
      surplus.forEach((s, i) => {
        const lacks = $.call("142:23", decided, s, "<=", $.sub(0 , strides[i], "142:42"));
        if ($.test($.eq(lacks , true, "143:19"), "143:13") && $.test($.call("143:31", isFixed, extents[i]), "143:31"))
          $.call("144:11", refuse, 
            `output_shape asks for ${wanted?.[i]} on axis ${$.add(i , 2, "145:63")}, and ${extents[i]} elements give at most ${$.sub($.add($.add((wanted?.[i] ?? 0) , s, "145:130") , strides[i], "145:134") , 1, "145:147")} (kernel ${kernel[i]}, stride ${strides[i]}, dilation ${dilations[i]})`,
            "Give an output_shape below that; padding belongs in a Pad behind the operator.",
          );
        if ($.test($.lt(s , 0, "148:15"), "148:13")) outputPadding[i] = $.sub(outputPadding[i] , s, "148:56");
      });
      if (!$.test(surplus.every(isFixed), "150:12")) $.call("150:36", refuseOpen, "what a ConvTranspose cuts from its result", [...extents, ...kernel]);
      const cut = surplus.map((s) => $.call("151:38", maximum, s, 0));
      const small = cut.map((s) => $.call("152:36", floorDiv, s, 2));
      const large = cut.map((s, i) => $.sub(s , small[i], "153:41"));
      low = a.auto_pad === "SAME_UPPER" ? small : large;
      high = a.auto_pad === "SAME_UPPER" ? large : small;
    }
    const y = $.call("157:15", convTranspose, x, w, { strides, dilations, group: a.group, pads: [...low, ...high], outputPadding, acc: $.call("157:118", dtype, x) });
    return addBias(y, b);
  },
{"name":"ConvTranspose","path":"src/ops/formulas/convolution.formula.ts","line":111,"column":14});

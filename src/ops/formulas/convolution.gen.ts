/* Generated from convolution.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/convolution.formula.ts"); /** Convolutions in one to three spatial dimensions, with the standard's automatic padding. */
import {
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
  refuse,
  shape,
  text,
  unsqueeze,
  type Num,
} from "../lang.js";
import { spatialAxes } from "./axes.gen.js";

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
  const strides = a.strides ?? new Array<number>(n).fill(1);
  const dilations = a.dilations ?? new Array<number>(n).fill(1);
  const none = new Array<number>(n).fill(0);
  const given = a.pads ?? [];
  if (a.auto_pad === "NOTSET" && $.test(given.some((p) => $.lt(p , 0, "53:54")), "53:34"))
    $.call("54:5", refuse, `pads [${given.join(", ")}] are negative: a window does not crop`, "Put a Slice or a Pad in front of it in the model.");
  if (a.auto_pad === "NOTSET") return { strides, dilations, low: a.pads?.slice(0, n) ?? none, high: a.pads?.slice(n) ?? none };
  if (a.auto_pad === "VALID") return { strides, dilations, low: none, high: none };
  const totals = $.call("57:18", shape, x)
    .slice(2)
    .map((extent, i) => {
      const span = $.add($.mul(($.sub(kernel[i] , 1, "60:31")) , dilations[i], "60:36") , 1, "60:51");
      // With stride 1 the amount does not depend on the extent.
      if ($.test($.eq(strides[i] , 1, "62:22"), "62:11")) return $.sub(span , 1, "62:41");
      return $.call("63:14", maximum, $.sub($.add($.mul(($.sub($.call("63:23", ceilDiv, extent, strides[i]) , 1, "63:51")) , strides[i], "63:56") , span, "63:69") , extent, "63:76"), 0);
    });
  const small = totals.map((t) => $.call("65:35", floorDiv, t, 2));
  const large = totals.map((t, i) => $.sub(t , small[i], "66:40"));
  const upper = a.auto_pad === "SAME_UPPER";
  return { strides, dilations, low: $.test(upper, "68:37") ? small : large, high: $.test(upper, "68:66") ? large : small };
}

/** One value a channel added to N C ... data. */
function addBias(y: Num, bias: Num | undefined): Num {
  return bias === undefined ? y : $.add(y , $.call("73:39", unsqueeze, bias, [0, ...spatialAxes(y)]), "73:37");
}

const convAttrs = { ...windowAttrs, group: int(1), kernel_shape: maybe("ints") };

export const Conv = formula({ inputs: { x: "float", w: "float", b: optional("float") }, attrs: convAttrs }, ({ x, w, b, ...a }) => {
  const g = geometry(x, $.call("79:25", shape, w).slice(2), a);
  const options = { strides: g.strides, dilations: g.dilations, group: a.group };
  if ($.test([...g.low, ...g.high].every(isFixed), "81:7")) return addBias($.call("81:60", conv, x, w, { ...options, pads: [...g.low, ...g.high] }), b);
  // Automatic padding of an extent known only at run time.
  const padded = $.call("83:18", pad, x, [0, 0, ...g.low], [0, 0, ...g.high], 0);
  return addBias($.call("84:18", conv, padded, w, { ...options, pads: new Array<number>($.mul(2 , g.low.length, "84:74")).fill(0) }), b);
}, {"name":"Conv","path":"src/ops/formulas/convolution.formula.ts","line":78,"column":14});

export const ConvInteger = formula(
  {
    inputs: { x: ["i8", "u8"], w: ["i8", "u8"], x_zero_point: optional(["i8", "u8"]), w_zero_point: optional(["i8", "u8"]) },
    attrs: convAttrs,
  },
  ({ x, w, x_zero_point, w_zero_point, ...a }) => {
    const g = geometry(x, $.call("93:27", shape, w).slice(2), a);
    return $.call("94:12", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      ...(x_zero_point === undefined ? {} : { zeroX: x_zero_point }),
      ...(w_zero_point === undefined ? {} : { zeroW: w_zero_point }),
    });
  },
{"name":"ConvInteger","path":"src/ops/formulas/convolution.formula.ts","line":87,"column":14});

export const ConvTranspose = formula(
  {
    inputs: { x: "float", w: "float", b: optional("float") },
    attrs: { ...convAttrs, output_padding: maybe("ints"), output_shape: maybe("ints") },
  },
  ({ x, w, b, ...a }) => {
    const kernel = $.call("112:20", shape, w).slice(2);
    const n = kernel.length;
    const strides = a.strides ?? new Array<number>(n).fill(1);
    const dilations = a.dilations ?? new Array<number>(n).fill(1);
    const outputPadding = [...(a.output_padding ?? new Array<number>(n).fill(0))];
    const same = a.auto_pad === "SAME_UPPER" || a.auto_pad === "SAME_LOWER";
    let low = a.pads?.slice(0, n) ?? new Array<number>(n).fill(0);
    let high = a.pads?.slice(n) ?? new Array<number>(n).fill(0);
    if (a.output_shape !== undefined || $.test(same, "120:41")) {
      // What the full result has too much is cut; what it lacks is appended.
      const extents = $.call("122:23", shape, x).slice(2);
      const wanted = a.output_shape?.slice($.sub(a.output_shape.length , n, "123:66"));
      const surplus = kernel.map((k, i) => {
        const span = $.add($.mul(($.sub(k , 1, "125:25")) , dilations[i], "125:30") , 1, "125:45");
        if (wanted === undefined) return $.sub($.add(outputPadding[i] , span, "126:59") , strides[i], "126:66");
        return $.sub($.add($.add($.mul(strides[i] , ($.sub(extents[i] , 1, "127:41")), "127:27") , outputPadding[i], "127:46") , span, "127:65") , wanted[i], "127:72");
      });
      surplus.forEach((s, i) => {
        const lacks = $.call("130:23", decided, s, "<=", $.sub(0 , strides[i], "130:42"));
        if ($.test($.eq(lacks , true, "131:19"), "131:13") && $.test($.call("131:31", isFixed, extents[i]), "131:31"))
          $.call("132:11", refuse, 
            `output_shape asks for ${wanted?.[i]} on axis ${$.add(i , 2, "133:63")}, and ${extents[i]} elements give at most ${$.sub($.add($.add((wanted?.[i] ?? 0) , s, "133:130") , strides[i], "133:134") , 1, "133:147")} (kernel ${kernel[i]}, stride ${strides[i]}, dilation ${dilations[i]})`,
            "Give an output_shape below that; padding belongs in a Pad behind the operator.",
          );
        if ($.test($.lt(s , 0, "136:15"), "136:13")) outputPadding[i] = $.sub(outputPadding[i] , s, "136:56");
      });
      const cut = surplus.map((s) => $.call("138:38", maximum, s, 0));
      const small = cut.map((s) => $.call("139:36", floorDiv, s, 2));
      const large = cut.map((s, i) => $.sub(s , small[i], "140:41"));
      low = a.auto_pad === "SAME_UPPER" ? small : large;
      high = a.auto_pad === "SAME_UPPER" ? large : small;
    }
    const y = $.call("144:15", convTranspose, x, w, { strides, dilations, group: a.group, pads: [...low, ...high], outputPadding, acc: $.call("144:118", dtype, x) });
    return addBias(y, b);
  },
{"name":"ConvTranspose","path":"src/ops/formulas/convolution.formula.ts","line":106,"column":14});

/* Generated from activations.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/activations.formula.ts"); /** Activation functions, as ONNX defines them. */
import { abs, erf, exp, expm1, float, formula, log1p, maximum, minimum, tanh, text, where, type Num } from "../lang.js";

export const Relu = formula({ inputs: { x: "number" } }, ({ x }) => $.call("4:69", maximum, x, 0), {"name":"Relu","path":"src/ops/formulas/activations.formula.ts","line":4,"column":14});

export const LeakyRelu = formula({ inputs: { x: "float" }, attrs: { alpha: float(0.01) } }, ({ x, alpha }) => $.call("6:111", where, $.lt(x , 0, "6:119"), $.mul(x , alpha, "6:126"), x), {"name":"LeakyRelu","path":"src/ops/formulas/activations.formula.ts","line":6,"column":14});

export const PRelu = formula({ inputs: { x: "number", slope: "number" } }, ({ x, slope }) => $.call("8:94", where, $.lt(x , 0, "8:102"), $.mul(x , slope, "8:109"), x), {"name":"PRelu","path":"src/ops/formulas/activations.formula.ts","line":8,"column":14});

export const ThresholdedRelu = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => $.call("10:114", where, $.gt(x , alpha, "10:122"), x, 0), {"name":"ThresholdedRelu","path":"src/ops/formulas/activations.formula.ts","line":10,"column":14});

export function sigmoid(x: Num): Num {
  return $.div(1 , ($.add(1 , $.call("13:19", exp, $.neg(x, "13:23")), "13:17")), "13:12");
}

export const Sigmoid = formula({ inputs: { x: "float" } }, ({ x }) => sigmoid(x), {"name":"Sigmoid","path":"src/ops/formulas/activations.formula.ts","line":16,"column":14});

export const HardSigmoid = formula({ inputs: { x: "float" }, attrs: { alpha: float(0.2), beta: float(0.5) } }, ({ x, alpha, beta }) =>
  $.call("19:3", maximum, $.call("19:11", minimum, $.add($.mul(x , alpha, "19:21") , beta, "19:29"), 1), 0),
{"name":"HardSigmoid","path":"src/ops/formulas/activations.formula.ts","line":18,"column":14});

export const HardSwish = formula({ inputs: { x: "float" } }, ({ x }) => $.mul(x , $.call("22:77", maximum, $.call("22:85", minimum, $.add($.mul(x , ($.div(1 , 6, "22:100")), "22:95") , 0.5, "22:105"), 1), 0), "22:75"), {"name":"HardSwish","path":"src/ops/formulas/activations.formula.ts","line":22,"column":14});

/** x * sigmoid(alpha * x); SiLU when alpha is 1. */
function swish(x: Num, alpha: number): Num {
  return $.mul(x , sigmoid($.test($.eq(alpha , 1, "26:28"), "26:22") ? x : $.mul(x , alpha, "26:42")), "26:12");
}

export const Swish = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => swish(x, alpha), {"name":"Swish","path":"src/ops/formulas/activations.formula.ts","line":29,"column":14});

/** The gated product of Shazeer 2020, with Swish as the gate. */
export const SwiGLU = formula({ inputs: { a: "float", b: "float" }, attrs: { alpha: float(1) } }, ({ a, b, alpha }) => $.mul(swish(a, alpha) , b, "32:136"), {"name":"SwiGLU","path":"src/ops/formulas/activations.formula.ts","line":32,"column":14});

/** log(1 + e^x), written so that a large x does not overflow and one far below 0 keeps its digits. */
function softplus(x: Num): Num {
  return $.add($.call("36:10", maximum, x, 0) , $.call("36:26", log1p, $.call("36:32", exp, $.neg($.call("36:37", abs, x), "36:36"))), "36:24");
}

export const Softplus = formula({ inputs: { x: "float" } }, ({ x }) => softplus(x), {"name":"Softplus","path":"src/ops/formulas/activations.formula.ts","line":39,"column":14});

export const Softsign = formula({ inputs: { x: "float" } }, ({ x }) => $.div(x , ($.add(1 , $.call("41:81", abs, x), "41:79")), "41:74"), {"name":"Softsign","path":"src/ops/formulas/activations.formula.ts","line":41,"column":14});

export const Mish = formula({ inputs: { x: "float" } }, ({ x }) => $.mul(x , $.call("43:72", tanh, softplus(x)), "43:70"), {"name":"Mish","path":"src/ops/formulas/activations.formula.ts","line":43,"column":14});

export const Elu = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => $.call("45:102", where, $.lt(x , 0, "45:110"), $.mul(alpha , $.call("45:123", expm1, x), "45:121"), x), {"name":"Elu","path":"src/ops/formulas/activations.formula.ts","line":45,"column":14});

export const Celu = formula(
  { inputs: { x: "float" }, attrs: { alpha: float(1) } },
  ({ x, alpha }) => $.add($.call("49:21", maximum, x, 0) , $.call("49:37", minimum, $.mul(alpha , $.call("49:53", expm1, $.div(x , alpha, "49:61")), "49:51"), 0), "49:35"),
{"name":"Celu","path":"src/ops/formulas/activations.formula.ts","line":47,"column":14});

/** Default constants of Klambauer et al. 2017, as f32. */
export const Selu = formula(
  { inputs: { x: "float" }, attrs: { alpha: float(1.6732631921768188), gamma: float(1.0507010221481323) } },
  ({ x, alpha, gamma }) => $.mul(gamma , $.call("55:36", where, $.gt(x , 0, "55:44"), x, $.mul(alpha , $.call("55:60", expm1, x), "55:58")), "55:34"),
{"name":"Selu","path":"src/ops/formulas/activations.formula.ts","line":53,"column":14});

/** (1 + tanh u) / 2 is sigmoid(2u), which keeps its digits where x is far below 0. */
export const Gelu = formula({ inputs: { x: "float" }, attrs: { approximate: text("none", "tanh") } }, ({ x, approximate }) =>
  approximate === "tanh" ? $.mul(x , sigmoid($.mul(Math.sqrt($.div(8 , Math.PI, "60:52")) , ($.add(x , $.mul(0.044715 , $.pow(x , 3, "60:83"), "60:79"), "60:68")), "60:63")), "60:30") : $.mul($.mul(0.5 , x, "60:96") , ($.add(1 , $.call("60:107", erf, $.mul(x , Math.SQRT1_2, "60:113")), "60:105")), "60:100"),
{"name":"Gelu","path":"src/ops/formulas/activations.formula.ts","line":59,"column":14});

export const Shrink = formula({ inputs: { x: "number" }, attrs: { lambd: float(0.5), bias: float(0) } }, ({ x, lambd, bias }) =>
  $.call("64:3", where, $.lt(x , $.neg(lambd, "64:13"), "64:11"), $.add(x , bias, "64:23"), $.call("64:31", where, $.gt(x , lambd, "64:39"), $.sub(x , bias, "64:50"), 0)),
{"name":"Shrink","path":"src/ops/formulas/activations.formula.ts","line":63,"column":14});

/** Activation functions, as ONNX defines them. */
import { abs, erf, exp, expm1, float, formula, log1p, maximum, minimum, tanh, text, where, type Num } from "../lang.js";

export const Relu = formula({ inputs: { x: "number" } }, ({ x }) => maximum(x, 0));

export const LeakyRelu = formula({ inputs: { x: "float" }, attrs: { alpha: float(0.01) } }, ({ x, alpha }) => where(x < 0, x * alpha, x));

export const PRelu = formula({ inputs: { x: "number", slope: "number" } }, ({ x, slope }) => where(x < 0, x * slope, x));

export const ThresholdedRelu = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => where(x > alpha, x, 0));

export function sigmoid(x: Num): Num {
  return 1 / (1 + exp(-x));
}

export const Sigmoid = formula({ inputs: { x: "float" } }, ({ x }) => sigmoid(x));

export const HardSigmoid = formula({ inputs: { x: "float" }, attrs: { alpha: float(0.2), beta: float(0.5) } }, ({ x, alpha, beta }) =>
  maximum(minimum(x * alpha + beta, 1), 0),
);

export const HardSwish = formula({ inputs: { x: "float" } }, ({ x }) => x * maximum(minimum(x * (1 / 6) + 0.5, 1), 0));

/** x * sigmoid(alpha * x); SiLU when alpha is 1. */
function swish(x: Num, alpha: number): Num {
  return x * sigmoid(alpha === 1 ? x : x * alpha);
}

export const Swish = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => swish(x, alpha));

/** The gated product of Shazeer 2020, with Swish as the gate. */
export const SwiGLU = formula({ inputs: { a: "float", b: "float" }, attrs: { alpha: float(1) } }, ({ a, b, alpha }) => swish(a, alpha) * b);

/** log(1 + e^x), written so that a large x does not overflow and one far below 0 keeps its digits. */
function softplus(x: Num): Num {
  return maximum(x, 0) + log1p(exp(-abs(x)));
}

export const Softplus = formula({ inputs: { x: "float" } }, ({ x }) => softplus(x));

export const Softsign = formula({ inputs: { x: "float" } }, ({ x }) => x / (1 + abs(x)));

export const Mish = formula({ inputs: { x: "float" } }, ({ x }) => x * tanh(softplus(x)));

export const Elu = formula({ inputs: { x: "float" }, attrs: { alpha: float(1) } }, ({ x, alpha }) => where(x < 0, alpha * expm1(x), x));

export const Celu = formula(
  { inputs: { x: "float" }, attrs: { alpha: float(1) } },
  ({ x, alpha }) => maximum(x, 0) + minimum(alpha * expm1(x / alpha), 0),
);

/** Default constants of Klambauer et al. 2017, as f32. */
export const Selu = formula(
  { inputs: { x: "float" }, attrs: { alpha: float(1.6732631921768188), gamma: float(1.0507010221481323) } },
  ({ x, alpha, gamma }) => gamma * where(x > 0, x, alpha * expm1(x)),
);

/** (1 + tanh u) / 2 is sigmoid(2u), which keeps its digits where x is far below 0. */
export const Gelu = formula({ inputs: { x: "float" }, attrs: { approximate: text("none", "tanh") } }, ({ x, approximate }) =>
  approximate === "tanh" ? x * sigmoid(Math.sqrt(8 / Math.PI) * (x + 0.044715 * x ** 3)) : 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
);

export const Shrink = formula({ inputs: { x: "number" }, attrs: { lambd: float(0.5), bias: float(0) } }, ({ x, lambd, bias }) =>
  where(x < -lambd, x + bias, where(x > lambd, x - bias, 0)),
);

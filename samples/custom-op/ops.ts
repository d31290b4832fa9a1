/**
 * What three CUDA plugins of the domain `acme` compute, as formulas. Portolan derives shapes, types, reference values and
 * the kernels of every target from them.
 */
import { abs, exp, float, formula, maximum, mean, minimum, rank, refuse, sign, slice, shape, sqrt, tanh, text, where, type Num } from "portolan/formula";

/** x / sqrt(mean of x^2 along the last axis + eps) * scale. */
export const RmsScale = formula(
  { domain: "acme", inputs: { x: "float", scale: "float" }, attrs: { eps: float(1e-6) } },
  ({ x, scale, eps }) => (x / sqrt(mean(x * x, -1) + eps)) * scale,
);

/** The logistic function without overflow: exp takes no positive argument. */
function sigmoid(x: Num): Num {
  const e = exp(-abs(x));
  return where(x >= 0, 1 / (1 + e), e / (1 + e));
}

/** The last axis holds values, then as many gates: value * swish(gate + bias), with swish(g) = g * sigmoid(beta * g). */
export const FusedSwishGate = formula(
  { domain: "acme", inputs: { x: "float", bias: "float" }, attrs: { beta: float(1) } },
  ({ x, bias, beta }) => {
    const [half] = shape(bias);
    const last = rank(x) - 1;
    const values = slice(x, [{ axis: last, start: 0, size: half }]);
    const gates = slice(x, [{ axis: last, start: half, size: half }]) + bias;
    return values * gates * sigmoid(beta * gates);
  },
);

/** Keeps values near +-cap: smoothly, cut off, or with a hundredth of the excess let through. */
export const SoftCap = formula(
  { domain: "acme", inputs: { x: "float" }, attrs: { cap: float(30), mode: text("tanh", "clip", "leaky") } },
  ({ x, cap, mode }) => {
    if (cap <= 0) refuse(`SoftCap needs a positive cap, not ${cap}`);
    if (mode === "tanh") return cap * tanh(x / cap);
    if (mode === "clip") return minimum(maximum(x, -cap), cap);
    return where(abs(x) <= cap, x, sign(x) * (cap + 0.01 * (abs(x) - cap)));
  },
);

/** What docs/ulp.md says of every scalar function: the largest error of the three targets, where operands are those of models. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/host/package.js";
import type { Accuracy } from "./bounds.js";

/** onnxruntime's own exponentials and error functions are no finer than this; it takes shortcuts where ours do not. */
const referenceUlps = 24;

function documented(): Record<string, number> {
  const rows = readFileSync(join(packageRoot, "docs/ulp.md"), "utf8").split("\n");
  const ulps: Record<string, number> = {};
  for (const row of rows) {
    const cells = row.split("|").map((c) => c.trim());
    const name = /^`(\w+)`/.exec(cells[1] ?? "")?.[1];
    if (!name) continue;
    // A second row of a function is the one over the operands that models have.
    ulps[name] = Math.max(0.5, ...[cells[2], cells[6], cells[10]].map(Number));
  }
  return ulps;
}

const ulps = documented();

export const ours: Accuracy = { ulps, least: 1 };
/**
 * Of microsoft/onnxruntime, onnxruntime/core: its Sigmoid is a quotient of polynomials, fine to a step at 1
 * (mlas/lib/logistic.cpp); its Gelu x / 2 times 1 + g(x) (providers/cpu/tensor/gelu.cc); its normalisations x times a scale
 * of up to 1 / sqrt(epsilon), plus the rest (providers/cpu/nn/instance_norm.cc).
 */
const cancelling = {
  Sigmoid: 2 ** -25,
  Gelu: 2 ** -23,
  InstanceNormalization: 2 ** -16,
  BatchNormalization: 2 ** -16,
  LayerNormalization: 2 ** -20,
};
/** Sums of cosines of order 1, in f32 (onnxruntime, core/providers/cpu/signal/window_functions.cc). */
const absolute = { BlackmanWindow: 2 ** -24, HammingWindow: 2 ** -24, HannWindow: 2 ** -24 };
export const theirs: Accuracy = { ulps, least: referenceUlps, cancelling, absolute };

/** Whether an output agrees with what was wanted, the figures behind that, and the reason when it does not. */
import type { Tensor } from "../base/tensor.js";
import { isFloat } from "../base/dtype.js";
import { toNumbers } from "../base/float-formats.js";
import type { Graph } from "../ir/graph.js";
import { difference, type Difference } from "./compare.js";

export interface Tolerance {
  readonly maxAbs?: number;
  readonly cosine?: number;
  /** Largest absolute error as a part of max - min of what was wanted. */
  readonly relativeToRange?: number;
}

/** Figures are null where there is nothing to take them from: no such output, another shape, another element type. */
export type OutputFigures = { readonly [K in keyof Difference]: Difference[K] | null } & {
  readonly name: string;
  readonly ok: boolean;
  /** Why it is not ok, or is so against its other figures. */
  readonly reason?: string;
};

/** fp16 keeps no element to a part of the range, but the whole to its size: a cosine is blind to a factor. */
const limitsOf = {
  fp32: { cosine: 0.99999, relativeToRange: 1e-3, sqnrDb: -Infinity },
  fp16: { cosine: 0.999, relativeToRange: Infinity, sqnrDb: 20 },
};

/** One step of float32 at 1: an output that lies between 0 and 1 by its operator is no finer in onnxruntime. */
const oneStep = 2 ** -23;

/** Operators whose results have 1 as their scale, however small those of one run may be. */
const unitScaled: ReadonlySet<string> = new Set(["Sigmoid", "HardSigmoid", "Softmax", "Tanh"]);

/** Names of the outputs that such an operator makes. */
export function unitOutputs(graph: Graph): ReadonlySet<string> {
  const made = graph.nodes.filter((n) => unitScaled.has(n.op)).flatMap((n) => n.outputs);
  return new Set(graph.outputs.filter((v) => made.includes(v)).map((v) => v.name));
}

const noFigures = {
  maxAbs: null,
  maxRel: null,
  cosine: null,
  sqnrDb: null,
  range: null,
  deviation: null,
  worst: null,
};

export interface JudgeOptions {
  readonly precision?: "fp32" | "fp16";
  readonly tolerance?: Tolerance;
  /** The output's scale is 1 by its operator. */
  readonly unitScale?: boolean;
}

/** One output over all runs, in their order. */
export function judge(name: string, got: readonly (Tensor | undefined)[], want: readonly Tensor[], options: JudgeOptions): OutputFigures {
  const unlike = want.map((w, i) => typeDifference(got[i], w)).find((r) => r !== undefined);
  if (unlike !== undefined) return { name, ok: false, reason: unlike, ...noFigures, sameShape: false };
  const figures = difference(got as readonly Tensor[], want);
  if (figures.maxAbs === 0) return { name, ok: true, ...figures };
  if (!want.every((w) => isFloat(w.dtype))) return { name, ok: false, reason: "whole numbers differ", ...figures };
  const limits = { ...limitsOf[options.precision ?? "fp32"], ...options.tolerance };
  const scale = figures.range > 0 ? figures.range : largest(want);
  const allowed = Math.min(limits.maxAbs ?? Infinity, limits.relativeToRange === Infinity ? Infinity : limits.relativeToRange * scale);
  const faults = [
    ...(figures.maxAbs === Infinity ? ["NaN or an infinity where it should not be"] : []),
    ...(figures.maxAbs <= allowed || figures.maxAbs === Infinity
      ? []
      : [`max abs error ${figures.maxAbs.toExponential(2)}, allowed ${allowed.toExponential(2)}`]),
    ...(figures.cosine >= limits.cosine || Number.isNaN(figures.cosine)
      ? []
      : [`cosine ${figures.cosine.toFixed(7)}, wanted ${limits.cosine}`]),
    ...(figures.sqnrDb >= limits.sqnrDb ? [] : [`signal to error ${figures.sqnrDb.toFixed(1)} dB, wanted ${limits.sqnrDb} dB`]),
  ];
  if (faults.length === 0) return { name, ok: true, ...figures };
  if (options.unitScale && !options.tolerance && figures.maxAbs <= oneStep)
    return { name, ok: true, reason: "within one step of float32, 2^-23", ...figures };
  return { name, ok: false, reason: faults.join("; "), ...figures };
}

/** What the range of a constant or a single number is taken for. */
function largest(want: readonly Tensor[]): number {
  return want.reduce((most, w) => toNumbers(w).reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), most), 0);
}

function typeDifference(got: Tensor | undefined, want: Tensor): string | undefined {
  if (!got) return "no such output";
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
  return got.dtype === want.dtype ? undefined : `element type ${got.dtype}, expected ${want.dtype}`;
}

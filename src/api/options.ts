/**
 * Options as callers without types give them: unknown names and values of another kind are refused before any work, so
 * that a misspelt option is not a run without it.
 */
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { isDType } from "../base/dtype.js";
import { closest } from "../base/suggest.js";
import type { AssessOptions } from "./assess.js";
import type { CompileOptions } from "./compile.js";
import type { ModelOptions, ModelSource } from "../driver/load.js";
import type { OptimizeOptions } from "./optimize.js";
import type { QuantizeOptions } from "./quantize.js";
import type { RepackOptions } from "./repack.js";
import type { RunOptions } from "./run.js";
import type { SuiteOptions } from "./suite.js";
import type { VerifyOptions } from "./verify.js";

/** What a value must be, when it is not that. */
type Check = (value: unknown) => string | undefined;

const text: Check = (v) => (typeof v === "string" ? undefined : "a text");
const flag: Check = (v) => (typeof v === "boolean" ? undefined : "true or false");
const call: Check = (v) => (typeof v === "function" ? undefined : "a function");
const signal: Check = (v) => (v instanceof AbortSignal ? undefined : "an AbortSignal");
const seed: Check = (v) => (Number.isSafeInteger(v) && (v as number) >= 0 ? undefined : "a whole number");
const count: Check = (v) => (Number.isSafeInteger(v) && (v as number) > 0 ? undefined : "a whole number of at least 1");
const positive: Check = (v) => (typeof v === "number" && v > 0 ? undefined : "a number above 0");

const oneOf =
  (...words: readonly string[]): Check =>
  (v) =>
    words.includes(v as string) ? undefined : words.map((w) => `"${w}"`).join(" or ");

const listOf =
  (each: Check): Check =>
  (v) => {
    if (!Array.isArray(v)) return `a list of ${each(undefined) ?? "values"}`;
    const wrong = v.map(each).find((w) => w !== undefined);
    return wrong && `a list of ${wrong}`;
  };

const mapOf =
  (each: Check): Check =>
  (v) => {
    if (!(v instanceof Map)) return "a Map by name";
    const wrong = [...v].map(([name, one]) => text(name) ?? each(one)).find((w) => w !== undefined);
    return wrong && `a Map from names to ${wrong}`;
  };

const range = (v: unknown): boolean => typeof v === "object" && v !== null && typeof Reflect.get(v, "lo") === "number";
const extent: Check = (v) =>
  (Number.isSafeInteger(v) && (v as number) >= 0) || (typeof v === "object" && v !== null) ? undefined : "extents";
const dim: Check = (v) =>
  (Number.isSafeInteger(v) && (v as number) >= 0) || range(v) ? undefined : "a whole number or a range { lo, hi }";

const tensor: Check = (v) => {
  const { dtype, shape, data } = (v ?? {}) as { dtype?: unknown; shape?: unknown; data?: unknown };
  const right = typeof dtype === "string" && isDType(dtype) && Array.isArray(shape) && (ArrayBuffer.isView(data) || Array.isArray(data));
  return right ? undefined : "tensors { dtype, shape, data }";
};

const isSeeded = (v: unknown): boolean => {
  if (typeof v !== "object" || v === null) return false;
  const { seed: from, count: many, ...others } = v as { seed?: unknown; count?: unknown };
  return seed(from) === undefined && (many === undefined || count(many) === undefined) && Object.keys(others).length === 0;
};

const isSize = (v: unknown): boolean => {
  const isPixels = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) > 0;
  return isPixels(v) || (Array.isArray(v) && v.length === 2 && v.every(isPixels));
};
const isNumbers = (v: unknown): boolean => Array.isArray(v) && [1, 3].includes(v.length) && v.every((n) => Number.isFinite(n));

const preprocessing: Check = (v) => {
  const wanted = "an object of resize, crop, scale, mean, std, order and layout";
  if (typeof v !== "object" || v === null) return wanted;
  const holds: Readonly<Record<string, (x: unknown) => boolean>> = {
    ...{ resize: isSize, crop: isSize, scale: (x) => Number.isFinite(x), mean: isNumbers },
    std: (x) => isNumbers(x) && (x as number[]).every((n) => n !== 0),
    order: (x) => x === "RGB" || x === "BGR",
    layout: (x) => x === "NCHW" || x === "NHWC",
  };
  return Object.entries(v).every(([name, x]) => x === undefined || holds[name]?.(x)) ? undefined : wanted;
};

const source: Check = (v) =>
  typeof v === "object" && v !== null && "source" in v && "path" in v ? undefined : "formulas { source, path }";

const tolerance: Check = (v) => {
  const wanted = "an object of the numbers maxAbs, cosine and relativeToRange";
  if (typeof v !== "object" || v === null) return wanted;
  const names = ["maxAbs", "cosine", "relativeToRange"];
  return Object.entries(v).every(([name, n]) => names.includes(name) && (n === undefined || typeof n === "number")) ? undefined : wanted;
};

/** Every option of a call has its check: a new one that has none does not compile. */
type Checks<T> = { readonly [K in keyof Required<T>]: Check };

const running = { signal, onEvent: call };
const modelChecks: Checks<ModelOptions> = {
  ...running,
  shapes: mapOf(listOf(extent)),
  dims: mapOf(dim),
  freeze: mapOf(tensor),
  ops: listOf(source),
};
const lowering = { target: text, precision: oneOf("fp32", "fp16"), prefer: oneOf("library", "kernels"), passes: listOf(text) };
const bundling = { allowHf32: flag, force: flag, copyWeights: flag, withTwin: flag, prefix: text };

export const importChecks = modelChecks;
export const compileChecks: Checks<CompileOptions> = {
  ...modelChecks,
  ...lowering,
  ...bundling,
  states: mapOf(text),
  output: text,
  printAfter: listOf(text),
  onPrint: call,
  stopAfter: text,
};
export const assessChecks: Checks<AssessOptions> = {
  ...modelChecks,
  chips: listOf(text),
  baseline: text,
  weights: flag,
  calibration: text,
  variants: listOf((v) =>
    typeof v === "object" && v !== null && typeof Reflect.get(v, "what") === "string"
      ? undefined
      : "an object of what and the options it changes",
  ),
  spelt: (v) => (typeof v === "object" && v !== null ? undefined : "an object of shapes, dims and freeze"),
  precision: lowering.precision,
  prefer: lowering.prefer,
  allowHf32: flag,
};
export const verifyChecks: Checks<VerifyOptions> = {
  ...modelChecks,
  ...lowering,
  ...bundling,
  tolerance,
  keep: text,
  flags: listOf(text),
  inputs: listOf(mapOf(tensor)),
  seed,
  expected: listOf(mapOf(tensor)),
};
export const optimizeChecks: Checks<OptimizeOptions> = {
  ...modelChecks,
  passes: listOf(text),
  printAfter: listOf(text),
  onPrint: call,
  opset: count,
  check: seed,
  output: text,
  externalData: flag,
};
/** Blocks of MatMulNBits are powers of two from 16. */
const groups: readonly number[] = [16, 32, 64, 128, 256];

export const quantizeChecks: Checks<QuantizeOptions> = {
  ...modelChecks,
  calibration: (v) =>
    text(v) === undefined || listOf(mapOf(tensor))(v) === undefined || isSeeded(v)
      ? undefined
      : "a path, a list of Maps of tensors or { seed }",
  images: preprocessing,
  scheme: oneOf("auto", "w8a8", "w8a8-dynamic", "w8a16", "w4a16"),
  group: (v) => (groups.includes(v as number) ? undefined : `one of ${groups.join(", ")}`),
  ranges: oneOf("minmax", "percentile", "entropy", "mse"),
  skip: listOf(text),
  budget: text,
  metric: (v) => (text(v) === undefined || call(v) === undefined ? undefined : "a path, a command or a function"),
  opset: count,
  report: text,
  output: text,
  externalData: flag,
  threads: count,
};
export const repackChecks: Checks<RepackOptions> = {
  ...running,
  target: text,
  output: text,
  partial: flag,
  onlyQuantised: flag,
  widen: flag,
};
export const runChecks: Checks<RunOptions> = {
  ...running,
  inputs: (v) => (seed(v) === undefined || mapOf(tensor)(v) === undefined ? undefined : "a seed or a Map of tensors"),
  dims: mapOf(dim),
  weights: text,
  repeat: positive,
};
export const suiteChecks: Checks<SuiteOptions> = {
  ...running,
  ...lowering,
  filter: text,
  limit: count,
  batch: count,
  seconds: positive,
  threads: count,
};

/** Throws `unknown-option` and `bad-option`, all of them; `needs` are options that have no default. */
export function requireOptions(given: unknown, checks: Readonly<Record<string, Check>>, needs: readonly string[] = []): void {
  if (typeof given !== "object" || given === null)
    throw new DiagnosticError(problem("bad-option", `options must be an object, not ${spelled(given)}`));
  const names = Object.keys(checks);
  const faults = Object.entries(given).flatMap(([name, value]): Diagnostic[] => {
    if (!names.includes(name))
      return [
        problem("unknown-option", `there is no option "${name}"${closest(name, names)}`, { fix: `The options: ${names.join(", ")}.` }),
      ];
    const wanted = value === undefined ? undefined : checks[name](value);
    return wanted === undefined ? [] : [problem("bad-option", `option "${name}" must be ${wanted}, not ${spelled(value)}`)];
  });
  const missing = needs.filter((name) => Reflect.get(given, name) === undefined);
  const absent = missing.map((name) => problem("missing-option", `option "${name}" is missing`, { fix: `Give ${name}.` }));
  if (faults.length + absent.length > 0) throw new DiagnosticError([...faults, ...absent]);
}

/** Throws `bad-option` for what is no model at all. */
export function requireModel(model: unknown): asserts model is ModelSource {
  if (typeof model === "string" || model instanceof Uint8Array) return;
  if (typeof model === "object" && model !== null && typeof Reflect.get(model, "read") === "function") return;
  throw new DiagnosticError(
    problem("bad-option", `the model must be a path, bytes (Uint8Array) or a ByteSource, not ${spelled(model)}`, {
      fix: 'Pass "model.onnx", or what readFile gives.',
    }),
  );
}

function spelled(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? `an object (${value.constructor?.name ?? "without a class"})` : String(value);
}

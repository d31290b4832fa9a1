/** Vectors folded onto each other by halves: what reductions are made of. */
import { helperLanes, pieces, type Bang, type Helper } from "./helper.js";

type Fold = "sum" | "prod" | "max" | "min";

/** Of int32, which the vector unit compares and does not choose: one half of the workspace holds the choice, the other what differs. */
function extremeInt(bang: Bang, fn: "max" | "min"): string {
  const bytes = (p: string) => `(int8_t*)(${p} + at)`;
  const half = helperLanes / 2;
  return `
__mlu_func__ void ${fn}_i32(int32_t* dst, const int32_t* a, const int32_t* b, int32_t n, int32_t* bits) {
  int32_t* other = bits + ${half};
${pieces(
  [
    `${bang(fn === "max" ? "__bang_lt" : "__bang_gt", "bits", "a + at", "b + at", "m")};`,
    `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};  // 1 -> all ones`,
    `${bang("__bang_bxor", "(int8_t*)other", bytes("a"), bytes("b"), "m * 4")};`,
    `${bang("__bang_band", "(int8_t*)bits", "(int8_t*)bits", "(int8_t*)other", "m * 4")};`,
    `${bang("__bang_bxor", bytes("dst"), bytes("a"), "(int8_t*)bits", "m * 4")};`,
  ],
  half,
)}`;
}

interface Folded {
  readonly type: "float" | "int32_t";
  readonly name: string;
  /** Another parameter, behind the others. */
  readonly more?: string;
  readonly step: (dst: string, a: string, b: string, n: string) => string;
}

const fold = (bang: Bang, { type, name, more = "", step }: Folded) => `
// Folds \`count\` vectors of n lanes into the first n lanes of work, by halves; src may be work.
__mlu_func__ void ${name}(${type}* work, const ${type}* src, int32_t count, int32_t n${more}) {
  const int32_t upper = count / 2;
  int32_t kept = count - upper;
  if (upper > 0) ${step("work", "src", "src + kept * n", "upper * n")};
  if (kept > upper) ${bang("__bang_move", "work + upper * n", "src + upper * n", "n * 4")};
  while (kept > 1) {
    const int32_t rest = kept / 2;
    kept -= rest;
    ${step("work", "work", "work + kept * n", "rest * n")};
  }
}`;

const instructions = { sum: "__bang_add", prod: "__bang_mul", max: "__bang_nan_maximum", min: "__bang_nan_minimum" } as const;

const byInstruction = (fn: Fold, lane: "f32" | "i32"): Helper => ({
  text: (bang) =>
    fold(bang, {
      type: lane === "f32" ? "float" : "int32_t",
      name: `fold_${fn}_${lane}`,
      step: (...operands) => bang(instructions[fn], ...operands),
    }),
});

const byChoice = (fn: "max" | "min"): Helper => ({
  workspace: true,
  text: (bang) =>
    extremeInt(bang, fn) +
    fold(bang, {
      type: "int32_t",
      name: `fold_${fn}_i32`,
      more: ", int32_t* bits",
      step: (...operands) => `${fn}_i32(${operands.join(", ")}, bits)`,
    }),
});

export const folds = {
  fold_sum_f32: byInstruction("sum", "f32"),
  fold_prod_f32: byInstruction("prod", "f32"),
  fold_max_f32: byInstruction("max", "f32"),
  fold_min_f32: byInstruction("min", "f32"),
  fold_sum_i32: byInstruction("sum", "i32"),
  fold_prod_i32: byInstruction("prod", "i32"),
  fold_max_i32: byChoice("max"),
  fold_min_i32: byChoice("min"),
} as const satisfies Readonly<Record<string, Helper>>;

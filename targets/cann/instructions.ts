/**
 * The vector instructions of Ascend C in their first-n form, a row each: what it computes, on which types, and which function of
 * a tile it carries out on which lanes. From the rows follow the records in intrinsics.ts, what `caps.native` and the scalar
 * forms offer, the names that print/vector.ts spells, and the twin's declarations and arithmetic (twin/include/instructions.gen.h).
 * A row without `fn` is there for kernels that others wrote.
 *
 * `computes` is C++ over a and b, lanes in the type that the unit computes in: float for half. Types and architectures: facts
 * cann/ascendc.md section 5. Masks are packed bits, which And, Or and Not take in words.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { VectorFn } from "../../src/kernel/lower/memory-form.js";
import type { LaneType } from "../../src/kernel/tile.js";
import type { BinaryFn } from "../../src/ops/primitive.js";
import { generatedFrom } from "../kit/declare.js";
import { entriesOf, nativeOf, type Instruction } from "../kit/instruction.js";

/** Operands: two tensors, a tensor and a number, or one tensor. */
type Form = "binary" | "scalar" | "unary";
type CType = "f16" | "f32" | "i16" | "u16" | "i32" | "u32";

interface VectorRow extends Instruction<Form, VectorFn> {
  readonly computes: string;
  readonly types: readonly CType[];
  /** The page that describes it, by family of pages. */
  readonly page: readonly [family: "基础算术" | "逻辑计算", page: string];
  /** A result is as defined as its operands byte by byte, not lane by lane. */
  readonly bytewise?: true;
  /** First architecture that has it. */
  readonly since?: number;
}

type Carried = readonly [fn: VectorFn, lanes: readonly LaneType[]] | undefined;

function row(form: Form, computes: string, types: string, carried: Carried, page: string): VectorRow {
  const [fn, lanes] = carried ?? [];
  return { form, computes, types: types.split(" ") as CType[], page: ["基础算术", page], ...(fn && { fn }), ...(lanes && { lanes }) };
}
const logic = (r: VectorRow, more: Pick<VectorRow, "bytewise" | "since">): VectorRow => ({ ...r, ...more, page: ["逻辑计算", r.page[1]] });

const numbers: readonly LaneType[] = ["f32", "i32"];
const f32: readonly LaneType[] = ["f32"];
const bits: readonly LaneType[] = ["i32", "u32"];
const arithmetic = "i16 f16 i32 f32";
const floats = "f16 f32";
const words = "i16 u16";

// What NaN gives is not documented; the other operand, and 0 of two of them, shows where code relies on an answer.
const max = "a > b || b != b ? number_or_zero(a) : b";
const min = "a < b || b != b ? number_or_zero(a) : b";

export const instructions = {
  Add: row("binary", "wrapped(a, b, '+')", arithmetic, ["add", numbers], "Add"),
  Sub: row("binary", "wrapped(a, b, '-')", arithmetic, ["sub", numbers], "Sub"),
  Mul: row("binary", "wrapped(a, b, '*')", arithmetic, ["mul", numbers], "Mul"),
  Div: row("binary", "a / b", floats, ["div", f32], "Div"),
  Max: row("binary", max, arithmetic, ["max", numbers], "Max"),
  Min: row("binary", min, arithmetic, ["min", numbers], "Min"),
  Adds: row("scalar", "wrapped(a, b, '+')", arithmetic, ["add", numbers], "Adds"),
  Muls: row("scalar", "wrapped(a, b, '*')", arithmetic, ["mul", numbers], "Muls"),
  Maxs: row("scalar", max, arithmetic, ["max", numbers], "Maxs"),
  Mins: row("scalar", min, arithmetic, ["min", numbers], "Mins"),
  And: logic(row("binary", "a & b", words, ["bitand", bits], "And"), { bytewise: true }),
  Or: logic(row("binary", "a | b", words, ["bitor", bits], "Or"), { bytewise: true }),
  Not: logic(row("unary", "~a", words, ["bitnot", bits], "Not"), { bytewise: true }),
  ShiftLeft: logic(row("scalar", "shifted_left(a, b)", "i16 u16 i32 u32", ["shl", bits], "ShiftLeft"), { since: 2201 }),
  ShiftRight: logic(row("scalar", "a >> b", "i16 u16 i32 u32", ["shr", bits], "ShiftRight"), { since: 2201 }),
  Abs: row("unary", "fabsf(a)", floats, ["abs", f32], "Abs"),
  Exp: row("unary", "expf(a)", floats, ["exp", f32], "Exp"),
  Ln: row("unary", "logf(a)", floats, ["log", f32], "Ln"),
  Sqrt: row("unary", "sqrtf(a)", floats, ["sqrt", f32], "Sqrt"),
  // Approximations, so generated code takes Div and Sqrt.
  Rsqrt: row("unary", "1 / sqrtf(a)", floats, undefined, "Rsqrt"),
  Reciprocal: row("unary", "1 / a", floats, undefined, "Reciprocal"),
  Relu: row("unary", "a > 0 ? a : 0", "f16 f32 i32", undefined, "Relu"),
} as const satisfies Readonly<Record<string, VectorRow>>;

export type InstructionName = keyof typeof instructions;

const rows: readonly (readonly [InstructionName, VectorRow])[] = entriesOf(instructions);

/** Rows that generated code uses. */
export const rowsInUse = rows.filter(([, { fn }]) => fn !== undefined);

/** What `caps` offers of them on an architecture. */
export function nativeOn(arch: number): Pick<Caps, "native" | "scalarForms"> {
  const here = rows.filter(([, { since }]) => arch >= (since ?? 0));
  return {
    native: nativeOf(Object.fromEntries(here), ["binary", "unary", "scalar"]),
    scalarForms: here.flatMap(([, { form, fn }]) => (form === "scalar" && fn ? [fn as BinaryFn] : [])),
  };
}

const macros: Readonly<Record<Form, string>> = { binary: "BINARY", scalar: "BINARY_SCALAR", unary: "UNARY" };

/** What the twin is told of each instruction: lines for macros that declare it and that compute it. */
export function twinInstructions(): string {
  const lines = rows.map(
    ([name, { form, since, bytewise, types, computes }]) =>
      `${macros[form]}(${name}, ${since ?? 0}, ${bytewise === true}, ${types.map((t) => `bit(Type::${t})`).join(" | ")}, ${computes})`,
  );
  return [generatedFrom("targets/cann/instructions.ts"), ...lines, ""].join("\n");
}

/**
 * What XPU's vector unit computes in registers of 16 lanes, a row an operation: its lanes, and which function of a tile it
 * carries out. The guide's grammar makes the instructions of a row (vvadd_float32x16, svadd_int32x16_mh, ...); intrinsics.ts has
 * the records of those that generated code uses. From the rows follow what `caps.native` and the scalar forms offer, the names
 * that print/ops.ts spells, and the twin's declarations and arithmetic (twin/include/xpu/kernel/registers.gen.h).
 *
 * `computes` is C++ over x and y: lanes, or for bitwise rows their bits. Of comparisons it is the sign. Unsigned lanes are
 * computed as int: few forms of their own are seen in use.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { LaneType } from "../../src/kernel/tile.js";
import type { BinaryFn, CompareFn } from "../../src/ops/primitive.js";
import { generatedFrom } from "../kit/declare.js";
import { entriesOf, nativeOf, type Instruction } from "../kit/instruction.js";

type Form = "arithmetic" | "bitwise" | "comparison";

interface RegisterRow extends Instruction<Form, BinaryFn | CompareFn> {
  readonly computes: string;
  /** Generated code uses the form whose first operand is a scalar. */
  readonly scalar?: true;
  /** The function that it carries out with its operands exchanged: there is no gt and no ge. */
  readonly swapped?: CompareFn;
  /** What the twin knows of a bitwise result where an operand is not defined: a zero decides, or a register meets itself. */
  readonly knows?: "and_bytes" | "xor_bytes";
}

const numbers: readonly LaneType[] = ["f32", "i32"];
const integers: readonly LaneType[] = ["i32"];

export const operations = {
  add: { form: "arithmetic", computes: "wrapped(x, y, '+')", fn: "add", lanes: numbers, scalar: true },
  sub: { form: "arithmetic", computes: "wrapped(x, y, '-')", fn: "sub", lanes: numbers, scalar: true },
  mul: { form: "arithmetic", computes: "wrapped(x, y, '*')", fn: "mul", lanes: numbers, scalar: true },
  max: { form: "arithmetic", computes: "x > y ? x : y", fn: "max", lanes: numbers, scalar: true },
  min: { form: "arithmetic", computes: "x < y ? x : y", fn: "min", lanes: numbers, scalar: true },
  and: { form: "bitwise", computes: "x & y", fn: "bitand", lanes: integers, scalar: true, knows: "and_bytes" },
  or: { form: "bitwise", computes: "x | y", fn: "bitor", lanes: integers, scalar: true },
  xor: { form: "bitwise", computes: "x ^ y", fn: "bitxor", lanes: integers, scalar: true, knows: "xor_bytes" },
  nor: { form: "bitwise", computes: "~(x | y)" },
  xnor: { form: "bitwise", computes: "~(x ^ y)" },
  eq: { form: "comparison", computes: "==", fn: "eq", lanes: numbers, scalar: true },
  neq: { form: "comparison", computes: "!=", fn: "ne", lanes: numbers, scalar: true },
  lt: { form: "comparison", computes: "<", fn: "lt", lanes: numbers, swapped: "gt" },
  le: { form: "comparison", computes: "<=", fn: "le", lanes: numbers, swapped: "ge" },
} as const satisfies Readonly<Record<string, RegisterRow>>;

type Operation = keyof typeof operations;

const rows: readonly (readonly [Operation, RegisterRow])[] = entriesOf(operations);

const swappedLanes = rows.flatMap(([, { swapped, lanes }]) => (swapped && lanes ? [[swapped, lanes] as const] : []));

/** What `caps` offers of them. */
export const native: Caps["native"] = {
  ...nativeOf(operations, ["arithmetic", "bitwise", "comparison"]),
  ...Object.fromEntries(swappedLanes),
};

/** sv forms take the scalar first, so that only what is exchanged has one with the scalar last. */
export const scalarForms: Caps["scalarForms"] = rows.flatMap(([, { fn, scalar, swapped }]) => [
  ...(fn && scalar ? [fn] : []),
  ...(swapped ? [swapped] : []),
]);

/** The comparison that carries out a function, and whether its operands are exchanged. */
export function comparison(fn: string): { readonly op: "eq" | "neq" | "lt" | "le"; readonly swapped: boolean } | undefined {
  const found = rows.find(([, row]) => row.form === "comparison" && (row.fn === fn || row.swapped === fn));
  return found && { op: found[0] as "eq" | "neq" | "lt" | "le", swapped: found[1].swapped === fn };
}

const macros: Readonly<Record<Form, string>> = { arithmetic: "BINARY", bitwise: "BITWISE", comparison: "COMPARE" };

/**
 * Registers of 16-bit lanes, which kernels of others use and generated ones do not. Halves: xdnn cluster3_simd.h and FlagGems
 * (nan_to_num_raw.xpu, gt_raw.xpu); bfloat16x32 computes on XPU2 (guide 5.4.1); integers have bitwise forms alone.
 */
const halves: Readonly<Record<Form, readonly (readonly [macro: string, type: string])[]>> = {
  arithmetic: [
    ["HALF_BINARY", "float16x32"],
    ["BFLOAT_BINARY", "bfloat16x32"],
  ],
  bitwise: [
    ["HALF_BITWISE", "float16x32"],
    ["HALF_BITWISE", "bfloat16x32"],
    ["HALF_BITWISE", "int16x32"],
  ],
  comparison: [["HALF_COMPARE", "float16x32"]],
};

/** What the twin is told of each operation: lines for macros that declare its instructions and that compute them. */
export function twinRegisters(): string {
  const defined = ({ form, knows }: RegisterRow): string =>
    form === "comparison" ? "" : form === "arithmetic" ? ", both_lanes" : `, ${knows ?? "both_bytes"}`;
  const words = (form: Form) => ["float32x16", "int32x16", "uint32x16"].map((type) => [macros[form], type] as const);
  const lines = rows.flatMap(([op, row]) =>
    [...words(row.form), ...halves[row.form]].map(([macro, type]) => `${macro}(${op}, ${type}, ${row.computes}${defined(row)})`),
  );
  return [generatedFrom("targets/kunlun/instructions.ts"), ...lines, ""].join("\n");
}

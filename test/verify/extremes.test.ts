/**
 * One program a target of every whole-number operator and cast over the extremes of every type, and of float specials,
 * on the twins: what a chip's code gives must be what BigInt and IEEE 754 give.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import type { Tensor } from "../../src/base/tensor.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import {
  pairsOf,
  shiftsOf,
  signed,
  wholeTensor,
  wholeTypes,
  wrapped,
  binaryTruth,
  compareTruth,
  unaryTruth,
  type WholeType,
} from "../kernel/extremes.js";
import { compileText } from "../plan/compile-text.js";

interface Wanted {
  readonly line: string;
  readonly output: string;
  readonly values: readonly (bigint | number)[];
}

const codes: Readonly<Record<WholeType, number>> = { i8: 3, u8: 2, i16: 5, u16: 4, i32: 6, u32: 12, i64: 7 };
const binaries = {
  Add: "add",
  Sub: "sub",
  Mul: "mul",
  Div: "truncdiv",
  Mod: "mod",
  Max: "max",
  Min: "min",
  BitwiseAnd: "bitand",
  BitwiseOr: "bitor",
  BitwiseXor: "bitxor",
} as const;
const compares = { Equal: "eq", Greater: "gt", GreaterOrEqual: "ge", Less: "lt", LessOrEqual: "le" } as const;
const unaries = { Abs: "abs", Sign: "sign", BitwiseNot: "bitnot" } as const;

function ofType(t: WholeType): { inputs: Map<string, Tensor>; wanted: Wanted[] } {
  const { a, b } = pairsOf(t);
  const { a: s, n } = shiftsOf(t);
  const [x, y] = [`x_${t}`, `y_${t}`];
  const [p, q] = [`p_${t}`, `q_${t}`];
  const each = (op: string, operands: string, attrs: string, values: (bigint | number)[]): Wanted => {
    const output = `${op}_${t}${attrs.replace(/\W/g, "")}`;
    return { output, line: `${output} = ${op}(${operands}${attrs})`, values };
  };
  const wanted = [
    ...Object.entries(binaries).map(([op, fn]) =>
      each(
        op,
        `${x}, ${y}`,
        "",
        a.map((v, i) => wrapped(t, binaryTruth[fn]?.(v, b[i]) ?? 0n)),
      ),
    ),
    each(
      "Mod",
      `${x}, ${y}`,
      ", fmod=1",
      a.map((v, i) => v % b[i]),
    ),
    ...Object.entries(compares).map(([op, fn]) =>
      each(
        op,
        `${x}, ${y}`,
        "",
        a.map((v, i) => (compareTruth[fn](v, b[i]) ? 1 : 0)),
      ),
    ),
    ...Object.entries(unaries).map(([op, fn]) =>
      each(
        op,
        x,
        "",
        a.map((v) => wrapped(t, unaryTruth[fn]?.(v) ?? 0n)),
      ),
    ),
    ...(signed(t)
      ? [
          each(
            "Neg",
            x,
            "",
            a.map((v) => wrapped(t, -v)),
          ),
        ]
      : []),
    ...wholeTypes
      .filter((to) => to !== t)
      .map((to) =>
        each(
          "Cast",
          x,
          `, to=${codes[to]}`,
          a.map((v) => wrapped(to, v)),
        ),
      ),
    each(
      "Cast",
      x,
      ", to=1",
      a.map((v) => Math.fround(Number(v))),
    ),
    ...(signed(t)
      ? []
      : (["LEFT", "RIGHT"] as const).map((way) =>
          each(
            "BitShift",
            `${p}, ${q}`,
            `, direction="${way}"`,
            s.map((v, i) => wrapped(t, way === "LEFT" ? v << n[i] : v >> n[i])),
          ),
        )),
  ];
  const inputs = new Map([
    [x, wholeTensor(t, a)],
    [y, wholeTensor(t, b)],
  ]);
  if (!signed(t)) inputs.set(p, wholeTensor(t, s)).set(q, wholeTensor(t, n));
  return { inputs, wanted };
}

const floats = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, 1e-30, -1e30, Infinity, -Infinity, NaN, 100, -7].map(Math.fround);
const floatOps: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Relu: (x) => (x < 0 ? 0 : x),
  IsNaN: (x) => (Number.isNaN(x) ? 1 : 0),
  IsInf: (x) => (Math.abs(x) === Infinity ? 1 : 0),
};

/** What a kernel must pass on or tell apart: NaN through maxima and rows, -0 + 0, clips and comparisons. */
function ofFloats(): { inputs: Map<string, Tensor>; wanted: Wanted[] } {
  const other = floats.map((_, i) => floats[(i * 5 + 3) % floats.length]);
  const pair = (f: (a: number, b: number) => number) => floats.map((a, i) => f(a, other[i]));
  const eitherNaN = (f: (a: number, b: number) => number) => (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : f(a, b));
  const wanted: Wanted[] = [
    ...Object.entries(floatOps).map(([op, f]) => ({
      output: `${op}_f`,
      line: `${op}_f = ${op}(f)`,
      values: floats.map((x) => Math.fround(f(x))),
    })),
    { output: "zero_f", line: "zero_f = Add(f, k: f32[1]{0.0})", values: floats.map((x) => x + 0) },
    { output: "max_f", line: "max_f = Max(f, g)", values: pair(eitherNaN(Math.max)) },
    { output: "min_f", line: "min_f = Min(f, g)", values: pair(eitherNaN(Math.min)) },
    { output: "less_f", line: "less_f = Less(f, g)", values: pair((a, b) => (a < b ? 1 : 0)) },
    { output: "same_f", line: "same_f = Equal(f, g)", values: pair((a, b) => (a === b ? 1 : 0)) },
    {
      output: "clip_f",
      line: "clip_f = Clip(f, lo: f32[]{-2.0}, hi: f32[]{2.0})",
      values: floats.map((x) => Math.min(Math.max(x, -2), 2)),
    },
    {
      output: "pool_f",
      line: `r_f = Reshape(f, s: i64[3]{1, 1, ${floats.length}})\npool_f = MaxPool(r_f, kernel_shape=[2])`,
      values: floats.slice(1).map((x, i) => Math.max(floats[i], x)),
    },
    { output: "top_f", line: "top_f = ReduceMax(f, keepdims=0)", values: [NaN] },
  ];
  const tensor = (values: readonly number[]): Tensor => ({ dtype: "f32", shape: [values.length], data: Float32Array.from(values) });
  return {
    inputs: new Map([
      ["f", tensor(floats)],
      ["g", tensor(other)],
    ]),
    wanted,
  };
}

test.each(["cann", "bang", "kunlun"] as const)("extremes on %s", { timeout: 600_000 }, async (name) => {
  const parts = [...wholeTypes.map(ofType), ofFloats()];
  const inputs = new Map(parts.flatMap((p) => [...p.inputs]));
  const wanted = parts.flatMap((p) => p.wanted);
  const output = mkdtempSync(join(tmpdir(), "portolan-extremes-"));
  const { target } = await chooseTarget(name);
  try {
    await compileText(declared(wanted, inputs), { target: name, output, force: true, withTwin: false, prefer: "kernels" });
    const program = await buildBundle(output, target, await twinLibrary(target, packageRoot));
    const ran = await runBundle(program, inputs, { weights: output });
    expect(ran.violation ?? ran.error).toBeUndefined();
    expect(wanted.flatMap((w) => fault(w, ran.outputs?.get(w.output)))).toEqual([]);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

/** The brief text form, each input with its type where it first appears. */
function declared(wanted: readonly Wanted[], inputs: ReadonlyMap<string, Tensor>): string {
  const seen = new Set<string>();
  return wanted
    .map((w) =>
      w.line.replace(/\b[xypqfg](_[iu]\d+)?(?=[,)])/g, (v) => {
        const t = inputs.get(v);
        if (!t || seen.has(v)) return v;
        seen.add(v);
        return `${v}: ${t.dtype}[${t.shape.join(",")}]`;
      }),
    )
    .join("\n");
}

/** The first element that differs; the sign of a zero counts where it was asked for. */
function fault(w: Wanted, got: Tensor | undefined): string[] {
  const values = got ? Array.from(got.data as ArrayLike<number | bigint>) : [];
  const same = (a: number | bigint | undefined, b: number | bigint) =>
    typeof a === "bigint" || typeof b === "bigint"
      ? a !== undefined && BigInt(a) === BigInt(b)
      : w.output === "zero_f" || w.output === "Neg_f"
        ? Object.is(a, b)
        : a === b || Object.is(a, b);
  const at = w.values.findIndex((v, i) => !same(values[i], v));
  return at < 0 ? [] : [`${w.output}[${at}] is ${values[at]}, not ${w.values[at]}`];
}

/**
 * Line 6: every scalar function of floats, as a generated kernel on every twin, against the C library in double, over a
 * grid of bit patterns. Writes docs/ulp.md.
 *
 *   node bench/acceptance/ulp.mjs             all targets, and the document
 *   node bench/acceptance/ulp.mjs --targets bang --only exp,log
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = (path) => import(join(root, "dist", path));

/** Functions of f32 that give f32, with the C expression of the truth in double. `round` is half to even. */
const unary = {
  neg: "-a",
  abs: "fabs(a)",
  sign: "a != a ? a : (a > 0) - (a < 0)",
  floor: "floor(a)",
  ceil: "ceil(a)",
  round: "nearbyint(a)",
  trunc: "trunc(a)",
  sqrt: "sqrt(a)",
  rsqrt: "1 / sqrt(a)",
  reciprocal: "1 / a",
  exp: "exp(a)",
  expm1: "expm1(a)",
  log: "log(a)",
  log1p: "log1p(a)",
  sin: "sin(a)",
  cos: "cos(a)",
  tan: "tan(a)",
  asin: "asin(a)",
  acos: "acos(a)",
  atan: "atan(a)",
  sinh: "sinh(a)",
  cosh: "cosh(a)",
  tanh: "tanh(a)",
  asinh: "asinh(a)",
  acosh: "acosh(a)",
  atanh: "atanh(a)",
  erf: "erf(a)",
};
const binary = {
  add: "a + b",
  sub: "a - b",
  mul: "a * b",
  div: "a / b",
  mod: "python_mod(a, b)",
  fmod: "fmod(a, b)",
  pow: "pow(a, b)",
  min: "a != a || b != b ? NAN : fmin(a, b)",
  max: "a != a || b != b ? NAN : fmax(a, b)",
};

/** Functions that lose accuracy far out, shown a second time over the operands that models have. */
const narrowed = {
  sin: { label: "`sin`, abs(x) <= 2^16", counts: (x) => Math.abs(x) <= 65536 },
  cos: { label: "`cos`, abs(x) <= 2^16", counts: (x) => Math.abs(x) <= 65536 },
  tan: { label: "`tan`, abs(x) <= 2^16", counts: (x) => Math.abs(x) <= 65536 },
  mod: { label: "`mod`, abs(a / b) < 2^20", counts: (a, b) => Math.abs(a / b) < 2 ** 20 },
  fmod: { label: "`fmod`, abs(a / b) < 2^20", counts: (a, b) => Math.abs(a / b) < 2 ** 20 },
};

/** Every exponent with mantissas spread over its binade, both signs: zeros, subnormals, normals, infinities and NaN. */
function grid(count) {
  const bits = new Uint32Array(count);
  const perExponent = count / 512;
  for (let i = 0; i < count; i++) {
    const [sign, rest] = [i % 2, i >> 1];
    const exponent = Math.floor(rest / perExponent);
    const step = rest % perExponent;
    const mantissa = step === 0 ? 0 : step === 1 ? 0x7fffff : (Math.imul(i + 1, 0x9e3779b1) >>> 9) & 0x7fffff;
    bits[i] = ((sign << 31) | (exponent << 23) | mantissa) >>> 0;
  }
  return new Float32Array(bits.buffer);
}

/** The grid against itself in another order; half of the pairs have like exponents, so that sums and powers are not trivial. */
function partners(a) {
  return Float32Array.from(a, (x, i) => {
    if (i % 4 === 0) return a[(Math.imul(i, 40503) % a.length) >>> 0];
    const scale = 2 ** ((Math.imul(i, 7919) % 25) - 12) * (1 + (i % 127) / 128) * (i % 3 === 0 ? -1 : 1);
    return i % 4 === 1 ? scale : x * scale;
  });
}

/** Doubles of each function, computed by a C program. */
function truth(folder, names, a, b) {
  const all = { ...unary, ...binary };
  const source = join(folder, "truth.cpp");
  writeFileSync(join(folder, "a.bin"), new Uint8Array(a.buffer));
  writeFileSync(join(folder, "b.bin"), new Uint8Array(b.buffer));
  writeFileSync(
    source,
    `#include <math.h>
#include <stdio.h>
#include <vector>
static double python_mod(double a, double b) { const double r = fmod(a, b); return r != 0 && (r < 0) != (b < 0) ? r + b : r; }
template <class F> static void each(const std::vector<float>& x, const std::vector<float>& y, F f) {
  for (size_t i = 0; i < x.size(); i++) { const double v = f((double)x[i], (double)y[i]); fwrite(&v, 8, 1, stdout); }
}
static std::vector<float> load(const char* path, size_t n) { std::vector<float> v(n); FILE* f = fopen(path, "rb"); if (fread(v.data(), 4, n, f) != n) v.clear(); fclose(f); return v; }
int main(int, char** argv) {
  const auto x = load(argv[1], ${a.length}), y = load(argv[2], ${a.length});
${names.map((n) => `  each(x, y, [](double a, double b) -> double { (void)b; return ${all[n]}; });`).join("\n")}
}
`,
  );
  execFileSync("g++", ["-O1", "-std=c++17", source, "-o", join(folder, "truth"), "-lm"]);
  const out = execFileSync(join(folder, "truth"), [join(folder, "a.bin"), join(folder, "b.bin")], { maxBuffer: 1 << 30 });
  const doubles = new Float64Array(new Uint8Array(out).buffer);
  return new Map(names.map((n, k) => [n, doubles.subarray(k * a.length, (k + 1) * a.length)]));
}

/** One graph with an output for each function. */
async function graphOf(names, count) {
  const { makeGraph, makeNode, tensorValue } = await dist("src/ir/build.js");
  const float = (name) => tensorValue(name, "f32", [count]);
  const [a, b] = [float("a"), float("b")];
  const outputs = names.map((n) => float(`y_${n}`));
  const nodes = names.map((n, k) => makeNode(n, n in unary ? [a] : [a, b], [outputs[k]], {}, { origin: [`/${n}`] }));
  return makeGraph({ name: "ulp", inputs: names.some((n) => n in binary) ? [a, b] : [a], outputs, nodes });
}

/** The functions' outputs on a target's twin. */
async function onTwin(targetName, names, a, b, folder) {
  const [{ chooseTarget }, { compileLoaded }, { twinLibrary }, { buildBundle }, { runBundle }, { catalogue }, { bytesSource }] =
    await Promise.all([
      dist("src/driver/targets.js"),
      dist("src/driver/compile.js"),
      dist("src/verify/twin-library.js"),
      dist("src/verify/build-bundle.js"),
      dist("src/verify/run-bundle.js"),
      dist("src/ops/catalogue.js"),
      dist("src/base/byte-source.js"),
    ]);
  const chosen = await chooseTarget(targetName);
  const graph = await graphOf(names, a.length);
  const loaded = { graph, source: bytesSource(new Uint8Array(), "ulp.onnx"), catalogue, diagnostics: [] };
  const bundle = join(folder, targetName);
  compileLoaded(loaded, chosen, "ulp", { output: bundle, force: true, withTwin: false });
  const program = await buildBundle(bundle, chosen.target, await twinLibrary(chosen.target, root));
  const tensor = (data) => ({ dtype: "f32", shape: [data.length], data });
  const feed = new Map(graph.inputs.map((v) => [v.name, tensor(v.name === "a" ? a : b)]));
  const ran = await runBundle(program, feed, { weights: bundle, timeoutMs: 300_000 });
  if (!ran.outputs) throw new Error(`${targetName}: ${ran.error ?? JSON.stringify(ran.violation)}`);
  return new Map(names.map((n) => [n, ran.outputs.get(`y_${n}`).data]));
}

const smallest = 2 ** -126;
const ulpOf = (x) => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);
const kindOf = (x) => (Number.isNaN(x) ? "NaN" : Math.abs(x) === Infinity ? `${x}` : "finite");

/**
 * Largest error in units of the last place where operands and truth are normal or zero; the same where one of them is
 * subnormal; and how many NaNs and infinities differ.
 */
function errors(got, want, operands, counts = () => true) {
  const found = { normal: 0, at: undefined, subnormal: 0, special: 0, specialAt: undefined };
  for (let i = 0; i < want.length; i++) {
    if (!counts(...operands.map((o) => o[i]))) continue;
    const rounded = Math.fround(want[i]);
    if (kindOf(got[i]) !== kindOf(rounded)) {
      const borderline = Math.abs(want[i]) > 3.4028e38 && kindOf(want[i]) === "finite";
      if (!borderline) {
        found.special++;
        found.specialAt ??= operands.map((o) => o[i]);
      }
      continue;
    }
    if (kindOf(rounded) !== "finite") continue;
    const tiny = (x) => x !== 0 && Math.abs(x) < smallest;
    const error = Math.abs(got[i] - want[i]) / ulpOf(want[i] === 0 ? smallest : want[i]);
    const key = tiny(want[i]) || operands.some((o) => tiny(o[i])) ? "subnormal" : "normal";
    if (error > found[key]) {
      found[key] = error;
      if (key === "normal") found.at = operands.map((o) => o[i]);
    }
  }
  return found;
}

const shown = (x) => (x === 0 ? "0" : x < 100 ? x.toPrecision(2) : x < 1e6 ? `${Math.round(x)}` : x.toExponential(0));
const text = (values) => values.map((v) => `${Number(v.toPrecision(6))}`).join(", ");

export async function ulpTable(options = {}) {
  const names = [...Object.keys(unary), ...Object.keys(binary)].filter((n) => !options.only || options.only.includes(n));
  const targets = options.targets ?? ["cann", "bang", "kunlun"];
  const a = grid(options.count ?? 16384);
  const b = partners(a);
  const folder = mkdtempSync(join(tmpdir(), "portolan-ulp-"));
  try {
    const wanted = truth(folder, names, a, b);
    const rows = names.flatMap((name) => {
      const whole = { name, label: `\`${name}\``, by: {} };
      return narrowed[name] ? [whole, { name, ...narrowed[name], by: {} }] : [whole];
    });
    for (const target of targets) {
      const got = await onTwin(target, names, a, b, folder);
      for (const row of rows)
        row.by[target] = errors(got.get(row.name), wanted.get(row.name), row.name in binary ? [a, b] : [a], row.counts);
    }
    return { rows, targets, count: a.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the repository formats its documents. */
async function formatted(markdown) {
  const path = join(root, "docs/ulp.md");
  const prettier = await import("prettier");
  return prettier.format(markdown, { ...(await prettier.resolveConfig(path)), filepath: path });
}

function documentOf({ rows, targets, count }) {
  const titles = { cann: "Ascend", bang: "MLU", kunlun: "Kunlun" };
  const head = targets.flatMap((t) => [titles[t], "at", "subnormals", "NaN/inf"]);
  const cells = (row) =>
    targets.flatMap((t) => {
      const e = row.by[t];
      return [
        shown(e.normal),
        e.at ? text(e.at) : "",
        shown(e.subnormal),
        e.special === 0 ? "as in C" : `${e.special} differ, at ${text(e.specialAt)}`,
      ];
    });
  return `# Accuracy of scalar functions

Written by \`node bench/acceptance/ulp.mjs\`. Each function of \`src/ops/primitive.ts\` that takes and gives f32, as the kernel Portolan generates, run on the target's
twin over ${count} bit patterns (every exponent, both signs, zeros, subnormals, infinities, NaN), against the C library in double.

For each target: the largest error in units of the last place of the true value where operands and result are normal numbers or zero, and the operand at which it is met; the
largest error where an operand or the result is subnormal (the chips' units may flush them to zero); and how many of the patterns give a NaN or an infinity
where C does not, or the other way. A true value within a rounding of the largest float counts as either. What the vendors' own instructions do beyond their documents, a twin cannot
know: the figures hold for our expansions and the twins' reading of those documents.

| function | ${head.join(" | ")} |
| --- |${" --- |".repeat(head.length)}
${rows.map((r) => `| ${r.label} | ${cells(r).join(" | ")} |`).join("\n")}
`;
}

/** Writes docs/ulp.md and hands `check` that every function was measured on every twin. */
export async function ulp(check) {
  const table = await ulpTable();
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(root, "docs/ulp.md"), await formatted(documentOf(table)));
  const cells = table.rows.length * table.targets.length;
  check({ line: 6, what: "functions x twins in docs/ulp.md", value: cells, floor: cells, ok: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { targets: { type: "string" }, only: { type: "string" }, count: { type: "string" } } });
  const part = values.targets || values.only || values.count;
  const table = await ulpTable({
    targets: values.targets?.split(","),
    only: values.only?.split(","),
    ...(values.count ? { count: Number(values.count) } : {}),
  });
  const written = await formatted(documentOf(table));
  if (!part) writeFileSync(join(root, "docs/ulp.md"), written);
  console.log(written);
}

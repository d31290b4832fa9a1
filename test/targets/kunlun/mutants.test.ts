/** Broken versions of the probe kernels: the twin must name what is wrong, not merely give other numbers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildProgram, root, run } from "./twin.js";

const folder = join(root, "test/targets/kunlun/probes");
const names = ["add_row", "softmax", "transpose", "transpose_half", "where_positive", "sum", "layernorm"] as const;
type Name = (typeof names)[number];
const source = Object.fromEntries(names.map((n) => [n, readFileSync(join(folder, `${n}.xpu`), "utf8")])) as Record<Name, string>;
const main = { "probes.cpp": readFileSync(join(folder, "probes.cpp"), "utf8") };

interface Mutant {
  readonly what: string;
  readonly kernel: Name;
  readonly from: string;
  readonly to: string;
  readonly rule: string;
}

const mutants: readonly Mutant[] = [
  {
    what: "no fence before a copied tile is read",
    kernel: "where_positive",
    from: "count);\n    mfence();",
    to: "count);",
    rule: "in-flight-read",
  },
  { what: "no fence at the end", kernel: "add_row", from: "  mfence();\n}", to: "}", rule: "dma-rule" },
  {
    what: "no fence in the pipeline",
    kernel: "add_row",
    from: "    mfence();\n    if (step < end)",
    to: "    if (step < end)",
    rule: "in-flight-read",
  },
  { what: "no fence between vstore and the copy out", kernel: "softmax", from: "      mfence_lm();\n", to: "", rule: "in-flight-read" },
  { what: "no fence before a barrier", kernel: "sum", from: "  mfence_sm();\n", to: "", rule: "in-flight-read" },
  { what: "no barrier", kernel: "sum", from: "  sync_all();\n", to: "", rule: "uninitialised-read" },
  {
    what: "a barrier some cores never reach",
    kernel: "sum",
    from: "  sync_all();\n",
    to: "  if (core_id() != 3) sync_all();\n",
    rule: "divergent-barrier",
  },
  {
    what: "a copy in that is too long",
    kernel: "softmax",
    from: "x_t, n * (int)sizeof(float)",
    to: "x_t, (n + 16) * (int)sizeof(float)",
    rule: "out-of-bounds",
  },
  {
    what: "a copy in that is too short",
    kernel: "layernorm",
    from: "x_t, cols * (int)sizeof(float16)",
    to: "x_t, (cols - 1) * (int)sizeof(float16)",
    rule: "uninitialised-read",
  },
  {
    what: "a copy out that is too long",
    kernel: "layernorm",
    from: "y + row * cols, cols *",
    to: "y + row * cols, (cols + 8) *",
    rule: "uninitialised-read",
  },
  {
    what: "rows off by one",
    kernel: "layernorm",
    from: "block_begin(rows, cores, core + 1)",
    to: "block_begin(rows + 1, cores, core + 1)",
    rule: "out-of-bounds",
  },
  {
    what: "cores that overlap",
    kernel: "where_positive",
    from: "block_begin(tiles, cores, core + 1)",
    to: "min(tiles, block_begin(tiles, cores, core + 1) + 1)",
    rule: "race",
  },
  {
    what: "a vector load off its alignment",
    kernel: "softmax",
    from: "vload_lm_float32x16(x_t + c), m",
    to: "vload_lm_float32x16(x_t + c + 1), m",
    rule: "misaligned",
  },
  {
    what: "an array that did not ask for alignment",
    kernel: "softmax",
    from: "__simd__ __local__ float x_t[1024]",
    to: "__local__ float x_t[1024]",
    rule: "misaligned",
  },
  { what: "more local memory than a core has", kernel: "softmax", from: "x_t[1024]", to: "x_t[2048]", rule: "capacity" },
  { what: "a shrunk buffer", kernel: "softmax", from: "x_t[1024]", to: "x_t[512]", rule: "out-of-bounds" },
  { what: "the copy's direction swapped", kernel: "softmax", from: "LM2GM(x_t, y + row", to: "GM2LM(x_t, y + row", rule: "wrong-space" },
  {
    what: "a tile read that nobody loaded",
    kernel: "add_row",
    from: "  GM2LM(b, b_t, cols * (int)sizeof(float));\n",
    to: "  (void)b;\n",
    rule: "uninitialised-read",
  },
  {
    what: "an empty copy",
    kernel: "softmax",
    from: "y + row * cols + at, n * (int)",
    to: "y + row * cols + at, 0 * n * (int)",
    rule: "dma-rule",
  },
];

describe("mutants", () => {
  test.each(mutants.map((m) => [m.what, m] as const))("%s", { timeout: 120_000 }, (_, m) => {
    expect(source[m.kernel]).toContain(m.from);
    const broken = { ...source, [m.kernel]: source[m.kernel].replace(m.from, m.to) };
    const done = run(buildProgram(broken, main), [m.kernel]);
    expect(done.violation, done.stderr).toBeDefined();
    expect(done.violation?.violation, done.stderr).toBe(m.rule);
    // A barrier that is missed has no line: the cores that wait are somewhere else.
    if (m.rule !== "divergent-barrier") expect(done.violation?.line).toBeGreaterThan(0);
  });
});

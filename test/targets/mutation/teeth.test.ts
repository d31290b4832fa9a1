/** The mutation engine by itself, and a small seeded sample of mutants on every twin; all of them run in `npm run acceptance -- 6`. */
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { equivalence } from "./equivalents.js";
import { mutantsOf, sample, splitArguments } from "./mutate.js";
import { bangOperators } from "./operators-bang.js";
import { cannOperators } from "./operators-cann.js";
import { kunlunOperators } from "./operators-kunlun.js";
import { countByClass, teethOf } from "./teeth.js";
import { waysOn } from "./ways.js";

const root = resolve(import.meta.dirname, "../../..");

test("arguments are split at their own level only", () => {
  expect(splitArguments("a[f(1, 2)], {1, n, 0}, 3")).toEqual(["a[f(1, 2)]", "{1, n, 0}", "3"]);
  expect(splitArguments("a); b(c")).toBeUndefined();
});

test("a barrier is dropped, and comments are left alone", () => {
  const text = "  // PipeBarrier<PIPE_V>();\n  PipeBarrier<PIPE_V>();\n";
  const found = mutantsOf(text, cannOperators);
  expect(found.map((m) => [m.kind, m.line, m.text])).toEqual([["sync", 2, "  // PipeBarrier<PIPE_V>();\n  ;\n"]]);
});

test("every class of mistake has a site in a copy and an instruction", () => {
  const text = [
    "__nram__ float x[64];",
    "__memcpy(x, y + i, n * 4, GDRAM2NRAM);",
    "__bang_sub(x, x, z, n);",
    "__sync();",
    "for (int t = taskId; t < n; t += taskDim) {",
  ].join("\n");
  const kinds = new Set(mutantsOf(text, bangOperators).map((m) => m.kind));
  expect([...kinds].sort()).toEqual([
    "capacity",
    "direction",
    "length",
    "misalign",
    "off-by-one",
    "operands",
    "overlap",
    "read-before-write",
    "shrink",
    "sync",
  ]);
});

test("a sample keeps the order and depends on its seed alone", () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const drawn = sample(items, 10, 7);
  expect(drawn).toHaveLength(10);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(sample(items, 10, 7)).toEqual(drawn);
  expect(sample(items, 10, 8)).not.toEqual(drawn);
});

test("a fence before a fence is no mistake to drop, one before a store is", () => {
  const drop = (text: string) => mutantsOf(text, [{ kind: "sync", what: "drop a fence", find: /mfence_lm\(\);/g, replace: () => ";" }])[0];
  const doubled = "{\n  mfence_lm();\n}\nmfence();\n";
  const needed = "{\n  mfence_lm();\n  LM2GM(a, b, 4);\n}\nmfence();\n";
  expect(equivalence(doubled, drop(doubled))).toMatch(/another fence/);
  expect(equivalence(needed, drop(needed))).toBeUndefined();
});

test("a barrier between instructions on other tensors is no mistake to drop, unless a loop brings them together", () => {
  const drop = (body: string): string | undefined => {
    const kernel = `extern "C" __global__ __aicore__ void k(GM_ADDR x) {\n${body}}\n`;
    const mutant = mutantsOf(kernel, cannOperators).find((m) => m.what === "drop a pipe barrier");
    return mutant && equivalence(kernel, mutant);
  };
  expect(drop("  Adds(a, b, 1.0f, n);\n  PipeBarrier<PIPE_V>();\n  Adds(c, d, 1.0f, n);\n")).toMatch(/different tensors/);
  expect(drop("  Adds(a, b, 1.0f, n);\n  PipeBarrier<PIPE_V>();\n  Adds(c, a, 1.0f, n);\n")).toBeUndefined();
  const loop = (last: string): string =>
    `  for (int r = 0; r < n; ++r) {\n    Adds(a, c, 1.0f, n);\n    PipeBarrier<PIPE_V>();\n    Adds(b, d, 1.0f, n);\n${last}  }\n`;
  expect(drop(loop("    PipeBarrier<PIPE_V>();\n"))).toMatch(/different tensors/);
  expect(drop(loop(""))).toBeUndefined();
});

test("a local fence matters where two units meet at an array", () => {
  const drop = (below: string): string | undefined => {
    const kernel = `__global__ void k(float* y) {\n  __local__ float m_t[16];\n  vstore_lm_float32x16(m_t, v);\n  mfence_lm();\n${below}  mfence();\n}\n`;
    const mutant = mutantsOf(kernel, kunlunOperators).find((m) => m.line === 4);
    return mutant && equivalence(kernel, mutant);
  };
  expect(drop("  v = vload_lm_float32x16(m_t);\n")).toMatch(/one unit/);
  expect(drop("  s = m_t[0];\n")).toBeUndefined();
});

test("what may run next goes round the loops that a line lies in, and stops at a stop on every way only", () => {
  const lines = [
    "void k() {",
    "  a;",
    "  for (;;) {",
    "    b;",
    "    here;",
    "    if (x) {",
    "      stop;",
    "    }",
    "    c;",
    "  }",
    "  stop;",
    "}",
  ];
  expect(waysOn(lines, 4, 1, (l) => l.includes("stop"))).toEqual({
    lines: [
      "    if (x) {",
      "      stop;",
      "    }",
      "    c;",
      "    b;",
      "    here;",
      "    if (x) {",
      "      stop;",
      "    }",
      "    c;",
      "  }",
    ],
    stopped: true,
  });
  expect(waysOn(lines, 4, -1, (l) => l.includes("stop")).stopped).toBe(false);
});

test("an idle extra round of a pipeline is no mistake, one that stores is", () => {
  const pipeline = (store: string, lag: number): string => `__mlu_global__ void k(float* y) {
  for (int32_t k0_step = 0; k0_step < n6 + ${lag}; k0_step++) {
${store}    if (k0_step < n6) {
      a;
    }
    if (k0_step >= 1 && k0_step < n6 + 1) {
      b;
    }
    __sync();
  }
}
`;
  const longer = (kernel: string): string | undefined => {
    const mutant = mutantsOf(kernel, bangOperators).find((m) => m.what === "a loop runs once too often");
    return mutant && equivalence(kernel, mutant);
  };
  expect(longer(pipeline("", 1))).toMatch(/guarded off/);
  expect(longer(pipeline("    if (k0_step >= 2) {\n      c;\n    }\n", 2))).toBeUndefined();
});

test("a loop's extra round that masks everything away is no mistake", () => {
  const sum = "for (int c = 0; c < n; c += 16) s = vvadd_float32x16_mh(s, vload_lm_float32x16(x + c), s, first_lanes(n - c));\n";
  const longer = (kernel: string) => mutantsOf(kernel, kunlunOperators).find((m) => m.what === "a loop runs once too often");
  const [masked, open] = [sum, sum.replace(", first_lanes(n - c)", "").replace("_mh", "")].map((k) => {
    const mutant = longer(k);
    return mutant && equivalence(k, mutant);
  });
  expect(masked).toMatch(/masked away/);
  expect(open).toBeUndefined();
});

describe("a sample on the twins", () => {
  test.each([
    ["cann", "add"],
    ["bang", "broadcast-add"],
    ["kunlun", "where_positive"],
  ] as const)("%s: mutants of the probe %s are noticed", { timeout: 120_000 }, async (target, probe) => {
    const verdicts = await teethOf(target, { root, only: [probe], most: 6, seed: 2 });
    const all = countByClass(verdicts).at(-1);
    expect(all?.mutants).toBeGreaterThanOrEqual(4);
    expect(all?.killed, JSON.stringify(verdicts.filter((v) => v.fate === "survived").map((v) => v.mutant.after))).toBeGreaterThanOrEqual(
      (all?.mutants ?? 0) - 1,
    );
  });
});

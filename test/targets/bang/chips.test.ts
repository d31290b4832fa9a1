/** What an MLU of the second generation asks of vector operands, and that kernels printed for one keep to it. */
import { expect, test } from "vitest";
import type { Value } from "../../../src/ir/graph.js";
import { chips } from "../../../targets/bang/caps.js";
import { Sketch } from "../../kernel/plan-helpers.js";
import { compileText, textFiles } from "../../plan/compile-text.js";
import { graphCase } from "./graph-case.js";
import { runCases, single, type Case } from "./harness.js";

const onMlu290 = (source: string): string => `#undef __BANG_ARCH__\n#define __BANG_ARCH__ 290\n${source}`;

/** A kernel over 256 floats in NRAM. */
function kernel(name: string, body: string): Case {
  const source = `#include <bang.h>
__mlu_global__ void ${name}(float* y) {
  __nram__ float a[256];
  __bang_write_value(a, 256, 1.0f);
  ${body}
  __memcpy(y, a, 1024, NRAM2GDRAM);
}
extern "C" int ${name}_launch(void* queue, int32_t tasks, void* y) {
  const cnrtDim3_t dim = {(uint32_t)tasks, 1, 1};
  ${name}<<<dim, cnrtFuncTypeBlock, (cnrtQueue_t)queue>>>((float*)y);
  return cnrtGetLastError();
}
`;
  return single(name, name, onMlu290(source), [1024], [], 1);
}

const rules: readonly (readonly [name: string, body: string, rule: string | undefined])[] = [
  ["whole", "__bang_add(a, a, a, 64);", undefined],
  ["short_count", "__bang_add(a, a, a, 33);", "vector-rule"],
  ["behind_64_bytes", "__bang_add(a + 16, a + 16, a + 16, 32);", undefined],
  ["behind_32_bytes", "__bang_add(a + 8, a + 8, a + 8, 32);", "misaligned"],
  ["moved_short", "__bang_move(a, a + 64, 100);", "vector-rule"],
  ["copied_short", "__memcpy(a, a + 65, 100, NRAM2NRAM);", undefined],
  ["int32", "__bang_add((int32_t*)a, (int32_t*)a, (int32_t*)a, 64);", "unsupported-intrinsic"],
  ["larger", "__bang_nan_maximum(a, a, a, 64);", "unsupported-intrinsic"],
];

test("operands begin at 64 bytes, counts fill 128, and what came later is not there", () => {
  const outcomes = runCases(
    rules.map(([name, body]) => kernel(name, body)),
    {},
    { ofOthers: true },
  );
  const got = rules.map(([name], k) => [name, outcomes[k].status === 0 ? undefined : outcomes[k].violation?.violation]);
  expect(got).toEqual(rules.map(([name, , rule]) => [name, rule]));
});

test("printed kernels keep to that", () => {
  const graphs: Readonly<Record<string, (s: Sketch) => Value>> = {
    sums: (s) => s.apply("add", [s.input("f32", [7, 33]), s.input("f32", [7, 33])]),
    chosen: (s) => {
      const [x, y] = [s.input("f32", [77]), s.input("f32", [77])];
      return s.apply("select", [s.apply("gt", [x, y]), x, y]);
    },
  };
  const cases = Object.entries(graphs).map(([name, build]) => {
    const s = new Sketch();
    return graphCase(name, s.graph(build(s)), chips.MLU290);
  });
  const programs = cases.map((c) => ({ ...c.program, launches: c.program.launches.map((l) => ({ ...l, source: onMlu290(l.source) })) }));
  runCases(programs, {}, { ofOthers: true }).forEach((outcome, i) => {
    cases[i].check(outcome);
  });
});

test("its library is not called, and its matrix unit multiplies no floats", async () => {
  const files = textFiles(await compileText("y = MatMul(x: f32[4,8], w: f32[8,3]!)", { target: "bang:MLU290" }));
  expect([...files.values()].join("\n")).not.toMatch(/cnnlMatMul/);
});

/** Printed kernels run on the twin and give the numbers of the tile IR's interpreter. */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chips } from "../../../targets/bang/caps.js";
import { printLoweredKernel } from "../../../targets/bang/print.js";
import { Sketch } from "../../kernel/plan-helpers.js";
import { graphCase } from "./graph-case.js";
import { reluAdd, reluAddLowered } from "./hand-kernels.js";
import { floats, runCases, single } from "./harness.js";

test("relu(a + b) in a ping-pong pipeline", () => {
  const n = 100003;
  const a = Float32Array.from({ length: n }, (_, i) => Math.sin(i) * 10);
  const b = Float32Array.from({ length: n }, (_, i) => Math.cos(i * 3) * 10);
  const printed = printLoweredKernel(reluAdd, chips.MLU590, reluAddLowered);
  if (process.env.SHOW) writeFileSync(process.env.SHOW, printed.text);
  const work = Math.ceil(n / 4096);
  const [out] = runCases([single("relu", "relu_add", printed.text, [a, b, n * 4], [n, work], work)]);
  expect(out.stderr).toBe("");
  expect(floats(out.buffers[2])).toEqual(a.map((x, i) => Math.max(Math.fround(x + b[i]), 0)));
  expect(out.profile.laneLoopLanes).toBe(0);
});

test("kernels with the same helper can be included in namespaces of one translation unit", () => {
  const cases = ["first", "second"].map((name) => {
    const s = new Sketch();
    const [x, y] = [s.input("f32", [77]), s.input("f32", [77])];
    const chosen = s.apply("select", [s.apply("gt", [x, s.scalar(0, [77])]), x, y]);
    return graphCase(name, s.graph(chosen), chips.MLU590);
  });
  const parts = cases.map((c) => `namespace ${c.program.name} {\n${c.texts.join("")}}\nusing namespace ${c.program.name};\n`);
  const source = ["#include <bang.h>\n#include <cnrt.h>\n", ...parts].join("");
  expect(source.match(/ select_lanes\(float/g)).toHaveLength(2);
  const programs = cases.map((c) => ({ ...c.program, launches: c.program.launches.map((l) => ({ ...l, source })) }));
  runCases(programs).forEach((outcome, i) => {
    cases[i].check(outcome);
  });
});

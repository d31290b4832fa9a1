/** Printed kernels run on the twin and give the numbers of the tile IR's interpreter. */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chips } from "../../../targets/bang/caps.js";
import { printLoweredKernel } from "../../../targets/bang/print.js";
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

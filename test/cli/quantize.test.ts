/** The command as users' scripts meet it: a metric of their own, exit codes, and options that would be ignored. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportOnnx } from "../../src/api/index.js";
import { encodeArrays } from "../../src/api/arrays.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { portolan } from "./portolan.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-quantize-cli-"));
  const text = "h = MatMul(x: f32[2,8], w1: f32[8,16]!)\n r = Relu(h)\n y = MatMul(r, w2: f32[16,4]!)\n return y";
  writeFileSync(join(folder, "model.onnx"), Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph)]));
  const x = fromNumbers(
    "f32",
    [6, 2, 8],
    Array.from({ length: 96 }, (_, i) => Math.sin(i * i)),
  );
  writeFileSync(join(folder, "calib.npz"), encodeArrays(new Map([["x", x]])));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const metric = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const output = (): string => join(folder, "q.onnx");
const quantize = (...words: readonly string[]): ReturnType<typeof portolan> =>
  portolan(["quantize", join(folder, "model.onnx"), "--calib", join(folder, "calib.npz"), "-o", output(), ...words]);

test("a metric from a module: its scores for people and in --json", async () => {
  const same = metric("same.mjs", "export default async ({ y }, index, { float }) => float.y === y ? 1 : 0.75;");
  const { code, stdout, stderr } = await quantize("--budget", "drop<=25%", "--metric", same);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("metric: 0.75, and 1 in float");
  const told = JSON.parse((await quantize("--budget", "drop<=25%", "--metric", same, "--json")).stdout) as { scores: unknown };
  expect(told.scores).toEqual({ float: 1, quantised: 0.75 });
});

test("a metric that nothing contents: 1, and the model is written", async () => {
  const never = metric("never.mjs", "export default (outputs, index, { float }) => (outputs === float ? 1 : 0);");
  const { code, stderr } = await quantize("--budget", "drop<=25%", "--metric", never);
  expect([code, existsSync(output())]).toEqual([1, true]);
  expect(stderr).toContain("error[budget-missed]: drop<=25% is not reached with every layer in float: the metric is 0, and 1 in float");
});

test("TypeScript is loaded where Node.js does that, and said to need it elsewhere", async () => {
  const typed = metric("typed.ts", "export default (outputs: object): number => Object.keys(outputs).length;");
  const { code, stderr } = await quantize("--budget", "drop<=25%", "--metric", typed);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) expect(code).toBe(0);
  else {
    expect(code).toBe(2);
    expect(stderr).toContain("Node.js loads TypeScript as it is from 22.18 on; before, give it compiled to JavaScript.");
  }
});

test.each([
  ["a command that is missing", ["--budget", "drop<=1%", "--metric", "no-such-program-here"], "bad-metric"],
  ["a metric without a budget", ["--metric", "true"], "bad-option"],
  ["ranges of weights alone", ["--ranges", "mse", "--scheme", "w8a16"], "bad-option"],
  ["a group of eight bits", ["--group", "32"], "bad-option"],
])("%s: 2, and the reason", async (_, words, code) => {
  const ran = await quantize(...words);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(`error[${code}]`);
});

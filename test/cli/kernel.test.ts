/** `kernel show`: a section a target, and a name that nothing bears is told the near ones. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { portolan, type Ran } from "./portolan.js";
import { root } from "./root.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  const graph = {
    input: [info("x", [4, 64])],
    output: [info("y", [4, 64]), info("s", [4, 64])],
    node: [node("Mish", ["x"], ["y"], [], { name: "bend" }), node("Softsign", ["x"], ["s"], [], { name: "sign" })],
  };
  writeFileSync(join(folder, "m.onnx"), modelBytes({ graph, more: { opsetImport: [{ domain: "", version: 18 }] } }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const show = (line: string): Promise<Ran> => portolan(`kernel show m.onnx --prefer kernels ${line}`.trim().split(" "), { cwd: folder });

test("prints one section for each of all targets", async () => {
  const { code, stdout } = await show("-t all");
  expect([...stdout.matchAll(/^\/\/ =+ (\S+) =+$/gm)].map((m) => m[1])).toEqual(["cann:Ascend910B2", "bang:MLU590", "kunlun:P800"]);
  expect(code).toBe(0);
});

test("says in JSON which target each kernel is for", async () => {
  const { stdout } = await show("-t bang,kunlun --json");
  const { ok, kernels } = JSON.parse(stdout) as { ok: boolean; kernels: { target: string; text: string }[] };
  expect([ok, [...new Set(kernels.map((k) => k.target))]]).toEqual([true, ["bang:MLU590", "kunlun:P800"]]);
  expect(kernels.every((k) => k.text.length > 100)).toBe(true);
});

test("one target's kernel by part of a node's name, without a heading", async () => {
  const { code, stdout } = await show("-t kunlun --name ben");
  expect([code, stdout.includes("bend"), /^\/\/ ==/m.test(stdout)]).toEqual([0, true, false]);
});

test("the kernel that a library call could be exchanged for is shown too", async () => {
  const { code, stdout } = await portolan(["kernel", "show", join(root, "samples/conv-net/conv_net.onnx"), "-t", "cann", "--name", "pool"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("// From /pool.")]);
});

test("a name that no kernel bears is an error naming the near one", async () => {
  const { code, stdout, stderr } = await show("-t kunlun --name bendd");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain('error[unknown-kernel]: no kernel or node of one is named "bendd" (did you mean "bend"?)');
  expect(stderr).toContain("try: Kernels and their nodes: ");
});

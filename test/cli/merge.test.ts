/** One cause said by several targets is printed once, with their names; what kind of operator stops a model decides the advice. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problem } from "../../src/base/diagnostic.js";
import { mergeByTarget } from "../../src/cli/io.js";
import { graphAttr, info, intAttr, modelBytes, node } from "../onnx/build-model.js";
import { portolan } from "./portolan.js";

const same = (): ReturnType<typeof problem> => problem("unsupported-op", "no way", { location: { node: "n" } });

test("the same diagnostic of several targets is one, naming them", () => {
  const merged = mergeByTarget([
    { target: "cann", chip: "Ascend910B2", diagnostics: [same()] },
    { target: "bang", chip: "MLU590", diagnostics: [same(), problem("no-schedule", "too large")] },
  ]);
  expect(merged.map((d) => d.message)).toEqual(["no way (cann, bang)", "too large (bang)"]);
});

test("two chips of one target are told apart, and a target with one chip goes by its name", () => {
  const merged = mergeByTarget([
    { target: "cann", chip: "Ascend910B2", diagnostics: [same()] },
    { target: "cann", chip: "Ascend310P3", diagnostics: [same(), problem("unsupported-dtype", "no bf16")] },
    { target: "bang", chip: "MLU590", diagnostics: [same()] },
  ]);
  expect(merged.map((d) => d.message)).toEqual(["no way (cann:Ascend910B2, cann:Ascend310P3, bang)", "no bf16 (cann:Ascend310P3)"]);
});

test("a single target needs no name", () => {
  expect(mergeByTarget([{ target: "cann", chip: "Ascend910B2", diagnostics: [same()] }])).toEqual([same()]);
});

test("an open condition in front of what cannot be compiled is told to be frozen, and a count by values what it is: no formula could help", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  const branch = (op: string): ReturnType<typeof graphAttr>["g"] => ({
    name: op,
    node: [node(op, ["x"], ["t"])],
    output: [info("t", [2])],
  });
  const choose = node("If", ["c"], ["y"], [graphAttr("then_branch", branch("Relu")!), graphAttr("else_branch", branch("Det")!)]);
  const open = { input: [info("x", [2]), info("c", [], 9)], output: [info("y", [2])], node: [choose] };
  const count = { input: [info("x", [2])], output: [info("y", [1, "k"], 7)], node: [node("NonZero", ["x"], ["y"])] };
  writeFileSync(join(folder, "if.onnx"), modelBytes({ graph: open }));
  writeFileSync(join(folder, "nonzero.onnx"), modelBytes({ graph: count }));
  const said = async (model: string): Promise<string> =>
    (await portolan(["compile", model, "-t", "cann", "-o", "out", "--dry-run"], { cwd: folder })).stderr;
  const [condition, values] = [await said("if.onnx"), await said("nonzero.onnx")];
  expect(condition).toContain("--freeze c=true");
  expect(values).toContain("the extents of its output depend on the values of its input");
  expect(`${condition}${values}`).not.toContain("--ops");
  rmSync(folder, { recursive: true, force: true });
});

test("a Loop that collects rows wants a size for what is given out, and a bound where its rows are kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  const body = {
    name: "step",
    input: [info("i", [], 7), info("c", [], 9), info("s", [2])],
    output: [info("d", [], 9), info("t", [2]), info("rows", [2])],
    node: [
      node("Relu", ["s"], ["t"]),
      node("ReduceMax", ["t"], ["most"], [intAttr("keepdims", 0)]),
      node("Less", ["most", "most"], ["d"]),
      node("Identity", ["t"], ["rows"]),
    ],
  };
  const said = async (name: string, trip: string, sum: boolean): Promise<string> => {
    const loop = node("Loop", [trip, "", "x"], ["z", sum ? "all" : "y"], [graphAttr("body", body)]);
    const nodes = [loop, ...(sum ? [node("ReduceSum", ["all"], ["y"], [intAttr("keepdims", 0)])] : [])];
    const model = join(folder, name);
    writeFileSync(
      model,
      modelBytes({ graph: { input: [info("m", [], 7), info("x", [2])], output: [info("y", sum ? [] : ["rows", 2])], node: nodes } }),
    );
    return (await portolan(["compile", model, "-t", "cann", "-o", "out", "--dry-run"], { cwd: folder })).stderr;
  };
  expect(await said("out.onnx", "m", false)).toContain("is as large as values decide that the model computes");
  const unbound = await said("unbound.onnx", "", true);
  expect(unbound).toContain("nothing says how many rounds there may be");
  expect(unbound).toContain("Give the Loop a trip count");
  expect(await said("bound.onnx", "m", true)).not.toContain("error");
  rmSync(folder, { recursive: true, force: true });
});

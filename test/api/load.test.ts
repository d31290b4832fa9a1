/** What is said of a model's inputs before anything is lowered: values that do not fit, inputs that nothing reads, types that clash. */
import { describe, expect, test } from "vitest";
import { compile, importOnnx } from "../../src/api/index.js";
import { loadModel, type Extent } from "../../src/driver/load.js";
import { dimKey } from "../../src/base/dim.js";
import { tensor, type Tensor } from "../../src/base/tensor.js";
import { exitCodeOf, exitCodes } from "../../src/cli/exit.js";
import { rankedType } from "../../src/ir/graph.js";
import { graphAttr, info, modelBytes, node } from "../onnx/build-model.js";

const [float32, int32, int64, text, bool] = [1, 6, 7, 8, 9];

function added(type: number): Uint8Array {
  return modelBytes({
    graph: {
      input: [info("x", [2], type), info("y", [], type)],
      output: [info("z", [2], type)],
      node: [node(type === bool ? "And" : "Add", ["x", "y"], ["z"])],
    },
  });
}

const half = tensor("f32", [], Float32Array.of(1.5));
const whole = (value: bigint): Tensor => tensor("i64", [], BigInt64Array.of(value));

test.each([
  ["a fraction for int32", int32, half],
  ["a number beyond int32", int32, whole(99999999999n)],
  ["2 for bool", bool, whole(2n)],
])("--freeze refuses %s", async (_, type, value) => {
  const { diagnostics } = await importOnnx(added(type), { freeze: new Map([["y", value]]) });
  expect(diagnostics).toMatchObject([{ code: "freeze-type", location: { tensor: "y" } }]);
});

test.each([
  ["a whole number for float32", float32, whole(3n)],
  ["the lowest int32", int32, whole(-(2n ** 31n))],
  ["1 for bool", bool, whole(1n)],
])("--freeze takes %s", async (_, type, value) => {
  const { ok, loaded } = await importOnnx(added(type), { freeze: new Map([["y", value]]) });
  expect(ok).toBe(true);
  expect(loaded?.graph.inputs.map((v) => v.name)).toEqual(["x"]);
});

test("an input that holds text and that nothing reads is left out with a warning", async () => {
  const model = modelBytes({
    graph: { input: [info("x", [2]), info("s", [1], text)], output: [info("y", [2])], node: [node("Relu", ["x"], ["y"])] },
  });
  const { ok, diagnostics, compiled } = await compile(model, { target: "bang" });
  expect(ok).toBe(true);
  expect(diagnostics).toMatchObject([{ code: "unused-input", severity: "warning", location: { tensor: "s" } }]);
  expect(compiled?.plan.program.inputs).toHaveLength(1);
});

test("operands of two types inside a body are a fault of the model, named with the body", async () => {
  const body = (name: string, other: string) => ({
    name,
    node: [node("Add", ["x", other], [`${name}_t`])],
    output: [info(`${name}_t`, [2])],
  });
  const model = modelBytes({
    graph: {
      input: [info("x", [2]), info("i", [2], int64), info("c", [], bool)],
      output: [info("y", [2])],
      node: [
        node("If", ["c"], ["y"], [graphAttr("then_branch", body("yes", "x")), graphAttr("else_branch", body("no", "i"))], {
          name: "choose",
        }),
      ],
    },
  });
  const { diagnostics } = await compile(model, { target: "bang" });
  expect(diagnostics.map((d) => d.code)).toEqual(["type-mismatch"]);
  expect(diagnostics[0].message).toMatch(/else_branch of If "choose"/);
  expect(exitCodeOf("type-mismatch")).toBe(exitCodes.model);
});

describe("extents that the model leaves unnamed", () => {
  const relu = (x: string): ReturnType<typeof node> => node("Relu", [x], [`${x} out`]);
  const loaded = async (
    names: Record<string, (string | null)[]>,
    shapes: [string, Extent[]][],
    outer: string[] = [],
  ): Promise<string[]> => {
    const graph = {
      input: Object.entries(names).map(([name, dims]) => info(name, dims)),
      output: Object.keys(names).map((name, i) => info(`${name} out`, outer[i] === undefined ? undefined : [outer[i]])),
      node: Object.keys(names).map(relu),
    };
    const { graph: typed } = await loadModel(modelBytes({ graph }), { shapes: new Map(shapes) });
    return typed.inputs.map((v) => rankedType(v)?.shape.map(dimKey).join() ?? "*");
  };
  const open = { lo: 1, hi: 4 };

  test("are apart where two tensors would be spelt alike, one of them given a range", async () => {
    expect(await loaded({ "a/b": [null], a_b: [null] }, [["a/b", [open]]])).toEqual(["a_b.d0", "a_b.d0.2"]);
    expect(await loaded({ a_b: [null], "a/b": [null] }, [["a/b", [open]]])).toEqual(["a_b.d0.2", "a_b.d0"]);
  });

  test("are apart where two tensors are given ranges", async () => {
    expect(
      await loaded({ "a/b": [null], a_b: [null] }, [["a/b", [open]], ["a_b", [open]]]), // prettier-ignore
    ).toEqual(["a_b.d0", "a_b.d0.2"]);
  });

  test("are not called as the model calls another", async () => {
    expect(await loaded({ x: [null], y: ["x.d0"] }, [["x", [open]]])).toEqual(["x.d0.2", "x.d0"]);
    expect(await loaded({ x: [null] }, [["x", [open]]], ["2*x.d0"])).toEqual(["x.d0.2"]);
  });
});

test.each([
  ["a number leaves an open extent one size", ["n", 4], [5, 4], "warning sizes are taken to be equal: n == 5"],
  ["two open extents broadcast", ["n", 4], ["m", 4], undefined],
  ["an open extent broadcasts against 1", ["n", 4], [1, 4], undefined],
])("of sizes that meet, %s", async (_, a, b, said) => {
  const graph = { input: [info("x", a), info("y", b)], output: [info("z", ["r", 4])], node: [node("Add", ["x", "y"], ["z"])] };
  const { diagnostics } = await loadModel(modelBytes({ graph }), {});
  expect(diagnostics.filter((d) => d.code === "extents-assumed-equal").map((d) => `${d.severity} ${d.message}`)).toEqual(
    said ? [said] : [],
  );
});

/** A difference is the port's fault unless onnxruntime itself is in doubt by as much: by its own spread, or by a known dispute. */
import { expect, test } from "vitest";
import { loadModel } from "../../src/driver/load.js";
import { Doubts, type Compared } from "../../src/verify/doubts.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import type { DType } from "../../src/base/dtype.js";
import type { Tensor } from "../../src/base/tensor.js";
import { judge } from "../../src/verify/judge.js";
import { info, intsAttr, modelBytes, node, textAttr, weights } from "../onnx/build-model.js";

const tensor = (dtype: DType, values: readonly number[], shape = [values.length]): Tensor => fromNumbers(dtype, shape, [...values]);

function compared(got: Tensor, want: Tensor): Compared {
  return { figures: judge("y", [got], [want], {}), got: [got], want: [want], options: {} };
}

async function spreadOf(got: Tensor, want: Tensor, other: Tensor): Promise<{ ok: boolean; notes: string[] }> {
  const bytes = modelBytes({ graph: { input: [info("x", [4])], output: [info("y", [4])], node: [node("Relu", ["x"], ["y"])] } });
  const doubts = new Doubts(await loadModel(bytes, {}), [], (_, level) =>
    Promise.resolve([new Map([["y", level === "all" ? other : want]])]),
  );
  const figures = await doubts.weighed(compared(got, want));
  return { ok: figures.ok, notes: [...doubts.notes.values()].map((d) => d.code) };
}

test("an output is as near as onnxruntime is to itself, and no further off", async () => {
  const [want, other] = [tensor("f32", [0, 1, 2, 3]), tensor("f32", [0, 1.5, 2, 3])];
  expect(await spreadOf(tensor("f32", [0, 1.25, 2, 3]), want, other)).toEqual({ ok: true, notes: ["reference-spread"] });
  expect(await spreadOf(tensor("f32", [0, 2.6, 2, 3]), want, other)).toEqual({ ok: false, notes: ["reference-spread"] });
  expect(await spreadOf(tensor("f32", [0, 1.25, 2, 3]), want, want)).toEqual({ ok: false, notes: [] });
  expect(await spreadOf(tensor("f32", [0, NaN, 2, 3]), want, other)).toEqual({ ok: false, notes: ["reference-spread"] });
});

test("where values are rounded to levels, inputs that are nearly the same tell of ties", async () => {
  const graph = {
    input: [info("x", [4])],
    output: [info("y", [4])],
    initializer: [weights("s", [], [0.5])],
    node: [node("QuantizeLinear", ["x", "s"], ["q"]), node("DequantizeLinear", ["q", "s"], ["y"])],
  };
  const feed = new Map([["x", tensor("f32", [0, 1, 2, 3])]]);
  const [want, other] = [tensor("f32", [0, 1, 2, 3]), tensor("f32", [0, 1.5, 2, 3])];
  const asked: Tensor[] = [];
  const doubts = new Doubts(await loadModel(modelBytes({ graph }), {}), [feed], ([given], level) => {
    if (level !== undefined) return Promise.resolve([new Map([["y", want]])]);
    asked.push(given.get("x") as Tensor);
    return Promise.resolve([new Map([["y", other]])]);
  });
  expect((await doubts.weighed(compared(tensor("f32", [0, 1.25, 2, 3]), want))).ok).toBe(true);
  expect(asked.length).toBeGreaterThan(3);
  for (const t of asked)
    t.data.forEach((x, i) => {
      expect(Math.abs(Number(x) - i)).toBeLessThanOrEqual(i * 2 ** -22);
    });
});

test("of whole numbers no more may differ than differ between onnxruntime's own runs", async () => {
  const [want, other] = [tensor("i64", [0, 1, 2, 3]), tensor("i64", [0, 1, 2, 7])];
  expect((await spreadOf(tensor("i64", [0, 1, 5, 3]), want, other)).ok).toBe(true);
  expect((await spreadOf(tensor("i64", [9, 1, 5, 3]), want, other)).ok).toBe(false);
});

/** Rows 0..n-1 at a third of their number: position 1 of 2 is 3 by f32 and 2.99... by the exact value of the scale. */
const shrunk = modelBytes({
  opset: 18,
  graph: {
    input: [info("x", [6])],
    output: [info("y", [2])],
    initializer: [weights("s", [1], [1 / 3])],
    node: [
      node(
        "Resize",
        ["x", "", "s"],
        ["y"],
        [textAttr("mode", "nearest"), textAttr("coordinate_transformation_mode", "asymmetric"), textAttr("nearest_mode", "floor")],
      ),
    ],
  },
});

test("a known dispute is named where the twin gives what the standard says, and nowhere else", async () => {
  const feed = new Map([["x", tensor("f32", [0, 1, 2, 3, 4, 5])]]);
  const weighed = async (got: readonly number[]) => {
    const doubts = new Doubts(await loadModel(shrunk, {}), [feed], () => Promise.resolve([new Map([["y", tensor("f32", [0, 3])]])]));
    const figures = await doubts.weighed(compared(tensor("f32", got), tensor("f32", [0, 3])));
    return [figures.ok, ...[...doubts.notes.values()].map((d) => d.code)];
  };
  expect(await weighed([0, 2])).toEqual([true, "reference-disputed"]);
  expect(await weighed([0, 5])).toEqual([false]);
});

const pooled = modelBytes({
  opset: 18,
  graph: {
    input: [info("x", [1, 1, 3])],
    output: [info("y", [1, 1, 2])],
    node: [node("MaxPool", ["x"], ["y"], [intsAttr("kernel_shape", [2])])],
  },
});

test("a NaN that onnxruntime drops is its dispute with the standard; another number is a fault", async () => {
  const feed = new Map([["x", tensor("f32", [NaN, 1, 2], [1, 1, 3])]]);
  const weighed = async (got: readonly number[], reference: readonly number[]) => {
    const [twin, want] = [got, reference].map((y) => tensor("f32", y, [1, 1, 2]));
    const doubts = new Doubts(await loadModel(pooled, {}), [feed], () => Promise.resolve([new Map([["y", want]])]));
    const figures = await doubts.weighed(compared(twin, want));
    return [figures.ok, ...[...doubts.notes.values()].map((d) => `${d.code} ${/drops the NaN/.test(d.message)}`)];
  };
  expect(await weighed([NaN, 2], [1, 2])).toEqual([true, "reference-disputed true"]);
  expect(await weighed([7, 2], [1, 2])).toEqual([false]);
  expect(await weighed([NaN, 2], [NaN, 3])).toEqual([false]);
});

/** Layers in fewer bits, variants, memory over an extent, and times that are wide where nothing was measured. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { assessModel, inLanguage } from "../../src/api/assess.js";
import { operator } from "./models.js";
import type { onnx } from "onnx-proto";
import { graphAttr, info, modelBytes, node, weights } from "../onnx/build-model.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-assess-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** y = x * w, with an open batch. */
function product(values: number[]): Uint8Array {
  return modelBytes({
    graph: {
      input: [info("x", ["batch", 2])],
      output: [info("y", ["batch", 2])],
      initializer: [weights("w", [2, 2], values)],
      node: [{ ...node("MatMul", ["x", "w"], ["y"]), name: "product" }],
    },
  });
}

test("a weight beyond the range of halves is a risk, and one within is none", async () => {
  const layersOf = async (values: number[]) => (await assessModel(product(values), { chips: ["P800"], weights: true })).report?.layers;
  expect((await layersOf([1, -2, 0.5, 3]))?.[0]).toMatchObject({ name: "product", largest: 3, risks: [] });
  expect((await layersOf([1, -2, 0.5, 1e6]))?.[0].risks.map((r) => r.key)).toContain("layer.weight-over");
  expect((await assessModel(product([1, 2, 3, 4]), { chips: ["P800"] })).report?.layers).toBeUndefined();
});

test("samples tell the reach of a layer's input", async () => {
  const path = join(folder, "x.npy");
  writeFileSync(path, npy([70000, 1, 2, 3]));
  const { report } = await assessModel(product([1, 1, 1, 1]), { chips: ["P800"], calibration: path });
  expect(report?.layers?.[0].input).toBe(70000);
  expect(report?.layers?.[0].risks.map((r) => r.key)).toContain("layer.input-over");
});

/** Floats [2, 2] as numpy writes them. */
function npy(values: number[]): Uint8Array {
  const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
  const padded = `${head}${" ".repeat(117 - head.length)}\n`;
  const start = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([1, 0, padded.length, 0]),
    Buffer.from(padded, "latin1"),
  ]);
  return Buffer.concat([start, Buffer.from(Float32Array.from(values).buffer)]);
}

test("variants stand side by side, and one that the model does not take stops nothing", async () => {
  const variants = [
    { what: "batch=64", dims: new Map([["batch", 64]]) },

    { what: "fp16", precision: "fp16" as const },
  ];
  const { report } = await assessModel(product([1, 2, 3, 4]), { chips: ["Ascend910B2"], variants });
  expect(report?.variants?.map((v) => [v.what, v.chips.map((c) => c.verdict)])).toEqual([
    ["batch=64", ["ready"]],
    ["fp16", ["ready"]],
  ]);
  const erf = await assessModel(operator("Erf"), { chips: ["Ascend910B2"], variants: [{ what: "opset=7", opset: 7 }] });
  expect(erf.report?.variants?.[0]).toMatchObject({ chips: [], diagnostics: [{ code: "unsupported-opset" }] });
  expect(report?.variants?.[0].chips[0].bytes).toBeGreaterThan(report?.chips[0].memory?.total ?? Infinity);
});

test("memory grows with an open extent, and is what its parts add up to", async () => {
  const { report } = await assessModel(product([1, 2, 3, 4]), { chips: ["Ascend910B2"] });
  const memory = report?.chips[0].memory;
  const points = memory?.over[0].points.map((p) => p.bytes) ?? [];
  expect(memory?.over[0].symbol).toBe("batch");
  expect(points.length).toBeGreaterThan(3);
  expect(points).toEqual([...points].sort((a, b) => a - b));
  expect(memory?.total).toBe(
    (memory?.weights ?? 0) + (memory?.arena ?? 0) + (memory?.inputs ?? 0) + (memory?.outputs ?? 0) + (memory?.state ?? 0),
  );
  expect(points[0]).toBe(memory?.total);
});

test("where nothing was measured a time is at least four times as wide as it is short, and says so", async () => {
  const { report } = await assessModel(product([1, 2, 3, 4]), {
    chips: ["P800", "MLU590", "R200", "MLU370-X8", "Ascend910B2"],
    baseline: "A100",
  });
  for (const { chip, performance } of report?.chips ?? []) {
    const { lo = 0, hi = 0 } = performance?.seconds ?? {};
    expect(lo, chip).toBeGreaterThan(0);
    if (chip.startsWith("Ascend")) expect(performance?.basis).not.toBe("none");
    else {
      expect(performance?.basis).toBe("none");
      expect(hi / lo, chip).toBeGreaterThanOrEqual(4);
    }
    expect(performance?.ratio?.lo).toBeLessThan(performance?.ratio?.hi ?? 0);
  }
});

const chipOf = async (bytes: Uint8Array, chip: string, others: readonly string[] = []) =>
  (await assessModel(bytes, { chips: [chip, ...others] })).report?.chips.find((c) => c.chip === chip);

test("a copy is started like a call, and takes as long", async () => {
  const passed = await chipOf(modelBytes({ graph: { input: [info("x", [2])], output: [info("x", [2])] } }), "Ascend910B2");
  expect(passed?.steps.map((s) => [s.how, s.starts])).toEqual([["copy", 1]]);
  expect(passed?.performance?.seconds?.lo).toBeGreaterThan(1e-6);
});

test("of two branches the time holds either, and their difference is said beside it", async () => {
  const timed = async (bytes: Uint8Array) => (await chipOf(bytes, "P800"))?.performance;
  const keys = (p: Awaited<ReturnType<typeof timed>>) => p?.notes.map((n) => n.key) ?? [];
  expect(keys(await timed(operator("Relu")))).not.toContain("performance.either");
  const body = (name: string, ops: readonly string[]): onnx.IGraphProto => ({
    name,
    node: ops.map((op, i) => {
      const x = i === 0 ? "x" : `${name}${i - 1}`;
      return node(op, op === "MatMul" ? [x, x] : [x], [`${name}${i}`]);
    }),
    output: [info(`${name}${ops.length - 1}`, [8, 8])],
  });
  const choice = (more: readonly string[]) => {
    const attrs = [graphAttr("then_branch", body("a", ["Relu"])), graphAttr("else_branch", body("b", ["Neg", ...more]))];
    return modelBytes({
      graph: { input: [info("x", [8, 8]), info("c", [], 9)], output: [info("y", [8, 8])], node: [node("If", ["c"], ["y"], attrs)] },
    });
  };
  const [same, longer] = [await timed(choice([])), await timed(choice(["MatMul", "MatMul"]))];
  expect(keys(same)).toContain("performance.either");
  expect(longer?.seconds?.lo).toBeCloseTo(same?.seconds?.lo ?? 0, 9);
  expect(longer?.seconds?.hi).toBeGreaterThan(1.2 * (same?.seconds?.hi ?? 0));
});

const integer = (name: string, value: number): onnx.ITensorProto => ({ name, dims: [], dataType: 7, int64Data: [value] });
const boolean = (name: string, value: boolean): onnx.ITensorProto => ({ name, dims: [], dataType: 9, int32Data: [value ? 1 : 0] });

test("rounds that are known count as often as they are, others once, which is said", async () => {
  const body: onnx.IGraphProto = {
    name: "b",
    input: [info("i", [], 7), info("c", [], 9), info("h", [2])],
    node: [node("Identity", ["c"], ["c2"]), node("Sin", ["h"], ["z"])],
    output: [info("c2", [], 9), info("z", [2])],
  };
  const loop = (trip?: number) =>
    modelBytes({
      graph: {
        input: [info("x", [2]), ...(trip === undefined ? [info("n", [], 7)] : [])],
        output: [info("y", [2])],
        initializer: [boolean("go", true), ...(trip === undefined ? [] : [integer("n", trip)])],
        node: [node("Loop", ["n", "go", "x"], ["y"], [graphAttr("body", body)])],
      },
    });
  const timed = async (trip?: number) => (await chipOf(loop(trip), "P800"))?.performance;
  const [few, many, unknown] = [await timed(100), await timed(1000), await timed()];
  expect((many?.seconds?.lo ?? 0) / (few?.seconds?.lo ?? 1)).toBeGreaterThan(5);
  expect(many?.notes.map((n) => n.key)).not.toContain("performance.repeated");
  expect(unknown?.notes.map((n) => n.key)).toContain("performance.repeated");
});

test("a chip without a generator is timed by its maker's leanest program, whichever chip is named first", async () => {
  const convolution = modelBytes({
    graph: {
      input: [info("x", [1, 3, 16, 16])],
      output: [info("y", [1, 8, 14, 14])],
      initializer: [weights("k", [8, 3, 3, 3], new Array<number>(216).fill(0.1))],
      node: [node("Conv", ["x", "k"], ["y"])],
    },
  });
  const likes = await Promise.all(
    [
      ["Ascend310P3", "Ascend910B2"],
      ["Ascend910B2", "Ascend310P3"],
    ].map(async (others) => chipOf(convolution, "Ascend950PR", others)),
  );
  expect(likes.map((c) => c?.performance?.programOf)).toEqual(["Ascend910B2", "Ascend910B2"]);
});

test("made-up samples are samples, with a warning", async () => {
  const { report, diagnostics } = await assessModel(product([1, 1, 1, 1]), { chips: ["P800"], calibration: "seed:1x2" });
  expect(report?.layers?.[0].input).toBeGreaterThan(0);
  expect(diagnostics.map((d) => d.code)).toContain("calibration-made-up");
});

test("a chip of which only documents were read is asked of bodies too, and what was not looked up is undecided", async () => {
  const branch = (op: string): onnx.IGraphProto => ({ name: op, node: [node(op, ["x"], [`of${op}`])], output: [info(`of${op}`, [2, 2])] });
  const choice = [graphAttr("then_branch", branch("Relu")), graphAttr("else_branch", branch("Sinh"))];
  const chosen = { input: [info("x", [2, 2]), info("c", [], 9)], output: [info("y", [2, 2])], node: [node("If", ["c"], ["y"], choice)] };
  const chip = await chipOf(modelBytes({ graph: chosen }), "Ascend950PR");
  expect(chip?.nodes?.map((at) => chip.ways[at].how).sort()).toEqual(["call", "undecided", "undecided"]);
});

test("what is said of a chip's figures is said in one language", async () => {
  const { report } = await assessModel(product([1, 2, 3, 4]), { chips: ["Ascend910B2", "Ascend310P3", "R200", "P800", "MLU590"] });
  const notes = (report?.chips ?? []).flatMap((c) => c.performance?.notes ?? []);
  expect(new Set(notes.map((n) => n.key))).toContain("performance.contested");
  const chinese = notes.filter((n) => n.with?.["figure"] !== undefined).map((n) => inLanguage(n, "zh"));
  expect(chinese.length).toBeGreaterThan(0);
  expect(chinese.filter((text) => /peak|memory|bandwidth/.test(text))).toEqual([]);
});

test("of a chip whose documents leave something out, the share of operations is that of another's whole program", async () => {
  const graph = {
    input: [info("x", [64, 64])],
    output: [info("y", [64, 64])],
    initializer: [weights("w", [64, 64], new Array<number>(4096).fill(0.5))],
    node: [
      { ...node("MatMul", ["x", "w"], ["a"]), name: "product" },
      { ...node("Sinh", ["a"], ["y"]), name: "sinh" },
    ],
  };
  const { report } = await assessModel(modelBytes({ graph, opset: 18 }), { chips: ["Ascend910B2", "Ascend950PR"] });
  const [whole, documented] = report?.chips ?? [];
  expect(whole.coverage).toMatchObject({ nodes: 1, flops: 1, bytes: 1 });
  const { nodes = 0, flops } = documented.coverage ?? {};
  expect(nodes).toBeLessThan(1);
  expect(flops).toBeGreaterThan(nodes);
  expect(flops).toBeLessThan(1);
});

test("of a call that only documents tell of, the type of the first input is held against its page", async () => {
  const reportOf = async (type: number) => {
    const graph = { input: [info("x", [4], type)], output: [info("y", [4], type)], node: [node("Mish", ["x"], ["y"])] };
    const chip = await chipOf(modelBytes({ graph, opset: 18 }), "Ascend950PR");
    return chip?.ways[chip.nodes?.[0] ?? -1];
  };
  expect(await reportOf(1)).toMatchObject({ how: "call", calls: ["aclnnMish"], types: ["f32"] });
  const other = await reportOf(11);
  expect(other).toMatchObject({ how: "refused", note: { key: "documented.other-types" } });
  expect(other?.note && inLanguage(other.note, "zh")).toBe("aclnnMish 的文档为首个张量列出的类型是 f32 f16 bf16，不含 f64");
});

/** verify() on small models, through one twin and onnxruntime where it is installed. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile, verify } from "../../src/api/index.js";
import { loadOnnxruntime } from "../../src/verify/onnxruntime.js";
import { writeNpz } from "../../src/verify/npz.js";
import { portolan } from "../cli/portolan.js";
import { floatAttr, info, intAttr, intsAttr, modelBytes, node, weights } from "../onnx/build-model.js";

const installed = (await loadOnnxruntime()) !== undefined;
if (!installed) console.log("skipped: onnxruntime-node is not installed");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-verify-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const constant = modelBytes({
  graph: { output: [info("w", [3])], initializer: [weights("w", [3], [1, 2, 3])], node: [] },
});
const strided = modelBytes({
  graph: {
    input: [info("x", ["n", 1, "h", "w"])],
    output: [info("y", null as never)],
    initializer: [
      weights(
        "k",
        [1, 1, 5, 5],
        Array.from({ length: 25 }, (_, i) => i / 25),
      ),
    ],
    node: [node("Conv", ["x", "k"], ["y"], [intsAttr("strides", [2, 2])])],
  },
});
/** Two branches that fit only where the extent halves without a rest. */
const halved = modelBytes({
  graph: {
    input: [info("x", ["n", "h"])],
    output: [info("y", null as never)],
    initializer: [{ name: "two", dims: [3], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(0n, -1n, 32n).buffer) }],
    node: [node("Reshape", ["x", "two"], ["y"])],
  },
});
/** A weight that stays as it lies in the model's file. */
const shifted = modelBytes({
  graph: {
    input: [info("x", ["n", 4])],
    output: [info("y", ["n", 4])],
    initializer: [weights("w", [4], [1, 2, 3, 4])],
    node: [node("Add", ["x", "w"], ["y"])],
  },
});
const oldNorm = modelBytes({
  opset: 6,
  irVersion: 3,
  graph: {
    input: [info("x", [2, 3])],
    output: [info("y", [2, 3])],
    initializer: ["s", "b", "m", "v"].map((name, i) => weights(name, [3], [1 + i, 2, 3])),
    node: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], [intAttr("is_test", 1), floatAttr("epsilon", 1e-5)])],
  },
});
const outOfRange = modelBytes({
  graph: {
    input: [info("x", [2, 3]), info("i", [1], 7)],
    output: [info("y", [1, 3])],
    node: [node("Gather", ["x", "i"], ["y"])],
  },
});

test.runIf(installed)("a model without inputs", async () => {
  const { ok, sizes } = await verify(constant, { target: "bang" });
  expect(ok).toBe(true);
  expect(sizes).toEqual([{ inputs: [], extents: {}, chosen: false }]);
});

test.runIf(installed)("open extents are chosen beyond the window and told", async () => {
  const { ok, sizes } = await verify(strided, { target: "bang" });
  expect(ok).toBe(true);
  expect(sizes).toEqual([{ inputs: [{ name: "x", dtype: "f32", shape: [2, 1, 29, 37] }], extents: { n: 2, h: 29, w: 37 }, chosen: true }]);
});

test.runIf(installed)("extents that the model's reshapes allow", async () => {
  const { ok, sizes, diagnostics } = await verify(halved, { target: "bang" });
  expect(diagnostics).toEqual([]);
  expect(ok).toBe(true);
  expect(sizes?.[0].extents).toMatchObject({ n: 2, h: 32 });
});

test.runIf(installed)("given arrays tell the extents they mean, and are checked by name", async () => {
  const feed = (name: string) => new Map([[name, { dtype: "f32" as const, shape: [1, 1, 6, 7], data: new Float32Array(42) }]]);
  const { sizes } = await verify(strided, { target: "bang", inputs: [feed("x")] });
  expect(sizes?.[0]).toMatchObject({ extents: { n: 1, h: 6, w: 7 }, chosen: false });
  const { diagnostics } = await verify(strided, { target: "bang", inputs: [feed("z")] });
  expect(diagnostics.map((d) => d.code)).toEqual(["bad-inputs"]);
});

test.each([
  ["another shape", { dtype: "f32" as const, shape: [1, 2, 6, 7], data: new Float32Array(84) }, "f32[1,2,6,7]"],
  ["another rank", { dtype: "f32" as const, shape: [6, 7], data: new Float32Array(42) }, "f32[6,7]"],
  ["another element type", { dtype: "f64" as const, shape: [1, 1, 6, 7], data: new Float64Array(42) }, "f64[1,1,6,7]"],
])("an array of %s is refused by verify and by run before anything is built", async (_, array, spelled) => {
  const [path, bundle, arrays] = ["strided.onnx", "of-strided", "arrays.npz"].map((f) => join(folder, f));
  const says = `input "x" is f32[n,1,h,w], and its array is ${spelled}`;
  const { diagnostics } = await verify(strided, { target: "bang", inputs: [new Map([["x", array]])] });
  expect(diagnostics.map((d) => [d.code, d.message])).toEqual([["bad-inputs", says]]);
  writeFileSync(path, strided);
  writeFileSync(arrays, writeNpz(new Map([["x", array]])));
  expect((await compile(path, { target: "bang", output: bundle, copyWeights: true })).ok).toBe(true);
  const ran = await portolan(["run", bundle, "--inputs", arrays]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(`error[bad-inputs]: ${says}`)]);
});

test.runIf(installed)("an opset that onnxruntime no longer takes runs upgraded, and that is said", async () => {
  const { ok, diagnostics } = await verify(oldNorm, { target: "bang" });
  expect(diagnostics.map((d) => [d.code, d.severity])).toContainEqual(["reference-upgraded", "note"]);
  expect(ok).toBe(true);
});

test.runIf(installed)("what onnxruntime refuses is a diagnostic with its reason", async () => {
  const inputs = [
    new Map([
      ["x", { dtype: "f32" as const, shape: [2, 3], data: new Float32Array(6) }],
      ["i", { dtype: "i64" as const, shape: [1], data: BigInt64Array.of(9n) }],
    ]),
  ];
  const { diagnostics } = await verify(outOfRange, { target: "bang", inputs });
  expect(diagnostics.map((d) => d.code)).toEqual(["reference-failed"]);
  expect(diagnostics[0].message).toMatch(/idx=9|out of data bounds|out of bounds/);
  expect(diagnostics[0].message).not.toMatch(/\x1b|\n/);
});

test.runIf(installed)("a kept bundle runs as it is, on seeded inputs", async () => {
  const path = join(folder, "strided.onnx");
  writeFileSync(path, strided);
  const keep = join(folder, "kept");
  expect((await verify(path, { target: "bang", keep })).ok).toBe(true);
  const bundle = join(keep, "bang-MLU590");
  const ran = await portolan(["run", bundle, "--inputs", "seed:1", "--dim", "h=9", "--json"]);
  expect(ran.stderr).toBe("");
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, outputs: [{ name: "y", shape: [2, 1, 3, 13] }] });
});

test.skipIf(!installed)("what does not compile with open extents is verified at the sizes of the run, with a warning", async () => {
  const model = modelBytes({
    graph: {
      input: [info("x", ["t", 1, 2])],
      output: [info("y", ["t", 1, 1, 2])],
      initializer: [weights("w", [1, 2, 2], [1, 2, 3, 4]), weights("r", [1, 2, 2], [4, 3, 2, 1]), weights("one", [1], [1])],
      node: [
        node("Cast", ["one"], ["length"], [intAttr("to", 6)]),
        node("RNN", ["x", "w", "r", "", "length"], ["y"], [intAttr("hidden_size", 2)]),
      ],
    },
  });
  const { ok, verdicts } = await verify(model, { target: "cann" });
  expect(ok).toBe(true);
  expect(verdicts?.[0].diagnostics).toMatchObject([{ code: "verified-at-fixed-sizes", severity: "warning" }]);
  expect((await compile(model, { target: "cann" })).diagnostics).toMatchObject([{ code: "dynamic-extent" }]);
});

test.skipIf(!installed)("one bundle repeats whichever of two open extents is 1, and neither where they are equal", async () => {
  const model = modelBytes({
    graph: { input: [info("a", [3, "n"]), info("b", [3, "m"])], output: [info("y", [3, "n"])], node: [node("Add", ["a", "b"], ["y"])] },
  });
  const array = (n: number) => ({ dtype: "f32" as const, shape: [3, n], data: Float32Array.from({ length: 3 * n }, (_, i) => i * i) });
  const feed = (n: number, m: number) => new Map([["a", array(n)], ["b", array(m)]]); // prettier-ignore
  const { ok, verdicts } = await verify(model, { target: "all", inputs: [feed(1, 5), feed(7, 1), feed(4, 4), feed(1, 1)] });
  expect(verdicts?.map((v) => v.diagnostics)).toEqual([[], [], []]);
  expect(ok).toBe(true);
});

test("a size that means nothing at the lowest extents takes no memory there, instead of NaN GiB", async () => {
  const whole = (name: string, value: number) => ({ name, dims: [1], dataType: 7, int64Data: [value] });
  const model = modelBytes({
    graph: {
      input: [info("x", ["h", "w", 4])],
      output: [info("y", null as never)],
      initializer: [whole("s1", 1), whole("rest", -1)] as never,
      node: [
        node("Shape", ["x"], ["s"], [intAttr("end", 1)]),
        node("Sub", ["s", "s1"], ["less"]),
        node("Concat", ["rest", "less"], ["to"], [intAttr("axis", 0)]),
        node("Reshape", ["x", "to"], ["r"]),
        node("Relu", ["r"], ["p"]),
        node("Softmax", ["p"], ["y"]),
      ],
    },
  });
  const { ok, compiled } = await compile(model, { target: "cann" });
  expect(ok).toBe(true);
  expect(Number.isFinite(compiled?.plan.arena.bytes)).toBe(true);
});

test("a folder of someone's files is not replaced by what is kept", async () => {
  const keep = join(folder, "theirs");
  mkdirSync(join(keep, "bang-MLU590"), { recursive: true });
  writeFileSync(join(keep, "bang-MLU590", "notes.txt"), "mine");
  const { ok, diagnostics } = await verify(constant, { target: "bang", keep });
  expect([ok, diagnostics.map((d) => d.code), existsSync(join(keep, "bang-MLU590", "notes.txt"))]).toEqual([
    false,
    ["output-exists"],
    true,
  ]);
});

test("run names the file of weights that it does not find, and takes no count but a number from 1 on", async () => {
  const path = join(folder, "model.onnx");
  writeFileSync(path, shifted);
  const bundle = join(folder, "bundle");
  expect((await compile(path, { target: "bang", output: bundle })).ok).toBe(true);
  const ran = await portolan(["run", bundle, "--inputs", "seed:1"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/weights-missing.*"model.onnx"[^]*try: .*--weights FOLDER/);
  for (const count of ["0", "abc", "-1", "1.5"]) {
    const refused = await portolan(["run", bundle, "--inputs", "seed:1", "--repeat", count]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/bad-option.*--repeat/)]);
  }
});

test.runIf(installed)("a frozen input reaches the reference in the type it declares", async () => {
  const scaled = modelBytes({
    graph: { input: [info("x", [2]), info("s", [])], output: [info("y", [2])], node: [node("Mul", ["x", "s"], ["y"])] },
  });
  const freeze = new Map([["s", { dtype: "i64" as const, shape: [], data: BigInt64Array.of(2n) }]]);
  const result = await verify(scaled, { target: "bang", freeze });
  expect([result.diagnostics, result.ok]).toEqual([[], true]);
});

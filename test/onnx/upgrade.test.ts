/** Old forms of operators mean the same after import: both files are run by onnxruntime on the same seeded inputs. */
import { existsSync, readFileSync } from "node:fs";
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { sketch } from "../../src/ir/text/print.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { upgrades } from "../../src/onnx/upgrade/table.js";
import {
  floatAttr,
  floatsAttr,
  graphAttr,
  importModelSpec,
  info,
  intAttr,
  intsAttr,
  modelBytes,
  node,
  noOptions,
  refusal,
  textAttr,
  weights,
} from "./build-model.js";
import { onnxruntime } from "../onnxruntime.js";
import { random } from "./damage.js";

const ort = await onnxruntime();

interface Case {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly onnx.INodeProto[];
  /** Shape of each f32 input, in order x, a, b, ... as the nodes name them. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly weights?: readonly onnx.ITensorProto[];
  /** Element types of outputs that are not f32. */
  readonly outputs: Readonly<Record<string, number>>;
  /** Hide the ranks: the fallbacks that need none must mean the same. */
  readonly unranked?: boolean;
}

const i64 = (name: string, dims: number[], values: number[]): onnx.ITensorProto => ({ name, dims, dataType: 7, int64Data: values });
const f32 = 1;
const one = (opset: number, opType: string, attrs: onnx.IAttributeProto[], x: number[], more: Partial<Case> = {}): Case => ({
  name: `${opType}-${opset}${more.name ? ` ${more.name}` : ""}`,
  opset,
  nodes: [node(opType, ["x", ...(more.weights ?? []).map((w) => w.name as string)], ["y"], attrs)],
  inputs: { x },
  outputs: { y: f32 },
  ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== "name")),
});

const softmaxes = ["Softmax", "LogSoftmax", "Hardmax"].flatMap((op) => [
  one(11, op, [], [2, 3, 4], { name: "default axis" }),
  one(11, op, [intAttr("axis", 2)], [2, 3, 4], { name: "last axis" }),
  one(11, op, [intAttr("axis", 0)], [2, 3, 4], { name: "first axis" }),
  one(11, op, [intAttr("axis", 1)], [2, 3, 4], { name: "unknown rank", unranked: true }),
]);

const reductions = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"].flatMap((fn) => [
  one(11, `Reduce${fn}`, [intsAttr("axes", [1]), intAttr("keepdims", 0)], [2, 3, 4]),
  one(11, `Reduce${fn}`, [], [2, 3], { name: "of everything" }),
]);

const bn = [weights("s", [3], [1, 2, 3]), weights("o", [3], [0, 1, 2]), weights("m", [3], [0.1, 0.2, 0.3]), weights("v", [3], [1, 2, 3])];

const scanBody: onnx.IGraphProto = {
  name: "body",
  input: [info("sum", [2]), info("next", [2])],
  output: [info("total", [2]), info("partial", [2])],
  node: [node("Add", ["sum", "next"], ["total"]), node("Identity", ["total"], ["partial"])],
};

const cases: readonly Case[] = [
  ...softmaxes,
  ...reductions,
  one(7, "Clip", [floatAttr("min", -0.2), floatAttr("max", 0.3)], [2, 3]),
  one(7, "Clip", [floatAttr("max", 0.3)], [2, 3], { name: "one limit, unknown rank", unranked: true }),
  one(9, "Pad", [intsAttr("pads", [0, 1, 2, 0]), floatAttr("value", 1.5)], [2, 3]),
  one(9, "Pad", [intsAttr("pads", [0, 1, 1, 0]), textAttr("mode", "reflect")], [2, 3]),
  one(9, "Slice", [intsAttr("starts", [1, -2]), intsAttr("ends", [9, 3]), intsAttr("axes", [1, 0])], [3, 4]),
  one(9, "Slice", [intsAttr("starts", [1, 1]), intsAttr("ends", [9, 3])], [3, 4], { name: "without axes" }),
  one(9, "TopK", [intAttr("k", 2)], [3, 5], { nodes: [node("TopK", ["x"], ["y", "at"], [intAttr("k", 2)])], outputs: { y: f32, at: 7 } }),
  one(10, "TopK", [], [3, 5], {
    nodes: [node("TopK", ["x", "k"], ["y", "at"], [intAttr("axis", 0)])],
    weights: [i64("k", [1], [2])],
    outputs: { y: f32, at: 7 },
  }),
  one(11, "Split", [], [4, 3], { nodes: [node("Split", ["x"], ["y", "z"], [intsAttr("split", [1, 3])])], outputs: { y: f32, z: f32 } }),
  one(11, "Split", [], [4, 3], { name: "in equal parts", nodes: [node("Split", ["x"], ["y", "z"])], outputs: { y: f32, z: f32 } }),
  one(13, "Split", [], [4, 3], { name: "in equal parts", nodes: [node("Split", ["x"], ["y", "z"])], outputs: { y: f32, z: f32 } }),
  one(11, "Squeeze", [intsAttr("axes", [0, 2])], [1, 3, 1, 2]),
  one(11, "Squeeze", [], [1, 3, 1, 2], { name: "of everything" }),
  one(11, "Unsqueeze", [intsAttr("axes", [0, 3])], [3, 2]),
  one(7, "Upsample", [floatsAttr("scales", [1, 1, 2, 3])], [1, 2, 2, 2]),
  one(7, "Upsample", [floatsAttr("scales", [1, 1, 2, 2]), textAttr("mode", "linear")], [1, 2, 3, 3]),
  one(9, "Upsample", [], [1, 1, 2, 3], { weights: [weights("k", [4], [1, 1, 2, 1])] }),
  one(10, "Resize", [], [1, 1, 5, 4], { weights: [weights("k", [4], [1, 1, 0.6, 1.5])] }),
  one(10, "Resize", [], [1, 1, 5, 4], { name: "shrinking", weights: [weights("k", [4], [1, 1, 0.6, 0.5])] }),
  one(10, "Resize", [], [1, 1, 3, 5], {
    name: "by computed scales",
    nodes: [node("Mul", ["h", "h"], ["k"]), node("Resize", ["x", "k"], ["y"])],
    weights: [weights("h", [4], [1, 1, 1.5, 0.7])],
  }),
  one(10, "Resize", [textAttr("mode", "linear")], [1, 1, 5, 4], { weights: [weights("k", [4], [1, 1, 0.6, 1.5])] }),
  one(11, "Resize", [textAttr("coordinate_transformation_mode", "tf_half_pixel_for_nn"), textAttr("nearest_mode", "floor")], [1, 1, 5, 4], {
    weights: [weights("roi", [0], []), weights("k", [4], [1, 1, 0.6, 1.5])],
  }),
  one(11, "Resize", [], [1, 1, 4, 4], { weights: [weights("roi", [0], []), weights("k", [0], []), i64("n", [4], [1, 1, 7, 3])] }),
  one(7, "Dropout", [floatAttr("ratio", 0.3)], [2, 3]),
  one(7, "BatchNormalization", [floatAttr("epsilon", 1e-3)], [2, 3, 4], { weights: bn }),
  one(9, "BatchNormalization", [], [2, 3, 4], { weights: bn }),
  one(9, "Scatter", [intAttr("axis", 1)], [2, 3], { weights: [i64("i", [1, 2], [2, 0]), weights("u", [1, 2], [9, 8])] }),
  one(16, "GridSample", [textAttr("mode", "bilinear")], [1, 1, 3, 3], {
    weights: [weights("g", [1, 2, 2, 2], [-0.5, 0.5, 0, 0, 0.3, -0.9, 1, 1])],
  }),
  one(16, "GridSample", [textAttr("mode", "bicubic")], [1, 1, 4, 4], {
    weights: [weights("g", [1, 2, 2, 2], [-0.5, 0.5, 0, 0, 0.3, -0.9, 0.5, 0.1])],
  }),
  one(17, "DFT", [intAttr("axis", 1)], [1, 4, 3, 1]),
  one(18, "GroupNormalization", [intAttr("num_groups", 2)], [2, 4, 3], {
    weights: [weights("s", [2], [1, 2]), weights("o", [2], [0.5, -1])],
  }),
  one(7, "Gemm", [intAttr("transB", 1)], [2, 3], {
    weights: [weights("w", [4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3]), weights("o", [4], [1, 2, 3, 4])],
  }),
  one(8, "Scan", [], [2, 3, 2], {
    nodes: [node("Scan", ["", "start", "x"], ["y", "z"], [graphAttr("body", scanBody), intAttr("num_scan_inputs", 1)])],
    weights: [weights("start", [2, 2], [1, 2, 3, 4])],
    outputs: { y: f32, z: f32 },
  }),
];

function modelOf(c: Case): Uint8Array {
  return modelBytes({
    opset: c.opset,
    graph: {
      input: Object.entries(c.inputs).map(([name, dims]) => info(name, c.unranked ? undefined : [...dims])),
      output: Object.entries(c.outputs).map(([name, type]) => info(name, undefined, type)),
      initializer: [...(c.weights ?? [])],
      node: [...c.nodes],
    },
  });
}

async function run(bytes: Uint8Array, c: Case): Promise<unknown> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 });
  const next = random(7);
  const feeds = Object.fromEntries(
    Object.entries(c.inputs).map(([name, dims]) => {
      const count = dims.reduce((a, b) => a * b, 1);
      return [
        name,
        new ort.Tensor(
          "float32",
          Float32Array.from({ length: count }, () => next() * 2 - 1),
          dims,
        ),
      ];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.keys(c.outputs).map((name) => [
      name,
      {
        dims: results[name].dims,
        data: Array.from(results[name].data as Float32Array, (v) => (typeof v === "number" ? Number(v.toPrecision(5)) : `${v}`)),
      },
    ]),
  );
}

describe("an old form means the same as the new one", () => {
  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    const bytes = modelOf(c);
    const { graph } = importOnnx(bytesSource(bytes), noOptions);
    expect(await run(Buffer.concat([...exportOnnx(graph)]), c)).toEqual(await run(bytes, c));
  });
});

describe("an old form is said again in its own opset", () => {
  // What the newest opset says of them has no words in theirs; of Resize only until its scales are folded.
  const raised: readonly string[] = ["Scan-8", "Resize-10", "Resize-10 by computed scales"];

  test.each(cases.filter((c) => !c.unranked).map((c) => [c.name, c] as const))("%s", async (name, c) => {
    const bytes = modelOf(c);
    const { graph } = inferGraph(importOnnx(bytesSource(bytes), noOptions).graph, catalogue);
    const said = (): Uint8Array => Buffer.concat([...exportOnnx(graph, { opset: c.opset })]);
    if (refusal(said).length > 0) return expect(raised).toContain(name);
    expect(await run(said(), c)).toEqual(await run(bytes, c));
  });
});

describe("forms too old for onnxruntime", () => {
  const upgraded = (opset: number, nodes: onnx.INodeProto[], inputs: onnx.IValueInfoProto[], initializer: onnx.ITensorProto[] = []) =>
    sketch(importModelSpec({ opset, irVersion: 3, graph: { input: inputs, output: [info("y")], node: nodes, initializer } }).graph);

  test("a broadcast axis becomes trailing dims", () => {
    const add = node("Add", ["x", "b"], ["y"], [intAttr("broadcast", 1), intAttr("axis", 1)]);
    expect(upgraded(6, [add], [info("x", [2, 3, 4]), info("b", [3])])).toBe(
      "y'2 = Unsqueeze(b, y')\ny = Add(x, y'2)".replace("y'2", "y''").replace("y'2", "y''"),
    );
  });

  test("a broadcast without an axis is numpy's", () => {
    expect(upgraded(6, [node("Mul", ["x", "b"], ["y"], [intAttr("broadcast", 1)])], [info("x", [2, 3]), info("b", [3])])).toBe(
      "y = Mul(x, b)",
    );
  });

  test("a broadcast axis needs the ranks", () => {
    const add = node("Add", ["x", "b"], ["y"], [intAttr("broadcast", 1), intAttr("axis", 1)]);
    expect(refusal(() => upgraded(6, [add], [info("x"), info("b", [3])]))).toEqual(["opset-upgrade"]);
  });

  test("a slope per channel gets trailing dims", () => {
    expect(upgraded(6, [node("PRelu", ["x", "s"], ["y"])], [info("x", [1, 3, 4, 4]), info("s", [3])])).toContain("Unsqueeze(s");
  });

  test("is_test tells inference from training", () => {
    const inputs = ["x", "s", "o", "m", "v"].map((n) => info(n, n === "x" ? [2, 3, 4] : [3]));
    const bn = (isTest: number) => node("BatchNormalization", ["x", "s", "o", "m", "v"], ["y"], [intAttr("is_test", isTest)]);
    expect(upgraded(6, [bn(1)], inputs)).toBe("y = BatchNormalization(x, s, o, m, v)");
    expect(upgraded(6, [bn(0)], inputs)).toBe("y = BatchNormalization(x, s, o, m, v, training_mode=1)");
  });

  test("statistics per activation become arithmetic", () => {
    const inputs = ["x", "s", "o", "m", "v"].map((n) => info(n, n === "x" ? [2, 3, 4] : [3, 4]));
    const text = upgraded(7, [node("BatchNormalization", ["x", "s", "o", "m", "v"], ["y"], [intAttr("spatial", 0)])], inputs);
    expect(text.split("\n").map((l) => /= (\w+)/.exec(l)?.[1])).toEqual(["Add", "Sub", "Sqrt", "Div", "Mul", "Add"]);
  });

  test("Reshape, Cast and Tile of opset 1", () => {
    const x = info("x", [2, 3]);
    expect(upgraded(4, [node("Reshape", ["x"], ["y"], [intsAttr("shape", [3, 2])])], [x])).toBe("y = Reshape(x, y')");
    expect(upgraded(5, [node("Cast", ["x"], ["y"], [textAttr("to", "INT64")])], [x])).toBe("y = Cast(x, to=7)");
    expect(upgraded(5, [node("Tile", ["x", "n", "k"], ["y"])], [x], [weights("n", [1], [2]), weights("k", [1], [1])])).toBe(
      "y = Tile(x, y')",
    );
    expect(upgraded(5, [node("Upsample", ["x"], ["y"], [floatAttr("height_scale", 2), floatAttr("width_scale", 2)])], [x])).toContain(
      '= Resize(x, _, y\', mode="nearest"',
    );
  });

  test("limits are spelled in the type they limit", () => {
    const clip = node("Clip", ["x"], ["y"], [floatAttr("min", 0.5), floatAttr("max", 6)]);
    const limits = (type: number) => [
      ...importModelSpec({
        opset: 6,
        graph: { input: [info("x", [2], type)], output: [info("y")], node: [clip] },
      }).graph.constants.values(),
    ];
    expect(limits(10).map((d) => [d.dtype, ...d.load().data])).toEqual([["f16", 0x3800], ["f16", 0x4600]]); // prettier-ignore
    expect(limits(11).map((d) => [d.dtype, ...d.load().data])).toEqual([["f64", 0.5], ["f64", 6]]); // prettier-ignore
  });

  test("sequence lengths of Scan-8 are refused", () => {
    const scan = node(
      "Scan",
      ["n", "x"],
      ["y"],
      [
        graphAttr("body", { name: "b", input: [info("e")], output: [info("f")], node: [node("Neg", ["e"], ["f"])] }),
        intAttr("num_scan_inputs", 1),
      ],
    );
    expect(refusal(() => upgraded(8, [scan], [info("n", [2], 7), info("x", [2, 3])]))).toEqual(["opset-upgrade"]);
  });
});

const schemas = new URL("../../../shared/facts/onnx/schemas.json", import.meta.url);

interface Schema {
  readonly domain: string;
  readonly name: string;
  readonly since: number;
  readonly inputs: readonly { readonly name: string; readonly option?: string }[];
  readonly attributes: readonly { readonly name: string; readonly type: string; readonly required?: boolean; readonly default?: unknown }[];
}

/** Old forms that are valid new forms as they stand, with the reason. */
const compatible: Readonly<Record<string, string>> = {
  Shape: "start defaults to 0",
  Constant: "becomes a constant whatever its attribute",
};

/** The versions of every operator of ai.onnx, oldest first. */
function versionsByName(): ReadonlyMap<string, readonly Schema[]> {
  const all = (JSON.parse(readFileSync(schemas, "utf8")) as { operators: Schema[] }).operators.filter((o) => o.domain === "ai.onnx");
  const byName = new Map<string, Schema[]>();
  for (const o of all)
    byName.set(
      o.name,
      [...(byName.get(o.name) ?? []), o].sort((a, b) => a.since - b.since),
    );
  return byName;
}

describe.skipIf(!existsSync(schemas))("the table against the standard's schemas", () => {
  test("every attribute that went, became an input or changed its default has a step", () => {
    const missing: string[] = [];
    for (const [name, versions] of versionsByName()) {
      for (let i = 1; i < versions.length; i++) {
        const [old, now] = [versions[i - 1], versions[i]];
        if (now.since <= 6 || now.attributes.length + now.inputs.length === 0 || name in compatible) continue;
        const gone = old.attributes.filter((a) => !now.attributes.some((b) => b.name === a.name));
        const moved = old.attributes.filter((a) =>
          now.attributes.some((b) => b.name === a.name && JSON.stringify(b.default) !== JSON.stringify(a.default)),
        );
        const demanded = now.attributes.filter((a) => a.required && !old.attributes.some((b) => b.name === a.name));
        if (gone.length + moved.length + demanded.length === 0) continue;
        const steps = Object.hasOwn(upgrades, name) ? upgrades[name] : [];
        if (!steps.some((s) => s.before >= now.since))
          missing.push(`${name}-${old.since} -> ${now.since}: ${[...gone, ...moved, ...demanded].map((a) => a.name)}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test("steps are in order of version", () => {
    for (const [name, steps] of Object.entries(upgrades))
      expect(
        [...steps].sort((a, b) => a.before - b.before),
        name,
      ).toEqual(steps);
  });

  test("every operator of the table exists, and its steps fall on versions it has", () => {
    const byName = versionsByName();
    for (const [name, steps] of Object.entries(upgrades)) {
      const versions = byName.get(name)?.map((s) => s.since) ?? [];
      expect(versions.length, name).toBeGreaterThan(0);
      for (const { before } of steps) if (Number.isFinite(before)) expect(versions, `${name} before ${before}`).toContain(before);
    }
  });
});

/** A graph is written in the opset that it came with: every conformance case, small refusals, and the table of versions. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadModel, type LoadedModel } from "../../src/driver/load.js";
import { optimize } from "../../src/api/optimize.js";
import { quantize } from "../../src/api/quantize.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { dtypes, type DType } from "../../src/base/dtype.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { canonical } from "../../src/ir/text/print.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { typesSince, versions } from "../../src/onnx/export/versions.js";
import { readModel } from "../../src/onnx/bytes/model.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { onnxruntime } from "../onnxruntime.js";
import { info, intAttr, modelBytes, node, textAttr, weights } from "./build-model.js";
import { havePacks, packFiles, packNames } from "./packs.js";

const written = ({ graph }: LoadedModel, opset: number): Uint8Array => Buffer.concat([...exportOnnx(graph, { opset })]);
const opsetOf = (bytes: Uint8Array): number | undefined => readModel(bytesSource(bytes)).opsets.get("");

async function opened(bytes: Uint8Array): Promise<boolean> {
  const ort = await onnxruntime();
  try {
    await (await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 })).release();
    return true;
  } catch {
    return false;
  }
}

/** Undefined for a model that is refused, whatever the reason. */
async function loaded(bytes: Uint8Array): Promise<LoadedModel | undefined> {
  return loadModel(bytes, {}).catch(() => undefined);
}

describe.skipIf(!havePacks)("the conformance cases", () => {
  // Tests of onnx itself; PORTOLAN_FULL=1 takes every one.
  const every = process.env.PORTOLAN_FULL ? 1 : 8;

  test("are written at their own opset, read back as they were, and load in onnxruntime where they did", async () => {
    const [odd, notLoaded, raised]: [string[], string[], string[]] = [[], [], []];
    let equal = 0;
    for (const pack of packNames)
      for (const [i, [path, bytes]] of [...packFiles(pack)].filter(([p]) => p.endsWith("model.onnx")).entries()) {
        const model = i % every === 0 ? await loaded(bytes) : undefined;
        const own = model && opsetOf(bytes);
        if (!model || own === undefined) continue;
        // Scan-8 had a batch axis, which no later form has.
        const said = ((): Uint8Array | undefined => {
          try {
            return written(model, own);
          } catch {
            return void raised.push(path);
          }
        })();
        if (!said) continue;
        const again = await loadModel(said, {});
        expect(canonical(await loadModel(written(again, own), {}).then((m) => m.graph)), path).toBe(canonical(again.graph));
        if (canonical(again.graph) === canonical(model.graph)) equal++;
        else odd.push(path);
        if ((await opened(bytes)) && !(await opened(said))) notLoaded.push(path);
      }
    expect(notLoaded).toEqual([]);
    expect(raised.filter((p) => !p.includes("scan_sum"))).toEqual([]);
    // A mask that nobody reads is left out, and so is an `allowzero` where no extent can be zero.
    expect(odd.filter((p) => !p.startsWith("light/"))).toEqual([]);
    expect(equal).toBeGreaterThan(1200 / every);
  });
});

const roi = modelBytes({
  opset: 10,
  graph: {
    input: [info("x", [1, 2, 4, 4]), info("r", [1, 4]), info("b", [1], 7)],
    output: [info("y", [1, 2, 1, 1])],
    node: [node("RoiAlign", ["x", "r", "b"], ["y"])],
  },
});

test("optimize keeps the opset, whatever is folded", async () => {
  const { optimized, ok } = await optimize(roi, {});
  expect([ok, optimized?.speech.opset]).toEqual([true, 10]);
  expect(await opened(Buffer.concat([...exportOnnx((optimized as NonNullable<typeof optimized>).graph, optimized?.speech)]))).toBe(true);
});

test("a result that onnxruntime does not take is not kept", async () => {
  const { ok, diagnostics } = await optimize(roi, { opset: 26 });
  expect([ok, diagnostics.at(-1)?.code, diagnostics.at(-1)?.message]).toEqual([
    false,
    "unsupported-opset",
    expect.stringContaining("RoiAlign"),
  ]);
});

test("an operator may be called what every object has", async () => {
  const graph = { input: [info("x", [2])], output: [info("y", [2])], node: [node("constructor", ["x"], ["y"])] };
  expect((await optimize(modelBytes({ graph }), {})).ok).toBe(true);
});

test("what an opset cannot say is refused by name, all of it", async () => {
  const graph = {
    input: [info("x", [2, 4])],
    output: [info("y"), info("z")],
    node: [node("HardSwish", ["x"], ["y"]), node("ScatterElements", ["x", "i", "x"], ["z"], [textAttr("reduction", "add")])],
    initializer: [{ name: "i", dims: [2, 4], dataType: 7, int64Data: new Array<number>(8).fill(0) }],
  };
  const { diagnostics } = await optimize(modelBytes({ opset: 18, graph }), { opset: 9 });
  expect(diagnostics.map((d) => [d.code, /HardSwish|ScatterElements/.exec(d.message)?.[0]])).toEqual([
    ["unsupported-opset", "HardSwish"],
    ["unsupported-opset", "ScatterElements"],
  ]);
});

test("where the own opset has no words the next one is taken, and that is said", async () => {
  const softmax = node("Softmax", ["x"], ["y"], [intAttr("axis", 0)]);
  const scan = {
    name: "body",
    input: [info("s", [2]), info("e", [2])],
    output: [info("t", [2]), info("f", [2])],
    node: [node("Add", ["s", "e"], ["t"]), node("Identity", ["t"], ["f"])],
  };
  const nodes = [
    softmax,
    node("Scan", ["", "start", "y"], ["z", "w"], [{ name: "body", type: 5, g: scan }, intAttr("num_scan_inputs", 1)]),
  ];
  const graph = {
    input: [info("x", [2, 3, 2])],
    output: [info("z"), info("w")],
    node: nodes,
    initializer: [weights("start", [2, 2], [1, 2, 3, 4])],
  };
  const { optimized, diagnostics } = await optimize(modelBytes({ opset: 8, graph }), { check: 1 });
  expect([optimized?.speech.opset, diagnostics.map((d) => d.code), optimized?.checked?.every((f) => f.ok)]).toEqual([
    9,
    ["opset-raised"],
    true,
  ]);
});

const facts = new URL("../../../shared/facts/onnx/schemas.json", import.meta.url);

test.skipIf(!existsSync(facts))("the table of versions is the standard's", () => {
  interface Schema {
    readonly domain: string;
    readonly name: string;
    readonly since: number;
    readonly maxInputs: number | null;
    readonly attributes: readonly { readonly name: string }[];
  }
  const { operators } = JSON.parse(readFileSync(facts, "utf8")) as { operators: Schema[] };
  for (const o of operators.filter((s) => s.domain === "ai.onnx")) {
    const [, inputs, attributes] = versions[o.name].findLast(([since]) => since <= o.since) ?? [];
    const names = o.attributes.map((a) => a.name).sort();
    expect([inputs, attributes], `${o.name}-${o.since}`).toEqual([o.maxInputs ?? 0, names.join(" ")]);
  }
});

test.skipIf(!existsSync(facts))("so is the table of types that came later", () => {
  interface Schema {
    readonly domain: string;
    readonly name: string;
    readonly since: number;
    readonly typeConstraints: Readonly<Record<string, readonly string[]>>;
  }
  const { operators } = JSON.parse(readFileSync(facts, "utf8")) as { operators: Schema[] };
  for (const [op, types] of Object.entries(typesSince))
    for (const [dtype, since] of Object.entries(types)) {
      const name = dtypes[dtype as DType].onnxName;
      const having = operators.filter(
        (o) => o.domain === "ai.onnx" && o.name === op && Object.values(o.typeConstraints).flat().includes(name),
      );
      expect([op, dtype, Math.min(...having.map((o) => o.since))]).toEqual([op, dtype, since]);
    }
});

test("what is quantised from halves is written in the opset that has them", async () => {
  const text = "y = Conv(x: f16[1,3,8,8], w: f16[4,3,3,3]!)";
  const bytes = Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph, { opset: 13 })]);
  const { quantized, diagnostics } = await quantize(bytes, { calibration: { seed: 1, count: 1 } });
  expect([quantized?.speech.opset, diagnostics.map((d) => d.code)]).toEqual([19, ["opset-raised", "calibration-made-up"]]);
  expect(await opened(Buffer.concat([...exportOnnx((quantized as NonNullable<typeof quantized>).graph, quantized?.speech)]))).toBe(true);
});

/** The ten real models: optimised, exported and run by onnxruntime, they give what they gave. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { primitivePasses, runPasses } from "../../passes/pipeline.js";
import { bytesSource } from "../../src/base/byte-source.js";
import type { Tensor } from "../../src/base/tensor.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph, Node } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { print } from "../../src/ir/text/print.js";
import { setShapes } from "../../src/ir/rewrite/specialise.js";
import { verify } from "../../src/ir/verify.js";
import { countOps } from "../../src/ir/walk.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { onnxruntime } from "../onnxruntime.js";
import { feedsFor } from "../../bench/inputs.mjs";
import { modelFolder, models } from "../../bench/models.mjs";

/** Enough to pass through every layer. */
const smallShapes: Readonly<Record<string, number[]>> = {
  det: [1, 3, 64, 96],
  rec: [1, 3, 48, 64],
  cls: [1, 3, 48, 64],
  melspectrogram: [1, 2000],
};

type Feeds = ReadonlyMap<string, Tensor>;

function load(file: string): { bytes: Buffer; graph: Graph } | undefined {
  const path = join(modelFolder, file);
  if (!existsSync(path)) return void console.log(`skipped: no ${file} in .cache/models`);
  const bytes = readFileSync(path);
  return { bytes, graph: importOnnx(bytesSource(bytes, file), { catalogue, openBeside: () => undefined }).graph };
}

async function runOrt(bytes: Uint8Array, feeds: readonly Feeds[]): Promise<Float32Array[]> {
  const ort = await onnxruntime();
  const session = await ort.InferenceSession.create(bytes);
  const out: Float32Array[] = [];
  for (const feed of feeds) {
    const given = [...feed].map(([name, t]) => [name, new ort.Tensor("float32", t.data as Float32Array, t.shape)]);
    const results = await session.run(Object.fromEntries(given));
    out.push(...session.outputNames.map((n) => results[n].data as Float32Array));
  }
  await session.release();
  return out;
}

/** Largest absolute difference as a share of the range of the expected values over all runs. */
function errorOfRange(got: readonly Float32Array[], want: readonly Float32Array[]): number {
  let [lo, hi, worst] = [Infinity, -Infinity, 0];
  want.forEach((w, k) =>
    w.forEach((x, i) => {
      [lo, hi] = [Math.min(lo, x), Math.max(hi, x)];
      worst = Math.max(worst, Math.abs(x - got[k][i]));
    }),
  );
  return worst / (hi > lo ? hi - lo : Math.abs(hi) || 1);
}

function producerOf(graph: Graph, node: Node): Node | undefined {
  return graph.nodes.find((n) => n.outputs.includes(node.inputs[0]));
}

describe.each(models.map((m: { name: string; file: string }) => m))("$name", ({ name, file }) => {
  const loaded = load(file);
  if (!loaded) return test.skip("needs the model", () => undefined);
  const { bytes, graph } = loaded;
  const optimised = runPasses(graph, { catalogue });

  test("prints and parses back, as it came and optimised", () => {
    for (const g of [graph, optimised.graph]) expect(print(parse(print(g)))).toBe(print(g));
  });

  test("is sound, and no BatchNormalization stays behind a Conv", () => {
    expect(verify(optimised.graph, catalogue)).toEqual([]);
    const left = optimised.graph.nodes.filter(
      (n) => n.op === "BatchNormalization" && producerOf(optimised.graph, n)?.op.startsWith("Conv"),
    );
    expect(left).toEqual([]);
    console.log(`${name}: ${graph.nodes.length} nodes, optimised ${optimised.graph.nodes.length}`);
  });

  test("gives what it gave in onnxruntime", async () => {
    const feeds = feedsFor(name) as Feeds[];
    const exported = Buffer.concat([...exportOnnx(runPasses(graph, { catalogue, forExport: true }).graph)]);
    const error = errorOfRange(await runOrt(exported, feeds), await runOrt(bytes, feeds));
    console.log(`${name}: optimised differs by ${error.toExponential(1)} of the output range`);
    expect(error).toBeLessThanOrEqual(1e-5);
  });

  test("taken apart into primitives it computes the same, with symbols kept", () => {
    const typed = inferGraph(optimised.graph, catalogue);
    const whole = decompose(typed.graph, catalogue, () => false, typed);
    const tidy = runPasses(whole, { catalogue, passes: primitivePasses }).graph;
    expect(verify(tidy, catalogue)).toEqual([]);
    expect([...countOps(tidy).keys()].filter((op) => /^[A-Z]/.test(op))).toEqual([]);
    expect(tidy.symbols.map((s) => s.name)).toEqual(
      expect.arrayContaining(
        optimised.graph.inputs
          .flatMap((v) => (v.type.kind === "tensor" ? (v.type.shape ?? []) : []))
          .flatMap((d) => (typeof d === "number" ? [] : [`${d}`.replaceAll('"', "")])),
      ),
    );
    const shape = smallShapes[name] ?? (feedsFor(name) as Feeds[])[0].values().next().value?.shape;
    const run = (g: Graph): Float32Array[] => {
      const fixed = setShapes(g, new Map([[g.inputs[0].name, shape as number[]]]));
      const count = (shape as number[]).reduce((a, b) => a * b, 1);
      const x: Tensor = {
        dtype: "f32",
        shape: shape as number[],
        data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37) + Math.sin(i * 0.011)),
      };
      return [...evaluateGraph(fixed, catalogue, new Map([[fixed.inputs[0], x]])).values()].map((t) => t.data as Float32Array);
    };
    const error = errorOfRange(run(tidy), run(graph));
    expect(error).toBeLessThanOrEqual(1e-4);
  });
});

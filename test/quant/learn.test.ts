/** Levels from samples over a graph: in blocks, batch by batch, interrupted and gone on with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportOnnx } from "../../src/api/index.js";
import { fromNumbers } from "../../src/base/float-formats.js";
import { loadModel } from "../../src/driver/load.js";
import { Spool } from "../../src/host/spool.js";
import type { Event } from "../../src/driver/events.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import type { Graph } from "../../src/ir/graph.js";
import { Memory } from "../../src/quant/calibrate/memory.js";
import { givenSamples, type Samples } from "../../src/quant/calibrate/samples.js";
import { learnLevels } from "../../src/quant/learn.js";
import { productKey } from "../../src/quant/nearest.js";
import { inMemory } from "../../src/quant/shelf.js";
import { randomSource } from "../../src/verify/seeded.js";

const text = `
  a = MatMul(x: f32[5,64], w1: f32[64,24]!)
  b = Gemm(x, w2: f32[24,64]!, transB=1)
  s = Add(a, b)
  y = MatMul(s, w3: f32[24,16]!)
  return y`;
const model = Buffer.concat([...exportOnnx(inferGraph(parse(text), catalogue).graph)]);

const random = randomSource(3);
const rows = (): number[] => {
  const source = Array.from({ length: 8 }, () => random() - 0.5);
  return Array.from({ length: 320 }, (_, i) => source[i % 8] * (1 + (i % 5)) + 0.2 * (random() - 0.5));
};
const feeds = Array.from({ length: 12 }, () => new Map([["x", fromNumbers("f32", [5, 64], rows())]]));

const small = { together: 32, batchBytes: 8 * 32 * 32 };
const never = { isSkipped: () => false, group: 16, shelf: inMemory };

async function given(): Promise<{ loaded: Awaited<ReturnType<typeof loadModel>>; samples: Samples }> {
  const loaded = await loadModel(model, {});
  return { loaded, samples: givenSamples(loaded.graph, feeds) };
}

type Learnt = Awaited<ReturnType<typeof learnLevels>>;
const axes = { w1: 1, w2: 0, w3: 1 };
const held = (graph: Graph, { weights }: Learnt): readonly [string, PackedWeight][] =>
  [...graph.constants.keys()].flatMap((w) => {
    const packed = w.name in axes ? weights.get(productKey({ w, axis: axes[w.name as "w1"] })) : undefined;
    return packed ? [[w.name, packed] as [string, PackedWeight]] : [];
  });
const told = (graph: Graph, learnt: Learnt): readonly unknown[] =>
  held(graph, learnt).map(([name, p]) => [name, p.levels.load().data, p.scales.load().data]);

test("every weight gets levels, a block of columns at a time others than all at once", async () => {
  const { loaded, samples } = await given();
  const whole = await learnLevels(loaded.graph, samples, never);
  expect(held(loaded.graph, whole).map(([name, p]) => [name, p.n, p.k])).toEqual([["w1", 24, 64], ["w2", 24, 64], ["w3", 16, 24]]); // prettier-ignore
  const [w1] = [...loaded.graph.constants.keys()].filter((w) => w.name === "w1");
  expect(whole.weights.get(productKey({ w: w1, axis: 0 }))).toBeUndefined();
  const blocks = await learnLevels(loaded.graph, samples, { ...never, limits: small });
  expect(told(loaded.graph, blocks)).not.toEqual(told(loaded.graph, whole));
  expect(told(loaded.graph, blocks)[2]).toEqual(told(loaded.graph, whole)[2]);
});

test("interrupted, it goes on to the same levels; what is damaged is made again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-learn-"));
  try {
    const { loaded, samples } = await given();
    const learning = { ...never, limits: small };
    const want = told(loaded.graph, await learnLevels(loaded.graph, samples, learning));
    const stop = new AbortController();
    let batches = 0;
    const onEvent = (e: Event): void => {
      if (e.kind === "progress" && e.label === "choose levels" && ++batches === 2) stop.abort();
    };
    const [path, levels] = [join(folder, "kept"), join(folder, "kept.levels")];
    const keeping = (): Pick<Parameters<typeof learnLevels>[2], "memory" | "shelf"> => ({
      memory: new Memory(path, loaded),
      shelf: new Spool(levels),
    });
    const interrupted = learnLevels(loaded.graph, samples, { ...learning, ...keeping(), signal: stop.signal, onEvent });
    await expect(interrupted).rejects.toMatchObject({ name: "AbortError" });
    const goOn = async (): Promise<unknown> => {
      let runs = 0;
      const counted = (e: Event): void => {
        if (e.kind === "progress" && e.label === "learn levels") runs++;
      };
      const kept = keeping();
      expect(told(loaded.graph, await learnLevels(loaded.graph, samples, { ...learning, ...kept, onEvent: counted }))).toEqual(want);
      return [kept.memory?.resumed.get("learn levels"), runs];
    };
    const files = [path, levels].map((file) => [file, readFileSync(file)] as const);
    // Three batches of twelve samples, two of which were done.
    expect(await goOn()).toEqual([24, 12]);
    for (const [file, bytes] of files) writeFileSync(file, file === levels ? bytes.map((b, i) => (i === 5 ? b ^ 1 : b)) : bytes);
    expect(await goOn()).toEqual([undefined, 36]);
    for (const [file, bytes] of files) writeFileSync(file, bytes);
    rmSync(levels);
    expect(await goOn()).toEqual([undefined, 36]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("values that are no numbers leave the nearest levels, and are told", async () => {
  const { loaded } = await given();
  const broken = new Map([["x", fromNumbers("f32", [5, 64], new Float32Array(320).fill(NaN))]]);
  const learnt = await learnLevels(loaded.graph, givenSamples(loaded.graph, [...feeds, broken]), never);
  expect([held(loaded.graph, learnt).length, learnt.diagnostics.map((d) => [d.code, d.location?.tensor])]).toEqual([
    3,
    [
      ["calibration-not-finite", "x"],
      ["calibration-not-finite", "s"],
    ],
  ]);
});

/** What is copied, what is refused, and what stands on disk after a refusal, a replacement and an interruption. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repack, type RepackResult } from "../../../src/api/index.js";
import { tensorBytes } from "../../../src/base/safetensors.js";
import { checkpointOf, type Tensors } from "../../checkpoint/folders.js";
import { expectSame, someWeight } from "../formats/weights.js";
import { bias, checkpoint, four, gptqConfig, norm, out, refused, repacked, tensorsOf } from "./making.js";
import { readBack } from "./written.js";

describe("what is beside the layers", () => {
  const w = someWeight({ ...four, k: 128 });
  const others: Tensors = { "model.norm": norm, "model.layers.0.q_proj.bias": bias, ["__proto__"]: bias };

  test("is copied as it is, or left out", async () => {
    const folder = checkpoint("gptq", w, others);
    const { stored } = await readBack(await repacked(folder, "cann"));
    expect([...stored.keys()].sort()).toEqual([
      "__proto__",
      "model.layers.0.q_proj.antiquantScale",
      "model.layers.0.q_proj.bias",
      "model.layers.0.q_proj.weight",
      "model.norm",
    ]);
    const t = stored.get("model.norm")!;
    expect([t.type, t.shape, [...t.source.read(t.offset, t.length)]]).toEqual(["BF16", [5], [...tensorBytes(norm)]]);
    const alone = await readBack(await repacked(folder, "cann", { onlyQuantised: true }));
    expect([...alone.stored.keys()].every((name) => name.startsWith("model.layers.0.q_proj."))).toBe(true);
    expect(alone.stored.size).toBe(2);
  });

  test("keeps its name: no packed tensor takes it", async () => {
    const folder = checkpoint("gptq", w, { "model.layers.0.q_proj.weight": bias });
    expect(await refused(folder, "cann")).toEqual(["checkpoint-layer"]);
    await repacked(folder, "cann", { onlyQuantised: true });
  });

  test("comes from every shard", async () => {
    const [a, b] = [someWeight({ ...four, zeros: true }), someWeight({ ...four, n: 32, k: 96, group: 64, zeros: true })];
    const { "m.b.scales": scales, ...rest } = tensorsOf("gptq", "m.b", b);
    const folder = checkpointOf(gptqConfig("gptq")(a), { ...tensorsOf("gptq", "m.a", a), "m.b.scales": scales }, { ...rest, norm });
    const { weights, stored } = await readBack(await repacked(folder, "onnx"));
    expectSame(weights.get("m.a")!, a);
    expectSame(weights.get("m.b")!, b);
    expect(stored.has("norm")).toBe(true);
  });
});

describe("layers that the target cannot say", () => {
  const [good, bad] = [someWeight({ ...four, k: 128 }), someWeight({ ...four, n: 32, k: 128, zeros: true })];
  const config = { ...gptqConfig(undefined)(good), sym: false };
  const folder = checkpointOf(config, { ...tensorsOf("gptq", "m.good", good), ...tensorsOf("gptq", "m.bad", bad), norm });

  test("end the work with every reason, and all layers are told", async () => {
    const result = await repack(folder, { target: "bang" });
    expect(result.diagnostics.map((d) => d.code)).toEqual(["layers-refused", "layout-zero-points"]);
    expect(result.diagnostics[1].message).toContain('layer "m.bad"');
    expect(result.repacked?.layers.map((l) => [l.layer, l.state, l.code])).toEqual([
      ["m.bad", "refused", "layout-zero-points"],
      ["m.good", "exact", undefined],
    ]);
    expect(await refused(folder, "bang")).toEqual(["layers-refused", "layout-zero-points"]);
  });

  test("stay as they are with partial, and are warnings", async () => {
    const output = out();
    const result: RepackResult = await repack(folder, { target: "bang", output, partial: true });
    expect([result.ok, result.diagnostics.map((d) => [d.severity, d.code])]).toEqual([true, [["warning", "layout-zero-points"]]]);
    const { description, stored, weights } = await readBack(output);
    expect(description.refused.map((r) => [r.layer, r.code])).toEqual([["m.bad", "layout-zero-points"]]);
    expectSame(weights.get("m.good")!, good);
    const source = tensorsOf("gptq", "m.bad", bad);
    for (const [name, { data }] of Object.entries(source)) {
      const t = stored.get(name)!;
      expect(Buffer.from(t.source.read(t.offset, t.length))).toEqual(Buffer.from((data as Int32Array).buffer));
    }
    expect(await refused(checkpointOf(config, tensorsOf("gptq", "m.bad", bad)), "bang", { partial: true })).toEqual([
      "layers-refused",
      "layout-zero-points",
    ]);
  });

  test("that are damaged end it with partial too", async () => {
    const { "m.bad.qzeros": q, ...rest } = tensorsOf("gptq", "m.bad", bad);
    const short = { ...q, shape: [1, q.shape[1]], data: (q.data as Int32Array).slice(0, q.shape[1]) };
    const broken = checkpointOf(config, { ...rest, "m.bad.qzeros": short, ...tensorsOf("gptq", "m.good", good) });
    expect(await refused(broken, "bang", { partial: true })).toEqual(["layout-tensors"]);
    const nan = someWeight({ ...four, scaleType: "f32" });
    nan.scales[3] = NaN;
    expect(await refused(checkpoint("gptq", nan), "cann")).toEqual(["scale-not-finite"]);
  });

  test("may be held in a wider layout, level by level", async () => {
    const w = someWeight({ ...four, zeros: true });
    const { weights } = await readBack(await repacked(checkpoint("gptq", w), "cann:Ascend310P3", { widen: true }));
    expectSame(weights.get("model.layers.0.q_proj")!, { ...w, bits: 8 });
    const three = someWeight({ bits: 3, n: 64, k: 96, group: 32 });
    expectSame((await readBack(await repacked(checkpoint("gptq", three), "cann", { widen: true }))).weights.get("model.layers.0.q_proj")!, {
      ...three,
      bits: 4,
    });
  });
});

test("chips without such a call are refused with those that have one", async () => {
  const folder = checkpoint("gptq", someWeight(four));
  for (const target of ["bang:MLU290", "kunlun:R200", "cann:Ascend310B1"])
    expect(await refused(folder, target)).toEqual(["no-weight-layout"]);
});

test("a file of the checkpoint is never replaced", async () => {
  const folder = checkpoint("gptq", someWeight(four));
  const output = join(folder, "model.safetensors");
  const before = readFileSync(output);
  expect((await repack(folder, { target: "cann", output })).diagnostics.map((d) => d.code)).toEqual(["output-exists"]);
  expect(readFileSync(output)).toEqual(before);
});

test("a cancelled call leaves what was there before", async () => {
  const output = out();
  writeFileSync(output, "before");
  const abort = new AbortController();
  const running = repack(checkpoint("gptq", someWeight(four)), {
    target: "cann",
    output,
    signal: abort.signal,
    onEvent: (e) => e.kind === "progress" && abort.abort(),
  });
  await expect(running).rejects.toThrow("abort");
  expect([readFileSync(output, "utf8"), readdirSync(dirname(output)), existsSync(`${output}.json`)]).toEqual([
    "before",
    ["w.safetensors"],
    false,
  ]);
});

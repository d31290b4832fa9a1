/** The public door as build pipelines use it: problems as data, typed events, cancellation, bundles kept in memory. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compile, importOnnx, optimize, type Event } from "../../src/api/index.js";
import { finishInTurns } from "../../src/host/turns.js";
import { finishNow, type Steps } from "../../src/base/steps.js";
import { goodModel } from "../cli/bad-models.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-api-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("importOnnx gives a typed graph and loads no weight", async () => {
  const { ok, loaded } = await importOnnx(goodModel());
  expect(ok).toBe(true);
  expect(loaded?.graph.inputs.map((v) => v.name)).toEqual(["x", "side"]);
});

test("without an output the bundle stays in memory, weights included", async () => {
  const before = readdirSync(folder);
  const { ok, compiled } = await compile(goodModel(), { target: "bang" });
  expect(ok).toBe(true);
  expect(compiled?.written).toEqual([]);
  const paths = compiled?.bundle.files.map((f) => f.path) ?? [];
  expect(paths).toContain("model.cpp");
  expect(paths.some((p) => p.endsWith(".safetensors"))).toBe(true);
  expect(readdirSync(folder)).toEqual(before);
});

test.each([
  ["bytes that are no model", new Uint8Array([0xff, 0xd8, 0xff]), {}, "model-not-onnx"],
  ["a path that is not there", join(folder, "none.onnx"), {}, "file-unreadable"],
  ["a wrong target", goodModel(), { target: "cuda" }, "unknown-target"],
  ["a wrong pass", goodModel(), { passes: ["+none"] }, "unknown-pass"],
  ["a wrong shape", goodModel(), { shapes: new Map([["x", [1]]]) }, "shape-rank"],
] as const)("compile answers %s with a result", async (_, model, options, code) => {
  const { ok, diagnostics } = await compile(model, { target: "cann", ...options });
  expect(ok).toBe(false);
  expect(diagnostics.map((d) => d.code)).toEqual([code]);
});

test("events tell phases, passes and files in their order", async () => {
  const events: Event[] = [];
  const output = join(folder, "events");
  await compile(goodModel(), { target: "kunlun", output, onEvent: (e) => events.push(e) });
  expect(events.filter((e) => e.kind === "phase").map((e) => e.name)).toEqual(["import", "optimise", "lower", "emit"]);
  expect(events.some((e) => e.kind === "pass" && e.name === "drop-dead")).toBe(true);
  expect(events.flatMap((e) => (e.kind === "artifact" ? [e.path] : [])).sort()).toEqual(
    (readdirSync(output, { recursive: true, withFileTypes: true }) as { isFile(): boolean; name: string; parentPath: string }[])
      .filter((e) => e.isFile())
      .map((e) => join(e.parentPath, e.name).slice(output.length + 1))
      .sort(),
  );
});

test.each(["import", "optimise", "lower", "emit"])("a call cancelled at %s rejects with AbortError and leaves nothing", async (phase) => {
  const cancel = new AbortController();
  const output = join(folder, "cancelled");
  const onEvent = (e: Event): void => {
    if (e.kind === "phase" && e.name === phase) cancel.abort();
  };
  await expect(compile(goodModel(), { target: "cann", output, signal: cancel.signal, onEvent })).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(readdirSync(folder).filter((f) => f === "cancelled" || f.startsWith("."))).toEqual([]);
});

test("optimize writes external data beside the model, and reads it back", async () => {
  const output = join(folder, "out.onnx");
  const { ok, optimized } = await optimize(goodModel(), {
    output,
    externalData: true,
    printAfter: ["drop-dead"],
    onPrint: () => undefined,
  });
  expect(ok).toBe(true);
  expect(optimized?.written.at(-1)).toBe(output);
  expect((await importOnnx(output)).ok).toBe(true);
});

test("steps run in one go and in turns; an abort unwinds them", async () => {
  const unwound: string[] = [];
  function* work(): Steps<number> {
    try {
      yield;
      return 7;
    } finally {
      unwound.push("done");
    }
  }
  expect(finishNow(work())).toBe(7);
  expect(await finishInTurns(work())).toBe(7);
  await expect(finishInTurns(work(), AbortSignal.abort())).rejects.toThrow();
  expect(unwound).toEqual(["done", "done", "done"]);
});

/**
 * Ctrl-C during the long synchronous parts: a real detector is stopped inside one phase, by compile as by verify. How
 * long a stretch without a turn of the event loop may be is measured in processor time, which other work on the machine
 * leaves alone.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile, verify, type Event } from "../../src/api/index.js";
import { compileSteps } from "../../src/driver/compile.js";
import { loadModel } from "../../src/driver/load.js";
import { chooseTarget } from "../../src/driver/targets.js";

const model = join(".cache", "models", "ch_PP-OCRv4_det_infer.onnx");
const shapes = new Map([["x", [1, 3, 64, 64]]]);
const there = existsSync(model);
if (!there) console.log(`skipped: no ${model}`);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-interrupt-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const calls = { compile, verify: (path: string, o: Parameters<typeof verify>[1]) => verify(path, { ...o, keep: join(folder, "kept") }) };

test.runIf(there).for(["compile", "verify"] as const)("%s stops within the phase it is in", async (name) => {
  const cancel = new AbortController();
  const phases: string[] = [];
  const onEvent = (e: Event): void => {
    if (e.kind !== "phase") return;
    phases.push(e.name);
    if (e.name === "lower") setTimeout(() => cancel.abort(), 60);
  };
  await expect(calls[name](model, { target: "bang", shapes, signal: cancel.signal, onEvent })).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(phases.at(-1)).toBe("lower");
  expect(readdirSync(folder)).toEqual([]);
});

/** A person does not notice 200 ms; slower machines than a desktop get twice that. */
const longestMs = 400;

test.runIf(there)("no step between two pauses takes long", async () => {
  const loaded = await loadModel(model, { shapes });
  const steps = compileSteps(loaded, await chooseTarget("bang"), "det", {});
  let longest = 0;
  for (let done = false; !done;) {
    const before = process.cpuUsage();
    done = steps.next().done ?? false;
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
  }
  expect(longest).toBeLessThan(longestMs);
});

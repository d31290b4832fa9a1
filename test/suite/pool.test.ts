/** The border between threads: a diagnostic stays one, and what a caller's handler throws reaches the caller. */
import { expect, test } from "vitest";
import type { runInThreads } from "../../src/suite/pool.js";
import type { SuiteCase } from "../../src/suite/cases.js";
import type { WorkerStart } from "../../src/suite/worker.js";

// Threads start from a file that node reads, so these are the built modules.
const built = (path: string): Promise<unknown> => import(new URL(`../../dist/src/${path}`, import.meta.url).href);
const pool = (await built("suite/pool.js")) as { runInThreads: typeof runInThreads };
const { DiagnosticError } = (await built("base/diagnostic.js")) as typeof import("../../src/base/diagnostic.js");

/** No model at all: it is refused before any program is built. */
const refused: SuiteCase = {
  name: "refused",
  model: Uint8Array.of(255),
  inputs: [],
  outputs: [],
  limits: { atol: 0, rtol: 0 },
  random: false,
};
const twin = { compiler: "", compilerVersion: "", library: "", prepare: "", includes: [], runtimeIncludes: [], kernelFlags: [], hash: "" };
const on = (name: string): WorkerStart => ({ targets: [{ name, twin }], settings: { seconds: 1 } });

test("a diagnostic from a thread is a diagnostic", async () => {
  const failure = await pool
    .runInThreads([[refused], [refused]], on("nowhere"), { threads: 2, settle: () => undefined })
    .catch((e: unknown) => e);
  expect(failure).toBeInstanceOf(DiagnosticError);
  expect(failure).toMatchObject({ diagnostics: [{ code: "unknown-target", severity: "error" }] });
});

test("an error of the caller's handler rejects", async () => {
  const settle = (): never => {
    throw new RangeError("the caller's own");
  };
  await expect(pool.runInThreads([[refused], [refused]], on("kunlun"), { threads: 2, settle })).rejects.toThrow("the caller's own");
});

test("outcomes come in the order of the groups", async () => {
  const groups = ["a", "b", "c"].map((name) => [{ ...refused, name }]);
  const counts: number[] = [];
  const outcomes = await pool.runInThreads(groups, on("kunlun"), { threads: 2, settle: (n) => counts.push(n) });
  expect(outcomes.map((o) => o.results.map((cases) => cases.map((c) => [c.name, c.status])))).toEqual([
    [[["a", "unsupported"]]],
    [[["b", "unsupported"]]],
    [[["c", "unsupported"]]],
  ]);
  expect(counts.reduce((a, b) => a + b)).toBe(3);
});

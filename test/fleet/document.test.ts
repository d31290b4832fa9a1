/** Shards and what is joined of them; what tasks, results and addresses of others are refused for. */
import { expect, test } from "vitest";
import { fleetDocument, mergeDocuments, shareOf, shardText, type Entry } from "../../src/fleet/document.js";
import { parseAddress } from "../../src/fleet/queue.js";
import { parseDocument, parseTaskFile } from "../../src/fleet/schema.js";
import { lasts, taskText, type Task } from "../../src/fleet/task.js";
import { shardOf } from "../../src/cli/worker.js";
import { refusal } from "../onnx/build-model.js";

const entries = Array.from({ length: 7 }, (_, i): Entry => ({ model: `m${i}`, sha256: "00", ok: i !== 3, diagnostics: [] }));
const whole = fleetDocument("compile", { target: "cann" }, entries, undefined);
const part = (index: number, of: number) => ({
  path: `${index}`,
  document: fleetDocument("compile", { target: "cann" }, shareOf(entries, { index, of }), shardText({ index, of })),
});

test("shards in any order are the whole", () => {
  expect(mergeDocuments([part(2, 3), part(0, 3), part(1, 3)])).toEqual(whole);
  expect(whole.ok).toBe(false);
});

test("what is no whole, or not of one question, is refused", () => {
  expect(refusal(() => mergeDocuments([part(0, 3), part(2, 3)]))).toEqual(["merge-incomplete"]);
  expect(refusal(() => mergeDocuments([part(0, 2), part(1, 3)]))).toEqual(["merge-incomplete"]);
  const other = { path: "b", document: fleetDocument("compile", { target: "bang" }, entries, undefined) };
  expect(refusal(() => mergeDocuments([{ path: "a", document: whole }, other]))).toEqual(["merge-mismatch"]);
  const differing = fleetDocument("compile", { target: "cann" }, [{ ...entries[0], ok: false }], undefined);
  expect(
    refusal(() =>
      mergeDocuments([
        { path: "a", document: whole },
        { path: "b", document: differing },
      ]),
    ),
  ).toEqual(["merge-mismatch"]);
});

const task: Task = {
  ...{ kind: "compile", model: "a/b.onnx", sha256: "0a", options: { target: "cann", dim: ["n=1"] } },
  data: [{ path: "w.bin", bytes: 4, ends: "0b", modified: 5, sha256: null }],
  portolan: { version: "0.1.0", code: "0c" },
};
const file = (one: unknown): string => JSON.stringify({ schemaVersion: 1, tasks: [one] });

test("a task survives its way through a file, whatever the order of its names", () => {
  const shuffled = Object.fromEntries(Object.entries(task).reverse());
  const [read] = parseTaskFile(file(shuffled), "t.json");
  expect(taskText(read)).toBe(taskText(task));
});

test.each([["../b.onnx"], ["/etc/passwd"], ["a/../../b.onnx"], ["C:\\b.onnx"], ["a\\..\\..\\b.onnx"]])(
  "a task for %s is refused: it leads out of the root",
  (model) => {
    expect(refusal(() => parseTaskFile(file({ ...task, model }), "t.json"))).toEqual(["bad-task-file"]);
    expect(refusal(() => parseTaskFile(file({ ...task, data: [{ ...task.data[0], path: model }] }), "t.json"))).toEqual(["bad-task-file"]);
  },
);

test("what is no task file or no result is refused", () => {
  expect(refusal(() => parseTaskFile("{", "t.json"))).toEqual(["bad-task-file"]);
  expect(refusal(() => parseTaskFile(file({ ...task, kind: "delete" }), "t.json"))).toEqual(["bad-task-file"]);
  expect(refusal(() => parseDocument(JSON.stringify({ ...whole, models: [{ model: "x" }] }), "r.json"))).toEqual(["bad-result-file"]);
});

test("what a target says of the machine does not last either", () => {
  const missing = { code: "twin-build-failed", severity: "error", message: "" } as const;
  expect(lasts({ ok: false, diagnostics: [], targets: [{ diagnostics: [missing] }] })).toBe(false);
  expect(lasts({ ok: false, diagnostics: [{ ...missing, code: "model-truncated" }] })).toBe(true);
});

test("schedulers number shares in their own way", () => {
  const numbered = (env: Record<string, string>, options = {}): unknown => shardOf({ options }, env);
  const slurm = { SLURM_ARRAY_TASK_ID: "12", SLURM_ARRAY_TASK_MIN: "10", SLURM_ARRAY_TASK_STEP: "2", SLURM_ARRAY_TASK_COUNT: "4" };
  expect(numbered(slurm)).toEqual({ index: 1, of: 4 });
  expect(numbered({ JOB_COMPLETION_INDEX: "0" }, { of: 3 })).toEqual({ index: 0, of: 3 });
  expect(numbered({ CI_NODE_INDEX: "3", CI_NODE_TOTAL: "3" })).toEqual({ index: 2, of: 3 });
  expect(numbered(slurm, { index: 0, of: 2 })).toEqual({ index: 0, of: 2 });
  expect(refusal(() => numbered({ JOB_COMPLETION_INDEX: "0" }))).toEqual(["missing-option"]);
  expect(refusal(() => numbered({}, { index: 2, of: 2 }))).toEqual(["bad-option"]);
});

test("an address is shown without its password, and refused without being repeated", () => {
  const { shown, options } = parseAddress("rediss://me:hunter%402@db.example:7000/3");
  expect(shown).toBe("rediss://db.example:7000/3");
  expect(options).toMatchObject({ host: "db.example", port: 7000, db: 3, username: "me", password: "hunter@2", tls: {} });
  for (const address of ["http://me:hunter2@db/0", "redis://me:hunter2@db/zero", "redis//me:hunter2@db"])
    expect(() => parseAddress(address)).toThrow(/^(?!.*hunter2)bad-option: --queue takes/);
});

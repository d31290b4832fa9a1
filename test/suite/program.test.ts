/** A program of many cases: what its cached build is known by, and what is said when it is the program that is at fault. */
import { onnx } from "onnx-proto";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { finishInTurns } from "../../src/host/turns.js";
import { runBatch } from "../../src/suite/batch.js";
import { compileCase } from "../../src/suite/group.js";
import { importSteps } from "../../src/suite/import.js";
import { programKey, programTexts, type CompiledCase } from "../../src/suite/program.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { textFile } from "../../src/emit/file.js";
import { twinLibrary, type TwinLibrary } from "../../src/verify/twin-library.js";
import { info, modelBytes, node, weights } from "../onnx/build-model.js";

const chosen = await chooseTarget("kunlun");

/** y = |x| of two numbers. */
async function compiled(name: string, prefix: string): Promise<CompiledCase> {
  const graph = { input: [info("x", [2])], output: [info("y", [2])], node: [node("Abs", ["x"], ["y"])] };
  const bytes = (values: number[]): Uint8Array => onnx.TensorProto.encode(weights("", [2], values)).finish();
  const test = {
    name,
    model: modelBytes({ graph }),
    inputs: [bytes([-1, 2])],
    outputs: [bytes([1, 2])],
    limits: { atol: 0, rtol: 0 },
    random: false,
  };
  const imported = await finishInTurns(importSteps(test));
  if ("status" in imported) throw new Error(imported.reason);
  const ready = await finishInTurns(compileCase(imported, chosen, prefix, { seconds: 10 }));
  if ("status" in ready) throw new Error(ready.reason);
  return ready;
}

const changed = (one: CompiledCase, path: RegExp, by: string): CompiledCase => ({
  ...one,
  files: one.files.map((f) => (path.test(f.path) ? textFile(f.path, Buffer.concat([...f.bytes()]).toString("utf8") + by) : f)),
});

const [a, b] = await Promise.all([compiled("a", "c0"), compiled("b", "c1")]);

const twin: TwinLibrary = {
  compiler: "g++",
  compilerVersion: "g++ 12.2",
  library: "libtwin.a",
  prepare: "prepare",
  includes: [],
  runtimeIncludes: [],
  kernelFlags: [],
  hash: "0",
};
const keyOf = (cases: readonly CompiledCase[], library = twin): string => programKey(programTexts(cases, chosen.target), library);

test("the key of a program is that of its text, wherever the work is done", async () => {
  expect(keyOf([a, b])).toBe(keyOf([await compiled("a", "c0"), b]));
  expect(keyOf([a, b], { ...twin, prepare: "elsewhere/prepare", library: "elsewhere/libtwin.a" })).toBe(keyOf([a, b]));
});

test("whatever decides the program changes its key", () => {
  const keys = [
    keyOf([a, b]),
    keyOf([b, a]),
    keyOf([a]),
    keyOf([changed(a, /^model\.h$/, " "), b]),
    keyOf([changed(a, /^model\.cpp$/, " "), b]),
    keyOf([changed(a, /^kernels\//, " "), b]),
    keyOf([{ ...a, emitted: { ...a.emitted, kernels: [] } }, b]),
    keyOf([{ ...a, emitted: { ...a.emitted, program: { ...a.emitted.program, prefix: "other" } } }, b]),
    keyOf([a, b], { ...twin, hash: "1" }),
    keyOf([a, b], { ...twin, compiler: "clang++" }),
    keyOf([a, b], { ...twin, compilerVersion: "g++ 13.1" }),
    programKey(programTexts([a, b], { ...chosen.target, launchHeaders: true }), twin),
    programKey(programTexts([a, b], { ...chosen.target, name: "other" }), twin),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test("where one text ends and the next begins changes the key", () => {
  const texts = (...pairs: [string, string][]): string => programKey(new Map(pairs), twin);
  expect(texts(["a", "bc"])).not.toBe(texts(["ab", "c"]));
});

/** Compiles once in a program, and not twice. */
const once = "\n#ifdef ONCE\n#error twice\n#endif\n#define ONCE\n";
const context = { target: chosen.target, seconds: 10 };

test("cases that clash in one program are built apart, and that is said", async () => {
  const cases = [a, changed(b, /^model\.cpp$/, once), changed(await compiled("c", "c2"), /^model\.cpp$/, once)];
  const outcome = await runBatch(cases, { ...context, twin: await twinLibrary(chosen.target, packageRoot) });
  expect(outcome.cases.map((c) => [c.name, c.status])).toEqual([
    ["a", "pass"],
    ["b", "pass"],
    ["c", "pass"],
  ]);
  expect(outcome.notes).toMatchObject([{ code: "suite-batch-clash", severity: "note" }]);
  expect(outcome.notes[0].message).toMatch(/^kunlun: 3 cases, "a" to "c", [^]*twice/);
});

test("a case at fault is named, and the program is not blamed", async () => {
  const cases = [a, changed(b, /^model\.cpp$/, "\n#error bad\n")];
  const outcome = await runBatch(cases, { ...context, twin: await twinLibrary(chosen.target, packageRoot) });
  expect(outcome.cases.map((c) => [c.name, c.status])).toEqual([
    ["a", "pass"],
    ["b", "crash"],
  ]);
  expect(outcome.cases[1].reason).toMatch(/^generated code does not compile: [^]*\b0\/model\.cpp:\d+:2: error: #error bad/);
  expect(outcome).toMatchObject({ unbuilt: 1, notes: [] });
});

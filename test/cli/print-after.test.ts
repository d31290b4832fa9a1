/** `compile --print-after` and `--stop-after`: the graph after any pass or stage, and an early end. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stageNames } from "../../passes/stages.js";
import { compile } from "../../src/api/compile.js";
import { parse } from "../../src/ir/text/parse.js";
import { print } from "../../src/ir/text/print.js";
import { parseProgram } from "../../src/program/text/parse.js";
import { printProgram } from "../../src/program/text/print.js";
import { modelBytes } from "../plan/compile-text.js";
import { portolan } from "./portolan.js";

const model = "p = MaxPool(x: f32[1,2,4,4], kernel_shape=[2, 2])\n i = Identity(p)\n y = Relu(i)";
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-print-"));
  writeFileSync(join(folder, "m.onnx"), modelBytes(model));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (words: string) => portolan(["compile", "m.onnx", ...words.split(" ")], { cwd: folder });

test("a graph is printed after a stage, reads back, and the call goes on", async () => {
  const { code, stdout } = await run("-t bang -o out --dry-run --print-after legalise");
  const [, first, second] = stdout.split(/^# after legalise\n/m);
  expect([code, first.includes("call bang::MaxPool(x' as [0, 2, 3, 1],"), second.includes("model.cpp")]).toEqual([0, true, true]);
  expect(print(parse(first))).toBe(first);
});

test("the program is printed before any of it is C++, and reads back", async () => {
  const { code, stdout } = await run("-t kunlun -o out --print-after program --stop-after program");
  const [, text] = /^# after program\n([^]*?)^#/m.exec(stdout) ?? [];
  expect([code, text.startsWith('program "m" prefix m for kunlun P800')]).toEqual([0, true]);
  expect(printProgram(parseProgram(text))).toBe(text);
});

test("the way ends after a stage, and nothing is written", async () => {
  const { code, stdout, stderr } = await run(
    "-t bang -o out --print-after drop-noops --print-after absorb-transposes --stop-after absorb-transposes",
  );
  expect([code, stderr, existsSync(join(folder, "out"))]).toEqual([0, "", false]);
  expect(stdout.match(/^#.*$/gm)).toEqual([
    "# after drop-noops",
    "# after drop-noops",
    "# after absorb-transposes",
    "# stopped after absorb-transposes; nothing is written for bang:MLU590",
  ]);
  expect(stdout).not.toContain("Identity");
});

test("an optimiser's pass may be the last one; with --json all is in one document, by target", async () => {
  const { code, stdout } = await run("-t bang,kunlun -o out --print-after fold-pad --stop-after fold-pad --json");
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    {
      ok: true,
      bundles: [],
      stopped: ["bang:MLU590", "kunlun:P800"],
      prints: [
        { target: "bang:MLU590", after: "fold-pad", text: expect.stringContaining("MaxPool") as unknown },
        { target: "kunlun:P800", after: "fold-pad" },
      ],
    },
  ]);
});

test.each([
  ["--print-after legalize", 'error[unknown-pass]: there is no pass "legalize" (did you mean "legalise"?)'],
  ["--stop-after own-output", 'error[unknown-pass]: there is no pass "own-output" (did you mean "own-outputs"?)'],
  ["--stop-after fold-pad --passes -fold-pad", 'error[pass-not-run]: nothing stops after "fold-pad": that pass does not run'],
])("%s is a usage error", async (words, said) => {
  const { code, stderr } = await run(`-t bang -o out ${words}`);
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
});

test("what is asked after the end is told", async () => {
  const { code, stderr } = await run("-t bang -o out --print-after own-outputs --stop-after legalise");
  expect([code, stderr]).toEqual([0, expect.stringContaining('warning[pass-not-run]: nothing is printed after "own-outputs"')]);
});

test("each stage can be printed after, and its text reads back", async () => {
  const prints = new Map<string, string>();
  const onPrint = (name: string, text: string): void => void prints.set(name, text);
  const result = await compile(modelBytes(model), { target: "cann", precision: "fp16", printAfter: stageNames, onPrint });
  expect([result.ok, result.diagnostics]).toEqual([true, []]);
  expect([...prints.keys()].sort()).toEqual([...stageNames].sort());
  for (const text of prints.values()) expect(print(parse(text))).toBe(text);
});

test("the api stops too, and checks the options' kinds", async () => {
  const stopped = await compile(modelBytes(model), { target: "bang", stopAfter: "decompose" });
  expect(stopped).toEqual({ ok: true, diagnostics: [], stoppedAfter: "decompose" });
  const loose = { target: "bang", stopAfter: 3, printAfter: "legalise" } as unknown as Parameters<typeof compile>[1];
  expect((await compile(modelBytes(model), loose)).diagnostics.map((d) => d.message)).toEqual([
    'option "stopAfter" must be a text, not 3',
    'option "printAfter" must be a list of a text, not "legalise"',
  ]);
});

test("what writes nothing needs no folder", async () => {
  expect((await run("-t bang --dry-run")).code).toBe(0);
  expect((await run("-t bang --stop-after legalise")).code).toBe(0);
});

/** Callers without types: what they misspell or give in another kind is refused, all of it, before any work. */
import { expect, test } from "vitest";
import { compile, importOnnx, optimize, verify } from "../../src/api/index.js";
import { suite } from "../../src/api/suite.js";
import { DiagnosticError, type Diagnostic } from "../../src/base/diagnostic.js";
import { goodModel } from "../cli/bad-models.js";

type Loose = (model: unknown, options: unknown) => Promise<{ readonly ok: boolean; readonly diagnostics: readonly Diagnostic[] }>;
const [loosely, checking, improving, reading] = [compile, verify, optimize, importOnnx] as unknown as Loose[];

const said = async (result: ReturnType<Loose>): Promise<string[]> => (await result).diagnostics.map((d) => `${d.code}: ${d.message}`);

test.each<[string, unknown, string]>([
  ["an unknown precision", { precision: "int8" }, 'bad-option: option "precision" must be "fp32" or "fp16", not "int8"'],
  ["an unknown preference", { prefer: "kernel" }, 'bad-option: option "prefer" must be "library" or "kernels", not "kernel"'],
  ["a misspelt name", { precison: "fp16" }, 'unknown-option: there is no option "precison" (did you mean "precision"?)'],
  ["a text for a list", { passes: "fold-pad" }, 'bad-option: option "passes" must be a list of a text, not "fold-pad"'],
  ["an object for a map", { shapes: { x: [1] } }, 'bad-option: option "shapes" must be a Map by name, not an object (Object)'],
  [
    "a number to freeze",
    { freeze: new Map([["x", 1]]) },
    'bad-option: option "freeze" must be a Map from names to tensors { dtype, shape, data }, not an object (Map)',
  ],
  ["a text for a flag", { withTwin: "no" }, 'bad-option: option "withTwin" must be true or false, not "no"'],
  ["no target", { target: undefined }, 'missing-option: option "target" is missing'],
])("compile refuses %s", async (_, options, message) => {
  expect(await said(loosely(goodModel(), { target: "bang", ...(options as object) }))).toEqual([message]);
});

test("all faults are told at once, and the other calls check theirs", async () => {
  const codes = async (result: ReturnType<Loose>) => (await result).diagnostics.map((d) => d.code);
  expect(await codes(loosely(goodModel(), { target: "bang", precision: 8, forse: true }))).toEqual(["bad-option", "unknown-option"]);
  expect(await codes(checking(goodModel(), { target: "bang", seed: -1, tolerance: { abs: 1 } }))).toEqual(["bad-option", "bad-option"]);
  expect(await codes(improving(goodModel(), { opset: "13", target: "bang" }))).toEqual(["bad-option", "unknown-option"]);
  expect(await codes(reading(goodModel(), { shape: new Map() }))).toEqual(["unknown-option"]);
  expect(await codes(loosely(42, { target: "bang" }))).toEqual(["bad-option"]);
  expect(await codes(loosely(goodModel(), "bang"))).toEqual(["bad-option"]);
  const loose = suite as unknown as (path: string, options: unknown) => Promise<unknown>;
  await expect(loose("nowhere", { target: "bang", limits: 3 })).rejects.toThrow(DiagnosticError);
  await expect(loose("nowhere", { target: "bang", limits: 3 })).rejects.toThrow('did you mean "limit"');
});

test("what is right passes", async () => {
  const options = { target: "bang", precision: "fp32", prefer: undefined, passes: [], dims: new Map(), onEvent: () => undefined };
  expect((await loosely(goodModel(), options)).ok).toBe(true);
});

/** `portolan assess` as a user meets it: tables in two languages, conditions, spreadsheets, traps and reports made again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../assess/models.js";
import { portolan } from "./portolan.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-assess-cli-"));
const [sound, strange] = [join(folder, "sound.onnx"), join(folder, "=strange.onnx")];
const english = { LC_ALL: "C" };

beforeAll(() => {
  writeFileSync(sound, operator("Relu"));
  writeFileSync(strange, operator("Strange", { domain: "com.nobody" }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the table is read in the language of the locale, or of --lang", async () => {
  const said = await Promise.all([
    portolan(["assess", sound, "-t", "P800"], { env: english }),
    portolan(["assess", sound, "-t", "P800"], { env: { LC_ALL: "zh_CN.UTF-8" } }),
    portolan(["assess", sound, "-t", "P800", "--lang", "zh"], { env: english }),
  ]);
  expect(said.map((s) => s.code)).toEqual([0, 0, 0]);
  expect(said[0].stdout).toContain("verdict");
  expect(said[1].stdout).toContain("结论");
  expect(said[2].stdout).toBe(said[1].stdout);
});

test.each([
  ["coverage<95", 1],
  ["coverage<60", 0],
  ["blocker", 1],
  ["unknown", 0],
  ["coverage<60,blocker", 1],
])("--fail-on %s of a model with an unknown operator ends with %d", async (condition, code) => {
  const ran = await portolan(["assess", strange, "-t", "910B2", "--fail-on", condition], { env: english });
  expect(ran.code).toBe(code);
  expect(ran.stderr.includes("assess-gate")).toBe(code === 1);
  expect(ran.stdout).toContain("needs kernels");
});

test("what rests on documents alone, or on nothing, is unknown; a card to compare with is no part of the port", async () => {
  const gated = async (chips: string): Promise<[number | null, string]> => {
    const { code, stderr } = await portolan(["assess", sound, "-t", chips, "--fail-on", "unknown"], { env: english });
    return [code, stderr];
  };
  for (const chip of ["950PR", "Ascend910A"]) expect(await gated(chip), chip).toEqual([1, expect.stringContaining("assess-gate")]);
  expect((await gated("910B2,A100,Hanguang 800"))[0]).toBe(0);
  expect(await gated("A100,Hanguang 800")).toEqual([1, expect.stringContaining("no code is generated for any chip")]);
});

test("a condition, a chip and a variant that are none are told", async () => {
  const said = async (...args: string[]): Promise<string> => (await portolan(["assess", sound, ...args], { env: english })).stderr;
  expect(await said("--fail-on", "sunshine")).toContain("bad-option");
  expect(await said("-t", "Ascend910B9")).toContain("unknown-chip");
  expect(await said("-t", "910B")).toContain("chip-alias");
  expect(await said("--what-if", "precision=fp7")).toContain("bad-option");
});

test("a spreadsheet begins with a byte order mark, and no name becomes a formula", async () => {
  const path = join(folder, "out.csv");
  await portolan(["assess", strange, "-t", "910B2,950PR", "--csv", path], { env: english });
  const text = readFileSync(path, "utf8");
  expect(text.startsWith("\ufeffmodel,chip,")).toBe(true);
  expect(text.split("\r\n")).toHaveLength(4);
  expect(text).toContain("'=strange,Ascend910B2");
});

test("a report is made again to the same bytes, and what differs is told", async () => {
  const path = join(folder, "report.json");
  const first = await portolan(["assess", sound, "-t", "910B2,P800", "--baseline", "A100", "--json"]);
  writeFileSync(path, first.stdout);
  const again = await portolan(["assess", sound, "--replay", path]);
  expect([again.code, again.stdout]).toEqual([0, first.stdout]);
  const other = await portolan(["assess", strange, "--replay", path], { env: english });
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("replay-differs")]);
  expect((await portolan(["assess", sound, "--replay", sound], { env: english })).stderr).toContain("bad-inputs");
  const old = join(folder, "old.json");
  writeFileSync(old, JSON.stringify({ schemaVersion: 1, kind: "model", generator: "portolan 0.0.9" }));
  const refused = await portolan(["assess", sound, "--replay", old], { env: english });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/layout 1, and this version writes layout 2[^]*portolan 0\.0\.9/),
  ]);
});

test("a broken model is a fault of the model", async () => {
  const path = join(folder, "broken.onnx");
  writeFileSync(path, "no model");
  expect((await portolan(["assess", path])).code).toBe(3);
});

test("names of targets, as compile takes them, stand for chips, and a chip that is named twice is one", async () => {
  const chipsOf = async (target: string): Promise<string[]> => {
    const { stdout } = await portolan(["assess", sound, "-t", target, "--json"]);
    return (JSON.parse(stdout) as { chips: { chip: string }[] }).chips.map((c) => c.chip);
  };
  expect(await chipsOf("bang")).toEqual(["MLU370-X8", "MLU590"]);
  expect(await chipsOf("cann:910B4,A2,910B2,cann:Ascend910B2")).toEqual(["Ascend910B4", "Ascend910B2"]);
});

test("no name steers the terminal", async () => {
  const path = join(folder, "hostile.onnx");
  writeFileSync(path, operator("Str\x1b[31m\u202eange", { domain: "com.nobody" }));
  const { stdout } = await portolan(["assess", path, "-t", "910B2"], { env: english });
  expect(stdout).toContain("Str\\x1b[31m\\u202eange");
  expect(stdout).not.toMatch(/\x1b|\u202e/);
});

test.each([
  ["--fail-on", "sunshine", "bad-option"],
  ["--what-if", "precision=fp7", "bad-option"],
  ["--precision", "fp7", "bad-option"],
  ["-t", "Ascend910B9", "unknown-chip"],
  ["--baseline", "B52", "unknown-chip"],
])("what is wrong with %s of many models is told once, before any of them", async (option, value, code) => {
  const ran = await portolan(["assess", sound, strange, option, value], { env: english });
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, "", expect.stringContaining(`error[${code}]`)]);
});

test("what worker and merge make of a plan are the bytes of one run", async () => {
  const at = (name: string): string => join(folder, name);
  const [shared, both] = [
    ["-t", "910B2"],
    [sound, strange],
  ];
  await portolan(["plan", ...both, "--kind", "assess", ...shared, "--root", folder, "-o", at("tasks.json")]);
  await portolan(["worker", "--tasks", at("tasks.json"), "--index", "0", "--of", "1", "--root", folder, "-o", at("parts")]);
  await portolan(["merge", at("parts/part-1-of-1.json"), "-o", at("merged.json")]);
  await portolan(["assess", ...both, ...shared, "--root", folder, "--results", at("whole.json")]);
  expect(readFileSync(at("merged.json"), "utf8")).toBe(readFileSync(at("whole.json"), "utf8"));
});

test("a figure of the user's own takes the place of what is published, and makes that no newer", async () => {
  const [set, config] = [join(folder, "lab.json"), join(folder, "config")];
  const env = { ...english, PORTOLAN_CONFIG: config };
  const of = { chip: "Ascend910B2", date: "2031-01-01", figures: { bandwidth: { value: 400 } } };
  writeFileSync(set, JSON.stringify({ schemaVersion: 1, label: "lab", chips: [of] }));
  type Told = { facts: object; chips: { performance: { seconds: { lo: number; hi: number }; notes: { key: string; with?: object }[] } }[] };
  const report = async (): Promise<Told> =>
    JSON.parse((await portolan(["assess", sound, "-t", "Ascend910B2", "--json"], { env })).stdout) as Told;
  const before = await report();
  expect((await portolan(["chips", "add", set], { env })).code).toBe(0);
  const after = await report();
  expect(after.facts).toEqual(before.facts);
  const contested = JSON.stringify(after.chips[0].performance.notes.filter((n) => n.key === "performance.contested"));
  expect(contested).not.toContain("field.bandwidth");
});

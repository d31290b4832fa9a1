/** What was typed wrong is a diagnostic like any other: a code, a way out, exit code 2, and a document with --json. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goodModel } from "./bad-models.js";
import { portolan } from "./portolan.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  writeFileSync(join(folder, "good.onnx"), goodModel());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const cases: readonly [line: string, code: string, says: string][] = [
  ["compile good.onnx -t bang", "missing-option", "'-o, --output <folder>' is missing"],
  ["compile -o out", "missing-argument", "'model' is missing"],
  ["inspect good.onnx second.onnx", "extra-argument", "too many arguments"],
  ["frobnicate", "unknown-command", "'frobnicate'"],
  ["kernel shw", "unknown-command", "Did you mean show?"],
  ["inspect good.onnx --text --ops", "bad-option", "cannot be used with"],
  ["compile good.onnx --targt cann -o out", "unknown-option", "Did you mean --target?"],
  ["compile good.onnx -t cann -o out --precision f16", "bad-option", 'did you mean "fp16"?'],
  ["compile good.onnx -t cann -o", "bad-option", "argument missing"],
  ["run good.onnx --inputs in.npz --repeat 0", "bad-option", "whole number of at least 1"],
];

describe.concurrent("each kind of mistake", () => {
  test.each(cases)("%s", async (line, code, says) => {
    const { code: exit, stdout, stderr } = await portolan(line.split(" "), { cwd: folder });
    expect(stderr).toContain(`error[${code}]: `);
    expect(stderr).toContain(says);
    expect(stderr).toContain("--help lists");
    expect([exit, stdout]).toEqual([2, ""]);
  });

  test.each(cases.filter(([line]) => !line.endsWith(" -o")))("%s --json", async (line, code, says) => {
    const { code: exit, stdout, stderr } = await portolan([...line.split(" "), "--json"], { cwd: folder });
    const document = JSON.parse(stdout) as { ok: boolean; diagnostics: { code: string; message: string }[] };
    expect(document).toMatchObject({ ok: false, diagnostics: [{ code }] });
    expect(document.diagnostics[0].message).toContain(says);
    expect([exit, stderr]).toEqual([2, ""]);
  });
});

test("a command that only groups others prints its help, and says what is missing", async () => {
  const { code, stderr } = await portolan(["kernel"]);
  expect(stderr).toMatch(/Usage: portolan kernel[^]+error\[missing-command\]: portolan kernel needs a command/);
  expect(code).toBe(2);
});

test("help says what a command is for, what it is given, and no default that is none", async () => {
  const { stdout } = await portolan(["compile", "--help"]);
  expect(stdout).toMatch(/Write a C\+\+ project for a chip\.[^]+model +the \.onnx file[^]+\(fp32, fp16; default fp32\)/);
  expect(stdout).not.toContain("[])");
});

test("explain without a code lists the codes", async () => {
  const { code, stdout } = await portolan(["explain"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^bad-shape +--shape is not in/m)]);
});

test("colours are for terminals, or asked for", async () => {
  const env = { NO_COLOR: "", CI: "true" };
  const line = ["inspect", "good.onnx", "--shape", "nobody:1"];
  expect((await portolan(line, { cwd: folder, env })).stderr).toMatch(/^error\[/);
  expect((await portolan([...line, "--color", "always"], { cwd: folder, env })).stderr).toMatch(/^\x1b\[31merror/);
});

test("help for a misspelt command names the near one", async () => {
  const { code, stderr } = await portolan(["help", "complie"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`error[unknown-command]: unknown command 'complie' (did you mean "compile"?)`),
  ]);
});

test("help and the version are no errors", async () => {
  expect(await portolan(["compile", "--help"])).toMatchObject({ code: 0, stderr: "" });
  expect(await portolan(["--version"])).toMatchObject({ code: 0, stderr: "" });
});

test("a suite without cases is refused on stderr, though --json names a file", async () => {
  const { code, stdout, stderr } = await portolan(["suite", folder, "--target", "bang", "--json", join(folder, "r.json")], { cwd: folder });
  expect(stderr).toContain("error[no-cases]: ");
  expect([code, stdout]).toEqual([2, ""]);
});

/**
 * What goes wrong for users, each through the real command line: its own diagnostic with place, reason and way out, the
 * documented exit code, no stack trace, and no file left behind.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portolan, type Ran } from "./portolan.js";
import { hostileNames, writeBadModels } from "./bad-models.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  writeBadModels(folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (line: string | readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> =>
  portolan(typeof line === "string" ? line.split(" ") : line, { cwd: folder, env });

interface Case {
  readonly line: string;
  readonly exit: number;
  readonly code: string;
  /** Texts the message, place, reason and way out must hold. */
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  { line: "inspect empty.onnx", exit: 3, code: "model-empty", says: ["empty.onnx", "0 bytes", "try: "] },
  { line: "inspect photo.onnx", exit: 3, code: "model-not-onnx", says: ["JPEG", "--> photo.onnx", "try: "] },
  { line: "inspect cut.onnx", exit: 3, code: "model-truncated", says: ["at byte 118", "why: ", "try: Fetch"] },
  { line: "inspect pointer.onnx", exit: 3, code: "model-git-lfs-pointer", says: ["git lfs pull"] },
  { line: "inspect nowhere.onnx", exit: 3, code: "file-unreadable", says: ["there is no such file", "try: "] },
  { line: "inspect .", exit: 3, code: "file-unreadable", says: ["is a folder", "try: "] },
  { line: "inspect missing.onnx", exit: 3, code: "external-data-missing", says: ['"w"', "weights.bin", "try: Put"] },
  { line: "inspect escaping.onnx", exit: 3, code: "external-data-escapes", says: ["../secret.bin", "why: ", "try: "] },
  { line: "inspect short.onnx", exit: 3, code: "external-data-short", says: ["0 to 64", "which has 3", "try: Fetch"] },
  {
    line: "inspect body.onnx",
    exit: 3,
    code: "extent-mismatch",
    says: ["3 is not 2", 'then_branch of If "choose"', 'else_branch of If "choose"', '--> body.onnx, node "yes_node"', "why: ", "try: "],
  },
  { line: "inspect cyclic.onnx", exit: 3, code: "graph-cyclic", says: ['"second" -> "first" -> "second"', "why: ", "try: "] },
  {
    line: "compile unknown.onnx -t cann -o out",
    exit: 4,
    code: "unsupported-op",
    says: ["com.example::Frobnicate", '--> unknown.onnx, node "frob"', "try: ", "--ops"],
  },
  { line: "compile misspelt.onnx -t cann -o out", exit: 4, code: "unsupported-op", says: ['did you mean "Softmax"?'] },
  {
    line: "compile good.onnx -t cann -o out --shape sid:2,3",
    exit: 2,
    code: "shape-unknown-input",
    says: ['did you mean "side"?', '"x", "side"'],
  },
  { line: "compile good.onnx -t cann -o out --shape x:1,4,4", exit: 2, code: "shape-rank", says: ["[n,4]", "--shape x:1,4"] },
  { line: "compile good.onnx -t cann -o out --shape x:1,5", exit: 2, code: "shape-conflict", says: ["extent 4 on axis 1", "5"] },
  { line: "compile good.onnx -t cann -o out --shape garbage", exit: 2, code: "bad-shape", says: ['"garbage"', "name:1,3,224,224"] },
  { line: "compile good.onnx -t cann -o out --shape x:1,-4", exit: 2, code: "bad-shape", says: ['"-4"', "try: "] },
  { line: "compile good.onnx -t cann -o out --dim m=2", exit: 2, code: "dim-unknown", says: ['did you mean "n"?', "try: "] },
  { line: "compile good.onnx -t cann -o out --dim m=2..9", exit: 2, code: "dim-unknown", says: ['did you mean "n"?'] },
  { line: "compile good.onnx -t cann -o out --dim n=9..2", exit: 2, code: "bad-dim", says: ["empty range", "n=2..9"] },
  { line: "compile good.onnx -t cann -o out --freeze sidee=3", exit: 2, code: "freeze-unknown-input", says: ['did you mean "side"?'] },
  { line: "compile good.onnx -t can -o out", exit: 2, code: "unknown-target", says: ['did you mean "cann"?', "cann, bang, kunlun"] },
  { line: "compile good.onnx -t cann:Ascend910B -o out", exit: 2, code: "unknown-chip", says: ['did you mean "Ascend910B2"?'] },
  { line: "compile good.onnx -o out", exit: 2, code: "missing-option", says: ["--target"] },
  { line: "compile good.onnx -t cann -o out --prefix a;b", exit: 2, code: "bad-prefix", says: ["C identifier", "try: "] },
  { line: "compile good.onnx -t cann -o a-file", exit: 2, code: "output-not-writable", says: ["--> a-file", "is a file", "try: "] },
  { line: "compile good.onnx -t cann -o a-file/out", exit: 2, code: "output-not-writable", says: ["a file stands", "try: "] },
  { line: "compile good.onnx -t cann -o .", exit: 2, code: "output-exists", says: ["manifest.json", "--force"] },
  { line: "optimize good.onnx -o /proc/nowhere/out.onnx", exit: 2, code: "output-not-writable", says: ["cannot be written", "try: "] },
  { line: "optimize good.onnx -o a-file/out.onnx", exit: 2, code: "output-not-writable", says: ["a file stands", "try: "] },
  {
    line: "optimize good.onnx -o out.onnx --passes +fold-batchnrm",
    exit: 2,
    code: "unknown-pass",
    says: ['did you mean "fold-batchnorm"?'],
  },
  { line: "verify good.onnx -t cann --inputs no.npz", exit: 2, code: "bad-inputs", says: ["no.npz", "seed:N"] },
  { line: "run . --inputs seed:0", exit: 3, code: "bundle-unreadable", says: ["manifest.json", "portolan compile"] },
  { line: "explain unsuported-op", exit: 2, code: "unknown-code", says: ['did you mean "unsupported-op"?'] },
];

describe.concurrent("each its own diagnostic", () => {
  test.each(cases)("$line", async ({ line, exit, code, says }) => {
    const { code: exited, stdout, stderr } = await run(line);
    expect(stderr).toContain(`error[${code}]: `);
    for (const text of says) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
    expect(stdout).toBe("");
    expect(exited).toBe(exit);
  });
});

test("nothing was written by any of them", () => {
  expect(readdirSync(folder).filter((f) => f.startsWith("out") || f.startsWith(".portolan"))).toEqual([]);
});

test("with --json the diagnostics are the document on stdout", async () => {
  const { code, stdout, stderr } = await run("inspect empty.onnx --json");
  const { ok, diagnostics } = JSON.parse(stdout) as { ok: boolean; diagnostics: { code: string }[] };
  expect([code, ok, diagnostics[0].code, stderr]).toEqual([3, false, "model-empty", ""]);
});

test("a file of formulas that is none is not told line by line", async () => {
  writeFileSync(join(folder, "prose.ts"), "what is this here\n".repeat(30));
  const { code, stderr } = await run("compile good.onnx -t cann -o out --ops prose.ts");
  expect([code, stderr.match(/^error/gm)?.length]).toEqual([2, 20]);
  expect(stderr).toMatch(/and \d+ more, which --json lists\n$/);
});

test("a misspelt value of an option names the near one", async () => {
  const { code, stderr } = await run("compile good.onnx -t cann -o out --precision f16");
  expect([code, stderr]).toEqual([2, expect.stringContaining('Allowed choices are fp32, fp16. (did you mean "fp16"?)')]);
});

test("printing after a pass that is left out warns", async () => {
  const { code, stderr } = await run("optimize good.onnx -o kept.onnx --passes -fold-pad --print-after fold-pad");
  expect([code, stderr]).toEqual([0, expect.stringContaining("warning[pass-not-run]")]);
});

test("a misspelt command or flag names the near one", async () => {
  expect(await run("compil good.onnx")).toMatchObject({ code: 2, stderr: expect.stringContaining("compile") as string });
  expect(await run("compile good.onnx --targt cann -o out")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--target") as string,
  });
});

test("verify without a C++ compiler says what to install", async () => {
  const bin = mkdtempSync(join(folder, "bin-"));
  const { code, stderr } = await run("verify good.onnx -t cann --dim n=2", { PATH: bin, CXX: "", PORTOLAN_CACHE: join(folder, "cache") });
  expect(stderr).toContain("error[compiler-missing]");
  expect(stderr).toContain("try: Install g++");
  expect(code).toBe(5);
});

test("Ctrl-C leaves nothing half-written", async () => {
  let sent = false;
  const { code, stderr } = await portolan("compile large.onnx -t bang -o interrupted --copy-weights -v".split(" "), {
    cwd: folder,
    onStderr: (child, text) => {
      if (!sent && text.includes("emit")) sent = child.kill("SIGINT");
    },
  });
  expect(sent).toBe(true);
  expect(stderr).toContain("interrupted");
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((f) => f === "interrupted" || f.startsWith(".portolan"))).toEqual([]);
});

test("a reader that closes the pipe early is no error", async () => {
  const { code, stderr } = await portolan(["inspect", "long.onnx", "--tensors"], {
    cwd: folder,
    closeStdoutEarly: true,
  });
  expect(stderr).not.toMatch(/EPIPE|error/);
  expect(code).toBe(0);
});

test("a bundle of ours is replaced, and the old one stays when the new one fails", async () => {
  expect((await run("compile good.onnx -t cann -o bundle -q")).code).toBe(0);
  const before = readdirSync(join(folder, "bundle"));
  expect((await run("compile unknown.onnx -t cann -o bundle")).code).toBe(4);
  expect(readdirSync(join(folder, "bundle"))).toEqual(before);
  expect((await run("compile good.onnx -t bang -o bundle -q")).code).toBe(0);
  expect(readdirSync(folder).filter((f) => f.startsWith(".portolan"))).toEqual([]);
});

test("names steer neither the terminal nor the generated project", async () => {
  const shown = await run("inspect hostile.onnx --tensors");
  expect(shown.code).toBe(0);

  expect(shown.stdout).not.toMatch(/\x1b/);
  expect(shown.stdout).toContain(hostileNames[0]);
  expect(shown.stdout).toContain("a\\nb\\x1b[31m");
  const checked = await run("verify hostile.onnx -t cann,bang,kunlun");
  expect(checked.stderr).toBe("");
  expect(checked.code).toBe(0);
  expect(readdirSync(folder)).not.toContain("pwned");
});

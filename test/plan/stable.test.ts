/** Ids and bytes that stay: the same compile twice, and the rest of a model when one place of it changes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileText, modelBytes, textFiles } from "./compile-text.js";

const start = "a = Conv(x: f32[1,3,8,8], w: f32[4,3,3,3]!)\n b = Relu(a)\n";
const end = "m = MaxPool(b, kernel_shape=[2, 2])\n s = Softmax(m)\n y = Sigmoid(s)\n";

test("steps and kernels elsewhere keep their names when a node comes in", async () => {
  const before = await compileText(`${start}${end}`);
  const after = await compileText(`${start}${end} n = Tanh(z: f32[5])\n return y, n`);
  const ids = (c: typeof before): string[] => c.plan.program.steps.map((s) => s.id);
  expect(ids(after)).toEqual(expect.arrayContaining(ids(before)));
  const [old, now] = [textFiles(before), textFiles(after)];
  for (const [path, text] of old) if (path.startsWith("kernels/")) expect(now.get(path)).toBe(text);
});

test("the same model twice gives the same bytes, whatever the folder, the clock's zone and the language", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-same-"));
  try {
    writeFileSync(join(folder, "m.onnx"), modelBytes(`${start}${end}`));
    const script = join(folder, "compile.mjs");
    writeFileSync(
      script,
      `import { compile } from ${JSON.stringify(join(process.cwd(), "dist/src/api/index.js"))};
       const r = await compile("m.onnx", { target: "bang", output: process.argv[2], withTwin: false });
       if (!r.ok) throw new Error(JSON.stringify(r.diagnostics));`,
    );
    const run = (out: string, env: Record<string, string>): Map<string, string> => {
      execFileSync(process.execPath, [script, out], { cwd: folder, env: { ...process.env, ...env } });
      const files = readdirSync(join(folder, out), { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
      return new Map(files.map((f) => [f.name, readFileSync(join(f.parentPath, f.name), "base64")]));
    };
    const one = run("one", { TZ: "UTC", LANG: "C" });
    const two = run("deep", { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" });
    expect([...two.keys()].sort()).toEqual([...one.keys()].sort());
    for (const [name, bytes] of one) expect(two.get(name), name).toBe(bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A bundle written from its manifest and weights is the one that `compile` wrote, to the byte. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { rebuildBundle } from "../../src/driver/rebuild.js";
import { modelBytes } from "../plan/compile-text.js";

const model = `
  c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!)
  r = Relu(c)
  p = MaxPool(r, kernel_shape=[2, 2], strides=[2, 2])
  s = Softmax(p)
  t = Transpose(s, perm=[0, 2, 3, 1])
  a = Add(t, b: f32[3,4]!)
  g = Gather(a, i: i64[2], axis=1)
  y = Clip(g, lo: f32[] {-1e-3}, hi: f32[] {2.5})`;

function filesIn(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((p) => statSync(join(folder, p)).isFile());
  return new Map(paths.sort().map((p) => [p, readFileSync(join(folder, p)).toString("latin1")]));
}

test.each(["cann", "bang:MLU370", "kunlun"])("for %s", { timeout: 60_000 }, async (target) => {
  const work = mkdtempSync(join(tmpdir(), "portolan-rebuild-"));
  try {
    const [path, first, second] = ["m.onnx", "first", "second"].map((p) => join(work, p));
    writeFileSync(path, modelBytes(model));
    for (const options of [{}, { copyWeights: true, prefer: "kernels" as const, precision: "fp16" as const }]) {
      const { ok } = await compile(path, { target, output: first, force: true, ...options });
      expect(ok).toBe(true);
      await rebuildBundle(first, { output: second, force: true, weights: work });
      const [a, b] = [filesIn(first), filesIn(second)];
      expect([...b.keys()]).toEqual([...a.keys()]);
      expect([...b].filter(([p, text]) => a.get(p) !== text).map(([p]) => p)).toEqual([]);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

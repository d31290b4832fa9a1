/** PORTOLAN_KEEP_BUFFERS: a run that keeps its buffers gives the same outputs, and what lay between the steps. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import type { Program } from "../../src/program/program.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { readNpz } from "../../src/verify/npz-read.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";

const home = mkdtempSync(join(tmpdir(), "portolan-kept-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each(["cann", "bang", "kunlun"])("%s", (name) => {
  const bundle = join(packageRoot, "samples/conv-net", name);
  const inputs = readNpz(readFileSync(join(packageRoot, "samples/conv-net/in.npz")));
  const { buffers } = (JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8")) as { program: Program }).program;
  const kept = join(home, name);
  let program = "";
  beforeAll(async () => {
    const { target } = await chooseTarget(name);
    program = await buildBundle(bundle, target, await twinLibrary(target, packageRoot, {}));
    mkdirSync(kept);
  }, 300_000);

  test("outputs are the same, and every buffer between the steps is there, as large as it is", async () => {
    const run = (env: Record<string, string>) => runBundle(program, inputs, { weights: bundle, env });
    const [plain, apart] = [await run({}), await run({ PORTOLAN_KEEP_BUFFERS: kept })];
    expect([apart.error, apart.violation]).toEqual([undefined, undefined]);
    expect(apart.outputs).toEqual(plain.outputs);
    const own = buffers.filter((b) => b.aliasOf === undefined && b.home !== "weight");
    for (const b of own)
      expect(readFileSync(join(kept, `${b.id}.bin`))).toHaveLength(4 * b.shape.reduce<number>((n, d) => n * Number(d), 1));
    const held = (of: string) =>
      new Float32Array(Uint8Array.from(readFileSync(join(kept, `${buffers.find((b) => b.name === of)?.id}.bin`))).buffer);
    const [logits, out] = [held("logits"), held("probabilities")];
    const powers = logits.map((x) => Math.exp(x - Math.max(...logits)));
    powers.forEach((e, i) => expect(e / powers.reduce((n, x) => n + x)).toBeCloseTo(out[i], 5));
  });

  test("a folder that is not there is a sentence", async () => {
    const { error } = await runBundle(program, inputs, { weights: bundle, env: { PORTOLAN_KEEP_BUFFERS: join(home, "none") } });
    expect(error).toMatch(/none\/\d+\.bin: cannot be written/);
  });
});

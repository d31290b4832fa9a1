/**
 * The committed samples are what the compiler writes today, and one of them, written whole elsewhere, builds and runs by its
 * own README without Node. `npm run acceptance -- 7` does the second with all of them.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { samples } from "../../bench/acceptance/samples.mjs";
import { committedFiles, differences, goldens, modelFiles, samplesFolder, targets } from "../../samples/make.mjs";

interface Golden {
  readonly file: string;
  readonly folder: string;
}

describe("samples are up to date (if not: node samples/make.mjs --write, and look at the diff)", () => {
  test("models and inputs", () => {
    expect(differences(samplesFolder, modelFiles(), [])).toEqual([]);
  });

  test.each((goldens as Golden[]).flatMap((golden) => (targets as string[]).map((target) => [golden.folder, target, golden] as const)))(
    "%s for %s",
    async (folder, target, golden) => {
      expect(differences(join(samplesFolder, folder, target), await committedFiles(golden, target))).toEqual([]);
    },
  );
});

test("a sample written elsewhere builds and runs without Node, each way of its steps", { timeout: 600_000 }, async () => {
  const figures: { readonly what: string; readonly value: string; readonly ok: boolean }[] = [];
  await samples((f: (typeof figures)[number]) => figures.push(f), { targets: ["bang"], models: ["broadcast-relu"], records: false });
  expect(figures.filter((f) => !f.ok)).toEqual([]);
  expect(figures.length).toBeGreaterThan(5);
});

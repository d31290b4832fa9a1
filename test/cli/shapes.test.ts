/** Extents as users give them: ranges in both places, what no memory can hold, and what an empty text means. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDims, parseShapes } from "../../src/cli/model-options.js";
import { goodModel } from "./bad-models.js";
import { portolan, type Ran } from "./portolan.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-test-"));
  writeFileSync(join(folder, "good.onnx"), goodModel());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const compile = (...more: string[]): Promise<Ran> =>
  portolan(["compile", "good.onnx", "-t", "bang", "-o", "out", "--dry-run", ...more], { cwd: folder });

interface Document {
  readonly bundles: readonly {
    readonly arena: { readonly bytes: number; readonly bytesAtLowest: number; readonly measuredAt: string };
    readonly symbols: readonly unknown[];
  }[];
}

test("ranges are read in every notation", () => {
  const range = { lo: 1, hi: 4 };
  for (const spec of ["x:1~4,6", "x:1~4x6", "x:[1~4,6]", "x[1~4,6]"]) expect(parseShapes([spec]).get("x")).toEqual([range, 6]);
  expect(parseShapes(["x:4~4"]).get("x")).toEqual([4]);
  expect(parseDims(["n=1~4"]).get("n")).toEqual(range);
});

test("a range of a shape bounds the extent that the model names, and memory is counted at its highest", async () => {
  const bundle = async (...more: string[]): Promise<Document["bundles"][number]> =>
    (JSON.parse((await compile(...more, "--json")).stdout) as Document).bundles[0];
  const [shaped, named, fixed, least] = [
    await bundle("--shape", "x:1~4096,4"),
    await bundle("--dim", "n=1..4096"),
    await bundle("--dim", "n=4096"),
    await bundle("--dim", "n=1"),
  ];
  expect(shaped.symbols).toEqual([{ name: "n", lo: 1, hi: 4096 }]);
  expect(shaped.arena).toEqual(named.arena);
  expect(shaped.arena.bytes).toBe(fixed.arena.bytes);
  expect(shaped.arena.bytesAtLowest).toBe(least.arena.bytes);
  expect(shaped.arena.measuredAt).toBe("every bounded extent at its highest");
});

describe.concurrent("refuses", () => {
  test.each([
    [["--shape", ""], 2, "bad-shape"],
    [["--shape", ";"], 2, "bad-shape"],
    [["--shape", "x:4~1,4"], 2, "bad-shape"],
    [["--shape", "x:99999999999999999999,4"], 2, "bad-shape"],
    [["--dim", "n=99999999999999999999"], 2, "bad-dim"],
    [["--dim", "n=1..2", "--shape", "x:3~4,4"], 2, "bad-shape"],
    [["--dim", "n=99999999999"], 4, "device-memory-exceeded"],
    [["--dim", "n=1..99999999999"], 4, "device-memory-exceeded"],
  ])("%j", async (more, exit, code) => {
    const { code: exited, stderr } = await compile(...more);
    expect(stderr).toContain(`error[${code}]: `);
    expect(exited).toBe(exit);
  });
});

/**
 * A seeded sample of the easy core on all three twins, library first and kernels first; what the library may do then;
 * what may be frozen; and threads, which change neither results nor the order they come in. `npm run acceptance -- 3` runs the whole set.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suite } from "../../src/api/suite.js";
import { readCases } from "../../src/suite/cases.js";
import { shapingInputs } from "../../src/suite/import.js";
import type { SuiteResult } from "../../src/suite/result.js";
import { parse } from "../../src/ir/text/parse.js";
import { matrixCalls, strayCalls } from "../../bench/acceptance/matrix-calls.mjs";
import { portolan } from "../cli/portolan.js";

const set = join(import.meta.dirname, "..", "..", "..", "shared", "onnx-tests");
const present = existsSync(join(set, "index.json"));
if (!present) console.log("skipped: no ../shared/onnx-tests");

/** As many names as asked for, drawn without repetition. */
function sample(names: readonly string[], count: number, seed: number): string[] {
  const left = [...names];
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return left.splice(Math.floor((state / 2 ** 32) * left.length), 1)[0];
  });
}

/** Some cases of the set as a folder of folders, with the set's own index. */
function writeCases(folder: string, names: ReadonlySet<string>): void {
  for (const { name, model, inputs, outputs } of readCases(set).filter((c) => names.has(c.name))) {
    const data = join(folder, name, "test_data_set_0");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(folder, name, "model.onnx"), model);
    inputs.forEach((bytes, i) => writeFileSync(join(data, `input_${i}.pb`), bytes));
    outputs.forEach((bytes, i) => writeFileSync(join(data, `output_${i}.pb`), bytes));
  }
  writeFileSync(join(folder, "index.json"), readFileSync(join(set, "index.json")));
}

const folder = mkdtempSync(join(tmpdir(), "portolan-suite-test-"));
const temporary = mkdtempSync(join(tmpdir(), "portolan-suite-tmp-"));
let names: string[] = [];
beforeAll(() => {
  if (!present) return;
  const core = readFileSync(join(set, "easy-core.txt"), "utf8").trim().split("\n");
  names = sample(core, 14, Number(process.env["PORTOLAN_SEED"] ?? 3)).sort();
  writeCases(folder, new Set(names));
});
afterAll(() => {
  for (const made of [folder, temporary]) rmSync(made, { recursive: true, force: true });
});

describe.skipIf(!present)("the easy core", () => {
  function expectPassing({ targets, diagnostics }: SuiteResult): void {
    expect(diagnostics).toEqual([]);
    expect(Object.keys(targets)).toEqual(["cann", "bang", "kunlun"]);
    for (const { cases } of Object.values(targets)) {
      expect(cases.map((c) => c.name)).toEqual(names);
      expect(cases.filter((c) => c.status === "wrong" || c.status === "crash")).toEqual([]);
      expect(cases.filter((c) => c.status === "pass").length).toBeGreaterThanOrEqual(names.length - 1);
      // A refusal is a diagnostic: its code, and what it says.
      for (const c of cases) if (c.status === "unsupported") expect(c.reason).toMatch(/^[a-z]+(-[a-z0-9]+)+: .{10}/);
    }
  }

  test("passes on three twins", async () => {
    expectPassing(await suite(folder, { target: "all", threads: 1 }));
  });

  test("passes with kernels preferred", async () => {
    expectPassing(await suite(folder, { target: "all", prefer: "kernels", threads: 1 }));
  });
});

describe.skipIf(!present)("with kernels preferred", () => {
  // Cases that do call the library: a matrix product with a bias, a convolution, and one that a library could pool.
  const chosen = ["test_gemm_all_attributes", "test_basic_conv_with_padding", "test_matmul_4d", "test_maxpool_2d_default"];

  test("the library contracts and convolves, and does nothing else", async () => {
    const own = mkdtempSync(join(temporary, "kernels-"));
    writeCases(own, new Set(chosen));
    const { targets } = await suite(own, { target: "all", prefer: "kernels", threads: 1 });
    for (const [target, { cases }] of Object.entries(targets)) {
      expect(cases.map((c) => [c.name, c.status])).toEqual([...chosen].sort().map((name) => [name, "pass"]));
      const calls = cases.flatMap((c) => c.calls ?? []);
      expect(strayCalls(target, calls)).toEqual([]);
      expect(matrixCalls(target, calls).length).toBeGreaterThan(1);
    }
  });
});

test("a call is known by its whole name", () => {
  const near = ["aclnnMmExtra", "cnnlConvert", "cnnlMatMul_v2x", "my_fc_fusion", "aclCreateStream"];
  for (const target of ["cann", "bang:MLU370", "kunlun"]) expect(strayCalls(target, near)).toEqual([...near].sort());
});

describe.skipIf(!present)("threads", () => {
  test("give the results of one thread, in the same order", async () => {
    const built = new URL("../../dist/src/api/suite.js", import.meta.url).href;
    const { suite: inThreads } = (await import(built)) as { suite: typeof suite };
    const options = { target: "kunlun", batch: 7 };
    const counts: number[] = [];
    const many = await inThreads(folder, { ...options, threads: 2, onEvent: (e) => e.kind === "progress" && counts.push(e.done) });
    expect(many).toEqual(await suite(folder, { ...options, threads: 1 }));
    expect(counts.at(-1)).toBe(names.length);
  });

  test("stop on Ctrl-C with its exit code and leave nothing behind", async () => {
    let sent = false;
    const own = mkdtempSync(join(temporary, "stopped-"));
    const ran = await portolan(["suite", set, "-t", "all", "-v"], {
      env: { TMPDIR: own },
      onStderr: (child, text) => {
        if (sent || !text.includes("run 1361 cases")) return;
        sent = true;
        setTimeout(() => child.kill("SIGINT"), 1500);
      },
    });
    expect(sent).toBe(true);
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain("interrupted");
    expect(readdirSync(own)).toEqual([]);
  });
});

test("only inputs that are shaping operands everywhere may be frozen", () => {
  const graph = parse(`
    p = Pad(x: f32[2,3], pads: i64[4])
    r = Reshape(p, both: i64[2])
    s = Add(both, data: i64[2])`);
  expect(shapingInputs(graph)).toEqual(new Map([["pads", ["Pad.pads"]]]));
});

/**
 * A seeded sample of the easy core on all three twins, library first and kernels first; what may be frozen; and threads,
 * which change neither results nor the order they come in. `npm run acceptance -- 3` runs the whole set.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suite } from "../../src/api/suite.js";
import { readCases } from "../../src/api/suite-cases.js";
import { shapingInputs } from "../../src/api/suite-import.js";
import type { SuiteResult } from "../../src/api/suite-result.js";
import { parse } from "../../src/ir/parse.js";
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
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!present)("the easy core", () => {
  const seed = Number(process.env["PORTOLAN_SEED"] ?? 3);
  let names: string[] = [];
  beforeAll(() => {
    const core = readFileSync(join(set, "easy-core.txt"), "utf8").trim().split("\n");
    names = sample(core, 14, seed).sort();
    writeCases(folder, new Set(names));
  });

  function expectPassing({ targets }: SuiteResult): void {
    expect(Object.keys(targets)).toEqual(["cann", "bang", "kunlun"]);
    for (const { cases } of Object.values(targets)) {
      expect(cases.map((c) => c.name)).toEqual(names);
      expect(cases.filter((c) => c.status === "wrong" || c.status === "crash")).toEqual([]);
      expect(cases.filter((c) => c.status === "pass").length).toBeGreaterThanOrEqual(names.length - 1);
      for (const c of cases) if (c.status === "unsupported") expect(c.reason).toMatch(/./);
    }
  }

  test("passes on three twins", async () => {
    expectPassing(await suite(folder, { target: "all", threads: 1 }));
  });

  test("passes with kernels preferred, the library only contracting and convolving", async () => {
    const result = await suite(folder, { target: "all", prefer: "kernels", threads: 1 });
    expectPassing(result);
    const calls = Object.values(result.targets).flatMap((t) => t.cases.flatMap((c) => c.calls ?? []));
    const others = calls.filter(
      (n) => !/^acl(Create|Destroy)|^cnnl(Create|Destroy|Set|Get)|matmul|mm$|gemm|conv|fc_|^cnnlOpTensor$/i.test(n),
    );
    expect(others).toEqual([]);
  });
});

describe.skipIf(!present)("threads", () => {
  const leftovers = (at: string): string[] => readdirSync(at).filter((f) => f.startsWith("portolan-suite-"));

  test("give the results of one thread, in the same order", async () => {
    const built = new URL("../../dist/src/api/suite.js", import.meta.url).href;
    const { suite: inThreads } = (await import(built)) as { suite: typeof suite };
    const options = { target: "kunlun", batch: 7 };
    const counts: number[] = [];
    const many = await inThreads(folder, { ...options, threads: 2, onEvent: (e) => e.kind === "progress" && counts.push(e.done) });
    expect(many).toEqual(await suite(folder, { ...options, threads: 1 }));
    expect(counts.at(-1)).toBe(many.targets["kunlun"].cases.length);
  });

  test("stop on Ctrl-C with its exit code and leave nothing behind", async () => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    let sent = false;
    const ran = await portolan(["suite", set, "-t", "all", "-v"], {
      env: { TMPDIR: temporary },
      onStderr: (child, text) => {
        if (sent || !text.includes("run 1361 cases")) return;
        sent = true;
        setTimeout(() => child.kill("SIGINT"), 1500);
      },
    });
    expect(sent).toBe(true);
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain("interrupted");
    expect(leftovers(temporary)).toEqual([]);
  });
});

test("only inputs that are shaping operands everywhere may be frozen", () => {
  const graph = parse(`
    p = Pad(x: f32[2,3], pads: i64[4])
    r = Reshape(p, both: i64[2])
    s = Add(both, data: i64[2])`);
  expect(shapingInputs(graph)).toEqual(new Map([["pads", ["Pad.pads"]]]));
});

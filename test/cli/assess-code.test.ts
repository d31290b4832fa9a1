/** `assess-code` as a user runs it: tables in both languages, documents, exit codes, and trees that are not what one hopes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { portolan, type Ran } from "./portolan.js";

const root = mkdtempSync(join(tmpdir(), "portolan-code-cli-"));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
function tree(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(root, `${count++}`);
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const run = (...args: string[]): Promise<Ran> => portolan(["assess-code", ...args], { env: { LC_ALL: "C", LANG: "" } });

const runtime = "onnxruntime-node";

const sample = tree({
  "train.py":
    "import torch\n# torch.cuda in a comment\nmodel.cuda()\nif torch.cuda.is_available():\n    x = torch.cuda.DoubleTensor(3)\nfn = torch.jit.script(fn)\n",
  "csrc/k.cu": "__global__ void k(float* x) { x[0] = 1; }\nvoid run(float* x, cudaStream_t s) {\n  k<<<1, 1, 0, s>>>(x);\n}\n",
  "web/session.ts": `import { InferenceSession } from "${runtime}";\nexport const s = InferenceSession.create("m", { executionProviders: ["cuda"] });\n`,
  "third_party/x.py": "import pynvml\n",
  "deps/node_modules/y/index.js": "process.env.CUDA_VISIBLE_DEVICES;\n",
  "gen_pb2.py": "import pynvml\n",
  "data.bin": new Uint8Array([1, 2, 3]),
  "latin.py": Uint8Array.from([0x23, 0xe9, 0x0a]),
  "notes.md": "cuda\n",
});

interface Document {
  readonly tally: {
    readonly files: number;
    readonly findings: number;
    readonly silent: number;
    readonly leftOut: Record<string, number>;
    readonly otherFiles: number;
    readonly byVendor: Record<string, { readonly efforts: Record<string, number> }>;
  };
  readonly findings: readonly {
    readonly path: string;
    readonly line: number;
    readonly rule: string;
    readonly message: string;
    readonly fingerprint: string;
  }[];
  readonly rewrite: { readonly places: number; readonly diff: string };
  readonly rules: readonly { readonly id: string; readonly title: string; readonly help: readonly string[] }[];
}

const json = async (...args: string[]): Promise<Document> => JSON.parse((await run(...args, "--json")).stdout) as Document;

describe("a tree", () => {
  test("is told as tables, with what was left out and why", async () => {
    const { stdout, code } = await run(sample);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("assess-code.txt");
  });

  test("is told in Chinese, by the option and by the locale", async () => {
    const { stdout } = await run(sample, "--lang", "zh", "-v");
    await expect(stdout).toMatchFileSnapshot("assess-code.zh.txt");
    const { stdout: same } = await portolan(["assess-code", sample, "-v"], { env: { LC_ALL: "zh_CN.UTF-8" } });
    expect(same).toBe(stdout);
  });

  test("has places with line and column, relative to the folder", async () => {
    const { findings, tally } = await json(sample);
    expect(findings.map((f) => `${f.path}:${f.line} ${f.rule}`)).toEqual([
      "csrc/k.cu:1 kernel-definition",
      "csrc/k.cu:2 runtime-api",
      "csrc/k.cu:3 kernel-launch",
      "train.py:3 torch-cuda",
      "train.py:4 cuda-guard",
      "train.py:5 double-tensor",
      "train.py:5 torch-cuda",
      "train.py:6 script-compile",
      "web/session.ts:2 provider-javascript",
    ]);
    expect(tally.findings).toBe(findings.length);
    expect(tally.silent).toBe(2);
    expect(tally.leftOut).toEqual({ vendored: 2, generated: 1, "not-utf8": 1 });
    expect(tally.otherFiles).toBe(2);
    expect(tally.byVendor["kunlunxin"].efforts["none"]).toBeGreaterThan(0);
  });

  test("keeps its fingerprints when lines move", async () => {
    const print = async (text: string): Promise<string[]> => (await json(tree({ "a.py": text }))).findings.map((f) => f.fingerprint);
    const once = await print("model.cuda()\n");
    const moved = await print("x = 1\n\nmodel.cuda()\nmodel.cuda()\n");
    expect(moved[0]).toBe(once[0]);
    expect(moved[1]).not.toBe(once[0]);
  });
});

describe("documents", () => {
  const sarifPath = join(root, "out.sarif");
  const csvPath = join(root, "out.csv");
  const diffPath = join(root, "out.diff");

  test("SARIF has its rules, results with places, fingerprints and equivalents", async () => {
    await run(sample, "--sarif", sarifPath, "--csv", csvPath, "--diff", diffPath);
    const log = JSON.parse(readFileSync(sarifPath, "utf8"));
    expect([log.version, log.runs.length]).toEqual(["2.1.0", 1]);
    const { tool, results } = log.runs[0];
    const { rules } = tool.driver;
    for (const rule of rules) {
      expect(rule).not.toHaveProperty("helpUri");
      expect(rule.help.text.split("\n").length).toBe(4);
      expect(rule.properties.equivalents).toHaveProperty("cambricon");
    }
    expect(results.length).toBe(9);
    for (const r of results) {
      expect(rules[r.ruleIndex].id).toBe(r.ruleId);
      expect(["error", "warning", "note"]).toContain(r.level);
      const { artifactLocation, region } = r.locations[0].physicalLocation;
      expect(artifactLocation.uri).not.toMatch(/^\/|\\/);
      expect(region.startLine).toBeGreaterThan(0);
      expect(region.startColumn).toBeGreaterThan(0);
      expect(r.partialFingerprints["portolanFinding/v1"]).toMatch(/^[0-9a-f]{24}$/);
      expect(r.properties.efforts).toHaveProperty("kunlunxin");
    }
  });

  test("CSV begins with a byte order mark and has a line a finding", () => {
    const bytes = readFileSync(csvPath);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(bytes.toString().trimEnd().split("\r\n").length).toBe(10);
  });

  test("the diff changes the provider", async () => {
    expect(readFileSync(diffPath, "utf8")).toContain('+export const s = InferenceSession.create("m", { executionProviders: ["cpu"] });');
    expect((await json(sample, "--to", "cann")).rewrite.diff).toContain('["cann"]');
  });

  test("a file that cannot be written leaves nothing half-written", async () => {
    const { code, stderr } = await run(sample, "--sarif", join(sample, "notes.md", "x.sarif"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("output-not-writable")]);
    expect(readdirSync(sample).filter((f) => f.startsWith("."))).toEqual([]);
  });
});

describe("exit codes", () => {
  const soft = tree({ "a.py": "model.cuda()\n" });
  test.each([
    [sample, "mandatory", 1],
    [sample, "high", 1],
    [soft, "mandatory", 0],
    [soft, "high", 0],
  ])("%s --fail-on %s", async (folder, on, code) => {
    expect((await run(folder, "--fail-on", on)).code).toBe(code);
  });

  test("what is not there, holds nothing that is read, or is misspelt", async () => {
    const codes = await Promise.all([
      run(join(root, "nowhere")),
      run(tree({})),
      run(tree({ "a.md": "x" })),
      run(sample, "--fail-on", "hihg"),
    ]);
    expect(codes.map((r) => [r.code, /error\[([a-z-]+)\]/.exec(r.stderr)?.[1]])).toEqual([
      [2, "code-not-found"],
      [2, "no-code"],
      [2, "no-code"],
      [2, "bad-option"],
    ]);
  });
});

describe("odd trees", () => {
  test("one file will do", async () => {
    expect((await json(join(sample, "csrc/k.cu"))).findings.map((f) => f.path)).toEqual(["k.cu", "k.cu", "k.cu"]);
  });

  test("links are not followed, and those to elsewhere are counted", async () => {
    const folder = tree({ "a.py": "import pynvml\n" });
    symlinkSync(sample, join(folder, "outside"));
    symlinkSync(join(folder, "a.py"), join(folder, "b.py"));
    symlinkSync(folder, join(folder, "loop"));
    const { findings, tally } = await json(folder);
    expect(findings.map((f) => f.path)).toEqual(["a.py"]);
    expect(tally.leftOut).toEqual({ "link-outside": 1 });
  });

  test("a file that is too large is counted and not read", async () => {
    const folder = tree({ "a.py": "x = 1\n", "b.py": `import pynvml\n${"#\n".repeat(3 << 20)}` });
    expect((await json(folder)).tally).toMatchObject({ files: 1, findings: 0, leftOut: { "too-large": 1 } });
  });

  test("nothing that is bound to CUDA is said so", async () => {
    const { stdout } = await run(tree({ "a.py": "x = 1\n" }));
    expect(stdout).toContain("Nothing was found that is bound to CUDA.");
  });

  test("every rule has its title and help in both languages", async () => {
    const [en, zh] = await Promise.all(["en", "zh"].map((l) => json(sample, "--lang", l)));
    expect(en.rules.length).toBe(zh.rules.length);
    for (const [i, { title, help }] of zh.rules.entries()) {
      expect(title).toMatch(/\p{Script=Han}/u);
      expect(help.every((line) => /\p{Script=Han}/u.test(line))).toBe(true);
      expect(title).not.toBe(en.rules[i].title);
    }
  });
});

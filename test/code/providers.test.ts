/** Providers of onnxruntime in TypeScript: followed to where they are spelled, and rewritten so that the code still compiles. */
import { Project, ts } from "ts-morph";
import { describe, expect, test } from "vitest";
import { applied, unifiedDiff, type Edit } from "../../src/code/providers/diff.js";
import { providerUses } from "../../src/code/providers/providers.js";

const runtime = "onnxruntime-node";

/** What the package declares, as far as sessions go. */
const onnxruntime = `declare module "onnxruntime-node" {
  export namespace InferenceSession {
    interface ExecutionProviderOption { readonly name: string }
    interface CpuExecutionProviderOption extends ExecutionProviderOption { readonly name: "cpu"; useArena?: boolean }
    interface CudaExecutionProviderOption extends ExecutionProviderOption { readonly name: "cuda"; deviceId?: number }
    interface TensorRtExecutionProviderOption extends ExecutionProviderOption { readonly name: "tensorrt"; deviceId?: number }
    type ExecutionProviderConfig =
      | CpuExecutionProviderOption | CudaExecutionProviderOption | TensorRtExecutionProviderOption
      | ExecutionProviderOption | "cpu" | "cuda" | "tensorrt" | string;
    interface SessionOptions { executionProviders?: readonly ExecutionProviderConfig[]; logSeverityLevel?: 0 | 1 | 2 }
  }
  export interface InferenceSession { readonly inputNames: readonly string[] }
  export const InferenceSession: { create(path: string, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
}`;

/** Errors of all cases, each in a folder of its own, in one program. */
function errors(all: readonly ReadonlyMap<string, string>[]): string[] {
  const project = new Project({
    useInMemoryFileSystem: true,
    compilerOptions: {
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts"],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
    },
  });
  project.createSourceFile("/onnxruntime.d.ts", onnxruntime);
  for (const [i, files] of all.entries()) for (const [path, text] of files) project.createSourceFile(`/${i}/${path}`, text);
  return project
    .getPreEmitDiagnostics()
    .map((d) => `${d.getSourceFile()?.getFilePath()}: ${ts.flattenDiagnosticMessageText(d.compilerObject.messageText, "\n")}`);
}

const head = `import { InferenceSession } from "${runtime}";\n`;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Places that name a GPU provider. */
  readonly uses: number;
  /** Those that are left to the user. */
  readonly left?: number;
}

const cases: readonly Case[] = [
  {
    name: "an option in place",
    uses: 1,
    files: { "a.ts": `${head}await InferenceSession.create("m", { executionProviders: ["cuda", "cpu"] });\nexport {};` },
  },
  {
    name: "objects with a device",
    uses: 2,
    files: {
      "a.ts": `${head}await InferenceSession.create("m", { executionProviders: [{ name: "tensorrt", deviceId: 1 }, { name: "cuda", deviceId: 0 }] });\nexport {};`,
    },
  },
  {
    name: "a variable",
    uses: 1,
    files: {
      "a.ts": `${head}const providers = ["cuda"];\nconst options = { executionProviders: providers };\nexport const s = InferenceSession.create("m", options);`,
    },
  },
  {
    name: "a short form, spreads and a condition",
    uses: 3,
    files: {
      "a.ts": `${head}const gpu = process() ? ["tensorrt", "cuda"] : ["cpu"];\nconst executionProviders = [...gpu, ...(process() ? ["cuda"] : [])];\nfunction process() { return Math.random() > 0.5; }\nexport const s = InferenceSession.create("m", { executionProviders });`,
    },
  },
  {
    name: "a default parameter",
    uses: 1,
    files: {
      "a.ts": `${head}export function load(path: string, providers: string[] = ["cuda"]) {\n  return InferenceSession.create(path, { executionProviders: providers });\n}`,
    },
  },
  {
    name: "an argument of another file",
    uses: 1,
    files: {
      "a.ts": `${head}export const load = (path: string, provider: string) => InferenceSession.create(path, { executionProviders: [provider, "cpu"] });`,
      "b.ts": `import { load } from "./a.js";\nexport const s = load("m", "cuda");`,
    },
  },
  {
    name: "settings of another file",
    uses: 1,
    files: {
      "config.ts": `export const config = { gpu: { providers: ["cuda"] } };`,
      "a.ts": `${head}import { config } from "./config.js";\nexport const s = InferenceSession.create("m", { executionProviders: config.gpu.providers, logSeverityLevel: 1 });`,
    },
  },
  {
    name: "a default export through another name",
    uses: 1,
    files: {
      "p.ts": `const list = ["cuda"];\nexport default list;`,
      "a.ts": `${head}import wanted from "./p.js";\nexport const s = InferenceSession.create("m", { executionProviders: wanted });`,
    },
  },
  {
    name: "a destructured default",
    uses: 1,
    files: {
      "a.ts": `${head}interface Options { executionProviders?: string[] }\nexport function load({ executionProviders = ["cuda"] }: Options) {\n  return InferenceSession.create("m", { executionProviders });\n}`,
    },
  },
  {
    name: "a union of names",
    uses: 1,
    files: {
      "a.ts": `${head}type Provider = "cuda" | "webgpu";\nconst provider: Provider = "cuda";\nexport const s = InferenceSession.create("m", { executionProviders: [provider] });`,
    },
  },
  {
    name: "a list that is pushed into",
    uses: 1,
    files: {
      "a.ts": `${head}const providers: string[] = [];\nif (Math.random() > 0.5) providers.push("cuda");\nproviders.push("cpu");\nexport const s = InferenceSession.create("m", { executionProviders: providers });`,
    },
  },
  {
    name: "a function's result",
    uses: 1,
    files: {
      "a.ts": `${head}const pick = (gpu: boolean) => (gpu ? ["cuda"] : ["cpu"]);\nexport const s = InferenceSession.create("m", { executionProviders: pick(true) });`,
    },
  },
  {
    name: "an assignment",
    uses: 1,
    files: {
      "a.ts": `${head}const options: InferenceSession.SessionOptions = {};\noptions.executionProviders = ["cuda"];\nexport const s = InferenceSession.create("m", options);`,
    },
  },
  {
    name: "a name that serves something else too",
    uses: 1,
    left: 1,
    files: {
      "a.ts": `${head}const device = "cuda";\nexport const label = device.toUpperCase();\nexport const s = InferenceSession.create("m", { executionProviders: [device] });`,
    },
  },
  {
    name: "no provider",
    uses: 0,
    files: {
      "a.ts": `${head}// executionProviders: ["cuda"]\nexport const text = 'executionProviders: ["cuda"]';\nexport const language = ["cuda"];\nexport const s = InferenceSession.create("m", { executionProviders: ["cpu"] });`,
    },
  },
];

const filesOf = ({ files }: Case): ReadonlyMap<string, string> => new Map(Object.entries(files));

describe.each(["cpu", "cann"] as const)("to %s", (to) => {
  test.each(cases)("$name", (one) => {
    const before = filesOf(one);
    const found = providerUses(before, to);
    expect([found.uses.length, found.uses.filter((u) => !u.rewritten).length]).toEqual([one.uses, one.left ?? 0]);
    for (const { path, at, provider } of found.uses) expect(before.get(path)!.slice(at + 1)).toMatch(new RegExp(`^${provider}`));
    const after = rewritten(before, found.edits);
    expect(providerUses(after, to).uses.length).toBe(one.left ?? 0);
    expect(
      patched(
        before,
        unifiedDiff(found.edits, (p) => before.get(p)!),
      ),
    ).toEqual(after);
  });

  test("what is rewritten compiles, as it did before", () => {
    const before = cases.map(filesOf);
    expect(errors(before)).toEqual([]);
    expect(errors(before.map((files) => rewritten(files, providerUses(files, to).edits)))).toEqual([]);
    expect(errors([new Map([["a.ts", `${head}export const s = InferenceSession.create(1);`]])])).not.toEqual([]);
  });
});

function rewritten(files: ReadonlyMap<string, string>, edits: readonly Edit[]): Map<string, string> {
  return new Map(
    [...files].map(([path, text]) => [
      path,
      applied(
        text,
        edits.filter((e) => e.path === path),
      ),
    ]),
  );
}

/** A unified diff carried out line by line, checking what it says is there. */
function patched(files: ReadonlyMap<string, string>, diff: string): Map<string, string> {
  const out = new Map(files);
  for (const part of diff.split(/^--- a\//m).slice(1)) {
    const path = part.slice(0, part.indexOf("\n"));
    const old = files.get(path)!.split("\n");
    const next: string[] = [];
    let at = 0;
    for (const line of part.split("\n").slice(2, -1)) {
      const hunk = /^@@ -(\d+),/.exec(line);
      if (hunk) next.push(...old.slice(at, (at = Number(hunk[1]) - 1)));
      else if (line[0] === "+") next.push(line.slice(1));
      else if (line[0] !== "\\") {
        expect(old[at]).toBe(line.slice(1));
        if (line[0] === " ") next.push(old[at]);
        at++;
      }
    }
    out.set(path, [...next, ...old.slice(at)].join("\n"));
  }
  return out;
}

test("hunks that meet are one, and count their lines", () => {
  const text = Array.from({ length: 30 }, (_, i) => `line ${i}\n`).join("");
  const at = (n: number): number => text.indexOf(`line ${n}\n`);
  const edits = [2, 6, 25].map((n) => ({ path: "a", start: at(n), end: at(n) + 4, text: "LINE" }));
  expect(unifiedDiff(edits, () => text).match(/^@@.*@@$/gm)).toEqual(["@@ -1,10 +1,10 @@", "@@ -23,7 +23,7 @@"]);
});

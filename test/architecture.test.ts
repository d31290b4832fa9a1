/** The map of STYLE.md, checked: imports go down only, targets never meet, nothing below them names one. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { chipRows } from "../src/chips/chips.js";

/** Lower number, lower floor. A folder may import from lower floors, and from itself. */
const floors: Readonly<Record<string, number>> = {
  "src/base": 0,
  "src/chips": 1,
  "src/report": 1,
  "src/words": 1,
  "src/estimate": 2,
  "src/code": 2,
  "src/quant/observe": 1,
  "src/ops": 1,
  "src/quant/formats": 1,
  "src/ir": 2,
  "src/formula": 2,
  "src/quant/compensate": 2,
  "src/onnx": 3,
  "src/kernel": 3,
  "src/program": 4,
  "src/claim": 5,
  passes: 6,
  "src/plan": 7,
  "src/emit": 8,
  "targets/kit": 8,
  "targets/cann": 9,
  "targets/bang": 9,
  "targets/kunlun": 9,
  "src/host": 9,
  "src/checkpoint": 10,
  "src/driver": 10,
  "src/verify": 11,
  "src/serve": 11,
  "src/fleet": 12,
  "src/suite": 12,
  "src/quant/repack": 12,
  "src/quant": 12,
  "src/assess": 13,
  "src/api": 14,
  "src/cli": 15,
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? sources(join(folder, e.name)) : /\.ts$/.test(e.name) ? [join(folder, e.name)] : [],
  );
}

const files = ["src", "passes", "targets"].flatMap(sources);

function roomOf(path: string): string | undefined {
  return Object.keys(floors).find((f) => path.startsWith(`${f}/`));
}

/** Paths, relative to the root, that a file imports from this repository. */
function imports(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((m) => m[1]);
  return found.map((f) => normalize(join(dirname(path), f)));
}

const external = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^."][^"]*)"/g)].map((m) => m[1]);

test("imports go to lower floors only", () => {
  const wrong = files.flatMap((path) => {
    const own = roomOf(path);
    if (!own) return [`${path} stands in no room`];
    return imports(path)
      .filter((to) => {
        const other = roomOf(to);
        if (other === undefined || other === own) return false;
        // The API hands out targets lazily; that is its one way up the map's side.
        return floors[other] >= floors[own];
      })
      .map((to) => `${path} -> ${to}`);
  });
  expect(wrong).toEqual([]);
});

test("the command line knows the api, and the base that all speak in", () => {
  const rooms = ["src/cli/", "src/api/", "src/base/"];
  const wrong = files
    .filter((f) => f.startsWith("src/cli/"))
    .flatMap((f) => imports(f).filter((to) => !rooms.some((r) => to.startsWith(r))));
  expect(wrong).toEqual([]);
});

test("nothing below the targets names one", () => {
  const below = files.filter((f) => floors[roomOf(f) ?? ""] < floors["targets/cann"]);
  const naming = below.filter((f) => /["'`](cann|bang|kunlun)["'`:]/.test(readFileSync(f, "utf8")));
  expect(naming).toEqual([]);
});

test("only what stands above the targets touches files, clock, environment and processes", () => {
  const allowed = [
    "src/host/",
    "src/driver/",
    "src/verify/",
    "src/quant/calibrate/",
    "src/suite/",
    "src/api/",
    "src/cli/",
    "src/formula/generate.ts",
    "src/formula/check.ts",
  ];
  const touching = files
    .filter((f) => !allowed.some((a) => f.startsWith(a)))
    .filter(
      (f) =>
        external(f).some((m) => /^node:(fs|child_process|os|process|worker_threads|net|http)/.test(m)) ||
        /\bprocess\.env\b|\bDate\.now\b|\bperformance\.now\b/.test(readFileSync(f, "utf8")),
    );
  expect(touching).toEqual([]);
});

test("heavy packages load only where they are used", () => {
  const eager = (name: string, ...rooms: string[]): string[] =>
    files.filter(
      (f) => !rooms.some((room) => f.startsWith(room)) && new RegExp(`^import (?!type)[^;]*"${name}"`, "m").test(readFileSync(f, "utf8")),
    );
  expect(eager("ts-morph", "src/formula/", "src/code/providers/")).toEqual([]);
  expect(eager("zod", "src/program/schema.ts", "src/chips/schema.ts", "src/chips/user-set.ts", "src/fleet/schema.ts")).toEqual([]);
  for (const name of ["onnxruntime-node", "fast-png", "jpeg-js", "bullmq", "ioredis"]) expect(eager(name, "nowhere")).toEqual([]);
});

test("onnxruntime is loaded in one place, which turns its telemetry off", () => {
  const all = [...files, ...["test", "bench"].flatMap(scripts)];
  const loads = /\bfrom "onnxruntime-node"|\bimport\("onnxruntime-node"\)/;
  const loading = all.filter((f) => loads.test(readFileSync(f, "utf8").replace(/typeof import\("onnxruntime-node"\)/g, "")));
  expect(loading).toEqual(["src/verify/onnxruntime.ts"]);
});

function scripts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? scripts(join(folder, e.name)) : /\.(ts|mjs)$/.test(e.name) ? [join(folder, e.name)] : [],
  );
}

test("scripts load files that are there", () => {
  const bench = readdirSync("bench", { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".mjs"));
  const lost = bench.flatMap((f) => {
    const named = [...readFileSync(join("bench", f), "utf8").matchAll(/"((?:[a-z-]+\/)+[a-z0-9-]+)\.js"/g)].map((m) => m[1]);
    return named
      .filter((n) => ![n.replace(/^dist./, ""), `src/${n}`].some((path) => existsSync(`${path}.ts`)))
      .map((n) => `bench/${f}: ${n}.js`);
  });
  expect(lost).toEqual([]);
});

test("no architecture is compared outside the caps and instructions of a target", () => {
  const asking = /\barch\s*(?:[!=]==|[<>]=?)/;
  expect(files.filter((f) => !/\/(?:caps|instructions)\.ts$/.test(f) && asking.test(readFileSync(f, "utf8")))).toEqual([]);
});

test("passes over operators and primitives ask no target", () => {
  const free = files.filter((f) => /^passes\/(?:onnx|primitive)\//.test(f));
  const asking = free.flatMap((f) =>
    imports(f)
      .filter((to) => /^(?:src\/claim|passes\/target)\//.test(to))
      .map((to) => `${f} -> ${to}`),
  );
  expect(asking).toEqual([]);
});

/** What a file exports that runs, by the comment above it. */
const passesOf = (f: string): [name: string, comment: string][] =>
  [
    ...readFileSync(f, "utf8").matchAll(
      /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+)(?:: (?:Pass|TargetPass|QuantisePass|Stage))? = (?:definePass\(|\{\n  name:)/g,
    ),
  ].map((m) => [m[2], m[1]]);

test("each pass says what becomes of what and when it declines, and stands in a list", () => {
  const all = files.filter((f) => /^passes\/(?:onnx|primitive|quantise|target)\//.test(f)).flatMap(passesOf);
  const lists = ["passes/pipeline.ts", "passes/stages.ts", "passes/quantise/pipeline.ts"].map((f) => readFileSync(f, "utf8")).join();
  expect(all.length).toBeGreaterThan(25);
  expect(all.filter(([, comment]) => !/=>|stays as it is|^\s*\*? ?The same/.test(comment)).map(([name]) => name)).toEqual([]);
  expect(all.filter(([, comment]) => !/Skipped|stays as it is|^\s*\*? ?The same/.test(comment)).map(([name]) => name)).toEqual([]);
  expect(all.filter(([name]) => !new RegExp(`\\b${name},|stage: ${name}\\b`).test(lists)).map(([name]) => name)).toEqual([]);
});

test("no opset checks outside src/onnx", () => {
  const checking = files.filter((f) => !f.startsWith("src/onnx/") && /opset(Version)?\s*[<>]=?\s*\d/.test(readFileSync(f, "utf8")));
  expect(checking).toEqual([]);
});

test("no any, no switched-off types", () => {
  const loose = files.filter((f) => /\bas any\b|: any[;,)\]>]|@ts-ignore|@ts-expect-error/.test(readFileSync(f, "utf8")));
  expect(loose).toEqual([]);
});

/** The language of formulas is the user's; what `api/index.ts` names is too. */
test("nothing is exported that no other file reads", () => {
  const all = [...files, ...["test", "bench", "samples"].flatMap(scripts)];
  const readers = new Map<string, number>();
  for (const f of all) for (const word of new Set(readFileSync(f, "utf8").match(/\w+/g))) readers.set(word, (readers.get(word) ?? 0) + 1);
  const own = files.filter((f) => !/^src\/ops\/(lang\/|formulas\/)|\.gen\.ts$/.test(f));
  const unread = own.flatMap((f) => {
    const names = [...readFileSync(f, "utf8").matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)].map(
      (m) => m[1],
    );
    return names.filter((name) => readers.get(name) === 1).map((name) => `${f}: ${name}`);
  });
  expect(unread).toEqual([]);
});

/** Where text is compared, a pattern is tried, or a table is asked: not where a row of data names what it is of. */
function comparedTexts(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const out: string[] = [];
  const isCompared = (node: ts.Node): boolean => {
    const { parent } = node;
    if (ts.isBinaryExpression(parent)) return /^[!=]==?$/.test(parent.operatorToken.getText());
    if (ts.isCallExpression(parent))
      return /\.(?:startsWith|endsWith|includes|indexOf|match|search|test)$/.test(parent.expression.getText());
    return ts.isCaseClause(parent) || (ts.isPropertyAssignment(parent) && parent.name === node);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node) || (ts.isStringLiteralLike(node) && isCompared(node))) out.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return out;
}

test("no chip is told by its name where checkpoints are served, times estimated and models assessed", () => {
  const rooms = ["src/serve/", "src/estimate/", "src/assess/"];
  const names = chipRows.flatMap((r) => [r.name, ...r.aliases]).filter((n) => n.length > 2 && !/^\d+$/.test(n));
  const spelled = [...names, "Ascend", "Atlas", "MLU", "NVIDIA", "310P", "910B", "910_93", "Kunlun"];
  const speaks = (text: string): boolean => spelled.some((n) => text.includes(n));
  const found = files
    .filter((f) => rooms.some((r) => f.startsWith(r)))
    .flatMap((f) =>
      comparedTexts(f)
        .filter(speaks)
        .map((t) => `${f}: ${t}`),
    );
  expect(found).toEqual([]);
});

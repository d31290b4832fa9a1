/** What a refusal is laid to and what it needs: in branches as outside, never more than is known; every code has its meaning in Chinese. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assessModel, inLanguage } from "../../src/api/assess.js";
import type { ModelReport } from "../../src/assess/report.js";
import { needOf } from "../../src/assess/refused.js";
import { verdictOf } from "../../src/assess/verdict.js";
import { workList } from "../../src/assess/work.js";
import { problem } from "../../src/base/diagnostic.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { refusals } from "../../src/words/refusals.js";
import { graphAttr, info, modelBytes, node } from "../onnx/build-model.js";
import { chip } from "./pages.js";

async function reportOn(bytes: Uint8Array): Promise<ModelReport> {
  const { report } = await assessModel(bytes, { chips: ["Ascend910B2"] });
  if (!report) throw new Error("no report");
  return report;
}

/** An If on data, one branch of which holds an operator of nobody's between two that are known. */
function branches(): Uint8Array {
  const branch = (op: string, domain: string) => ({
    name: op,
    node: [
      { ...node("Relu", ["x"], [`r${op}`]), name: `relu of ${op}` },
      { ...node(op, [`r${op}`], [`of${op}`]), domain, name: `the ${op}` },
    ],
    output: [info(`of${op}`, [2])],
  });
  const choice = [graphAttr("then_branch", branch("Neg", "")), graphAttr("else_branch", branch("Frob", "com.nobody"))];
  const graph = {
    input: [info("x", [2]), info("c", [], 9)],
    output: [info("y", [2])],
    node: [{ ...node("If", ["c"], ["y"], choice), name: "if" }],
  };
  return modelBytes({ graph, more: { opsetImport: ["", "com.nobody"].map((domain) => ({ domain, version: domain === "" ? 17 : 1 })) } });
}

test("an unknown operator in a branch needs a kernel there too, and what stands beside it is not refused", async () => {
  const { nodes, chips, work } = await reportOn(branches());
  expect(chips[0].verdict).toBe("kernels");
  const hows = nodes.map((n, i) => [n.name, chips[0].ways[chips[0].nodes?.[i] ?? -1].how]);
  expect(Object.fromEntries(hows)).toEqual({
    "relu of Neg": "undecided",
    "the Neg": "undecided",
    "relu of Frob": "undecided",
    "the Frob": "refused",
    if: "undecided",
  });
  expect(work.filter((w) => w.mandatory).map((w) => [w.kind, w.what.with?.["op"], w.nodes])).toEqual([["kernel", "com.nobody::Frob", 1]]);
});

test("compile's sentence stands as a quotation beside its meaning in Chinese", async () => {
  const [item] = (await reportOn(branches())).work;
  expect(inLanguage(item.what, "zh")).toMatch(
    /尚不支持算子 com\.nobody::Frob.*编译器原文：“com\.nobody::Frob "the Frob": Portolan has no meaning/,
  );
  expect(inLanguage(item.what, "en")).toMatch(/^write a formula or kernel for com\.nobody::Frob \(1 node\): com\.nobody::Frob "the Frob"/);
});

test("a refusal that no node is blamed for, or of a code that tells nothing, promises no remedy", async () => {
  const { target } = await chooseTarget("cann");
  const carried = (...codes: string[]) => ({
    refusals: codes.map((code) => problem(code, "something")),
    ...{ faults: [], refused: new Map(), undecided: new Set<never>() },
  });
  const verdictFor = (...codes: string[]) => verdictOf(carried(...codes), [], target).verdict;
  expect(verdictFor("unsupported-op")).toBe("refused");
  expect(verdictFor("never-heard-of")).toBe("refused");
  expect(verdictFor("never-heard-of", "dynamic-extent")).toBe("refused");
  expect(verdictFor("dynamic-extent")).toBe("rewrites");
  expect(verdictFor("device-memory-exceeded", "never-heard-of")).toBe("blocked");
  const whole = chip("P800", { verdict: "refused", ways: [], nodes: [], diagnostics: [problem("never-heard-of", "something")], steps: [], memory: null, precision: [] }); // prettier-ignore
  expect(workList([], [whole]).map((w) => [w.kind, w.what.key])).toEqual([["cause", "work.cause.whole"]]);
});

/** Rooms that compile lowers a loaded model in. */
const rooms = ["src/plan", "src/kernel", "src/claim", "src/emit", "src/program", "passes/target", "passes/primitive", "targets"];

function codesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".ts"))
    .flatMap((f) => {
      const text = readFileSync(join(folder, f), "utf8");
      return [...text.matchAll(/\b(?:fail|problem)\(\s*"([a-z-]+)"/g)].flatMap((m) => {
        const call = text.slice(m.index, text.indexOf(";", m.index));
        return /severity: "(?:warning|note)"/.test(call) ? [] : [m[1]];
      });
    });
}

test("every code with which a node can be refused has its meaning in the catalogue", () => {
  const codes = [...new Set(rooms.flatMap(codesIn))].filter((c) => !c.startsWith("text-"));
  expect(codes).toContain("no-schedule");
  expect(codes.filter((code) => !Object.hasOwn(refusals, `refusal.${code}`))).toEqual([]);
});

test("only codes that say so are mended by rewriting or a kernel", () => {
  const told = Object.keys(refusals).map((key) => key.replace("refusal.", ""));
  const of = (need: string): string[] => told.filter((code) => needOf(problem(code, "")) === need);
  expect(of("none")).toEqual(["device-memory-exceeded"]);
  expect(of("unknown")).toEqual(expect.arrayContaining(["internal", "operator-rule", "unsupported-op"]));
});

/** A model's assessment as a terminal shows it: nothing twice, nothing left out in silence, lists as each language writes them. */
import { expect, test } from "vitest";
import { terminalReport } from "../../src/cli/assess-terminal.js";
import { chip, kernelFor, report } from "../assess/pages.js";

const chips = ["Ascend910B2", "Ascend910B4", "Ascend910B3"].map((name) => chip(name));
const work = Array.from({ length: 11 }, (_, i) => kernelFor(`Op${i}`, ["Ascend910B2"]));
const many = report({ chips, work });

test("what is said of several chips is said once, in lists of the language", () => {
  const lines = (language: "en" | "zh"): string[] => terminalReport(many, language).split("\n");
  expect(lines("en").filter((l) => l.includes("in 9 steps"))).toEqual([
    "Ascend910B2, Ascend910B4, Ascend910B3: compiles as it is, in 9 steps",
  ]);
  expect(lines("zh").filter((l) => l.includes("共 9 步"))).toEqual(["Ascend910B2、Ascend910B4、Ascend910B3：可直接编译：共 9 步"]);
});

test("work that is not listed is counted", () => {
  expect(terminalReport(many, "en")).toContain("and 3 items more, which --report and --json list");
  expect(terminalReport(report({ chips, work: work.slice(0, 8) }), "en")).not.toContain(" more, which");
});

test("one of anything is one", () => {
  const one = { ways: [chip("x").ways[1]], nodes: [0], why: [{ key: "verdict.ready", with: { n: 1 } }] };
  const text = terminalReport(report({ chips: [chip("P800", one)] }), "en");
  expect(text).toMatch(/\b1 generated kernel\b/);
  expect(text).toContain("P800: compiles as it is, in 1 step\n");
});

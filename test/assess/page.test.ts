/** Pages of assessments: they ask for nothing, say everything in both languages, and no name in a model can write into them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium, openBrowser, type Browser } from "../../bench/browser.mjs";
import { assessModel } from "../../src/api/assess.js";
import type { ModelReport } from "../../src/assess/report.js";
import { gapsOf } from "../../src/assess/page/gaps.js";
import { portfolioPage, reportPage } from "../../src/api/assess-page.js";
import { assessmentPage } from "../../src/assess/page.js";
import { info, modelBytes, node, weights } from "../onnx/build-model.js";
import { checkPage, lookAt } from "./page-checks.js";
import { bare, chip, evil, kernelFor, report } from "./pages.js";

/** A product, a sigmoid, and layers that repeat. */
function small(): Uint8Array {
  const layers = Array.from({ length: 6 }, (_, i) => [
    node("MatMul", [`x${i}`, "w"], [`m${i}`]),
    node("Add", [`m${i}`, "b"], [`a${i}`]),
    node("Sigmoid", [`a${i}`], [`x${i + 1}`]),
  ]);
  const initializer = [
    weights(
      "w",
      [8, 8],
      Array.from({ length: 64 }, (_, i) => i / 64),
    ),
    weights("b", [8], Array(8).fill(0.5)),
  ];
  return modelBytes({ graph: { node: layers.flat(), input: [info("x0", ["batch", 8])], output: [info("x6", ["batch", 8])], initializer } });
}

const broken = [{ model: evil, diagnostics: [{ code: "not-onnx", severity: "error" as const, message: evil, fix: evil }] }];
const others = report({
  model: { ...report().model, name: "other" },
  chips: [chip("MLU590", bare)],
  work: [kernelFor("Odd", ["MLU590"]), kernelFor("Even", ["MLU590"])],
});

/** Nothing stands behind what is refused. */
const settled = report({
  chips: report().chips.map((c) => ({ ...c, ...(c.nodes && { nodes: c.nodes.filter((at) => c.ways[at]?.how !== "undecided") }) })),
});

const pages: Record<string, string> = {
  "every verdict": assessmentPage(report(), "en"),
  "nothing compiled": assessmentPage(
    report({
      chips: [
        chip("P800", {
          verdict: "kernels",
          ...bare,
          ways: [{ how: "refused", types: [], calls: [], why: evil }],
          nodes: Array(24).fill(0),
        }),
      ],
      work: [],
      variants: [],
      layers: undefined,
      sizes: {},
    }),
    "zh",
  ),
  "no chip known node by node": assessmentPage(
    report({ chips: [{ ...chip("Nobody's", { verdict: "unknown", ways: [], ...bare }), nodes: undefined }] }),
    "en",
  ),
  "several models": portfolioPage({ reports: [settled, others], checkpoints: [], broken }, "en"),
  "no models": portfolioPage({ reports: [], checkpoints: [], broken: [] }, "zh"),
};

beforeAll(async () => {
  const { report: real } = await assessModel(small(), { baseline: "A100" });
  if (!real) throw new Error("the model was not assessed");
  pages["a model"] = await reportPage(real, "zh");
});

const names = ["every verdict", "nothing compiled", "no chip known node by node", "several models", "no models", "a model"];

describe.each(names)("the page of %s", (name) => {
  checkPage(() => pages[name]);
});

test("names stand there as they are", () => {
  expect(pages["every verdict"]).toContain(
    "&lt;/style&gt;&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=&#39;x\ufffd[31m\ufffd\u05d0&amp;amp;",
  );
});

test("the first screen says how many run, on how many cards, what must be done, and what nobody confirms", () => {
  const text = pages["every verdict"].replace(/<span lang="zh">[^<]*<\/span>|<[^>]*>/g, "").replace(/\s+/g, " ");
  for (const told of [
    "On 2 of 5 chips, as it is",
    "One card is enough",
    "1 thing to do first, 2 – 15 person-days",
    "1 vendor symbol unconfirmed",
  ])
    expect(text).toContain(told);
  expect(pages["nothing compiled"]).toContain("尚无可编译的结果");
});

test("what tells chips apart stands before what is the same", () => {
  const two = assessmentPage(report({ chips: [chip("Ascend910B2"), chip("Ascend910B4", { verdict: "uncertain" })] }), "en");
  const table = two.slice(two.indexOf("compare-table-caption"), two.indexOf("</table>", two.indexOf("compare-table-caption")));
  const placeOf = (key: string): number => table.indexOf(`<span lang="en">${key}</span>`);
  const places = ["These tell the chips apart", "verdict", "These are the same on all chips", "memory"].map(placeOf);
  expect(places[0]).toBeGreaterThan(0);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  const alike = assessmentPage(report({ chips: ["Ascend910B2", "Ascend910B4"].map((c) => chip(c, { target: "cann" })) }), "en");
  expect(alike).not.toContain("These tell the chips apart");
});

test("work unlocks a model where nothing else is left, and concerns it elsewhere", () => {
  const text = pages["several models"];
  const row =
    text
      .slice(text.indexOf("gaps-table-caption"))
      .split("<tr")
      .find((r) => r.includes("kernel for Odd")) ?? "";
  const cells = [...row.matchAll(/<td class="number">(\d+)<\/td>/g)].map((m) => m[1]);
  expect(cells).toEqual(["1", "1"]);
  expect(row).toContain("(6 nodes)");
});

test("what stands behind a refusal and was never asked keeps work from unlocking a model", () => {
  const placesOf = (one: ModelReport) => gapsOf([one]).filter((g) => g.mandatory).map((g) => [g.unlocks, g.concerns]); // prettier-ignore
  expect(placesOf(settled)).toEqual([[[0], []]]);
  expect(placesOf(report())).toEqual([[[], [0]]]);
});

test("stays below a megabyte for each thousand nodes", () => {
  const many = 1000;
  const chips = Array.from({ length: 9 }, (_, c) =>
    chip(`Chip${c}`, {
      nodes: Array.from({ length: many }, (_, i) => (i * (c + 1)) % 8),
      steps: Array.from({ length: many }, (_, i) => ({
        ...chip("x").steps[i % 12],
        id: `a_step_with_a_long_name_${i}`,
        flops: 1e6 * (1 + ((i * 7919) % 997)),
      })),
    }),
  );
  const text = assessmentPage(
    report({
      chips,
      nodes: Array.from({ length: many }, (_, i) => ({
        name: `/model/layers.${i}/self_attention/query/MatMul_${i}`,
        op: `Op${i % 40}`,
        reads: [i - 1, i - 1 - (i % 7)].filter((r) => r >= -1),
      })),
    }),
    "en",
  );
  expect(Buffer.byteLength(text)).toBeLessThan(1e6);
});

describe.skipIf(!chromium)("in a browser", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-page-"));
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const place = (name: string): string => {
    const file = join(folder, `${names.indexOf(name)}.html`);
    writeFileSync(file, pages[name]);
    return `file://${file}`;
  };

  test.each(names)("%s: no request, no complaint, nothing sticks out, nothing serious in axe", async (name) => {
    await lookAt(browser, place(name));
  });

  test("under its own policy too it runs without a word of complaint; the switch shows the other language", async () => {
    const page = await browser.open(place("every verdict"));
    const shown = (): Promise<unknown> =>
      page.evaluate(
        `[...document.querySelectorAll("h2 span")].filter((s) => s.offsetParent).map((s) => s.lang).filter((l, i, a) => a.indexOf(l) === i).join()`,
      );
    expect([await page.evaluate("document.documentElement.lang"), await shown()]).toEqual(["en", "en"]);
    await page.evaluate(`document.querySelector("[data-language=zh]").click()`);
    expect([await page.evaluate("document.documentElement.lang"), await shown()]).toEqual(["zh", "zh"]);
    expect([page.requests(), page.complaints]).toEqual([[], []]);
    await page.close();
  });

  test("nodes are filtered, chips chosen, rows sorted", async () => {
    const page = await browser.open(place("every verdict"));
    const rows = (): Promise<unknown> => page.evaluate(`document.querySelectorAll("#nodes-body tr").length`);
    expect(await rows()).toBe(24);
    await page.evaluate(`(() => { const f = document.getElementById("filter"); f.value = "n11"; f.dispatchEvent(new Event("input")); })()`);
    expect(await rows()).toBe(1);
    await page.evaluate(`document.querySelector(".view a[data-how=refused]").click()`);
    await page.evaluate(`(() => { const f = document.getElementById("filter"); f.value = ""; f.dispatchEvent(new Event("input")); })()`);
    expect(await rows()).toBe(3);
    await page.evaluate(
      `(() => { const s = document.getElementById("view"); s.selectedIndex = 1; s.dispatchEvent(new Event("change")); })()`,
    );
    expect(await page.evaluate(`[...document.querySelectorAll(".view")].map((v) => v.hidden).join()`)).toBe("true,false,true");
    const days = `[...document.querySelectorAll("#work-table tbody tr")].map((r) => r.cells[0].textContent.includes("must")).join()`;
    expect(await page.evaluate(days)).toBe("true,false");
    const sort = `document.querySelector("#work-table thead button").click()`;
    await page.evaluate(`${sort}; ${sort}`);
    expect(await page.evaluate(days)).toBe("false,true");
    await page.close();
  });

  test("without scripts the first language can be read, and what needs them is not offered", async () => {
    const page = await browser.open(place("every verdict"), { withoutScripts: true });
    const text = String(await page.evaluate("document.body.innerText"));
    expect(text).toContain("On 2 of 5 chips");
    expect(text).not.toMatch(/直接编译|English/);
    await page.close();
  });
});

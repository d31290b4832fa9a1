/** Pages of checkpoints: they ask for nothing, say everything in both languages, and unknown stays unknown. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium, openBrowser, type Browser } from "../../bench/browser.mjs";
import { assessCheckpoint, type CheckpointAssessment, type CheckpointOptions } from "../../src/api/assess-checkpoint.js";
import { checkpointPage, portfolioPage } from "../../src/api/assess-page.js";
import { said } from "../../src/words/words.js";
import { fieldsOf, type ConfigName } from "../serve/configs.js";
import { checkPage, lookAt } from "./page-checks.js";
import { evil, report } from "./pages.js";

const work = mkdtempSync(join(tmpdir(), "portolan-checkpoint-page-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function assessed(name: ConfigName, options: CheckpointOptions = {}): Promise<CheckpointAssessment> {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(fieldsOf(name)));
  return (await assessCheckpoint(folder, options)).assessment;
}

/** Everything that a folder or a user may name says something nasty; one chip has a price. */
function nasty(a: CheckpointAssessment): CheckpointAssessment {
  const cost = {
    interval: { lo: 1, hi: 2 },
    currency: evil,
    said: said("serve.cost", { currency: evil, lo: "1", hi: "2", basis: said("cost.basis", { years: 3, share: 50 }) }),
  };
  return {
    ...a,
    ...{ folder: `/models/${evil.replaceAll("/", "")}`, family: evil, className: evil },
    quantisation: { ...a.quantisation, said: said("form.other", { method: evil }) },
    notes: [said("serve.gguf-files", { n: evil })],
    chips: a.chips.map((c, i) => ({ ...c, ...(i === 1 && { chip: evil }), ...(i === 0 && { cost }) })),
  };
}

const pages: Record<string, string> = {};
const names = [
  "a mixture that must be converted",
  "a dense model",
  "what no engine takes",
  "nasty names",
  "many of them",
  "models beside them",
] as const;
let mixture: CheckpointAssessment;
let checkpoints: CheckpointAssessment[];

beforeAll(async () => {
  mixture = await assessed("DeepSeek-V3");
  pages[names[0]] = checkpointPage(mixture, "en");
  pages[names[1]] = checkpointPage(await assessed("Qwen3-32B", { batch: 64 }), "zh");
  pages[names[2]] = checkpointPage(await assessed("Qwen3-32B", { chips: ["R200"] }), "en");
  pages[names[3]] = checkpointPage(nasty(mixture), "en");
  checkpoints = [mixture, await assessed("Qwen3-8B", { chips: ["Ascend910B2", "R200"] }), nasty(mixture)];
  pages[names[4]] = portfolioPage({ reports: [], checkpoints, broken: [] }, "zh");
  pages[names[5]] = portfolioPage({ reports: [report()], checkpoints, broken: [] }, "en");
});

const english = (text: string): string => text.replace(/<span lang="zh">[^<]*<\/span>|<[^>]*>/g, "").replace(/\s+/g, " ");

/** A part of a page, by its id. */
const partOf = (text: string, id: string): string => {
  const from = text.indexOf(`<section id="${id}"`);
  return from < 0 ? "" : text.slice(from, text.indexOf("</section>", from));
};

describe.each(names)("the page of %s", (name) => {
  checkPage(() => pages[name]);
});

test("the first screen answers who serves it, on how many cards, how fast on what basis, and what stops us", () => {
  const first = english(pages[names[0]].slice(0, pages[names[0]].indexOf("</header>")));
  for (const told of [
    "DeepSeek-V3",
    "As it is on 1 of 9 chips",
    "Ascend950PR vllm-ascend",
    "8 cards, 16 dies Ascend910C",
    "tokens a second",
    "no measurement of this chip",
    "after conversion Ascend310P3, Ascend910B2",
    "unknown MLU370-X8, MLU590",
    "refused R200",
    "to be quantised as W8A8 by ModelSlim",
  ])
    expect(first).toContain(told);
});

test("what no engine takes is told so, and nothing is made up for it", () => {
  const text = english(pages[names[2]]);
  expect(text).toContain("Nowhere: no engine known here takes it");
  expect(text).toContain("no engine that is known here serves this checkpoint on R200");
  for (const id of ["memory", "speed", "launch"]) expect(partOf(pages[names[2]], id)).toContain('class="empty"');
  expect(text).not.toMatch(/\d tokens a second/);
});

test("each cell says its answer, and its number leads to the reason", () => {
  const part = partOf(pages[names[0]], "engines");
  const cells = [...part.matchAll(/<td class="v-(\w+)">.*?href="#(reason\d+)"/g)];
  const verdicts = mixture.chips.flatMap((c) => c.verdicts.filter((v) => v.reason.key !== "engine.other-chip"));
  expect(cells).toHaveLength(verdicts.length);
  const reasons = [...part.matchAll(/<li id="(reason\d+)"/g)].map((m) => m[1]);
  expect(reasons).toHaveLength(new Set(verdicts.map((v) => JSON.stringify(v.reason))).size);
  expect(new Set(cells.map((c) => c[2]))).toEqual(new Set(reasons));
});

test("a bar goes from the lower to the upper bound on a logarithmic axis, with the middle within it", () => {
  const part = partOf(pages[names[0]], "speed");
  const marks = [...part.matchAll(/<rect class="t-(\w+)" x="([\d.]+)%" width="([\d.]+)%"[^>]*\/><line class="middle" x1="([\d.]+)%"/g)];
  const timed = mixture.chips.filter((c) => c.speed.length > 0);
  expect(marks.map((m) => `basis.${m[1]}`)).toEqual(timed.map((c) => c.basis.key));
  const bars = marks.map((m) => ({ from: Number(m[2]), to: Number(m[2]) + Number(m[3]), at: Number(m[4]) }));
  for (const { from, to, at } of bars) expect([from >= 0, to <= 100, at > from, at < to]).toEqual([true, true, true, true]);
  const rates = timed.map((c) => c.speed[c.speed.length - 1].rate);
  const scale = (bars[1].from - bars[0].from) / Math.log(rates[1].lo / rates[0].lo);
  for (const [i, { from, to }] of bars.entries())
    expect(to - from, timed[i].chip).toBeCloseTo(scale * Math.log(rates[i].hi / rates[i].lo), 0);
});

test("room for the load is marked by both bounds, by one, or by none", () => {
  const part = partOf(pages[names[0]], "memory");
  const cells = [...part.matchAll(/<span class="answered v-(\w+)">.<\/span> (\d+)(?: – (\d+))?/g)];
  expect(cells.length).toBe(mixture.chips.reduce((n, c) => n + c.capacity.length, 0));
  for (const [, kind, lo, hi = lo] of cells) expect(kind).toBe(Number(lo) >= 16 ? "ready" : Number(hi) >= 16 ? "unknown" : "blocked");
});

test("commands stand as a shell reads them, with version and source", () => {
  const part = partOf(pages[names[0]], "launch");
  const commands = [...part.matchAll(/<pre><code>([^]*?)<\/code><\/pre>/g)].map((m) => m[1].replaceAll(" \\\n  --", " --").split("\n"));
  const launches = mixture.chips.flatMap((c) => c.launch ?? []);
  const shown = [...new Map(launches.map((l) => [JSON.stringify(l), l])).values()];
  expect(commands.length).toBe(shown.reduce((n, l) => n + 1 + (l.others ? 1 : 0) + (l.files ?? []).length, 0));
  for (const l of launches) for (const at of [l, l.others ?? l]) expect(commands).toContainEqual([...at.environment, at.command]);
  expect(launches.filter((l) => l.others).length).toBeGreaterThan(0);
  for (const l of launches) expect(english(part)).toContain(`${l.version}; ${l.source}`);
});

test("many checkpoints stand in one map, and each tells engine, answer, cards and speed on each chip", () => {
  const text = pages[names[5]];
  const heads = [...partOf(text, "heat").matchAll(/<th scope="row"><a href="#(\w+)">/g)].map((m) => m[1]);
  expect(heads).toEqual(["model0", "checkpoint0", "checkpoint1", "checkpoint2"]);
  expect(english(partOf(text, "heat"))).toMatch(/✓ serves it [\d.]+ – [\d.]+ tokens\/s/);
  const brief = english(text.slice(text.indexOf('id="checkpoint1"'), text.indexOf('id="checkpoint2"')));
  expect(brief).toMatch(/Ascend910B2 ?✓ serves it ?vllm-ascend ?measured on it ?1 card ?\d+ – [\d. ]+ms – [\d.]+ ms/);
  expect(brief).toMatch(/R200 ?✕ refused ?none ?unknown ?unknown ?unknown/);
  expect(english(text)).toContain("1 model and 3 checkpoints on");
  expect(english(partOf(pages[names[4]], "gaps"))).toBe("");
});

test("a path that tells nothing leaves the class as title", () => {
  expect(checkpointPage({ ...mixture, folder: "./" }, "en")).toContain("<h1><bdi>DeepseekV3ForCausalLM</bdi></h1>");
});

describe.skipIf(!chromium)("in a browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test.each(names)("%s: no request, no complaint, nothing sticks out, nothing serious in axe", async (name) => {
    const file = join(work, `${names.indexOf(name)}.html`);
    writeFileSync(file, pages[name]);
    await lookAt(browser, `file://${file}`);
  });

  test("under its own policy too it runs without a word of complaint", async () => {
    const file = join(work, "own.html");
    writeFileSync(file, pages[names[0]]);
    const page = await browser.open(`file://${file}`);
    await page.evaluate(`document.querySelector("[data-language=zh]").click()`);
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh");
    expect([page.requests(), page.complaints]).toEqual([[], []]);
    await page.close();
  });
});

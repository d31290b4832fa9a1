/**
 * Line 32: the page of every model there is, of one that is refused, of all of them together, and of two checkpoints, as headless Chromium shows it at
 * both widths and on paper, in light and dark, in both languages. Pages and screenshots stay in out/report, to be looked at.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import proto from "onnx-proto";
import { chromium, openBrowser, seriousFindings, sticksOut } from "../browser.mjs";
import { fetchModel, frozenModels, models } from "../models.mjs";
import { exportedModels } from "./exports.mjs";
import { figure, root } from "./measure.mjs";
import { writeDeepseekV3 } from "./sparse-checkpoint.mjs";

const line = 32;
const folder = join(root, "out/report");
/** Of a screenshot, in pixels: what is longer is in several. */
const tallest = 2400;
const views = [
  { width: 1280, scheme: "light", language: "en" },
  { width: 1280, scheme: "dark", language: "zh" },
  { width: 390, scheme: "light", language: "zh" },
  { width: 390, scheme: "dark", language: "en" },
  // A sheet of A4 at 96 pixels an inch.
  { width: 794, scheme: "light", language: "en", media: "print" },
];

/** A model of one operator that nobody has told us of. */
function refused() {
  const { onnx } = proto;
  const value = (name) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } } });
  const graph = {
    name: "g",
    input: [value("x")],
    output: [value("y")],
    node: [{ opType: "Odd", domain: "com.nobody", input: ["x"], output: ["y"] }],
  };
  const opsetImport = ["", "com.nobody"].map((domain) => ({ domain, version: domain === "" ? 17 : 1 }));
  return onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8, opsetImport, graph })).finish();
}

/** Qwen3-0.6B, by its configuration alone: parameters follow from its fields. */
function writeSmallQwen(folder) {
  const sizes = { hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 28, head_dim: 128, vocab_size: 151936 };
  const heads = { num_attention_heads: 16, num_key_value_heads: 8, tie_word_embeddings: true, max_position_embeddings: 40960 };
  const named = { architectures: ["Qwen3ForCausalLM"], model_type: "qwen3", torch_dtype: "bfloat16" };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...named, ...sizes, ...heads }));
}

const checkpoints = [
  { name: "DeepSeek-V3", write: writeDeepseekV3 },
  { name: "Qwen3-0.6B", write: writeSmallQwen },
];

async function checkpointPages(api, check, browser, only) {
  for (const { name, write } of checkpoints.filter((c) => !only || only.some((o) => c.name.startsWith(o)))) {
    const work = mkdtempSync(join(tmpdir(), "portolan-checkpoint-"));
    try {
      const place = join(work, name);
      mkdirSync(place);
      write(place);
      const { assessment } = await api.assessCheckpoint(place);
      await onePage(check, browser, { name, text: api.checkpointPage(assessment, "en"), nodes: 0 });
    } finally {
      rmSync(work, { recursive: true });
    }
  }
}

export async function reports(api, check, { only } = {}) {
  if (!chromium) return check(figure(line, "a browser", "none is installed", "Chromium", false));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const fetched = [...models, ...frozenModels].map(({ name, freeze = {} }) => ({
    name,
    model: fetchModel(name),
    freeze: new Map(Object.entries(freeze)),
  }));
  const wanted = [...fetched, ...exportedModels(), { name: "refused", model: refused() }].filter(
    ({ name }) => !only || only.some((o) => name.startsWith(o)),
  );
  const browser = await openBrowser();
  try {
    const all = [];
    for (const { name, model, freeze } of wanted) {
      const { report, diagnostics } = await api.assessModel(model, { baseline: "A100", ...(freeze && { freeze }) });
      if (!report) {
        check(figure(line, name, diagnostics[0]?.message, "a report", false));
        continue;
      }
      all.push(report);
      await onePage(check, browser, { name, text: await api.reportPage(report, "en"), nodes: report.model.nodes });
    }
    const broken = [{ model: "no-model.onnx", diagnostics: (await api.assessModel(new Uint8Array([1, 2, 3]))).diagnostics }];
    await onePage(check, browser, {
      name: "portfolio",
      text: api.portfolioPage({ reports: all, checkpoints: [], broken }, "en"),
      nodes: all.reduce((n, r) => n + r.model.nodes, 0),
    });
    await checkpointPages(api, check, browser, only);
  } finally {
    await browser.close();
  }
}

async function onePage(check, browser, { name, text, nodes }) {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, text);
  const strict = await browser.open(`file://${file}`);
  await switched(strict, "zh");
  const noise = [...strict.requests(), ...strict.complaints];
  check(
    figure(line, `${name}: requests and complaints under its own policy`, noise.length === 0 ? "0" : noise[0], "0", noise.length === 0),
  );
  await strict.close();
  const megabytes = Buffer.byteLength(text) / 1e6;
  const most = Math.max(1, nodes / 1000);
  check(figure(line, `${name}: MB of ${nodes} nodes`, megabytes.toFixed(2), `< ${most.toFixed(1)}`, megabytes < most));
  const findings = await lookedAt(browser, name, file);
  check(
    figure(
      line,
      `${name}: what sticks out, and serious findings of axe-core`,
      findings.length === 0 ? "0" : findings.slice(0, 2).join("; "),
      "0",
      findings.length === 0,
    ),
  );
}

const switched = (page, language) => page.evaluate(`document.querySelector("[data-language=${language}]").click()`);

/** Screenshots of every view; what is wrong in one. */
async function lookedAt(browser, name, file) {
  const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
  const page = await browser.open(`file://${file}`, { bypassCSP: true });
  const found = [];
  for (const { width, scheme, language, media = "screen" } of views) {
    await page.show({ width, scheme, media });
    await switched(page, language);
    const at = media === "print" ? "print" : `${width}-${scheme}-${language}`;
    const wrong = media === "print" ? [] : [...(await sticksOut(page)), ...(await seriousFindings(page, axe))];
    found.push(...wrong.map((f) => `${at}: ${f}`));
    const height = await page.evaluate("document.documentElement.scrollHeight");
    for (let y = 0, part = 1; y < height; y += tallest, part++)
      writeFileSync(join(folder, `${name}-${at}-${part}.png`), await page.screenshot({ y, height: Math.min(tallest, height - y) }));
  }
  writeFileSync(join(folder, `${name}.pdf`), await page.print());
  await page.close();
  return found;
}

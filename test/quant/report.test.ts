/** The page about a quantised model: it asks for nothing, says what it was told, and no name in a model can write into it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Layer } from "../../src/quant/layers.js";
import { quantiseReport } from "../../src/quant/report.js";

const evil = `</style><script>alert(1)</script>"onload='x`;

const layer = (node: string, more: Partial<Layer> = {}): Layer => ({
  ...{ node, op: "MatMul", held: "w8a8", weightBytes: 4096, heldBytes: 1024, macs: 5000, sqnrDb: 31.26, cosine: 0.9996 },
  ...more,
});

const activation = {
  ...{ tensor: evil, scale: 0.02, zero: -3, lo: -3, hi: 5, clipped: 0.01 },
  kept: [-2.5, 2.6] as const,
  counts: Array.from({ length: 60 }, (_, i) => (i * 37) % 50),
};

const told = {
  ...{ name: `m${evil}.onnx`, scheme: "w8a8", samples: 12 },
  layers: [layer("first", { activations: [activation] }), layer(evil, { held: "float", why: "kept for the budget" }), layer("last")],
  outputs: new Map([["logits", { sqnrDb: 31.26, cosine: 0.9996 }]]),
  choices: [
    { float: 0, sqnrDb: 20, bytes: 3072, macs: 1 },
    { float: 1, sqnrDb: 31, bytes: 6144, macs: 2 / 3 },
  ],
  diagnostics: [{ severity: "warning" as const, code: "calibration-made-up" as const, message: "made-up <inputs>", why: "So it is." }],
};

test("asks for nothing, and its policy lets in its own style alone", () => {
  const text = quantiseReport(told);
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(text).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`);
  expect(text).not.toMatch(/\b(?:src|href|srcset|action|style)=|url\(|@import|https?:/);
  expect(text).not.toMatch(/<script|<link|<iframe|<img|\son\w+=/);
  expect(text.match(/<\/style>/g)).toHaveLength(1);
});

test("says how near, how large and why", () => {
  const text = quantiseReport(told);
  for (const said of ["2 of 3", "66.7 %", "12.0 KiB → 3.0 KiB", "31.3 dB", "0.999600", "float: kept for the budget", "1.0 %"])
    expect(text).toContain(said);
  expect(text).toContain("made-up &lt;inputs&gt;. So it is.");
  expect(text).toContain("1 layer in float: 31.0 dB, 66.7 % of multiplications in integers, 6.0 KiB");
});

test("without samples there are neither figures nor charts", () => {
  const bare = told.layers.map(({ sqnrDb: _, cosine: __, activations: ___, ...rest }) => rest);
  const text = quantiseReport({ ...told, layers: bare, outputs: new Map(), samples: 0, choices: undefined, diagnostics: [] });
  expect(text).toContain("No samples were given");
  expect(text).not.toContain("<svg");
});

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

test.skipIf(!chromium)("a browser shows it without a word of complaint", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-report-"));
  try {
    const file = join(folder, "q.html");
    writeFileSync(file, quantiseReport(told));
    const log = join(folder, "log");
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      `--user-data-dir=${folder}/profile`,
      "--enable-logging",
      `--log-file=${log}`,
    ];
    const dom = execFileSync(chromium ?? "", [...flags, "--dump-dom", `file://${file}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(dom).toContain("Error along depth");
    expect(existsSync(log) ? String(execFileSync("cat", [log])) : "").not.toMatch(/CONSOLE|Content Security Policy/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

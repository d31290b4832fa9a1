/**
 * Fits what serving costs to half of the published documents, and writes what it found (src/estimate/fitted.ts) and the page
 * that sets every measurement beside its interval (docs/calibration.md). No measured value of the other half has a part in it.
 *
 *   npm run build && node bench/calibration.mjs
 *   npm run build && node bench/calibration.mjs --deals     instead: what other halves would have given, dealt at random
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const module = (path) => import(join(root, "dist/src", path));

async function write(path, text) {
  const at = join(root, path);
  writeFileSync(at, await format(text, { ...(await resolveConfig(at)), filepath: at }));
  console.log(path);
}

/** Held-out measurements on Ascend inside, and their width, for eight other deals of the documents. */
async function otherDeals() {
  const { documents } = await module("estimate/measured/documents.js");
  const { fit } = await module("estimate/fit.js");
  const { isAscend, predict, uncovered } = await module("estimate/predict.js");
  let state = 1;
  const random = () => (state = (state * 1103515245 + 12345) % 2 ** 31);
  for (let deal = 1; deal <= 8; deal++) {
    const dealt = documents.map((d) => [random(), d]).sort((a, b) => a[0] - b[0]);
    const half = dealt.length / 2;
    const f = fit(dealt.slice(0, half).map(([, d]) => d));
    const rows = dealt.slice(half).flatMap(([, d]) => d.rows.filter((r) => uncovered(r) === undefined && isAscend(r)));
    const told = rows.map((r) => ({ value: r.value, ...predict(r, f) }));
    const inside = told.filter((e) => e.value >= e.lo && e.value <= e.hi).length / rows.length;
    const width = Math.exp(told.reduce((n, e) => n + Math.log(e.hi / e.lo), 0) / rows.length);
    console.log(`${deal}  ${rows.length} rows, ${Math.round(100 * inside)} % inside, width ${width.toFixed(2)}`);
  }
}

if (process.argv[2] === "--deals") await otherDeals();
else if (process.argv[2] === "--page") await write("docs/calibration.md", (await module("estimate/calibration-page.js")).calibrationPage());
else {
  const { fittedText } = await module("estimate/fitted-text.js");
  const { fit } = await module("estimate/fit.js");
  await write("src/estimate/fitted.ts", fittedText(fit()));
  execFileSync(process.execPath, [join(root, "bench/build.mjs")], { stdio: "inherit" });
  // The page is told by the fit that was just written, which this process has read before.
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--page"], { stdio: "inherit" });
}

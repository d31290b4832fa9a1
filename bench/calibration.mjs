/**
 * Fits what serving costs to half of the published documents, and writes what it found (src/estimate/fitted.ts) and the page
 * that sets every measurement beside its interval (docs/calibration.md). No measured value of the other half has a part in it.
 *
 *   npm run build && node bench/calibration.mjs
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const module = (path) => import(join(root, "dist/src/estimate", path));

async function write(path, text) {
  const at = join(root, path);
  writeFileSync(at, await format(text, { ...(await resolveConfig(at)), filepath: at }));
  console.log(path);
}

if (process.argv[2] === "--page") await write("docs/calibration.md", (await module("calibration-page.js")).calibrationPage());
else {
  const { fittedText } = await module("fitted-text.js");
  const { fit } = await module("fit.js");
  await write("src/estimate/fitted.ts", fittedText(fit()));
  execFileSync(process.execPath, [join(root, "bench/build.mjs")], { stdio: "inherit" });
  // The page is told by the fit that was just written, which this process has read before.
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--page"], { stdio: "inherit" });
}

/** The fit as the file that keeps it. */
import type { Fitted } from "./bounds.js";

export function fittedText(f: Fitted): string {
  const head =
    "/** What `bench/calibration.mjs` found from half of the published documents; written by it, and compared by a test. */\n" +
    'import type { Fitted } from "./bounds.js";\n\n';
  return `${head}export const fitted: Fitted = ${JSON.stringify(f)};\n`;
}

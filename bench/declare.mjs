/**
 * Writes what each target's records say to its twin: declarations of library calls, and lines for each vector instruction.
 * They are committed beside the twins' sources, and a test proves them current.
 *
 *   npm run declare        after a build
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./acceptance/measure.mjs";

const { chooseTarget, targetNames } = await import("../dist/src/driver/targets.js");
for (const name of targetNames) {
  const { target } = await chooseTarget(name);
  for (const [path, text] of Object.entries(target.declarations())) writeFileSync(join(root, target.twinFolder, path), text);
}

/** What the twins are told follows from the records: the committed files are what `npm run declare` writes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseTarget, targetNames } from "../../src/driver/targets.js";

test.each(targetNames)("%s: the twin's generated files are current", async (name) => {
  const { target } = await chooseTarget(name);
  for (const [path, text] of Object.entries(target.declarations()))
    expect(readFileSync(join(target.twinFolder, path), "utf8"), path).toBe(text);
});

/** No helper of portolan_xpu.h is said to use an instruction that its text does not come to: a bundle's evidence follows from it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { helpers } from "../../../targets/kunlun/intrinsics.js";
import { root } from "./twin.js";

const header = readFileSync(join(root, "targets/kunlun/runtime/portolan_xpu.h"), "utf8")
  .split("\n")
  .filter((line) => !line.trim().startsWith("//"))
  .join("\n");

/** The text of each function and macro; overloads together. */
const texts = new Map<string, string>();
for (const [, name, body] of header.matchAll(/^static (?:__device__ )?inline [^({]*?(\w+)\([^{]*\) (\{[^\n]*\}$|\{\n[\s\S]*?\n\})/gm))
  texts.set(name, (texts.get(name) ?? "") + body);
const [fold = ""] = header.match(/#define PTL_FOLD(?:.*\\\n)*.*/) ?? [];
for (const [, name, type, op] of header.matchAll(/^PTL_FOLD\((\w+), (\w+), (\w+)\)/gm))
  texts.set(name, `${texts.get(name) ?? ""} ${op} ${fold.replaceAll("##TYPE##", type)}`);

function reached(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = texts.get(name) ?? "";
  for (const word of text.match(/[A-Za-z_]\w*(?:\.r[nz])?/g) ?? []) reached(word, seen);
  return seen;
}

test.each(Object.entries(helpers))("%s", (name, uses) => {
  expect(texts.has(name)).toBe(true);
  const words = reached(name);
  expect(uses.filter((symbol) => !words.has(symbol))).toEqual([]);
});

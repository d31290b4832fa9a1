/** What the records say of their witnesses, whatever the target: nothing contradicted, and no doubt without its ground. */
import { expect, test } from "vitest";
import { chooseTargets, targetNames } from "../../src/driver/targets.js";
import { evidenceOfTarget } from "../../src/api/targets.js";
import { evidenceOf, unwitnessed, withoutWitness, witnessRemark } from "../../src/claim/witness.js";

const targets = (await chooseTargets("all")).map(({ target }) => target);

test.each(targetNames)("%s uses no symbol that public evidence contradicts", (name) => {
  const target = targets.find((t) => t.name === name);
  expect(target && evidenceOfTarget(target).contradicted).toEqual([]);
});

test.each(targetNames)("%s: a confirmed symbol names its witnesses, an unwitnessed one what it rests on", (name) => {
  const symbols = Object.entries(targets.find((t) => t.name === name)?.symbols ?? {});
  for (const [symbol, { witness, assumption }] of symbols) {
    if (witness.verdict === "confirmed")
      expect(witness.sources.every((s) => s.trim().length > 3) && witness.sources.length > 0, symbol).toBe(true);
    if (witness.verdict === "unwitnessed") expect(assumption, symbol).toMatch(/^[A-Z]+\d+: /);
  }
});

test("a number stands for one assumption", () => {
  const said = new Map<string, string>();
  const texts = targets.flatMap(({ symbols }) => Object.values(symbols).flatMap((s) => s.assumption?.split(/; (?=[A-Z]\d)/) ?? []));
  for (const text of texts) {
    const [number] = text.split(":");
    expect(said.get(number) ?? text, number).toBe(text);
    said.set(number, text);
  }
  expect(said.size).toBeGreaterThan(5);
});

test("an unwitnessed symbol is E0 whatever it was read in, and is named", () => {
  const symbols = { sure: { evidence: "E1" }, lone: { evidence: "E1", witness: unwitnessed("nothing found") } } as const;
  expect([evidenceOf(symbols.sure), evidenceOf(symbols.lone), evidenceOf(undefined)]).toEqual(["E1", "E0", "E0"]);
  expect(withoutWitness(["sure", "lone"], symbols)).toEqual(["lone"]);
  expect(witnessRemark(["sure"], symbols)).toBeUndefined();
  expect(witnessRemark(["sure", "lone"], symbols)).toContain("lone");
});

/** The catalogue of sentences: nothing untranslated, the same gaps in both languages. */
import { expect, test } from "vitest";
import { languages } from "../../src/base/said.js";
import { fieldKeys } from "../../src/chips/fields.js";
import { assess } from "../../src/words/assess.js";
import { checkpointPages } from "../../src/words/checkpoint-page.js";
import { code } from "../../src/words/code.js";
import { figures } from "../../src/words/fields.js";
import { pages } from "../../src/words/page.js";
import { refusals } from "../../src/words/refusals.js";
import { serve } from "../../src/words/serve.js";
import { units } from "../../src/words/units.js";
import { inLanguage, said, words, type Words } from "../../src/words/words.js";

const all = Object.entries<Words>(words);
const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)[|}]/g)].map((m) => m[1]).sort();

test("every sentence is there in both languages, with the same gaps", () => {
  const wrong = all.filter(([, w]) => languages.some((l) => w[l].trim() === "") || `${gaps(w.en)}` !== `${gaps(w.zh)}`);
  expect(wrong.map(([key]) => key)).toEqual([]);
});

test("no two rooms keep words under one key", () => {
  expect(all.length).toBe(
    [assess, checkpointPages, code, figures, pages, refusals, serve, units].reduce((n, room) => n + Object.keys(room).length, 0),
  );
});

test("what is Chinese holds Chinese characters", () => {
  const latin = all.filter(([, { zh }]) => !/\p{Script=Han}/u.test(zh)).map(([key]) => key);
  expect(latin).toEqual([]);
});

test("gaps are filled, by sentences too", () => {
  expect(inLanguage(said("unit.cards", { n: said("unit.unknown") }), "en")).toBe("unknown cards");
  expect(() => inLanguage(said("unit.cards"), "zh")).toThrow("gap");
});

test("a word that counts follows its number", () => {
  expect([1, 2].map((n) => inLanguage(said("unit.cards", { n }), "en"))).toEqual(["1 card", "2 cards"]);
});

test("every figure of a chip has a name", () => {
  expect(Object.keys(figures)).toEqual(fieldKeys.map((key) => `field.${key}`));
});

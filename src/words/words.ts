/** Every sentence of an assessment, in English and Chinese, by key. Names of operators, functions, types and tensors stay as their owners spell them. */
import type { Language, Said } from "../base/said.js";
import { invariant } from "../base/diagnostic.js";
import { assess } from "./assess.js";
import { checkpointPages } from "./checkpoint-page.js";
import { pages } from "./page.js";
import { figures } from "./fields.js";
import { refusals } from "./refusals.js";
import { serve } from "./serve.js";
import { code } from "./code.js";
import { units } from "./units.js";

/** A sentence with gaps: `{name}`, or with the word that counts, `{n|node|nodes}`. */
export type Words = Readonly<Record<Language, string>>;

export const words = {
  ...assess,
  ...checkpointPages,
  ...code,
  ...figures,
  ...pages,
  ...refusals,
  ...serve,
  ...units,
} as const satisfies Readonly<Record<string, Words>>;

export type WordKey = keyof typeof words;

/** A sentence to be said later. Throws an internal error where a gap stays empty, when it is said. */
export function said(key: WordKey, gaps?: Said["with"]): Said {
  return gaps === undefined ? { key } : { key, with: gaps };
}

/** The sentence in a language, its gaps filled; what stands in one may be a sentence itself. */
export function inLanguage({ key, with: gaps = {} }: Said, language: Language): string {
  const found: Words | undefined = Object.hasOwn(words, key) ? words[key as WordKey] : undefined;
  invariant(found, `no words are kept under "${key}"`);
  return found[language].replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, gap: string, one?: string, many?: string) => {
    const value = gaps[gap];
    invariant(value !== undefined, `"${key}" has nothing for its gap "${gap}"`);
    const text = typeof value === "object" ? inLanguage(value, language) : `${value}`;
    return one === undefined ? text : `${text} ${text === "1" ? one : many}`;
  });
}

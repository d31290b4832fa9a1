/** The language a user reads, from the variables that say so on every system. */
import type { Language } from "./said.js";

/** LC_ALL goes before LC_MESSAGES, that before LANG; whatever is not Chinese is English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return /^zh\b|^zh_/i.test(locale) ? "zh" : "en";
}

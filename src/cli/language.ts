/** The language a report is read in. */
import { languageOf } from "../base/language.js";
import type { Language } from "../base/said.js";
import type { CommandCall } from "./io.js";

/** Of --lang, else of the terminal. */
export function languageFor({ options }: CommandCall): Language {
  return (options["lang"] as Language | undefined) ?? languageOf(process.env);
}

/** What every page of an assessment has: its frame, the switch of languages, and where its parts are. */
import { languages, type Language } from "../../base/said.js";
import { html, page, type Markup } from "../../report/markup.js";
import type { WordKey } from "../../words/words.js";
import { both } from "./both.js";
import { script } from "./script.js";
import { pageStyle } from "./style.js";

interface Shell {
  readonly title: string;
  readonly language: Language;
  readonly body: Markup;
}

/** Languages by their own names, which are the same in all of them. */
const called: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

export function shell({ title, language, body }: Shell): string {
  const button = (l: Language): Markup =>
    html`<button type="button" data-language="${l}" lang="${l}" aria-pressed="${l === language ? "true" : "false"}">${called[l]}</button>`;
  const tongue = html`<div class="tongue" role="group" data-needs-script>${languages.map(button)}</div>`;
  return page({ title, language, style: pageStyle, script, body: html`${tongue}<main>${body}</main>` });
}

export function contents(parts: readonly (readonly [string, WordKey])[]): Markup {
  return html`<nav class="contents" aria-labelledby="contents"><h2 id="contents" class="unseen">${both("page.contents")}</h2><ul>${parts.map(([id, key]) => html`<li><a href="#${id}">${both(key)}</a></li>`)}</ul></nav>`;
}

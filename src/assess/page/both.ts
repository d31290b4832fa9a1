/** Sentences in both languages at once: the style shows the one that the page's root names. */
import { languages, type Said } from "../../base/said.js";
import { readableSeconds } from "../../base/units.js";
import type { Interval } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipReport, How } from "../report.js";
import { inLanguage, said, type WordKey } from "../../words/words.js";

type Gaps = Said["with"];

export function both(key: WordKey, gaps?: Gaps): Markup {
  return told(said(key, gaps));
}

export function told(sentence: Said): Markup {
  return html`${languages.map((l) => html`<span lang="${l}">${inLanguage(sentence, l)}</span>`)}`;
}

/** Inside a text of a drawing. */
export function drawn(key: WordKey, gaps?: Gaps): Markup {
  return html`${languages.map((l) => html`<tspan lang="${l}">${inLanguage(said(key, gaps), l)}</tspan>`)}`;
}

/** Where only plain text can stand: the tip of a mark. */
export function joined(key: WordKey, gaps?: Gaps): string {
  const [en, zh] = languages.map((l) => inLanguage(said(key, gaps), l));
  return en === zh ? en : `${en} · ${zh}`;
}

/** A name that somebody else gave: it keeps its own direction. */
export const name = (text: string): Markup => html`<bdi>${text}</bdi>`;

/** A name of a chip or target that may break before its digits. */
export const breakable = (text: string): Markup =>
  html`${text.split(/(?<=[a-z:])(?=[A-Z0-9])|(?<=[_-])/).map((part, i) => html`${i > 0 ? html`<wbr>` : undefined}${part}`)}`;

/** What compile or a document says, in its own words. */
export const quoted = (text: string): Markup => html`<q lang="en">${text}</q>`;

/** What is little is not nothing, and what is nearly all is not all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  return share < 1 && share > 0.9995 ? "> 99.9 %" : `${Number((100 * share).toFixed(1))} %`;
}

export function spanOf({ lo, hi }: Interval, spell: (x: number) => string): string {
  const [low, high] = [spell(lo), spell(hi)];
  return low === high ? low : `${low} – ${high}`;
}

const seconds = (x: number): string => readableSeconds(Number(x.toPrecision(2)));

export const timeOf = (interval: Interval): string => spanOf(interval, seconds);

export const daysOf = ({ lo, hi }: Interval): string => (lo === hi ? `${lo}` : `${lo} – ${hi}`);

const prefixes = ["", "k", "M", "G", "T", "P", "E"];

/** Three digits and a prefix: "1.85 T". */
export function count(x: number): string {
  const step = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, x)) / 3)));
  return `${Number((x / 1000 ** step).toPrecision(3))} ${prefixes[step]}`.trim();
}

/** Of a chip whose documents alone were asked, what they do not describe is not refused. */
export const howKey = (how: How, { verdict }: Pick<ChipReport, "verdict">): WordKey =>
  verdict === "documented" && (how === "refused" || how === "call") ? `page.documented.${how}` : `how.${how}`;

export const howWord = (how: How, chip: Pick<ChipReport, "verdict">): Markup => both(howKey(how, chip));

/** What marks and colours mean, beside each drawing that uses them. */
import { html, type Markup } from "../../report/markup.js";
import type { Bound, ChipReport, How, StepReport } from "../report.js";
import { both, howWord } from "./both.js";
import { howMarks, hows } from "./view.js";

export const bounds: readonly Bound[] = ["compute", "bandwidth", "launch"];
const boundMarks: Readonly<Record<Bound, string>> = { compute: "×", bandwidth: "⇄", launch: "↦" };

/** Words stand beside it: nobody needs to hear it. */
export const howMark = (how: How): Markup => html`<span class="m h-${how}" aria-hidden="true">${howMarks[how]}</span>`;
export const boundMark = (b: Bound): Markup => html`<span class="m b-${b}" aria-hidden="true">${boundMarks[b]}</span>`;

/** Of what is used, in the order of all pages. */
export function howLegend(used: Iterable<How>, chip: Pick<ChipReport, "verdict"> = { verdict: "ready" }): Markup {
  const some = new Set(used);
  return html`<ul class="legend">
    ${hows.filter((h) => some.has(h)).map((h) => html`<li>${howMark(h)} ${howWord(h, chip)}</li>`)}
  </ul>`;
}

export function boundLegend(): Markup {
  return html`<ul class="legend">
    ${bounds.map((b) => html`<li>${boundMark(b)} ${both(`page.bound.${b}`)}</li>`)}
  </ul>`;
}

/** Those of all steps of some chips. */
export const howsOfSteps = (chips: readonly { readonly steps: readonly StepReport[] }[]): How[] =>
  chips.flatMap((c) => c.steps.map((s) => s.how));

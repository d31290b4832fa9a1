/** What one device holds beside what it has, as two bars of one scale. */
import { html, type Markup } from "../../report/markup.js";
import { strip } from "../../report/strip.js";
import type { ChipAssessment } from "../../serve/assess.js";
import type { DeviceMemory } from "../../serve/memory.js";
import type { Plan } from "../../serve/plans.js";
import type { WordKey } from "../../words/words.js";
import { both, joined } from "../page/both.js";

const kinds = {
  "p-weights": "page.memory.weights",
  "p-cache": "checkpoint.memory.cache",
  "p-buffers": "checkpoint.memory.buffers",
  "p-runtime": "checkpoint.memory.runtime",
  "p-between": "checkpoint.memory.between",
  "p-usable": "checkpoint.memory.usable",
  "p-perhaps": "checkpoint.memory.perhaps",
} as const satisfies Readonly<Record<string, WordKey>>;

type Kind = keyof typeof kinds;

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function bar(sizes: readonly (readonly [Kind, number])[], whole: number): Markup {
  const by = new Map<string, string>(sizes.map(([kind, size]) => [kind, `${joined(kinds[kind])}: ${gib(size)}`]));
  return strip({ segments: sizes.map(([kind, size]) => ({ kind, size })), title: (kind) => by.get(kind), whole });
}

/** By the lower bounds, and what lies between them and the upper ones. */
function partsOf({ weights, cache, buffers, mask, runtime, total }: DeviceMemory): (readonly [Kind, number])[] {
  return [
    ["p-weights", weights.lo],
    ["p-cache", cache],
    ["p-buffers", buffers.lo + mask.lo],
    ["p-runtime", runtime.lo],
    ["p-between", total.hi - total.lo],
  ];
}

export function memoryBar({ memory = 0, usable }: ChipAssessment, plan: Plan): Markup {
  const whole = Math.max(memory, plan.memory.total.hi);
  const room: (readonly [Kind, number])[] = usable
    ? [
        ["p-usable", usable.lo],
        ["p-perhaps", usable.hi - usable.lo],
      ]
    : [];
  return html`<div class="bars">${bar(partsOf(plan.memory), whole)}${bar(room, whole)}</div>`;
}

export function memoryLegend(): Markup {
  const key = ([kind, words]: [string, WordKey]): Markup =>
    html`<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10" /></svg> ${both(words)}</li>`;
  return html`<ul class="legend">${Object.entries(kinds).map(key)}</ul>`;
}

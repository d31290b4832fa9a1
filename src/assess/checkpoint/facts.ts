/** What the checkpoint holds, and what the figures take for granted. */
import type { Parameters } from "../../estimate/architecture.js";
import { html, type Markup } from "../../report/markup.js";
import { strip } from "../../report/strip.js";
import type { CheckpointAssessment } from "../../serve/assess.js";
import { contextBytes, givenShare } from "../../serve/memory.js";
import { said, type WordKey } from "../../words/words.js";
import { both, joined, name, percent, spanOf, told } from "../page/both.js";
import { part, table } from "../page/table.js";
import { enginesRead } from "./engines.js";
import { gibOf, groupedBy } from "./view.js";

type Pair = readonly [Markup, Markup | string | undefined];

const pairs = (list: readonly Pair[]): Markup =>
  html`<dl class="facts">${list.filter(([, value]) => value !== undefined).map(([head, value]) => html`<div><dt>${head}</dt><dd>${value}</dd></div>`)}</dl>`;

export function factsPart(a: CheckpointAssessment): Markup {
  return part("facts", both("checkpoint.facts"), pairs(held(a)), where(a.parameters));
}

const billions = (n: number): string => (n / 1e9).toPrecision(3);
const shortly = (n: number): string => `${Number((n / 1e9).toPrecision(3))}B`;

function held(a: CheckpointAssessment): Pair[] {
  const { parameters: p, weights: w, cache, positions } = a;
  const how = both("report.weights", {
    gib: (w.total / 2 ** 30).toFixed(1),
    how: w.measured ? said("report.from-headers", { n: w.tensors }) : said("report.from-config"),
  });
  return [
    [both("checkpoint.fact.class"), a.className === undefined ? undefined : name(a.className)],
    [both("checkpoint.fact.family"), name(a.family)],
    [both("checkpoint.fact.parameters"), both("report.parameters", { total: billions(p.total - p.drafting), active: billions(p.active) })],
    [both("checkpoint.fact.form"), told(a.quantisation.said)],
    [both("checkpoint.fact.weights"), how],
    [both("checkpoint.fact.layers"), html`<ul class="plain">${a.layers.map(layer)}</ul>`],
    [both("checkpoint.fact.cache"), both("report.cache", { bytes: cache.bytesPerToken })],
    [
      both("checkpoint.fact.state"),
      cache.stateBytes > 0 ? both("report.state", { mib: (cache.stateBytes / 2 ** 20).toFixed(1) }) : undefined,
    ],
    [both("checkpoint.fact.positions"), positions === undefined ? both("unit.unknown") : both("checkpoint.fact.tokens", { n: positions })],
  ];
}

function layer({ count, mixer, experts }: CheckpointAssessment["layers"][number]): Markup {
  const gaps = { count, kind: said(`mixer.${mixer}`) };
  return html`<li>${experts === undefined ? both("report.layer", gaps) : both("report.layer-experts", { ...gaps, experts })}</li>`;
}

/** A class of the style, and how it is called; all parameters are in one of them. */
function partsOf(p: Parameters): { readonly kind: string; readonly words: WordKey; readonly size: number }[] {
  const all = [
    { kind: "p-weights", words: "checkpoint.part.experts", size: p.experts },
    { kind: "p-cache", words: "checkpoint.part.feeds", size: p.feeds },
    { kind: "p-buffers", words: "checkpoint.part.mixers", size: p.mixers },
    {
      kind: "p-runtime",
      words: "checkpoint.part.ends",
      size: p.total - p.experts - p.feeds - p.mixers - p.sharedExperts - p.routers - p.drafting - p.towers,
    },
    { kind: "p-between", words: "checkpoint.part.shared", size: p.sharedExperts + p.routers },
    { kind: "p-usable", words: "checkpoint.part.drafting", size: p.drafting },
    { kind: "p-perhaps", words: "checkpoint.part.towers", size: p.towers },
  ] as const;
  return all.filter(({ size }) => size > 0);
}

function where(p: Parameters): Markup {
  const parts = partsOf(p);
  const title = (kind: string): string => parts.filter((x) => x.kind === kind).map((x) => `${joined(x.words)}: ${shortly(x.size)}`)[0];
  const key = (kind: string): Markup =>
    html`<svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10" /></svg>`;
  return html`<h3 id="parts">${both("checkpoint.part")}</h3>
    <div class="wide bars">${strip({ segments: parts, title, labelledBy: "parts" })}</div>
    ${table({
      id: "parts-table",
      caption: both("checkpoint.part.caption"),
      columns: [
        { head: both("checkpoint.part.part") },
        { head: both("checkpoint.fact.parameters"), is: "number" },
        { head: both("checkpoint.part.share"), is: "number" },
      ],
      rows: parts.map(({ kind, words, size }) => [html`${key(kind)} ${both(words)}`, shortly(size), percent(size / p.total)]),
    })}`;
}

export function assumptionsPart(a: CheckpointAssessment): Markup {
  const { chips, notes, options } = a;
  const later = groupedBy(
    chips.flatMap((c) => c.notes),
    (note) => JSON.stringify(note),
  ).map(([note]) => note);
  const costs = chips.flatMap(({ chip, cost }) => (cost ? [html`<li>${chip}: ${told(cost.said)}</li>`] : []));
  const assumed = [
    both("checkpoint.assume.weights"),
    both("checkpoint.assume.memory", { share: spanOf(givenShare, percent), context: gibOf(contextBytes) }),
    both("checkpoint.assume.even"),
  ];
  return part(
    "assumptions",
    both("page.assumptions"),
    html`<p>${both("report.expires", { date: a.asOf })}</p>`,
    pairs([
      [both("checkpoint.basis.folder"), name(a.folder)],
      [both("checkpoint.fact.load"), both("checkpoint.fact.load.is", options)],
      [both("checkpoint.basis.as-of"), html`<time>${a.asOf}</time>`],
    ]),
    html`<ul class="notes">${assumed.map((sentence) => html`<li>${sentence}</li>`)}${[...notes, ...later].map((n) => html`<li>${told(n)}</li>`)}${costs}</ul>`,
    html`<h3>${both("checkpoint.basis")}</h3>`,
    enginesRead(chips),
  );
}

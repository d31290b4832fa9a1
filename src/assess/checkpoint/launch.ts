/** How engines are started, and what others met when they did. */
import type { Said } from "../../base/said.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { chosenOf, planOf } from "../../serve/best.js";
import type { Launch } from "../../serve/launch/launch.js";
import { both, told } from "../page/both.js";
import { part, table } from "../page/table.js";
import { chipNames, groupedBy } from "./view.js";

export function launchPart({ chips }: CheckpointAssessment): Markup {
  const started = groupedBy(
    chips.filter((c) => c.launch),
    (c) => JSON.stringify(c.launch),
  );
  const lacking = groupedBy(
    chips.filter((c) => planOf(c) && !c.launch),
    (c) => c.engine ?? "",
  );
  const missing = (group: readonly ChipAssessment[]): Markup =>
    html`<p class="empty">${both("checkpoint.launch.lacking", { engine: chosenOf(group[0])?.name ?? "", chips: chipNames(group) })}</p>`;
  return part(
    "launch",
    both("checkpoint.launch"),
    started.length > 0
      ? html`<p>${both("checkpoint.launch.how")}</p>${started.map(command)}`
      : html`<p class="empty">${both("checkpoint.launch.none")}</p>`,
    html`${lacking.map(missing)}`,
  );
}

/** A flag a line, which a shell reads as one. */
const broken = (text: string): Markup => html`${text.split(" --").map((part, i) => html`${i > 0 ? html` \\\n  --` : undefined}${part}`)}`;

/** Lines as they are typed. */
const pre = (lines: readonly (Markup | string)[]): Markup =>
  html`<pre><code>${lines.map((line, i) => html`${i > 0 ? html`\n` : undefined}${line}`)}</code></pre>`;

const typed = ({ environment, command: line }: Pick<Launch, "environment" | "command">): Markup => pre([...environment, broken(line)]);

function command(group: readonly ChipAssessment[]): Markup | undefined {
  const { launch } = group[0];
  if (!launch) return undefined;
  const source = { engine: chosenOf(group[0])?.name ?? "", version: launch.version, source: launch.source };
  return html`<h3>${chipNames(group)}</h3>
    <p class="soft">${both("checkpoint.launch.source", source)}</p>
    ${typed(launch)}
    ${launch.others && html`<p>${both("report.launch-others")}</p>${typed(launch.others)}`}
    ${launch.files?.map(({ path, text }) => html`<p>${both("report.launch-file", { path })}</p>${pre(text.split("\n"))}`)}
    ${launch.notes.map((n) => html`<p>${told(n)}</p>`)}`;
}

export function warningsPart({ chips }: CheckpointAssessment): Markup {
  const all = chips.flatMap((c) => c.warnings.map((warning) => ({ c, warning })));
  const rows = groupedBy(all, ({ warning }) => JSON.stringify(warning)).map((same): [Markup, string] => [
    warned(same[0].warning),
    same.map(({ c }) => c.chip).join(", "),
  ]);
  const columns = [
    { head: both("checkpoint.warnings.what"), is: "words" as const },
    { head: both("page.work.chips"), is: "name" as const },
  ];
  return part(
    "warnings",
    both("checkpoint.warnings"),
    rows.length === 0
      ? html`<p class="empty">${both("checkpoint.warnings.none")}</p>`
      : table({ id: "warnings-table", caption: both("checkpoint.warnings.caption"), columns, rows }),
  );
}

const warned = (warning: Said): Markup => html`<span class="warn" aria-hidden="true">!</span> ${told(warning)}`;

/** The same model under other options, beside the figures of the report itself. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import type { ModelReport, VariantReport } from "../report.js";
import { both, name, percent, quoted, timeOf } from "./both.js";
import { part, table, type Cell } from "./table.js";
import { verdictMarks } from "./view.js";

type Figures = VariantReport["chips"][number];

export function variantsPart({ chips, variants = [] }: ModelReport): Markup | undefined {
  if (variants.length === 0) return undefined;
  const own: readonly Figures[] = chips.map(({ chip, verdict, coverage, memory, performance }) => {
    return { chip, verdict, nodes: coverage?.nodes ?? null, bytes: memory?.total ?? null, seconds: performance?.seconds ?? null };
  });
  const refused = variants.flatMap((v) => v.diagnostics.map((d) => html`<li><code>${name(v.what)}</code> ${quoted(d.message)}</li>`));
  return part(
    "variants",
    both("assess.what-if"),
    table({
      id: "variants-table",
      caption: both("page.variants.caption"),
      columns: [{ head: both("column.chip") }, { head: both("page.variants.own") }, ...variants.map((v) => ({ head: name(v.what) }))],
      rows: own.map((c) => [c.chip, cell(c), ...variants.map((v) => cell(v.chips.find((x) => x.chip === c.chip)))]),
    }),
    refused.length === 0 ? undefined : html`<ul class="notes">${refused}</ul>`,
  );
}

function cell(c: Figures | undefined): Cell {
  if (!c) return both("unit.unknown");
  const shares = c.nodes === null ? [] : [percent(c.nodes)];
  const bytes = c.bytes === null ? [] : [readableBytes(c.bytes)];
  const told = [...shares, ...bytes, ...(c.seconds ? [timeOf(c.seconds)] : [])].join(" · ");
  return html`<span class="badge v-${c.verdict}">${verdictMarks[c.verdict]} ${both(`is.${c.verdict}`)}</span> <div>${told}</div>`;
}

/** What a chip does to the model's numbers. */
import { html, type Markup } from "../../report/markup.js";
import type { ChipReport, LayerReport, ModelReport } from "../report.js";
import { both, name, told } from "./both.js";
import { part, table, type Cell } from "./table.js";

export function precisionPart({ chips, layers }: ModelReport): Markup {
  const said = (c: ChipReport): Markup | string =>
    c.precision.length === 0 ? both("unit.unknown") : html`<ul class="plain">${c.precision.map((p) => html`<li>${told(p)}</li>`)}</ul>`;
  const types = (c: ChipReport): Markup | string => {
    const used = [...new Set(c.ways.flatMap((w) => w.types))].sort();
    return used.length > 0 ? used.join(", ") : both("unit.unknown");
  };
  return part(
    "precision",
    both("page.precision"),
    html`<p>${both("page.precision.how")}</p>`,
    table({
      id: "precision-table",
      caption: both("page.precision.caption"),
      columns: [{ head: both("column.chip") }, { head: both("page.precision.types") }, { head: both("page.precision.notes"), is: "words" }],
      rows: chips.map((c) => [c.chip, types(c), said(c)]),
    }),
    layers && layersTable(layers),
  );
}

const figure = (x: number | null): string => (x === null ? "" : `${Number(x.toPrecision(3))}`);

function layersTable(layers: readonly LayerReport[]): Markup {
  const sorted = [...layers].sort((a, b) => b.risks.length - a.risks.length);
  const row = (l: LayerReport): Cell[] => [
    html`${name(l.name)} <small>${l.op}</small>`,
    ...[l.largest, l.halves, l.eightBits, l.input].map(figure),
    html`<ul class="plain">${l.risks.map((r) => html`<li class="warn">! ${told(r)}</li>`)}</ul>`,
  ];
  const columns = [
    { head: both("page.layers.layer"), is: "name" as const },
    ...(["page.layers.largest", "page.layers.halves", "page.layers.eight", "page.layers.input"] as const).map((k) => ({
      head: both(k),
      is: "number" as const,
    })),
    { head: both("page.layers.risks"), is: "words" as const },
  ];
  return html`<h3>${both("page.layers")}</h3><p>${both("page.layers.how")}</p>${table({ id: "layers-table", caption: both("page.layers.caption"), columns, rows: sorted.map(row), isSortable: true, isLong: true })}`;
}

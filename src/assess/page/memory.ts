/** What the model takes of a device: by parts at the assessed sizes, and over each open extent. */
import { readableBytes } from "../../base/units.js";
import { html, type Markup } from "../../report/markup.js";
import { plot, type Line } from "../../report/plot.js";
import { strip } from "../../report/strip.js";
import type { ChipReport, MemoryReport } from "../report.js";
import { both, drawn, joined, name, percent } from "./both.js";
import { cardsText } from "./cards.js";
import { doublings } from "./scales.js";
import { figure, part, table } from "./table.js";

const parts = ["weights", "arena", "inputs", "outputs", "state"] as const;

type Held = ChipReport & { readonly memory: MemoryReport };

export function memoryPart(chips: readonly ChipReport[]): Markup {
  const held = chips.filter((c): c is Held => c.memory !== null);
  if (held.length === 0) return part("memory", both("page.memory"), html`<p class="empty">${both("page.memory.none")}</p>`);
  const symbols = [...new Set(held.flatMap((c) => c.memory.over.map((o) => o.symbol)))];
  const curves = symbols.map((symbol, i) => over(symbol, i, held));
  const lines = symbols.length === 0 ? undefined : html`<p>${both("page.memory.over")}</p><div class="charts">${curves}</div>`;
  return part("memory", both("page.memory"), html`<p>${both("page.memory.how")}</p>`, legend(held), partsTable(held), lines);
}

const used = (held: readonly Held[]): (typeof parts)[number][] => parts.filter((p) => held.some((c) => c.memory[p] > 0));

function legend(held: readonly Held[]): Markup {
  return html`<ul class="legend">${used(held).map((p) => html`<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="p-${p}" width="10" height="10" /></svg> ${both(`page.memory.${p}`)}</li>`)}</ul>`;
}

/** Bars are as long as the largest of them. */
function partsTable(held: readonly Held[]): Markup {
  const shown = used(held);
  const whole = Math.max(...held.map((c) => c.memory.total));
  const row = ({ chip, memory: m }: Held): (Markup | string | undefined)[] => {
    const segments = shown.map((p) => ({ kind: `p-${p}`, size: m[p] }));
    const title = (kind: string): string => `${joined(`page.memory.${kind.slice(2) as (typeof parts)[number]}`)}`;
    const share = m.device === null ? undefined : percent(m.total / m.device);
    return [
      chip,
      strip({ segments, title, whole }),
      ...shown.map((p) => readableBytes(m[p])),
      readableBytes(m.total),
      ...[deviceText(m), share, cardsText(m)],
    ];
  };
  return table({
    id: "memory-table",
    caption: both("page.memory.caption"),
    columns: [
      { head: both("column.chip") },
      { head: both("page.memory.bar") },
      ...shown.map((p) => ({ head: both(`page.memory.${p}`), is: "number" as const })),
      ...(["page.memory.total", "page.memory.device", "page.memory.share", "page.card.cards"] as const).map((k) => ({
        head: both(k),
        is: "number" as const,
      })),
    ],
    rows: held.map(row),
  });
}

const deviceText = ({ device }: MemoryReport): Markup | string => (device === null ? both("unit.unknown") : readableBytes(device));

interface Series {
  readonly chips: string[];
  readonly points: readonly { readonly at: number; readonly bytes: number }[];
}

/** Chips that never differ by more than a tenth share a line. */
function seriesOf(symbol: string, held: readonly Held[]): Series[] {
  const out: Series[] = [];
  for (const { chip, memory } of held) {
    const points = memory.over.find((o) => o.symbol === symbol)?.points ?? [];
    if (points.length === 0) continue;
    const same = out.find(
      (s) =>
        s.points.length === points.length &&
        s.points.every((p, i) => p.at === points[i].at && Math.abs(p.bytes / points[i].bytes - 1) <= 0.1),
    );
    if (same) same.chips.push(chip);
    else out.push({ chips: [chip], points });
  }
  return out;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function over(symbol: string, i: number, held: readonly Held[]): Markup {
  const series = seriesOf(symbol, held);
  const devices = [...new Set(held.flatMap((c) => c.memory.device ?? []))].sort((a, b) => a - b);
  const all = series.flatMap((s) => s.points);
  const [from, to] = [Math.min(...all.map((p) => p.at)), Math.max(...all.map((p) => p.at))];
  const bytes = [...all.map((p) => p.bytes), ...devices];
  const [low, high] = [2 ** Math.floor(Math.log2(Math.min(...bytes))), Math.max(...bytes) * 1.6];
  const lines: Line[] = series.map((s, k) => ({
    kind: `s${k % 4}`,
    points: s.points.map((p) => ({ x: p.at, y: p.bytes })),
    label: letters[k],
    labelBefore: k,
  }));
  const limits: Line[] = devices.map((d) => ({ kind: "limit", points: [from, to].map((x) => ({ x, y: d })) }));
  const most = limits.pop();
  const span = [...new Set([devices[0], devices[devices.length - 1]].map(readableBytes))].join(" – ");
  if (most) limits.push({ ...most, label: span });
  const id = `memory${i}`;
  return figure({
    id,
    heading: name(symbol),
    drawing: plot({
      labelledBy: id,
      x: { from, to, label: drawn("page.memory.extent"), ticks: [...new Set(all.map((p) => p.at))].map((at) => ({ at, text: `${at}` })) },
      y: { from: low, to: high, label: "", ticks: doublings(low, high, 6, readableBytes) },
      lines: [...limits, ...lines],
    }),
    caption: html`<ul class="plain">${series.map((s, k) => html`<li><b>${letters[k]}</b> ${s.chips.join(", ")}</li>`)}</ul>${both("page.memory.limits")}`,
  });
}

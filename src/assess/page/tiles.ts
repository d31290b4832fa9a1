/** What the model is made of: operators by nodes, and what steps carry out by operations and bytes. */
import { html, type Markup } from "../../report/markup.js";
import { treemap, type Tile } from "../../report/treemap.js";
import type { ChipReport, How, ModelReport } from "../report.js";
import { both, count, howKey, joined, percent } from "./both.js";
import { howLegend } from "./legend.js";
import { figure } from "./table.js";
import { howMarks, hows, namesOf, type View } from "./view.js";

/** A tile is of operators that are carried out in one way. */
interface Share {
  readonly label: string;
  readonly how: How;
  size: number;
}

export function treemaps(view: View, report: ModelReport): Markup {
  const [chip] = view.chips;
  const figures = [
    measured(view, "nodes", nodeShares(chip, report)),
    measured(
      view,
      "flops",
      stepShares(chip, report, (s) => s.flops),
    ),
    measured(
      view,
      "bytes",
      stepShares(chip, report, (s) => s.bytes),
    ),
  ];
  return html`${howLegend(
    (chip.nodes ?? []).map((at) => chip.ways[at].how),
    chip,
  )}${figures}`;
}

function measured(view: View, measure: "nodes" | "flops" | "bytes", shares: readonly Share[]): Markup {
  const [chip] = view.chips;
  const id = `${view.id}-${measure}`;
  const whole = shares.reduce((n, s) => n + s.size, 0);
  const tiles = shares.map(({ label, how, size }): Tile => {
    const amount = measure === "nodes" ? `${size}` : count(size);
    const words = `${label}: ${joined(howKey(how, chip))}, ${amount}, ${percent(size / whole)}`;
    return { label: `${howMarks[how]} ${label}`, size, kind: `h-${how}`, title: words, below: `${amount} · ${percent(size / whole)}` };
  });
  const drawing = whole > 0 ? treemap(tiles, id) : html`<p class="empty">${both(`page.tiles.none`)}</p>`;
  return html`<div data-measure="${measure}">${figure({ id, heading: both(`page.tiles.${measure}`, { chips: namesOf(view) }), drawing, caption: both(measure === "nodes" ? "page.tiles.caption" : "page.tiles.steps") })}</div>`;
}

function gather(list: readonly Share[]): Share[] {
  const met = new Map<string, Share>();
  for (const s of list) {
    const key = `${s.how}\n${s.label}`;
    const same = met.get(key);
    if (same) same.size += s.size;
    else met.set(key, { ...s });
  }
  return fewer([...met.values()].sort((a, b) => b.size - a.size));
}

/** More could not be told from each other. */
const mostTiles = 40;

function fewer(shares: readonly Share[]): Share[] {
  const rest = shares.slice(mostTiles);
  const others = hows.flatMap((how): Share[] => {
    const size = rest.reduce((n, s) => n + (s.how === how ? s.size : 0), 0);
    return size > 0 ? [{ label: "…", how, size }] : [];
  });
  return [...shares.slice(0, mostTiles), ...others];
}

function nodeShares({ ways, nodes = [] }: ChipReport, report: ModelReport): Share[] {
  return gather(nodes.map((at, i) => ({ label: report.nodes[i].op, how: ways[at].how, size: 1 })));
}

/** A step is called by the operators it came of, each once. */
function stepShares({ steps }: ChipReport, report: ModelReport, of: (s: ChipReport["steps"][number]) => number): Share[] {
  const ops = new Map(report.nodes.map((n) => [n.name, n.op]));
  return gather(steps.map((s) => ({ label: [...new Set(s.origin.map((o) => ops.get(o) ?? o))].join(" + "), how: s.how, size: of(s) })));
}

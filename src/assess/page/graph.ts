/** The model as a graph, layers that repeat told once, with gaps marked: what is refused, undecided, or runs where it is slow. */
import { html, type Markup } from "../../report/markup.js";
import { layered } from "../../report/layered.js";
import type { How, ModelReport } from "../report.js";
import { both, drawn, howKey, joined } from "./both.js";
import { gaps, levelsOf, type Item, type Level, type Work } from "./levels.js";
import { howMark } from "./legend.js";
import { scrolled } from "./table.js";
import { howMarks, hows as allHows, type View } from "./view.js";

interface Drawing {
  readonly view: View;
  readonly report: ModelReport;
  readonly hows: readonly How[];
  /** How often what is drawn comes: a frame's rounds times those around it. */
  readonly times: number;
}

export function graphOf(view: View, report: ModelReport): Markup {
  const [{ ways, nodes = [] }] = view.chips;
  const given: Drawing = { view, report, hows: nodes.map((at) => ways[at].how), times: 1 };
  const { w, h, body } = levelOf(levelsOf(report, given.hows), given);
  const id = `${view.id}-graph`;
  const quiet = given.hows.filter((how) => how === "folded").length;
  const svg = html`<svg class="graph" width="${w + 4}" height="${h + 4}" viewBox="-2 -2 ${w + 4} ${h + 4}" role="group" aria-labelledby="${id}-caption">${body}</svg>`;
  return html`<h4>${both("page.graph")}</h4>
    <p id="${id}-caption">${both("page.graph.how")} ${quiet > 0 ? both("page.graph.quiet", { n: quiet }) : undefined}</p>
    ${gapList(given)}
    ${scrolled(id, svg, "flow")}`;
}

/** What the gaps are, with the nodes and the work that each leads to. */
function gapList({ view, report, hows }: Drawing): Markup {
  const met = allHows.filter((how) => gaps.has(how) && hows.includes(how));
  if (met.length === 0) return html`<p>${both("page.graph.whole")}</p>`;
  const item = (how: How): Markup => {
    const ops = report.nodes.flatMap((n, i) => (hows[i] === how ? [n.op] : []));
    const work = itemFor(how, ops, report.work, view);
    const word = html`<a href="#nodes" data-how="${how}" data-view="${view.id}">${both(howKey(how, view.chips[0]))}</a>`;
    const todo = work < 0 ? undefined : html` · <a href="#work${work}">${both("page.graph.work")}</a>`;
    return html`<li>${howMark(how)} ${word} ×${ops.length}${todo}</li>`;
  };
  return html`<p>${both("page.graph.gaps", { n: hows.filter((h) => gaps.has(h)).length })}</p><ul class="legend">${met.map(item)}</ul>`;
}

/** The place in the work list of what would mend a gap; -1 where nothing there speaks of it. */
function itemFor(how: How, ops: readonly string[], work: ModelReport["work"], { chips }: View): number {
  return work.findIndex(({ what, chips: on }) => {
    const speaks = how === "refused" ? ops.includes(String(what.with?.["op"])) : what.key === `work.${how}`;
    return speaks && chips.some((c) => on.includes(c.chip));
  });
}

interface Box {
  readonly w: number;
  readonly h: number;
  /** With its upper left corner at the origin. */
  readonly body: Markup;
}

/** Of a box, in pixels: a character of its text, a line, and what is left free around them. */
const size = { character: 7, line: 15, inset: 7, head: 20, least: 44, most: 164 };

function levelOf({ items, wires }: Level, given: Drawing): Box {
  const boxes = items.map((item) => boxOf(item, given));
  const { w, h, corners, lines } = layered(boxes, wires);
  const placed = boxes.map(({ body }, i) => html`<g transform="translate(${corners[i].x} ${corners[i].y})">${body}</g>`);
  // Wires that go together as far as they can are drawn once where they do.
  const ways = [...new Set(lines.flatMap(pathsOf))].join("");
  const tips = [...new Set(lines.map((line) => tipAt(line[line.length - 1])))].join("");
  return { w, h, body: html`<path class="wire" d="${ways}"/><path class="tip" d="${tips}"/>${placed}` };
}

type Points = ReturnType<typeof layered>["lines"][number];

/** Straight to the end of a layer, a curve to the next one, and so on. */
function pathsOf(points: Points): readonly string[] {
  return points.slice(1).map((p, i) => {
    const at = points[i];
    const middle = Math.round((at.y + p.y) / 2);
    const isStraight = i % 2 === 0 || p.x === at.x;
    return isStraight ? `M${at.x} ${at.y}V${p.y}` : `M${at.x} ${at.y}C${at.x} ${middle} ${p.x} ${middle} ${p.x} ${p.y}`;
  });
}

const tipAt = ({ x, y }: Points[number]): string => `M${x} ${y}l-3-6h6z`;

function boxOf(item: Item, given: Drawing): Box {
  switch (item.is) {
    case "work":
      return workBox(item, given);
    case "frame": {
      const within = { ...given, times: given.times * item.times };
      const { w, h, body } = levelOf(item.level, within);
      const { inset, head } = size;
      const wide = Math.max(w + 2 * inset, 150);
      const count = { times: item.times, n: nodesIn(item.level) / within.times };
      return {
        ...{ w: wide, h: h + head + 2 * inset },
        body: html`<rect class="frame" width="${wide}" height="${h + head + 2 * inset}" rx="8"/><text class="on" x="${inset}" y="15">${drawn("page.graph.layer", count)}</text><g transform="translate(${Math.round((wide - w) / 2)} ${head + inset})">${body}</g>`,
      };
    }
    case "in":
    case "out":
      return item.of === undefined
        ? { w: 8, h: 8, body: html`<circle class="end" cx="4" cy="4" r="3"/>` }
        : endBox(item.is, item.of, given);
    default:
      throw item satisfies never;
  }
}

const nodesIn = ({ items }: Level): number =>
  items.reduce((n, i) => n + (i.is === "work" ? i.nodes.length : i.is === "frame" ? nodesIn(i.level) : 0), 0);

/** Kinds of nodes that a box names before it says how many more there are. */
const mostNamed = 5;
/** The same beside it, where a pointer rests. */
const mostTold = 8;

function workBox({ nodes, gap }: Work, { view, report, hows, times }: Drawing): Box {
  const counts = new Map<string, { readonly how: How; readonly op: string; n: number }>();
  for (const i of nodes) {
    const { op } = report.nodes[i];
    const known = counts.get(`${hows[i]} ${op}`);
    if (known) known.n++;
    else counts.set(`${hows[i]} ${op}`, { how: hows[i], op, n: 1 });
  }
  const kinds = [...counts.values()].map((k) => ({ ...k, n: k.n / times }));
  const rest = kinds.length - mostNamed;
  const shown = kinds.slice(0, rest === 1 ? mostNamed + 1 : mostNamed);
  const texts = shown.map(({ how, op, n }) => ({ how, text: shortened(op, n) }));
  const { w, h } = roomFor([...texts.map((t) => `__${t.text}`), ...(rest > 1 ? ["___"] : [])]);
  const lines = texts.map(
    ({ how, text }, i) =>
      html`<text x="${size.inset}" y="${baseline(i)}"><tspan class="m h-${how}">${howMarks[how]}</tspan> ${text}</text>`,
  );
  const more = rest > 1 ? html`<text x="${size.inset}" y="${baseline(shown.length)}">+${rest}</text>` : undefined;
  const named = kinds.slice(0, mostTold).map((k) => (k.n > 1 ? `${k.op} ×${k.n}` : k.op));
  const told = kinds.length > mostTold ? [...named, "…"] : named;
  const ways = [...new Set(kinds.map((k) => joined(howKey(k.how, view.chips[0]))))];
  const words = `${ways.join(", ")}: ${told.join(", ")} (#${nodes[0] + 1}${nodes.length > 1 ? " …" : ""})`;
  const kind = gap === undefined ? html`class="box"` : html`class="box gap h-${gap}"`;
  const body = html`<title>${words}</title><rect ${kind} width="${w}" height="${h}" rx="4"/>${lines}${more}`;
  return { w, h, body: gap === undefined ? body : html`<a href="#nodes" data-how="${gap}" data-view="${view.id}">${body}</a>` };
}

const baseline = (line: number): number => size.inset + 10 + line * size.line;

function roomFor(texts: readonly string[]): { readonly w: number; readonly h: number } {
  const longest = texts.reduce((n, t) => Math.max(n, t.length), 0);
  const w = Math.min(size.most, Math.max(size.least, Math.ceil(longest * size.character) + 2 * size.inset));
  return { w, h: texts.length * size.line + 2 * size.inset - 2 };
}

/** An operator and how often, as it fits a box; the domain goes first. */
function shortened(op: string, n: number): string {
  const times = n > 1 ? ` ×${n}` : "";
  const room = Math.floor((size.most - 2 * size.inset) / size.character) - 2 - times.length;
  const bare = op.length > room ? op.slice(op.lastIndexOf(":") + 1) : op;
  return `${bare.length > room ? `${bare.slice(0, room - 1)}…` : bare}${times}`;
}

function endBox(is: "in" | "out", of: readonly number[], { report: { model } }: Drawing): Box {
  const tensors = of.map((i) => (is === "in" ? model.inputs : model.outputs)[i]);
  const name = tensors[0].replace(/: .*$/s, "");
  const text = tensors.length > 1 ? `${tensors.length}` : shortened(name, 1);
  const { w, h } = roomFor([`${text}_______`]);
  return {
    ...{ w, h },
    body: html`<title>${tensors.join("\n")}</title><rect class="end" width="${w}" height="${h}" rx="${h / 2}"/><text x="${w / 2}" y="${baseline(0)}" text-anchor="middle"><tspan class="what">${drawn(`page.graph.${is}`)}</tspan> ${text}</text>`,
  };
}

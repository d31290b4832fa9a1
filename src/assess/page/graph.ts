/** The model in its order, layers that repeat told once, with gaps marked: what is refused, undecided, or runs where it is slow. */
import { html, type Markup } from "../../report/markup.js";
import type { How, ModelReport } from "../report.js";
import { both, howKey } from "./both.js";
import { collapsed, type Block, type Run } from "./collapse.js";
import { howMark } from "./legend.js";
import type { View } from "./view.js";

const gaps: ReadonlySet<How> = new Set(["refused", "undecided", "host", "scalar"]);

interface Drawn {
  readonly view: View;
  readonly ops: readonly string[];
  readonly hows: readonly How[];
  readonly work: ModelReport["work"];
}

/** What needs no step of its own stands with what is before it, so that it does not tear runs apart. */
function quiet(hows: readonly How[]): How[] {
  const out: How[] = [];
  for (const how of hows) out.push(how === "folded" || how === "copy" ? (out[out.length - 1] ?? how) : how);
  for (let i = out.length - 2; i >= 0; i--) if (out[i] === "folded" || out[i] === "copy") out[i] = out[i + 1];
  return out.map((how, i) => (gaps.has(how) && hows[i] !== how ? hows[i] : how));
}

export function graphOf(view: View, report: ModelReport): Markup {
  const [{ ways, nodes = [] }] = view.chips;
  const hows = nodes.map((at) => ways[at].how);
  const ops = report.nodes.map((n) => n.op);
  const kinds = quiet(hows);
  const blocks = collapsed(
    ops.map((op, i) => `${op}\n${hows[i]}`),
    kinds,
  );
  const given: Drawn = { view, ops, hows: kinds, work: report.work };
  const n = hows.filter((h) => gaps.has(h)).length;
  return html`<h4>${both("page.graph")}</h4>
    <p>${both(n > 0 ? "page.graph.gaps" : "page.graph.whole", { n })}</p>
    <ol class="flow">${terminal("page.graph.in", report.model.inputs)}${blocks.map((b) => blockOf(b, given))}${terminal("page.graph.out", report.model.outputs)}</ol>`;
}

function terminal(key: "page.graph.in" | "page.graph.out", tensors: readonly string[]): Markup {
  const rest = tensors.length - 3;
  return html`<li class="end"><b>${both(key)}</b> ${tensors.slice(0, 3).map((t) => html`<code><bdi>${t}</bdi></code> `)}${rest > 0 ? `+${rest}` : ""}</li>`;
}

function blockOf(block: Block, given: Drawn): Markup {
  if (!("times" in block)) return runOf(block, given);
  return html`<li class="repeat"><p><b>× ${block.times}</b> ${both("page.graph.layer", { n: block.length / block.times })}</p><ol class="flow">${block.body.map((b) => blockOf(b, given))}</ol></li>`;
}

/** Operators that a run names before it says how many more there are. */
const mostNamed = 5;

function runOf({ from, length }: Run, { view, ops, hows, work }: Drawn): Markup {
  const how = hows[from];
  const counts = new Map<string, number>();
  for (const op of ops.slice(from, from + length)) counts.set(op, (counts.get(op) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const named = sorted
    .slice(0, mostNamed)
    .map(([op, n]) => html`<li><bdi>${op}</bdi>${n > 1 ? html` <small>×${n}</small>` : undefined}</li>`);
  const rest = sorted.length - mostNamed;
  const word = both(howKey(how, view.chips[0]));
  const item = gaps.has(how) ? itemFor(how, ops.slice(from, from + length), work, view) : -1;
  const places = length === 1 ? `#${from + 1}` : `#${from + 1}–${from + length}`;
  return html`<li class="run h-${how}${gaps.has(how) ? " gap" : ""}">
    <p>${howMark(how)} ${gaps.has(how) ? html`<a href="#nodes" data-how="${how}" data-view="${view.id}">${word}</a>` : word} <small>${places}</small></p>
    <ul class="ops">${named}${rest > 0 ? html`<li><small>+${rest}</small></li>` : undefined}</ul>
    ${item < 0 ? undefined : html`<p><a href="#work${item}">${both("page.graph.work")}</a></p>`}
  </li>`;
}

/** The place in the work list of what would mend a gap; -1 where nothing there speaks of it. */
function itemFor(how: How, ops: readonly string[], work: ModelReport["work"], { chips }: View): number {
  return work.findIndex(({ what, chips: on }) => {
    const speaks = how === "refused" ? ops.includes(String(what.with?.["op"])) : what.key === `work.${how}`;
    return speaks && chips.some((c) => on.includes(c.chip));
  });
}

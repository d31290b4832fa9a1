/** What a port takes: gaps and doubts of all chips as a list, what must be done first, what costs most before what costs less. */
import type { Said } from "../base/said.js";
import { middleOf, type Interval } from "../estimate/interval.js";
import { said } from "../words/words.js";
import { refusalSaid } from "./saying.js";
import type { ChipReport, How, Need, NodeReport, WayReport, WorkItem } from "./report.js";

type Kind = WorkItem["kind"];

/**
 * Person-days of one item: estimates of ours, which nobody has measured, on the scale of the effort classes of public migration
 * tools (AWS Schema Conversion Tool: below 2, to 6 and above 6 hours; SYCLomatic: minutes, hours, no equivalent).
 */
const days: Readonly<Record<Kind, Interval>> = {
  kernel: { lo: 2, hi: 15 },
  rewrite: { lo: 0.25, hi: 3 },
  cause: { lo: 0.25, hi: 5 },
  speed: { lo: 1, hi: 8 },
  proof: { lo: 0.25, hi: 2 },
  accuracy: { lo: 0.5, hi: 5 },
  split: { lo: 3, hi: 20 },
};

const mandatory: ReadonlySet<Kind> = new Set(["kernel", "rewrite", "cause", "split"]);

/** An item as one chip sees it; those of one key are one. */
interface Found {
  readonly key: string;
  readonly kind: Kind;
  readonly what: Said;
  readonly chip: string;
  readonly nodes: number;
  readonly share: number | null;
}

export function workList(nodes: readonly NodeReport[], chips: readonly ChipReport[]): WorkItem[] {
  const found = new Map<string, Found[]>();
  for (const f of chips.flatMap((c) => foundOn(c, nodes))) found.set(f.key, [...(found.get(f.key) ?? []), f]);
  const items = [...found.values()].map((all): WorkItem => {
    const [{ kind, what, nodes: count, share }] = all;
    return {
      kind,
      mandatory: mandatory.has(kind),
      what,
      chips: all.map((f) => f.chip),
      nodes: count,
      share,
      days: days[kind],
      basis: said(`work.basis.${kind}`),
    };
  });
  const rank = (w: WorkItem): number => (w.mandatory ? 1e6 : 0) + w.chips.length * 1e3 + (w.share ?? 0) * 100 + middleOf(w.days);
  return items.sort((a, b) => rank(b) - rank(a));
}

function foundOn(chip: ChipReport, nodes: readonly NodeReport[]): Found[] {
  if (!chip.nodes || chip.verdict === "documented") return [];
  const of = (how: How): NodeReport[] => nodes.filter((_, i) => chip.ways[chip.nodes?.[i] ?? 0]?.how === how);
  return [...refusalsOf(chip, nodes), ...causeOf(chip), ...slowOn(chip, of), ...doubtsOf(chip), ...sizeOf(chip)];
}

const kinds = { kernel: "kernel", rewrite: "rewrite", none: "rewrite", unknown: "cause" } as const satisfies Record<Need, Kind>;

/** One item for each reason of a refusal and kind of operator. Where no kernel would help, another model is all that can. */
function refusalsOf(chip: ChipReport, nodes: readonly NodeReport[]): Found[] {
  const by = new Map<
    string,
    { readonly op: string; readonly way: WayReport; readonly kind: "kernel" | "rewrite" | "cause"; nodes: number }
  >();
  nodes.forEach(({ op }, i) => {
    const way = chip.ways[chip.nodes?.[i] ?? 0];
    if (way?.how !== "refused") return;
    const kind = kinds[way.needs ?? "none"];
    const key = `${kind}:${op}\n${(way.why ?? "").replace(/"[^"]*"/g, "")}`;
    const known = by.get(key);
    if (known) known.nodes++;
    else by.set(key, { op, way, kind, nodes: 1 });
  });
  return [...by].map(([key, { op, way, kind, nodes: n }]) => {
    return { key, kind, what: said(`work.${kind}`, { op, n, why: refusalSaid(way, op) }), chip: chip.chip, nodes: n, share: null };
  });
}

/** Of a model that is refused as a whole: what compile says first. */
function causeOf({ chip, verdict, ways, diagnostics: [first] }: ChipReport): Found[] {
  if (verdict !== "refused" || first === undefined || ways.some((w) => w.needs === "unknown")) return [];
  const why = refusalSaid({ code: first.code, why: first.message });
  return [{ key: `cause:${first.code}`, kind: "cause", what: said("work.cause.whole", { why }), chip, nodes: 0, share: null }];
}

function slowOn(chip: ChipReport, of: (how: How) => NodeReport[]): Found[] {
  return (["scalar", "host"] as const).flatMap((how): Found[] => {
    const slow = of(how);
    if (slow.length === 0) return [];
    const ops = [...new Set(slow.map((n) => n.op))].sort().join(", ");
    return [
      {
        key: `speed:${how}:${ops}`,
        kind: "speed",
        what: said(`work.${how}`, { ops, n: slow.length }),
        chip: chip.chip,
        nodes: slow.length,
        share: shareOf(chip, how),
      },
    ];
  });
}

/** Of the middle of a run's time. */
function shareOf({ steps }: ChipReport, how: How): number | null {
  const time = (list: typeof steps): number => list.reduce((n, s) => n + (s.seconds ? middleOf(s.seconds) : NaN), 0);
  const share = time(steps.filter((s) => s.how === how)) / time(steps);
  return Number.isFinite(share) ? share : null;
}

function doubtsOf({ chip, ways, nodes, precision }: ChipReport): Found[] {
  const names = [...new Set(ways.flatMap((w) => w.unwitnessed ?? []))].sort();
  const count = (nodes ?? []).filter((at) => (ways[at]?.unwitnessed ?? []).length > 0).length;
  const halved = precision.find((p) => p.key === "precision.halved" || p.key === "precision.fp16");
  return [
    ...(names.length > 0
      ? [
          {
            key: `proof:${names.join()}`,
            kind: "proof" as const,
            what: said("work.proof", { names: names.join(", "), count: names.length }),
            chip,
            nodes: count,
            share: null,
          },
        ]
      : []),
    ...(halved
      ? [{ key: `accuracy:${halved.key}`, kind: "accuracy" as const, what: said("work.accuracy"), chip, nodes: 0, share: null }]
      : []),
  ];
}

function sizeOf({ chip, memory }: ChipReport): Found[] {
  const devices = memory?.devices ?? 1;
  return devices > 1
    ? [{ key: `split:${devices}`, kind: "split", what: said("work.split", { n: devices }), chip, nodes: 0, share: null }]
    : [];
}

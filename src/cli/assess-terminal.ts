/** An assessment of a model as a terminal shows it: a table of chips, reasons, what to measure, what if, and work. */
import { inLanguage, said, type ChipReport, type Language, type ModelReport, type Said, type WordKey } from "../api/assess.js";
import { readableBytes, readableSeconds } from "../base/units.js";
import { escapeControls, table } from "./io.js";

/** How many items of work a terminal lists. */
const mostWork = 8;

/** Names in it steer no terminal. */
export function terminalReport(report: ModelReport, language: Language): string {
  const words = (key: WordKey, gaps?: Parameters<typeof said>[1]): string => inLanguage(said(key, gaps), language);
  const { chips, baseline, work, sizes, facts } = report;
  const heads: WordKey[] = [
    "column.chip",
    "column.verdict",
    "column.nodes",
    "column.how",
    "column.memory",
    "column.devices",
    "column.time",
    "column.basis",
  ];
  const ratio = baseline ? [words("column.ratio", { baseline: baseline.chip })] : [];
  const lines = [
    table(
      [...heads.map((k) => words(k)), ...ratio],
      chips.map((c) => [...cells(c, words), ...(baseline ? [ratioText(c)] : [])]),
    ),
  ];
  for (const c of chips) {
    lines.push(...c.why.map((why) => `${c.chip}: ${inLanguage(why, language)}`), ...cautionsOf(c).map((s) => inLanguage(s, language)));
  }
  const known = Object.entries(sizes);
  if (report.sizesAre === "chosen")
    lines.push(
      known.length > 0
        ? words("assess.sizes-chosen", { sizes: known.map(([k, v]) => `${k}=${v}`).join(", ") })
        : words("assess.sizes-unknown"),
    );
  lines.push(...askLines(report, words), ...variantLines(report, words), ...layerLines(report, language, words));
  if (work.length > 0) {
    const rows = work
      .slice(0, mostWork)
      .map((w) => [w.mandatory ? "!" : "", `${w.days.lo}–${w.days.hi}`, `${w.chips.length}`, inLanguage(w.what, language)]);
    lines.push(
      "",
      words("assess.work"),
      table([words("column.must"), words("column.days"), words("column.chips"), words("column.what")], rows),
    );
  }
  lines.push("", words("assess.facts", facts));
  return escapeControls(lines.join("\n"));
}

const cautionsOf = ({ performance }: ChipReport): readonly Said[] =>
  performance?.notes.filter((n) => n.key === "performance.repeated") ?? [];

type Say = (key: WordKey, gaps?: Parameters<typeof said>[1]) => string;

function cells(c: ChipReport, words: Say): string[] {
  const unknown = words("unit.unknown");
  const { performance, memory, coverage } = c;
  return [
    c.status === "shipping" ? c.chip : `${c.chip} (${words(`status.${c.status}`)})`,
    words(`is.${c.verdict}`),
    coverage ? coverageText(coverage, words) : unknown,
    howText(c, words),
    memory ? readableBytes(memory.total) : unknown,
    memory && memory.devices !== null ? `${memory.devices}` : unknown,
    performance?.seconds ? `${readableSeconds(performance.seconds.lo)} – ${readableSeconds(performance.seconds.hi)}` : unknown,
    performance ? words(`timed.${performance.basis}`) : "",
  ];
}

function howText({ ways, nodes = [] }: ChipReport, words: Say): string {
  const counts = new Map<ChipReport["ways"][number]["how"], number>();
  for (const at of nodes) counts.set(ways[at].how, (counts.get(ways[at].how) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([how, n]) => words(`counted.${how}`, { n }))
    .join(", ");
}

function ratioText({ performance }: ChipReport): string {
  const ratio = performance?.ratio;
  return ratio ? `${ratio.lo.toPrecision(2)} – ${ratio.hi.toPrecision(2)}` : "";
}

/** Side by side: a line for each chip, a column for each variant. */
function variantLines({ chips, variants = [] }: ModelReport, words: Say): string[] {
  if (variants.length === 0) return [];
  const cell = (v: (typeof variants)[number], chip: string): string => {
    const found = v.chips.find((c) => c.chip === chip);
    if (!found) return words("unit.unknown");
    const time = found.seconds ? `${readableSeconds(found.seconds.lo)} – ${readableSeconds(found.seconds.hi)}` : words("unit.unknown");
    return `${words(`is.${found.verdict}`)}, ${found.bytes === null ? words("unit.unknown") : readableBytes(found.bytes)}, ${time}`;
  };
  const refused = variants.flatMap((v) => v.diagnostics.slice(0, 1).map((d) => `${v.what}: ${d.message}`));
  const rows = chips.map((c) => [c.chip, ...variants.map((v) => cell(v, c.chip))]);
  return ["", words("assess.what-if"), table([words("column.chip"), ...variants.map((v) => v.what)], rows), ...refused];
}

/** How many layers a terminal lists. */
const mostLayers = 10;

function layerLines({ layers }: ModelReport, language: Language, words: Say): string[] {
  if (!layers) return [];
  const risky = layers
    .filter((l) => l.risks.length > 0)
    .sort((a, b) => b.risks.length - a.risks.length || (a.eightBits ?? 0) - (b.eightBits ?? 0));
  const head = words("assess.layers", { n: layers.length, risky: risky.length });
  return [
    "",
    head,
    ...risky.slice(0, mostLayers).map((l) => `  ${l.op} ${l.name}: ${l.risks.map((r) => inLanguage(r, language)).join("; ")}`),
  ];
}

/** How many chips a line names. */
const mostNamed = 8;

function someOf(names: readonly string[]): Said | string {
  const first = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? said("ask.model.more", { names: first, n: names.length - mostNamed }) : first;
}

/** Of each chip without a measurement of its own, and of the others where one alone is asked about, what would tell most. */
function askLines({ chips }: ModelReport, words: Say): string[] {
  const lines = chips
    .filter(({ status, performance }) => status === "shipping" && performance && (performance.basis === "none" || chips.length === 1))
    .flatMap(({ chip, performance }) =>
      (performance?.asks ?? []).map(({ what, gain, flips }) => {
        const decided = flips.length === 0 ? said("ask.model.none") : said("ask.model.flips", { chip, others: someOf(flips) });
        return `  ${words("ask.model.line", { chip, what, gain: Number(gain.toPrecision(3)), flips: decided })}`;
      }),
    );
  return lines.length === 0 ? [] : ["", words("ask.model.head"), ...lines];
}

/** Nodes, and operations where those are another share. */
function coverageText({ nodes, flops }: NonNullable<ChipReport["coverage"]>, words: Say): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return flops === null || flops === nodes ? percent(nodes) : words("coverage.cell", { nodes: percent(nodes), flops: percent(flops) });
}

/** An assessment of a model as a terminal shows it: a table of chips, reasons, what to measure, what if, and work. */
import { inLanguage, said, type ChipReport, type Language, type ModelReport, type Said, type WordKey } from "../api/assess.js";
import { readableBytes, readableSeconds } from "../base/units.js";
import { escapeControls, table } from "./io.js";

/** How many items of work a terminal lists. */
const mostWork = 8;

/** How a report is spoken: in one language, lists as that language writes them. */
interface Voice {
  readonly words: (key: WordKey, gaps?: Said["with"]) => string;
  readonly told: (sentence: Said) => string;
  readonly list: (names: readonly string[]) => string;
  /** What stands before what is said of it. */
  readonly headed: (head: string, text: string) => string;
}

function voiceIn(language: Language): Voice {
  const told = (sentence: Said): string => inLanguage(sentence, language);
  const [comma, colon] = language === "zh" ? ["、", "："] : [", ", ": "];
  return {
    words: (key, gaps) => told(said(key, gaps)),
    told,
    list: (names) => names.join(comma),
    headed: (head, text) => `${head}${colon}${text}`,
  };
}

/** Names in it steer no terminal. */
export function terminalReport(report: ModelReport, language: Language): string {
  const voice = voiceIn(language);
  const parts = [
    [...chipTable(report, voice), ...reasonLines(report, voice), ...sizeLines(report, voice)],
    ...[askLines, variantLines, layerLines, workLines].map((part) => part(report, voice)),
    [voice.words("assess.facts", report.facts)],
  ];
  return escapeControls(
    parts
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join("\n"))
      .join("\n\n"),
  );
}

const columns = ["chip", "verdict", "nodes", "how", "memory", "devices", "time", "basis"] as const;

function chipTable({ chips, baseline }: ModelReport, voice: Voice): string[] {
  const { words } = voice;
  const ratio = baseline ? [words("column.ratio", { baseline: baseline.chip })] : [];
  const rows = chips.map((c) => [...cells(c, voice), ...(baseline ? [ratioText(c)] : [])]);
  return [table([...columns.map((k) => words(`column.${k}`)), ...ratio], rows)];
}

/** What is said of several chips in the same words is said once. */
function reasonLines({ chips }: ModelReport, { told, list, headed }: Voice): string[] {
  const by = new Map<string, string[]>();
  for (const c of chips) for (const why of c.why.map(told)) by.set(why, [...(by.get(why) ?? []), c.chip]);
  const cautions = chips.flatMap((c) => cautionsOf(c).map(told));
  return [...[...by].map(([why, names]) => headed(list(names), why)), ...cautions];
}

function sizeLines({ sizes, sizesAre }: ModelReport, { words, list }: Voice): string[] {
  if (sizesAre !== "chosen") return [];
  const known = Object.entries(sizes).map(([name, n]) => `${name}=${n}`);
  return [known.length > 0 ? words("assess.sizes-chosen", { sizes: list(known) }) : words("assess.sizes-unknown")];
}

function workLines({ work }: ModelReport, { words, told }: Voice): string[] {
  if (work.length === 0) return [];
  const rows = work.slice(0, mostWork).map((w) => [w.mandatory ? "!" : "", `${w.days.lo}–${w.days.hi}`, `${w.chips.length}`, told(w.what)]);
  const rest = work.length - mostWork;
  const heads = (["must", "days", "chips", "what"] as const).map((k) => words(`column.${k}`));
  return [words("assess.work"), table(heads, rows), ...(rest > 0 ? [words("assess.more-work", { n: rest })] : [])];
}

const cautionsOf = ({ performance }: ChipReport): readonly Said[] =>
  performance?.notes.filter((n) => n.key === "performance.repeated") ?? [];

function cells(c: ChipReport, voice: Voice): string[] {
  const { words } = voice;
  const unknown = words("unit.unknown");
  const { performance, memory, coverage } = c;
  return [
    c.status === "shipping" ? c.chip : `${c.chip} (${words(`status.${c.status}`)})`,
    words(`is.${c.verdict}`),
    coverage ? coverageText(coverage, words) : unknown,
    howText(c, voice),
    memory ? readableBytes(memory.total) : unknown,
    memory && memory.devices !== null ? `${memory.devices}` : unknown,
    performance?.seconds ? `${readableSeconds(performance.seconds.lo)} – ${readableSeconds(performance.seconds.hi)}` : unknown,
    performance ? words(`timed.${performance.basis}`) : "",
  ];
}

function howText({ ways, nodes = [] }: ChipReport, { words, list }: Voice): string {
  const counts = new Map<ChipReport["ways"][number]["how"], number>();
  for (const at of nodes) counts.set(ways[at].how, (counts.get(ways[at].how) ?? 0) + 1);
  return list([...counts].sort((a, b) => b[1] - a[1]).map(([how, n]) => words(`counted.${how}`, { n })));
}

function ratioText({ performance }: ChipReport): string {
  const ratio = performance?.ratio;
  return ratio ? `${ratio.lo.toPrecision(2)} – ${ratio.hi.toPrecision(2)}` : "";
}

/** Side by side: a line for each chip, a column for each variant. */
function variantLines({ chips, variants = [] }: ModelReport, { words, headed }: Voice): string[] {
  if (variants.length === 0) return [];
  const cell = (v: (typeof variants)[number], chip: string): string => {
    const found = v.chips.find((c) => c.chip === chip);
    if (!found) return words("unit.unknown");
    const time = found.seconds ? `${readableSeconds(found.seconds.lo)} – ${readableSeconds(found.seconds.hi)}` : words("unit.unknown");
    return [words(`is.${found.verdict}`), found.bytes === null ? words("unit.unknown") : readableBytes(found.bytes), time].join(" · ");
  };
  const refused = variants.flatMap((v) => v.diagnostics.slice(0, 1).map((d) => headed(v.what, d.message)));
  const rows = chips.map((c) => [c.chip, ...variants.map((v) => cell(v, c.chip))]);
  return [words("assess.what-if"), table([words("column.chip"), ...variants.map((v) => v.what)], rows), ...refused];
}

/** How many layers a terminal lists. */
const mostLayers = 10;

function layerLines({ layers }: ModelReport, { words, told, headed }: Voice): string[] {
  if (!layers) return [];
  const risky = layers
    .filter((l) => l.risks.length > 0)
    .sort((a, b) => b.risks.length - a.risks.length || (a.eightBits ?? 0) - (b.eightBits ?? 0));
  const rest = risky.length - mostLayers;
  return [
    words("assess.layers", { n: layers.length, risky: risky.length }),
    ...risky.slice(0, mostLayers).map((l) => `  ${headed(`${l.op} ${l.name}`, l.risks.map(told).join("; "))}`),
    ...(rest > 0 ? [words("assess.more-layers", { n: rest })] : []),
  ];
}

/** How many chips a line names. */
const mostNamed = 8;

function someOf(names: readonly string[], all: number, list: Voice["list"]): Said | string {
  if (names.length > 1 && names.length === all) return said("ask.model.all");
  const first = list(names.slice(0, mostNamed));
  return names.length > mostNamed ? said("ask.model.more", { names: first, n: names.length - mostNamed }) : first;
}

/** Of each chip without a measurement of its own, and of the others where one alone is asked about, what would tell most. */
function askLines({ chips, baseline }: ModelReport, { words, list }: Voice): string[] {
  const others = chips.length - 1 + (baseline ? 1 : 0);
  const lines = chips
    .filter(({ status, performance }) => status === "shipping" && performance && (performance.basis === "none" || chips.length === 1))
    .flatMap(({ chip, performance }) =>
      (performance?.asks ?? []).map(({ what, gain, flips }) => {
        const decided =
          flips.length === 0 ? said("ask.model.none") : said("ask.model.flips", { chip, others: someOf(flips, others, list) });
        return `  ${words("ask.model.line", { chip, what, gain: Number(gain.toPrecision(3)), flips: decided })}`;
      }),
    );
  return lines.length === 0 ? [] : [words("ask.model.head"), ...lines];
}

/** Nodes, and operations where those are another share. */
function coverageText({ nodes, flops }: NonNullable<ChipReport["coverage"]>, words: Voice["words"]): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return flops === null || flops === nodes ? percent(nodes) : words("coverage.cell", { nodes: percent(nodes), flops: percent(flops) });
}

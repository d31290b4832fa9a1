/** Assessments as a table for spreadsheets: one line for a model on a chip. */
import { inLanguage, said, type ChipReport, type Language, type ModelReport } from "../api/assess.js";

const columns = [
  ...[
    "model",
    "chip",
    "vendor",
    "status",
    "verdict",
    "verdict_text",
    "nodes_covered",
    "operators_covered",
    "library_calls",
    "generated_kernels",
  ],
  ...[
    "scalar_nodes",
    "refused_nodes",
    "memory_bytes",
    "devices",
    "seconds_low",
    "seconds_high",
    "basis",
    "mandatory_days_low",
    "mandatory_days_high",
  ],
];

/** Begins with a byte order mark, without which spreadsheets take Chinese for another encoding. Figures are numbers, unknown ones are empty. */
export function csvOf(reports: readonly ModelReport[], language: Language): string {
  const lines = reports.flatMap((r) => r.chips.map((c) => lineOf(r, c, language)));
  return `\ufeff${[columns, ...lines].map((cells) => cells.map(quoted).join(",")).join("\r\n")}\r\n`;
}

type Cell = string | number | null | undefined;

function quoted(cell: Cell): string {
  const text = `${cell ?? ""}`;
  // A name that begins like a formula must not become one.
  const safe = typeof cell === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function lineOf(report: ModelReport, c: ChipReport, language: Language): Cell[] {
  const count = (how: string): number | undefined => c.nodes?.filter((at) => c.ways[at].how === how).length;
  const must = report.work.filter((w) => w.mandatory && w.chips.includes(c.chip));
  const days = (end: "lo" | "hi"): number => must.reduce((n, w) => n + w.days[end], 0);
  const seconds = c.performance?.seconds;
  return [
    ...[report.model.name, c.chip, c.vendor, c.status, c.verdict, inLanguage(said(`is.${c.verdict}`), language)],
    ...[c.coverage?.nodes, c.coverage?.operators, count("call"), count("kernel"), count("scalar"), count("refused")],
    ...[c.memory?.total, c.memory?.devices, seconds?.lo, seconds?.hi, c.performance?.basis, days("lo"), days("hi")],
  ];
}

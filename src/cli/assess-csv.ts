/** Assessments as a table for spreadsheets: one line for a model, or a checkpoint, on a chip. */
import { inLanguage, said, type ChipReport, type Language, type ModelReport } from "../api/assess.js";
import { answerOf, asked, chosenOf, planOf, splitText, type ChipAssessment, type CheckpointAssessment } from "../api/assess-checkpoint.js";

/** The first five and the basis are told of both. */
const columns = [
  ...["model", "chip", "vendor", "status", "verdict", "verdict_text", "nodes_covered", "operators_covered", "library_calls"],
  ...["generated_kernels", "scalar_nodes", "refused_nodes", "memory_bytes", "devices", "seconds_low", "seconds_high", "basis"],
  ...["mandatory_days_low", "mandatory_days_high"],
  ...["kind", "engine", "engine_version", "cards", "plan", "batch", "length", "token_seconds_low", "token_seconds_high"],
  ...["tokens_per_second_low", "tokens_per_second_high"],
] as const;

type Column = (typeof columns)[number];
type Line = Readonly<Partial<Record<Column, Cell>>>;

/** Begins with a byte order mark, without which spreadsheets take Chinese for another encoding. Figures are numbers, what is unknown or not asked about is empty. */
export function csvOf(reports: readonly ModelReport[], checkpoints: readonly CheckpointAssessment[], language: Language): string {
  const lines = [
    ...reports.flatMap((r) => r.chips.map((c) => lineOf(r, c, language))),
    ...checkpoints.flatMap((a) => a.chips.map((c) => checkpointLine(a, c, language))),
  ];
  const cells = lines.map((line) => columns.map((c) => line[c]));
  return `\ufeff${[columns, ...cells].map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

type Cell = string | number | null | undefined;

function quoted(cell: Cell): string {
  const text = `${cell ?? ""}`;
  // A name that begins like a formula must not become one.
  const safe = typeof cell === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function lineOf(report: ModelReport, c: ChipReport, language: Language): Line {
  const count = (how: string): number | undefined => c.nodes?.filter((at) => c.ways[at].how === how).length;
  const must = report.work.filter((w) => w.mandatory && w.chips.includes(c.chip));
  const days = (end: "lo" | "hi"): number => must.reduce((n, w) => n + w.days[end], 0);
  const seconds = c.performance?.seconds;
  return {
    ...{ kind: "model", model: report.model.name, chip: c.chip, vendor: c.vendor, status: c.status },
    ...{ verdict: c.verdict, verdict_text: inLanguage(said(`is.${c.verdict}`), language) },
    ...{ nodes_covered: c.coverage?.nodes, operators_covered: c.coverage?.operators, library_calls: count("call") },
    ...{ generated_kernels: count("kernel"), scalar_nodes: count("scalar"), refused_nodes: count("refused") },
    ...{ memory_bytes: c.memory?.total, devices: c.memory?.devices, seconds_low: seconds?.lo, seconds_high: seconds?.hi },
    ...{ basis: c.performance?.basis, mandatory_days_low: days("lo"), mandatory_days_high: days("hi") },
  };
}

/** By the advised plan, else the smallest; memory is that of all its devices, by the upper bounds. */
function checkpointLine({ folder, options }: CheckpointAssessment, c: ChipAssessment, language: Language): Line {
  const [answer, engine, plan, speed] = [answerOf(c), chosenOf(c), planOf(c), asked(c)];
  return {
    ...{ kind: "checkpoint", model: folder, chip: c.chip, vendor: c.vendor, status: c.status },
    ...{
      verdict: answer,
      verdict_text: inLanguage(said(`answer.${answer}`), language),
      engine: engine?.name,
      engine_version: engine?.version,
    },
    ...(plan && { cards: plan.cards, devices: plan.split.devices, plan: splitText(plan) }),
    ...(plan && { memory_bytes: Math.round(plan.memory.total.hi * plan.split.devices) }),
    ...options,
    ...(speed && {
      token_seconds_low: speed.tokenTime.lo,
      token_seconds_high: speed.tokenTime.hi,
      basis: c.basis.key.replace("basis.", ""),
    }),
    ...(speed && { tokens_per_second_low: speed.rate.lo, tokens_per_second_high: speed.rate.hi }),
  };
}

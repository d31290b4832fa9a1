/** What `assess` writes of many models and checkpoints: one page, and one table for spreadsheets. */
import { inLanguage, said, type Language, type ModelReport, type WordKey } from "../api/assess.js";
import {
  answerOf,
  asked,
  basisKey,
  chosenOf,
  planOf,
  sizeOf,
  type ChipAssessment,
  type CheckpointAssessment,
} from "../api/assess-checkpoint.js";
import { gapsOf, portfolioPage } from "../api/assess-page.js";
import { counted } from "../base/text-writer.js";
import type { FleetDocument } from "../api/fleet.js";
import { csvOf } from "./assess-csv.js";
import { blocking } from "./assess-gates.js";
import { escapeControls, saveText, say, table, type CommandCall } from "./io.js";
import { languageFor } from "./language.js";

/** Models go by their paths, since many files bear one name. */
function reportsIn({ models }: FleetDocument): readonly ModelReport[] {
  return models.flatMap((m) => {
    const report = m["report"] as ModelReport | undefined;
    return report ? [{ ...report, model: { ...report.model, name: m.model } }] : [];
  });
}

const checkpointsIn = ({ models }: FleetDocument): readonly CheckpointAssessment[] =>
  models.flatMap((m) => (m["checkpoint"] as CheckpointAssessment | undefined) ?? []);

export async function saveMany(document: FleetDocument, call: CommandCall): Promise<void> {
  const [reports, checkpoints] = [reportsIn(document), checkpointsIn(document)];
  const broken = document.models.filter((m) => m["report"] === undefined && m["checkpoint"] === undefined);
  const language = languageFor(call);
  await saveText(call.options["report"], () => portfolioPage({ reports, checkpoints, broken }, language), call);
  await saveText(call.options["csv"], () => csvOf(reports, checkpoints, language), call);
}

/** What could not be read counts as a model where there are no checkpoints. */
export function countedMany(document: FleetDocument): string {
  const [reports, checkpoints, all] = [reportsIn(document).length, checkpointsIn(document).length, document.models.length];
  if (checkpoints === 0) return counted(all, "model");
  const unread = all - reports - checkpoints;
  return [
    ...(reports > 0 ? [counted(reports, "model")] : []),
    counted(checkpoints, "checkpoint"),
    ...(unread > 0 ? [`${unread} unread`] : []),
  ].join(", ");
}

/** How many models, and how many gaps, a terminal lists. */
const most = { models: 40, gaps: 8 };

type Say = (key: WordKey, gaps?: Parameters<typeof said>[1]) => string;

/** Models by chips, those that need most first, and what would unlock most of them. */
export function sayMany(document: FleetDocument, call: CommandCall): void {
  const language = languageFor(call);
  const words: Say = (key, gaps) => inLanguage(said(key, gaps), language);
  const [reports, checkpoints] = [reportsIn(document), checkpointsIn(document)];
  const tables = [
    ...(checkpoints.length > 0 ? [checkpointTable(checkpoints, language, words)] : []),
    ...(reports.length > 0 ? [modelTable(reports, words)] : []),
  ];
  if (tables.length > 0) say(tables.join("\n\n"));
  const gaps = gapsOf(reports).slice(0, most.gaps);
  if (gaps.length === 0) return;
  const rows = gaps.map((g) => [
    ...[g.mandatory ? "!" : "", `${g.days.lo}–${g.days.hi}`, `${g.unlocks.length}`, `${g.concerns.length}`],
    escapeControls(inLanguage(g.what, language)),
  ]);
  const heads = ["column.must", "column.days", "page.gaps.unlocked", "page.gaps.concerned", "column.what"] as const;
  say(`\n${words("page.gaps")}\n${table(heads.map((h) => words(h)), rows)}`); // prettier-ignore
}

function modelTable(reports: readonly ModelReport[], words: Say): string {
  const chips = [...new Set(reports.flatMap((r) => r.chips.map((c) => c.chip)))];
  const trouble = (r: ModelReport): number => r.chips.filter((c) => blocking.has(c.verdict)).length;
  const shown = [...reports].sort((a, b) => trouble(b) - trouble(a)).slice(0, most.models);
  const cell = (r: ModelReport, chip: string): string => {
    const found = r.chips.find((c) => c.chip === chip);
    return found ? words(`is.${found.verdict}`) : "";
  };
  const rows = shown.map((r) => [escapeControls(r.model.name), ...chips.map((chip) => cell(r, chip))]);
  const more = reports.length - shown.length;
  return `${table([words("column.model"), ...chips], rows)}${more > 0 ? `\n${words("assess.more", { n: more })}` : ""}`;
}

const spanOf = ({ lo, hi }: { readonly lo: number; readonly hi: number }): string =>
  `${Number(lo.toPrecision(2))} - ${Number(hi.toPrecision(2))}`;

/** A line for each checkpoint and chip. */
function checkpointTable(all: readonly CheckpointAssessment[], language: Language, words: Say): string {
  const unknown = words("unit.unknown");
  const line = (folder: string, c: ChipAssessment): string[] => {
    const [plan, speed] = [planOf(c), asked(c)];
    return [
      ...[escapeControls(folder), c.chip, words(`answer.${answerOf(c)}`), chosenOf(c)?.name ?? words("checkpoint.card.none")],
      ...[plan ? inLanguage(sizeOf(c, plan), language) : unknown, speed ? spanOf(speed.rate) : unknown, speed ? words(basisKey(c)) : ""],
    ];
  };
  const heads = [
    "column.checkpoint",
    "column.chip",
    "column.verdict",
    "report.engine",
    "page.card.cards",
    "report.rate",
    "column.basis",
  ] as const;
  const shown = all.slice(0, most.models);
  const rows = shown.flatMap((a) => a.chips.map((c) => line(a.folder, c)));
  const more = all.length - shown.length;
  return `${table(heads.map((h) => words(h)), rows)}${more > 0 ? `\n${words("assess.more", { n: more })}` : ""}`; // prettier-ignore
}

/** What `assess` writes of many models: one page, and one table for spreadsheets. */
import { inLanguage, said, type ModelReport, type WordKey } from "../api/assess.js";
import { gapsOf, portfolioPage } from "../api/assess-page.js";
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

export async function saveMany(document: FleetDocument, call: CommandCall): Promise<void> {
  const reports = reportsIn(document);
  const broken = document.models.filter((m) => m["report"] === undefined);
  const language = languageFor(call);
  await saveText(call.options["report"], () => portfolioPage(reports, broken, language), call);
  await saveText(call.options["csv"], () => csvOf(reports, [], language), call);
}

/** How many models, and how many gaps, a terminal lists. */
const most = { models: 40, gaps: 8 };

type Say = (key: WordKey, gaps?: Parameters<typeof said>[1]) => string;

/** Models by chips, those that need most first, and what would unlock most of them. */
export function sayMany(document: FleetDocument, call: CommandCall): void {
  const language = languageFor(call);
  const words: Say = (key, gaps) => inLanguage(said(key, gaps), language);
  const reports = reportsIn(document);
  if (reports.length === 0) return;
  say(modelTable(reports, words));
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

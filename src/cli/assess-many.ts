/** What `assess` writes of many models: one page, and one table for spreadsheets. */
import { inLanguage, said, type ChipReport, type ModelReport } from "../api/assess.js";
import { portfolioPage } from "../api/assess-page.js";
import type { FleetDocument } from "../api/fleet.js";
import { csvOf } from "./assess-csv.js";
import { saveFile, table, type CommandCall } from "./io.js";
import { languageFor } from "./language.js";

const verdicts: readonly ChipReport["verdict"][] = ["ready", "uncertain", "rewrites", "kernels", "blocked", "documented", "unknown"];

/** How many models have which verdict, chip by chip; verdicts that no model has are left out, and empty where there is no report. */
export function verdictTable({ models }: FleetDocument, call: CommandCall): string {
  const language = languageFor(call);
  const chips = models.flatMap((m) => (m["report"] as ModelReport | undefined)?.chips ?? []);
  const names = [...new Set(chips.map((c) => c.chip))];
  const there = verdicts.filter((v) => chips.some((c) => c.verdict === v));
  const rows = names.map((name) => [name, ...there.map((v) => chips.filter((c) => c.chip === name && c.verdict === v).length)]);
  const head = [inLanguage(said("column.chip"), language), ...there.map((v) => inLanguage(said(`is.${v}`), language))];
  return names.length > 0 ? table(head, rows) : "";
}

/** Models go by their paths, since many files bear one name. */
export async function saveMany({ models }: FleetDocument, call: CommandCall): Promise<void> {
  const reports = models.flatMap((m) => {
    const report = m["report"] as ModelReport | undefined;
    return report ? [{ ...report, model: { ...report.model, name: m.model } }] : [];
  });
  const broken = models.filter((m) => m["report"] === undefined);
  const language = languageFor(call);
  const save = async (option: string, text: () => string): Promise<void> => {
    const path = call.options[option];
    if (typeof path === "string") await saveFile(path, new TextEncoder().encode(text()), call);
  };
  await save("report", () => portfolioPage(reports, broken, language));
  await save("csv", () => csvOf(reports, language));
}

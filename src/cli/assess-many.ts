/** What `assess` writes of many models: one page, and one table for spreadsheets. */
import type { ModelReport } from "../api/assess.js";
import { portfolioPage } from "../api/assess-page.js";
import type { FleetDocument } from "../api/fleet.js";
import { csvOf } from "./assess-csv.js";
import { saveFile, type CommandCall } from "./io.js";
import { languageFor } from "./language.js";

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

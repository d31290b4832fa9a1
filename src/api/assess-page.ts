/** Assessments as pages, with the figures that they were made with: published ones, and the user's own in front. */
import { assessmentPage } from "../assess/page.js";
import type { ModelReport } from "../assess/report.js";
import type { Language } from "../base/said.js";
import { compareChips } from "./chips.js";

export { gapsOf } from "../assess/page/gaps.js";
export { portfolioPage } from "../assess/portfolio-page.js";

/** One file of HTML in both languages; `language` is shown first. */
export async function reportPage(report: ModelReport, language: Language): Promise<string> {
  const names = [...report.chips.map((c) => c.chip), ...(report.baseline ? [report.baseline.chip] : [])];
  const { rows } = await compareChips(names);
  return assessmentPage(report, language, rows);
}

/** docs/calibration.md: every published measurement beside our interval, by document, the documents held out named. */
import { dialNames } from "./bounds.js";
import { calibrate, scoreOf, type Calibration, type Judged } from "./calibration.js";
import { fitted } from "./fitted.js";
import { halves } from "./measured/documents.js";
import { metricUnits, type MeasuredDocument, type MeasuredRow } from "./measured/row.js";

const three = (x: number): string => `${Number(x.toPrecision(3))}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const share = (judged: readonly Judged[]): string[] => {
  const { rows, inside, width } = scoreOf(judged);
  return rows === 0 ? ["0", "", "", ""] : [`${rows}`, `${inside}`, `${Math.round((100 * inside) / rows)} %`, three(width)];
};

const columns = ["measurements", "inside", "share", "width"];

function by(judged: readonly Judged[], what: string, of: (r: MeasuredRow) => string): string {
  const names = [...new Set(judged.map((j) => of(j.row)))].sort();
  return table(
    [what, ...columns],
    names.map((n) => [n, ...share(judged.filter((j) => of(j.row) === n))]),
  );
}

const list = (documents: readonly MeasuredDocument[]): string =>
  documents.map((d) => `- ${d.source} (${d.rows.length} ${d.rows.length === 1 ? "row" : "rows"})`).join("\n");

function deploymentOf(r: MeasuredRow): string {
  const load = r.concurrency ?? r.prompts ?? (r.saturated ? "full" : "?");
  const tokens = r.input === undefined ? "" : `, ${r.input}${r.output === undefined ? "" : `+${r.output}`} tokens`;
  return `${r.parallel ?? "?"}; ${load} at once${tokens}${r.speculation === undefined ? "" : `; ${r.speculation}`}`;
}

function judgedRow({ row, estimate, inside }: Judged): string[] {
  const unit = metricUnits[row.metric];
  const range = `${three(estimate.lo)} to ${three(estimate.hi)}`;
  return [
    ...[row.chip, row.told ?? row.model, row.precision, deploymentOf(row), `${row.metric}, ${unit}`],
    ...[three(row.value), range, inside ? "yes" : "**no**"],
  ];
}

const documentHead = ["chip", "model", "precision", "how", "figure", "measured", "our interval", "inside"];

function documentSection(d: MeasuredDocument, all: Calibration): string {
  const judged = all.judged.filter((j) => j.source === d.source);
  const rest = all.uncovered.filter((u) => u.source === d.source).map((u) => `- ${u.row.model}, ${u.row.metric}: not told, ${u.why}.`);
  const rows = judged.length === 0 ? [] : [table(documentHead, judged.map(judgedRow))];
  return [`### ${d.source}`, `${d.confidence}, looked at ${d.date}.`, ...rows, ...(rest.length > 0 ? [rest.join("\n")] : [])].join("\n\n");
}

function fitSection(): string {
  const rows = dialNames.map((n) => {
    const dial = fitted.dials[n];
    return [n, dial === undefined ? "not told" : three(dial.at), dial === undefined ? "" : three(dial.factor)];
  });
  const [least, most] = fitted.accepted;
  return [
    "Shares of claimed peaks, and seconds for each call, request and exchange; each may be off by its factor on either side. `busy` is how much",
    "longer than its steps a device takes under a load that never ends. Of guessed tokens, the documents tell that",
    `${three(least)} to ${three(most)} hold.`,
    "",
    table(["figure", "middle", "factor"], rows),
  ].join("\n");
}

/** What the page is, and how the measurements were dealt out. */
function introduction({ judged, uncovered }: Calibration): string[] {
  return [
    "# Calibration",
    "Written by `node bench/calibration.mjs`; `src/estimate/measured` holds the measurements. None was run again by us. An interval is worked out from the model's configuration, the chip's claimed figures and what a fit to half of the documents found; the other half is held out. Documents are dealt out in turn, the one with most rows first and those with as many by name, so that no measured value decides where one goes. The form of the model and how wide it is were chosen on the fitted half: each document told by the others, nine of ten measurements inside, and four of five where each document counts as much. That rule was settled with the held-out figures in sight; no value of them enters the fit.",
    "Half of two dozen documents is little: dealt at random, other halves give between two fifths and nearly all of the rest inside, at widths of 2.7 to 4.6 (`node bench/calibration.mjs --deals`). An engine or a load that no fitted document tells of is where intervals fail.",
    `Of ${judged.length + uncovered.length} measurements ${uncovered.length} are not told, each with its reason below. No measurement of P800, R200, MLU370, MLU590 or another chip of their makers is public that could be used: intervals there say so (\`basis\` none), and are never narrower than four times.`,
  ];
}

function heldOutSection(all: Calibration): string[] {
  const held = all.judged.filter((j) => j.heldOut && j.ascend);
  return [
    "## Held-out measurements on Ascend",
    table(["", ...columns], [["all", ...share(held)]]),
    by(held, "figure", (r) => r.metric),
    by(held, "engine", (r) => r.engine ?? "none"),
    by(held, "chip", (r) => r.chip),
  ];
}

function fittedSection({ judged }: Calibration): string[] {
  const rows = [
    ["Ascend", ...share(judged.filter((j) => !j.heldOut && j.ascend))],
    ["CUDA baseline (H20, a chip of its own)", ...share(judged.filter((j) => !j.heldOut && !j.ascend))],
  ];
  return ["## Fitted measurements", table(["", ...columns], rows), "## What was fitted", fitSection()];
}

function documentsSection(all: Calibration): string[] {
  const { fitted: told, heldOut } = halves();
  return [
    "## Documents",
    `Held out:\n\n${list(heldOut)}`,
    `Fitted:\n\n${list(told)}`,
    "## Every measurement, held out",
    ...heldOut.map((d) => documentSection(d, all)),
    "## Every measurement, fitted",
    ...told.map((d) => documentSection(d, all)),
  ];
}

/** The whole page, as Markdown. */
export function calibrationPage(): string {
  const all = calibrate();
  return `${[introduction(all), heldOutSection(all), fittedSection(all), documentsSection(all)].flat().join("\n\n")}\n`;
}

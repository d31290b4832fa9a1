/** `portolan targets --compare A B`: what is known of chips, side by side, with what is contested and what nobody says. */
import { compareChips, fieldKeys, fields, inLanguage, said, type ChipRow, type Claim, type FieldKey } from "../api/chips.js";
import { problem } from "../base/diagnostic.js";
import { readableBytes } from "../base/units.js";
import { exitCodes } from "./exit.js";
import { failWith, printDiagnostics, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function compareCommand(name: string, call: CommandCall): Promise<number> {
  const names = call.options["compare"] as readonly string[];
  if (name !== "")
    return failWith([problem("bad-option", `"${name}" stands before --compare`, { fix: "Name all chips behind it." })], call);
  const { rows, diagnostics } = await compareChips(names);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, chips: rows.map(documentOf), diagnostics });
  else {
    printDiagnostics(diagnostics, call);
    sayTables(rows, call);
  }
  return exitCodes.ok;
}

/** A row with all its figures: those of which nothing is known are null. */
function documentOf(row: ChipRow): object {
  const figures = Object.fromEntries(fieldKeys.map((key) => [key, claimsOf(row, key) ?? null]));
  return { ...row, generator: row.generator ?? null, figures };
}

const claimsOf = (row: ChipRow, key: FieldKey): readonly Claim[] | undefined => row.figures[key];

function sayTables(rows: readonly ChipRow[], call: CommandCall): void {
  const told = fieldKeys.filter((key) => rows.some((r) => claimsOf(r, key)));
  const untold = fieldKeys.filter((key) => !told.includes(key)).map((key) => nameOf(key));
  const lines = [
    ...headLines(rows),
    ...told.map((key) => [titleOf(key), ...rows.map((r) => cellOf(key, claimsOf(r, key)))]),
    ...linkLines(rows),
  ];
  say(table(["", ...rows.map((r) => r.name)], lines));
  if (untold.length > 0) say(`unknown of all: ${untold.join(", ")}`);
  say(legend);
  for (const row of rows) if (row.note) say(`${row.name}: ${row.note}`);
  sayMeasurements(rows);
  if (call.options["verbose"]) say(`\n${table(["chip", "figure", "value", "who", "date", "source", "note"], rows.flatMap(sourceLines))}`);
}

const legend =
  "~ computed from what a source says; ? not from the vendor, or not read again; [label] your own. -v says where each figure is from.";

function headLines(rows: readonly ChipRow[]): string[][] {
  return [
    ["vendor", ...rows.map((r) => r.vendor)],
    ["status", ...rows.map((r) => `${r.status}, ${r.year ?? "year unknown"}`)],
    ["figures of", ...rows.map((r) => (r.per === "die" ? "one die" : "a card or module"))],
    ["generator", ...rows.map((r) => r.generator ?? "none")],
  ];
}

const nameOf = (key: FieldKey): string => inLanguage(said(`field.${key}`), "en");

/** Bytes carry their unit themselves. */
function titleOf(key: FieldKey): string {
  const { unit }: { readonly unit?: string } = fields[key];
  return unit === undefined || unit === "bytes" ? nameOf(key) : `${nameOf(key)}, ${unit}`;
}

/** The claim that is taken, then, where others contradict it, theirs. */
function cellOf(key: FieldKey, claims: readonly Claim[] = []): string {
  const [first, ...others] = claims.map((c) => spelled(key, c));
  if (first === undefined) return "unknown";
  const different = [...new Set(others)].filter((other) => other !== first);
  return different.length === 0 ? first : `${first} (contested: ${different.join(", ")})`;
}

function spelled(key: FieldKey, claim: Claim): string {
  const text = valueText(key, claim);
  if (claim.label !== undefined) return `${text} [${claim.label}]`;
  if (claim.confidence === "estimated") return `~${text}`;
  return claim.confidence === "reported" || claim.recalled ? `${text}?` : text;
}

function valueText(key: FieldKey, { value, currency }: Claim): string {
  if (typeof value === "number" && key === "memory") return readableBytes(value);
  return currency === undefined ? String(value) : `${value} ${currency}`;
}

/** As many lines as the chip with most links has. */
function linkLines(rows: readonly ChipRow[]): string[][] {
  const most = Math.max(1, ...rows.map((r) => (r.links ?? []).length));
  return Array.from({ length: most }, (_, i) => [i === 0 ? "links, GB/s" : "", ...rows.map((r) => linkCell(r, i))]);
}

function linkCell({ links = [] }: ChipRow, at: number): string {
  const link = links.at(at);
  if (link) return `${link.name}: ${cellOf("bandwidth", link.rate)}, ${link.basis}`;
  return at === 0 ? "unknown" : "";
}

function sayMeasurements(rows: readonly ChipRow[]): void {
  const cells = rows.flatMap((r) =>
    (r.measurements ?? []).map((m) => [r.name, m.what, m.value, m.unit, m.workload, m.date, `[${m.label}]`]),
  );
  if (cells.length > 0) say(`\n${table(["chip", "measured", "value", "unit", "workload", "date", ""], cells)}`);
}

function sourceLines(row: ChipRow): string[][] {
  const figures = fieldKeys.flatMap((key) =>
    (claimsOf(row, key) ?? []).map((c) => sourceLine(row.name, titleOf(key), valueText(key, c), c)),
  );
  const links = (row.links ?? []).flatMap(({ name, rate }) => rate.map((c) => sourceLine(row.name, `${name}, GB/s`, String(c.value), c)));
  return [...figures, ...links];
}

function sourceLine(chip: string, figure: string, value: string, claim: Claim): string[] {
  const who = claim.label === undefined ? claim.confidence : `[${claim.label}]`;
  return [chip, figure, value, claim.recalled ? `${who}, not read again` : who, claim.date, claim.source, claim.note ?? ""];
}

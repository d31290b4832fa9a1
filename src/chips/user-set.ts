/**
 * Measurements and prices of a user's own: a set under a label, as JSON. What a file may hold is said here once; whatever is
 * wrong with it is a diagnostic each. Loaded only where such sets are read, since it brings the validator along.
 */
import { z } from "zod";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { fieldKeys, fields, type FieldKey } from "./fields.js";
import { settledRow } from "./resolve.js";
import type { ChipRow } from "./row.js";

/** Text that no terminal takes for a command, on one line. */
const words = (most: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, "must be one line without control characters");

/** It is the name of a file too. */
const label = words(40).regex(
  /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
  "begins with a letter or digit and has letters, digits, blanks, '.', '_' and '-' alone",
);
const date = z.iso.date();
const amount = z.number().positive().max(1e18);

const counted: readonly FieldKey[] = ["memory", "cores", "matrixCores", "dies", "serverCards"];
const userKeys = fieldKeys.filter((k) => k !== "price" && (counted.includes(k) || "unit" in fields[k]));
const figure = (key: FieldKey) =>
  z.strictObject({ value: counted.includes(key) ? z.number().int().positive() : amount, note: words(200).optional() }).optional();

const chipSchema = z.strictObject({
  chip: words(80),
  date,
  source: words(200).optional(),
  figures: z.strictObject(Object.fromEntries(userKeys.map((k) => [k, figure(k)]))).optional(),
  price: z
    .strictObject({
      value: amount,
      currency: z.string().regex(/^[A-Z]{3}$/, "is three capital letters, as CNY"),
      note: words(200).optional(),
    })
    .optional(),
  measurements: z
    .array(z.strictObject({ what: words(80), workload: words(200), value: z.number(), unit: words(40) }))
    .max(1000)
    .optional(),
});

const setSchema = z.strictObject({ schemaVersion: z.literal(1), label, chips: z.array(chipSchema).min(1).max(1000) });

export type UserSet = z.infer<typeof setSchema>;

/** All names that a set may have, for "did you mean". */
const known = [
  ...["schemaVersion", "label", "chips", "chip", "date", "source", "figures", "price", "currency", "note", "value"],
  ...["measurements", "what", "workload", "unit", ...userKeys],
];

/** Reads a set; its chips are then called as their rows are. Throws `bad-chip-file`, one for each fault. */
export function parseUserSet(text: string, path: string): UserSet {
  const fault = faultIn(path);
  const parsed = setSchema.safeParse(jsonOf(text, fault));
  if (!parsed.success) throw new DiagnosticError(parsed.error.issues.flatMap((issue) => faultsOf(issue, fault)));
  const named = parsed.data.chips.map((c, i) => ({ given: c, row: rowNamed(c.chip, (why) => fault(`chips[${i}].chip ${why}`)) }));
  const faults = named.flatMap(({ row }) => ("code" in row ? [row] : []));
  if (faults.length > 0) throw new DiagnosticError(faults);
  const chips = named.map(({ given, row }) => ({ ...given, chip: (row as ChipRow).name }));
  const twice = chips.flatMap((c, i) =>
    chips.findIndex((o) => o.chip === c.chip) < i ? [fault(`chips[${i}].chip: ${c.chip} stands there twice`)] : [],
  );
  if (twice.length > 0) throw new DiagnosticError(twice);
  return { ...parsed.data, chips };
}

type Fault = (message: string) => Diagnostic;

/** A diagnostic of a file of this kind. */
export const faultIn =
  (path: string): Fault =>
  (message) =>
    problem("bad-chip-file", `"${path}": ${message}`, {
      location: { path },
      fix: "docs/cli.md shows such a file; portolan explain bad-chip-file tells more.",
    });

function jsonOf(text: string, fault: Fault): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DiagnosticError(fault(`is no JSON (${error instanceof Error ? error.message : String(error)})`));
  }
}

function faultsOf(issue: z.core.$ZodIssue, fault: Fault): Diagnostic[] {
  const place = placeOf(issue.path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => fault(`${place} has "${key}", which means nothing there${closest(key, known)}`));
  return [fault(`${place}: ${issue.message}`)];
}

/** `chips[0].figures.power`; the whole is "the file". */
function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((p) => (typeof p === "number" ? `[${p}]` : `.${String(p)}`)).join("");
  return text === "" ? "the file" : text.replace(/^\./, "");
}

function rowNamed(given: string, fault: Fault): ChipRow | Diagnostic {
  try {
    const row = settledRow(given);
    return typeof row === "string" ? fault(`names no one chip: "${given}": ${row}`) : row;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return fault(`is not known: ${error.diagnostics[0].message}`);
  }
}

/** Findings as comma-separated values with a byte order mark, as spreadsheets want them. */
import type { Language } from "../base/said.js";
import { inLanguage, said } from "../words/words.js";
import { equivalents, vendors } from "./equivalents.js";
import { ruleNamed } from "./rules.js";
import type { FoundInFile } from "./tell.js";

const columns = [
  "path",
  "line",
  "column",
  "category",
  "rule",
  "severity",
  "effort",
  ...vendors.flatMap((v) => [`${v} effort`, v]),
  "silent change",
  "message",
];

export function* csv(files: Iterable<FoundInFile>, language: Language): Generator<string> {
  yield `\ufeff${columns.map(cell).join(",")}\r\n`;
  for (const { path, findings } of files)
    for (const f of findings) {
      const rule = ruleNamed(f.rule);
      const others = vendors.flatMap((v) => [
        inLanguage(said(`code.effort.${f.efforts[v]}`), language),
        equivalents[rule.equivalent][v].names,
      ]);
      const silent = rule.silent ? inLanguage(said(rule.silent), language) : "";
      const own = [
        rule.category,
        f.rule,
        inLanguage(said(`code.severity.${f.severity}`), language),
        inLanguage(said(`code.effort.${f.effort}`), language),
      ];
      yield `${[path, f.line, f.column, ...own, ...others, silent, inLanguage(f.message, language)].map(cell).join(",")}\r\n`;
    }
}

/** Quoted where it must be; a text that a spreadsheet would take for a formula is led by an apostrophe. */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

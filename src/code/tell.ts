/** Findings as sentences that are still to be said, and the fingerprints by which other tools know them again. */
import { createHash } from "node:crypto";
import type { Language, Said } from "../base/said.js";
import { inLanguage, said, type WordKey } from "../words/words.js";
import { equivalents, vendors, type Equivalent, type Vendor } from "./equivalents.js";
import type { Finding } from "./match.js";
import type { Effort, Rule } from "./rule.js";
import { rules } from "./rules.js";
import type { Scanned } from "./scan.js";
import { effortOn } from "./tally.js";

/** A finding as it is kept and handed on. */
export interface Found {
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly severity: Finding["severity"];
  readonly effort: Effort;
  /** On each vendor's stack. */
  readonly efforts: Readonly<Record<Vendor, Effort>>;
  readonly message: Said;
  /** The same as long as the line says the same, wherever it moves. */
  readonly fingerprint: string;
}

export interface FoundInFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly findings: readonly Found[];
}

function titleOf(id: string): Said {
  return said(`code.rule.${id}` as WordKey);
}

export function toldOf(path: string, { findings, lineOf }: Pick<Scanned, "findings" | "lineOf">): FoundInFile {
  const met = new Map<string, number>();
  return {
    path,
    findings: findings.map((f) => {
      const key = `${f.rule.id}\n${path}\n${lineOf(f.line).trim()}`;
      const nth = met.get(key) ?? 0;
      met.set(key, nth + 1);
      return found(f, createHash("sha256").update(`${key}\n${nth}`).digest("hex").slice(0, 24));
    }),
  };
}

function found(f: Finding, fingerprint: string): Found {
  const key: WordKey = f.unshipped
    ? "code.message-unshipped"
    : f.hostly
      ? "code.message-host"
      : f.guard
        ? "code.message-guard"
        : "code.message";
  const [ascend, cambricon, kunlunxin] = vendors.map((v) => effortOn(v, f));
  return {
    rule: f.rule.id,
    line: f.line,
    column: f.column,
    name: f.name,
    severity: f.severity,
    effort: f.effort,
    efforts: { ascend, cambricon, kunlunxin },
    message: said(key, { what: titleOf(f.rule.id), name: f.name }),
    fingerprint,
  };
}

/** What stands for a rule on each stack, a sentence each, with who says so. */
function equivalentsTold(rule: Rule): Said[][] {
  return vendors.map((vendor) => {
    const it: Equivalent = equivalents[rule.equivalent][vendor];
    const first = said("code.equivalent", {
      vendor: said(`code.vendor.${vendor}`),
      names: it.names === "" ? said("code.no-equivalent") : it.names,
      effort: said(`code.effort.${it.effort ?? rule.effort}`),
      confidence: said(`code.confidence.${it.confidence}`),
    });
    return [first, ...(it.note ? [said(it.note)] : []), ...(it.source === "" ? [] : [said("code.said-by", { source: it.source })])];
  });
}

/** A rule in a language: its title, and the lines of its help. */
export function ruleTold(rule: Rule, language: Language): { readonly title: string; readonly help: readonly string[] } {
  const title = titleOf(rule.id);
  const first = said("code.help", { title, category: said(`code.category.${rule.category}`), effort: said(`code.effort.${rule.effort}`) });
  const lines = [[first, ...(rule.silent ? [said(rule.silent)] : [])], ...equivalentsTold(rule)];
  return { title: inLanguage(title, language), help: lines.map((line) => line.map((s) => inLanguage(s, language)).join(" ")) };
}

/** All rules as a document holds them. */
export function rulesTold(language: Language): object[] {
  return rules.map((rule) => {
    const { id, category, severity, effort, silent } = rule;
    return {
      id,
      category,
      severity,
      effort,
      silentChange: silent !== undefined,
      ...ruleTold(rule, language),
      equivalents: equivalents[rule.equivalent],
    };
  });
}

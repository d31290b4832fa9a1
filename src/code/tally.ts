/** Sums of findings, kept while files pass by: by category and effort, by vendor, and as days of work. */
import { equivalents, vendors, type Vendor } from "./equivalents.js";
import type { Language } from "./language.js";
import type { Reason } from "./left-out.js";
import type { Finding } from "./match.js";
import { categories, efforts, type Category, type Effort } from "./rule.js";
import type { Scanned } from "./scan.js";

/** Person-days of one piece of work, from and to. Our estimate; nobody has measured it. */
export const days: Readonly<Record<Effort, readonly [low: number, high: number]>> = {
  none: [0, 0],
  low: [0.05, 0.5],
  medium: [0.5, 3],
  high: [2, 10],
};

interface Cell {
  findings: number;
  files: number;
}

interface VendorTally {
  /** Findings by effort on this vendor's stack. */
  readonly efforts: Readonly<Record<Effort, number>>;
  readonly days: readonly [low: number, high: number];
}

export interface Tally {
  readonly files: number;
  readonly lines: number;
  readonly linesTouched: number;
  readonly findings: number;
  readonly bySeverity: Readonly<Record<Finding["severity"], number>>;
  readonly byLanguage: Readonly<Partial<Record<Language, { files: number; lines: number }>>>;
  readonly byCategory: Readonly<
    Partial<Record<Category, { readonly files: number; readonly efforts: Readonly<Partial<Record<Effort, Cell>>> }>>
  >;
  readonly byVendor: Readonly<Record<Vendor, VendorTally>>;
  /** Findings where a shim changes something in silence. */
  readonly silent: number;
  readonly leftOut: Readonly<Partial<Record<Reason, number>>>;
  /** Files of kinds that are not read. */
  readonly otherFiles: number;
}

/** What a finding costs on a vendor's stack. */
export function effortOn(vendor: Vendor, { rule, effort, guard, unshipped, hostly }: Finding): Effort {
  return guard || unshipped || hostly ? effort : (equivalents[rule.equivalent][vendor].effort ?? rule.effort);
}

interface Own {
  readonly efforts: Record<Effort, number>;
  readonly days: [low: number, high: number];
}

const nothing = (): Own => ({ efforts: { none: 0, low: 0, medium: 0, high: 0 }, days: [0, 0] });

export class Counter {
  readonly #out = {
    files: 0,
    lines: 0,
    linesTouched: 0,
    findings: 0,
    bySeverity: { error: 0, warning: 0, note: 0 },
    byLanguage: {} as Partial<Record<Language, { files: number; lines: number }>>,
    byCategory: {} as Partial<Record<Category, { files: number; efforts: Partial<Record<Effort, Cell>> }>>,
    silent: 0,
    leftOut: {} as Partial<Record<Reason, number>>,
    otherFiles: 0,
  };
  readonly #vendors: Readonly<Record<Vendor, Own>> = { ascend: nothing(), cambricon: nothing(), kunlunxin: nothing() };

  leave(reason: Reason | undefined): void {
    if (reason === undefined) this.#out.otherFiles++;
    else this.#out.leftOut[reason] = (this.#out.leftOut[reason] ?? 0) + 1;
  }

  file({ language, lines, findings }: Scanned): void {
    const out = this.#out;
    out.files++;
    out.lines += lines;
    const own = (out.byLanguage[language] ??= { files: 0, lines: 0 });
    own.files++;
    own.lines += lines;
    this.add(findings);
  }

  /** Findings of one file. */
  add(findings: readonly Finding[]): void {
    const out = this.#out;
    out.linesTouched += new Set(findings.filter((f) => f.severity !== "note").map((f) => f.line)).size;
    out.findings += findings.length;
    for (const { severity, rule } of findings) {
      out.bySeverity[severity]++;
      if (rule.silent) out.silent++;
    }
    this.#categories(findings);
    for (const vendor of vendors) this.#vendor(vendor, findings);
  }

  #categories(findings: readonly Finding[]): void {
    const met = new Set<string>();
    const once = (key: string): boolean => !met.has(key) && met.add(key) !== undefined;
    for (const { rule, effort } of findings) {
      const of = (this.#out.byCategory[rule.category] ??= { files: 0, efforts: {} });
      if (once(rule.category)) of.files++;
      const cell = (of.efforts[effort] ??= { findings: 0, files: 0 });
      cell.findings++;
      if (once(`${rule.category} ${effort}`)) cell.files++;
    }
  }

  #vendor(vendor: Vendor, findings: readonly Finding[]): void {
    const own = this.#vendors[vendor];
    for (const f of findings) own.efforts[effortOn(vendor, f)]++;
    for (const f of pieces(findings)) {
      const [low, high] = days[effortOn(vendor, f)];
      own.days[0] += low;
      own.days[1] += high;
    }
  }

  result(): Tally {
    return { ...this.#out, byVendor: this.#vendors };
  }
}

/** Pieces of work in a file: each place of rules that say so, each other rule once, and what is a part of other work only where that work is not there. */
function pieces(findings: readonly Finding[]): Finding[] {
  const counted = findings.filter((f) => f.severity !== "note");
  const real = new Set(counted.filter((f) => f.rule.work !== "within").map((f) => f.rule.category));
  const met = new Set<string>();
  return counted.filter((f) => {
    if (f.rule.work === "site") return true;
    const key = f.rule.work === "within" ? `within ${f.rule.category}` : f.rule.id;
    if (met.has(key) || (f.rule.work === "within" && real.has(f.rule.category))) return false;
    met.add(key);
    return true;
  });
}

/** Categories that were found, those with the most work first. */
export function worstFirst({ byCategory }: Tally): Category[] {
  const weight = (category: Category): number =>
    efforts.reduce((sum, e) => sum + (byCategory[category]?.efforts[e]?.findings ?? 0) * days[e][1], 0);
  return categories.filter((c) => byCategory[c]).sort((a, b) => weight(b) - weight(a));
}

/** Mentions against rules: of those that a mention fits the first takes it, and a line has each rule once. */
import type { Severity } from "../base/diagnostic.js";
import type { Language } from "./language.js";
import type { Mention } from "./mention.js";
import { fits, type Effort, type Look, type Rule } from "./rule.js";
import { rules } from "./rules.js";
import type { Lines } from "./token.js";

export interface Finding {
  readonly rule: Rule;
  /** What was found, as it is spelled there or with its imports followed. */
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly severity: Severity;
  readonly effort: Effort;
  /** A question whether there is a card, or a choice that has a side without one. */
  readonly guard: boolean;
  /** In a stage of a container's build that is not shipped. */
  readonly unshipped: boolean;
  /** Nothing in the file speaks of a device, on which alone it would matter. */
  readonly hostly: boolean;
}

type Row = readonly [Rule, Look];

/** Rows that ask for a sort in a language, in the rules' order. */
const rows = new Map<string, Row[]>();
for (const rule of rules)
  for (const look of rule.looks)
    for (const language of look.in) {
      const key = `${language} ${look.sort}`;
      rows.set(key, [...(rows.get(key) ?? []), [rule, look]]);
    }

/** Spellings repeat, so that most mentions are looked up; it begins anew where it would grow without end. */
const known = new Map<string, readonly Row[]>();
const mostKnown = 200_000;

function candidates(language: Language, { sort, text }: Mention): readonly Row[] {
  const all = rows.get(`${language} ${sort}`);
  if (!all || text.length > longest) return [];
  const key = `${language} ${sort} ${text}`;
  const before = known.get(key);
  if (before) return before;
  const found = all.filter(([, look]) => look.like.test(text));
  if (known.size >= mostKnown) known.clear();
  known.set(key, found);
  return found;
}

/** Longer texts are data; one that holds a kernel is asked as it stands. */
const longest = 100_000;

interface Own {
  /** Packages that the tree itself is. */
  readonly packages: ReadonlySet<string>;
}

export function findingsOf(language: Language, mentions: readonly Mention[], lines: Lines, own: Own): Finding[] {
  const out = new Map<string, Finding>();
  const taken = new Set<number>();
  const host = language === "python" && !mentions.some(speaksOfDevice);
  const ported = isPortedKernel(mentions);
  for (const mention of mentions) {
    if (mention.within !== undefined && taken.has(mention.within)) continue;
    for (const rule of rulesFor(language, mention, own)) {
      if (ported && rule.category === "kernel") continue;
      taken.add(mention.at);
      const finding = findingOf(rule, mention, lines, host && rule.onDevice === true);
      const key = `${finding.line} ${rule.id}`;
      const before = out.get(key);
      if (!before || (before.severity === "note" && finding.severity !== "note")) out.set(key, finding);
    }
  }
  return [...out.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The first that takes it, and those before it that leave it to others as well. */
function* rulesFor(language: Language, mention: Mention, own: Own): Generator<Rule> {
  const given = new Set<string>();
  for (const [rule, look] of candidates(mention.language ?? language, mention)) {
    if (given.has(rule.id) || !fits(look, mention) || ownPackage(rule, mention, own)) continue;
    given.add(rule.id);
    yield rule;
    if (!rule.besides) return;
  }
}

/** Ascend C, BANG C and XPU C++ mark kernels in words of their own, and with some of CUDA's: without a header of CUDA they are none of it. */
function isPortedKernel(mentions: readonly Mention[]): boolean {
  const isOf = (sort: Mention["sort"], like: RegExp) => (m: Mention) => m.sort === sort && like.test(m.text);
  const marks = isOf("name", /^(?:__aicore__|__mlu_(?:global|device|func|entry|host)__|_global_ptr_|_shared_ptr_|xpu_func)$/);
  const heads = isOf("include", /^kernel_operator\.h$|^(?:bang|mlu)\.h$|^xpu\/(?:kernel|runtime)/);
  const cuda = isOf("include", /^cuda|^mma\.h$|^cub\/|^thrust\//);
  return mentions.some((m) => marks(m) || heads(m)) && !mentions.some(cuda);
}

function ownPackage(rule: Rule, { sort, text }: Mention, { packages }: Own): boolean {
  return rule.library === true && (sort === "import" || sort === "name") && packages.has(text.split(".", 1)[0]);
}

function speaksOfDevice({ sort, text }: Mention): boolean {
  return sort === "keyword"
    ? text === "device"
    : (sort === "name" || sort === "string") && /(?:^|[._:])(?:device|cuda|gpu|npu|to)(?:$|[._:])/.test(text);
}

function findingOf(rule: Rule, mention: Mention, lines: Lines, hostly: boolean): Finding {
  const { guard = false, unshipped = false } = mention;
  const soft = guard || unshipped || hostly;
  const at =
    rule.id === "inline-cuda" && mention.sort === "string" ? mention.at + Math.max(0, mention.text.indexOf("__global__")) : mention.at;
  return {
    rule,
    name: shown(mention),
    ...lines.place(at),
    severity: soft ? "note" : rule.severity,
    effort: soft ? "none" : rule.effort,
    guard,
    unshipped,
    hostly,
  };
}

/** One line of at most so many characters. */
function shown({ sort, text }: Mention): string {
  const whole = sort === "asm" ? "asm" : sort === "string" && text.includes("__global__") ? "__global__" : text;
  const line = whole.replace(/\s+/g, " ").trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** What is known of chips, and the user's own sets of measurements and prices, which stay in the user's configuration folder. */
import { join } from "node:path";
import { DiagnosticError, fail, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { withUserSets } from "../chips/precedence.js";
import { diesBesideCards, resolveChip } from "../chips/resolve.js";
import type { ChipRow } from "../chips/row.js";
import type { UserSet } from "../chips/user-set.js";
import { targetNamed, type TargetName } from "../driver/targets.js";
import { configFolder, filesIn, readText, removeFile, writePrivate } from "../host/config.js";

export { chipRows } from "../chips/chips.js";
export { fieldKeys, fields, type FieldKey } from "../chips/fields.js";
export type { ChipRow, Claim, Link } from "../chips/row.js";
export { inLanguage, said } from "../words/words.js";

/** Thousands of chips with all their figures take less. */
const mostBytes = 4 << 20;
const ending = ".json";

const chipsFolder = (): string => join(configFolder(), "chips");
const fileOf = (label: string): string => join(chipsFolder(), `${label}${ending}`);

export interface Comparison {
  readonly rows: readonly ChipRow[];
  /** What names were taken to mean, and dies beside cards. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Each chip once, in the order asked for. Throws `unknown-chip`, and `bad-chip-file` of a set that is damaged. */
export async function compareChips(names: readonly string[]): Promise<Comparison> {
  const resolved = names.map(resolveChip);
  const sets = (await userSets()).map(({ set }) => set);
  const rows = [...new Set(resolved.map((r) => r.row))].map((row) => withUserSets(row, sets));
  return { rows, diagnostics: [...resolved.flatMap((r) => r.diagnostics), ...diesBesideCards(rows)] };
}

/** Who makes the chips of a target. */
const makers: Readonly<Record<TargetName, ChipRow["vendor"]>> = { cann: "Huawei", bang: "Cambricon", kunlun: "Baidu / Kunlunxin" };

/** Names as `compile` takes them, too: a target's is that of the `usual` chips of its maker, and `cann:Ascend910B2` that of the chip. */
export function chipNames(given: readonly string[], usual: readonly string[]): readonly string[] {
  return given.flatMap((name) => {
    const [head, ...chip] = name.split(":");
    const target = targetNamed(head.trim());
    if (target === undefined) return [name];
    return chip.length > 0 ? [chip.join(":").trim()] : usual.filter((u) => resolveChip(u).row.vendor === makers[target]);
  });
}

export interface StoredSet {
  readonly path: string;
  readonly set: UserSet;
}

/** The sets that are kept, by label. Throws `bad-chip-file`. */
export async function userSets(): Promise<StoredSet[]> {
  return Promise.all(labels().map(storedSet));
}

/** A set that was put there by hand under another name would be two things at once. */
async function storedSet(label: string): Promise<StoredSet> {
  const path = fileOf(label);
  const set = await readSet(path);
  if (set.label === label) return { path, set };
  return refuseSet(path, `is kept as "${label}", and its label is "${set.label}": let chips add keep it`);
}

async function refuseSet(path: string, why: string): Promise<never> {
  const { faultIn } = await import("../chips/user-set.js");
  throw new DiagnosticError(faultIn(path)(why));
}

async function readSet(path: string): Promise<UserSet> {
  const { faultIn, parseUserSet } = await import("../chips/user-set.js");
  const refuse = (why: string): never => {
    throw new DiagnosticError(faultIn(path)(why));
  };
  return parseUserSet(readText(path, mostBytes, refuse), path);
}

interface Added extends StoredSet {
  /** Whether a set of that label was there before. */
  readonly replaced: boolean;
}

/** Keeps the set of a file; one of the same label makes room. Throws `bad-chip-file`, `output-not-writable`. */
export async function addChips(file: string): Promise<Added> {
  const set = await readSet(file);
  const path = fileOf(set.label);
  const replaced = labels().includes(set.label);
  writePrivate(path, setText(set));
  return { path, set, replaced };
}

/** Read from names of files alone, so that a damaged set can be removed. */
const labels = (): string[] => filesIn(chipsFolder(), ending).map((name) => name.slice(0, -ending.length));

/** Throws `unknown-label`. */
export function removeChips(label: string): void {
  removeFile(fileOf(kept(label)));
}

/** A set as `chips add` takes it. Throws `unknown-label`, `bad-chip-file`. */
export async function exportedChips(label: string): Promise<string> {
  return setText(await readSet(fileOf(kept(label))));
}

const setText = (set: UserSet): string => `${JSON.stringify(set, null, 2)}\n`;

/** The label, where there is a set of it. */
function kept(label: string): string {
  const there = labels();
  if (there.includes(label)) return label;
  return fail("unknown-label", `no set is kept under "${label}"${closest(label, there)}`, {
    fix: "portolan chips list names those that are.",
  });
}

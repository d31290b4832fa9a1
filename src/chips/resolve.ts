/** From a name as users write it to a row, with what must be said where the name is not the chip's own. */
import { fail, type Diagnostic } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { chipRows } from "./chips.js";
import type { ChipRow } from "./row.js";
import { traps } from "./traps.js";

/** Letters and digits in lower case: spaces, dashes and underlines are spelled in all ways. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

interface ResolvedChip {
  readonly row: ChipRow;
  /** The bins that the name may mean, where it leaves several open. */
  readonly among: readonly ChipRow[];
  /** `chip-alias`, where the name does not say which chip is meant. */
  readonly diagnostics: readonly Diagnostic[];
}

function rowOf(given: string): ChipRow | undefined {
  return chipRows.find((r) => [r.name, ...r.aliases].some((name) => plainName(name) === plainName(given)));
}

/** The row of exactly this chip. Throws `unknown-chip` with the nearest spelling. */
const exactRow = (given: string): ChipRow => rowOf(given) ?? unknown(given);

/** What is to be said of a name that no generator goes by; nothing where the name is a stranger. */
export function adviceOn(given: string): string | undefined {
  const row = rowOf(given);
  const known = row && `${row.name} is known (portolan targets --compare "${row.name}"), and ${generated(row)}`;
  return trapOf(given)?.says ?? known;
}

const generated = ({ generator }: ChipRow): string =>
  generator === undefined ? "no code is generated for it" : `code for it is that of ${generator}`;

/** Throws `unknown-chip` with the nearest spelling. */
export function resolveChip(given: string): ResolvedChip {
  const trap = trapOf(given);
  if (trap === undefined) return { row: exactRow(given), among: [], diagnostics: [] };
  return { row: exactRow(trap.means), among: (trap.among ?? []).map(exactRow), diagnostics: [aliasNote(given, trap)] };
}

/** The chip's own row, or why the name does not settle which chip it is. Throws `unknown-chip`. */
export function settledRow(given: string): ChipRow | string {
  return trapOf(given)?.says ?? exactRow(given);
}

const trapOf = (given: string) => traps.find((t) => t.given.some((name) => plainName(name) === plainName(given)));

function aliasNote(given: string, { means, says }: (typeof traps)[number]): Diagnostic {
  return {
    code: "chip-alias",
    severity: "note",
    message: `"${given}" is taken to be ${means}: ${says}`,
    fix: "Name the chip itself to have another.",
  };
}

function unknown(given: string): never {
  const asked = plainName(given);
  const names = [...chipRows.flatMap((r) => [r.name, ...r.aliases]), ...traps.flatMap((t) => t.given)];
  const within = asked.length < 3 ? undefined : names.find((n) => plainName(n).includes(asked));
  const near = within === undefined ? closest(given, names) : ` (did you mean "${within}"?)`;
  return fail("unknown-chip", `nothing is known of a chip "${given}"${near}`, {
    fix: "portolan chips list --all names the chips that are known.",
  });
}

/** Figures of dies beside figures of cards, told once; nothing where all are of one kind. */
export function diesBesideCards(rows: readonly ChipRow[]): Diagnostic[] {
  const dies = rows.filter((r) => r.per === "die").map((r) => r.name);
  if (dies.length === 0 || dies.length === rows.length) return [];
  return [
    {
      code: "dies-beside-cards",
      severity: "note",
      message: `figures of ${dies.join(", ")} are those of one die, the others those of a card or module`,
      fix: "Compare with the module (910C), or count the dies of a card.",
    },
  ];
}

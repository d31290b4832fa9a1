/** `portolan chips`: sets of measurements and prices of the user's own, in and out of the configuration folder. */
import { addChips, chipRows, exportedChips, removeChips, userSets, type StoredSet } from "../api/chips.js";
import { exitCodes } from "./exit.js";
import { saveFile, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function chipsAdd(file: string, call: CommandCall): Promise<number> {
  const added = await addChips(file);
  const { path, set, replaced } = added;
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ...summary(added), replaced });
  else say(`${replaced ? "replaced" : "kept"} "${set.label}": ${set.chips.map((c) => c.chip).join(", ")}\n${path}`);
  return exitCodes.ok;
}

export async function chipsList(_: string, call: CommandCall): Promise<number> {
  if (call.options["all"]) return listKnown(call);
  const sets = (await userSets()).map(summary);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, sets });
  else if (sets.length === 0) say("no set is kept; portolan chips add FILE keeps one");
  else {
    const cells = sets.map((s) => [s.label, s.chips.join(", "), s.figures, s.measurements, s.date]);
    say(table(["label", "chips", "figures", "measurements", "newest"], cells));
  }
  return exitCodes.ok;
}

interface Summary {
  readonly label: string;
  readonly path: string;
  readonly chips: readonly string[];
  /** Prices among them. */
  readonly figures: number;
  readonly measurements: number;
  /** Of the newest entry. */
  readonly date: string;
}

function summary({ path, set: { label, chips } }: StoredSet): Summary {
  return {
    label,
    path,
    chips: chips.map((c) => c.chip),
    figures: chips.reduce((n, c) => n + Object.keys(c.figures ?? {}).length + (c.price ? 1 : 0), 0),
    measurements: chips.reduce((n, c) => n + (c.measurements ?? []).length, 0),
    date: chips.map((c) => c.date).sort()[chips.length - 1],
  };
}

function listKnown(call: CommandCall): number {
  const chips = chipRows.map(({ name, vendor, status, year, per, generator, aliases }) => {
    return { name, vendor, status, year: year ?? null, per, generator: generator ?? null, aliases };
  });
  if (wantsJson(call)) sayJson({ schemaVersion: 1, chips });
  else {
    const cells = chips.map((c) => [
      c.name,
      c.vendor,
      `${c.status} ${c.year ?? "(year unknown)"}`,
      c.generator ?? "none",
      c.aliases.join(", "),
    ]);
    say(table(["chip", "vendor", "status", "generator", "also called"], cells));
  }
  return exitCodes.ok;
}

export async function chipsRemove(label: string, call: CommandCall): Promise<number> {
  removeChips(label);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, removed: label });
  else say(`removed "${label}"`);
  return exitCodes.ok;
}

export async function chipsExport(label: string, call: CommandCall): Promise<number> {
  const path = String(call.options["output"]);
  await saveFile(path, new TextEncoder().encode(await exportedChips(label)), call);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, exported: label, path });
  else say(path);
  return exitCodes.ok;
}

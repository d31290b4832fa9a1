/** `portolan merge`: what several machines have found, as one of them would have. */
import { readFileSync } from "node:fs";
import { fail } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import { documentText, mergeDocuments, readDocument } from "../api/fleet.js";
import { reasonOf } from "../api/machine.js";
import { fleetCode } from "./fleet.js";
import { saveFile, say, wantsJson, type CommandCall } from "./io.js";

export async function mergeCommand(files: readonly string[], call: CommandCall): Promise<number> {
  const parts = await Promise.all(files.map(async (path) => ({ path, document: await readDocument(readWhole(path), path) })));
  const merged = mergeDocuments(parts);
  const text = documentText(merged);
  const file = String(call.options["output"]);
  await saveFile(file, Buffer.from(text), call);
  if (wantsJson(call)) say(text);
  else say(`${counted(merged.models.length, "model")} in ${file}`);
  return fleetCode(merged);
}

/** Throws `file-unreadable`. */
export function readWhole(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fail("file-unreadable", `"${path}" cannot be read: ${reasonOf(error)}`, { location: { path }, fix: "Check the path." });
  }
}

/** A folder as somebody else filled it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { reasonOf } from "./files.js";

/** Names of the files right below a folder, in order; a link is what it leads to. Throws `file-unreadable`. */
export function filesIn(folder: string): string[] {
  try {
    if (!statSync(folder).isDirectory())
      return fail("file-unreadable", `"${folder}" is a file, and a folder is needed`, {
        location: { path: folder },
        fix: "Give the folder that holds config.json and the .safetensors files.",
      });
    const isFile = (name: string): boolean => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true;
    return readdirSync(folder).filter(isFile).sort();
  } catch (error) {
    if (error instanceof Error && error.name === "DiagnosticError") throw error;
    return fail("file-unreadable", `"${folder}" cannot be opened: ${reasonOf(error)}`, {
      location: { path: folder },
      fix: "Check the path.",
    });
  }
}

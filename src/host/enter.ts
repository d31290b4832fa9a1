/** The current folder of a process of our own, where relative paths are a task's. */
import { fail } from "../base/diagnostic.js";
import { reasonOf } from "./files.js";

/** Throws `file-unreadable`. */
export function enterFolder(path: string): void {
  try {
    process.chdir(path);
  } catch (error) {
    fail("file-unreadable", `"${path}" cannot be entered: ${reasonOf(error)}`, {
      location: { path },
      fix: "Check the folder given with --root.",
    });
  }
}

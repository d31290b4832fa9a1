/** JSON files of a checkpoint: bounded, and objects; their fields are still anything. */
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { openFile } from "../host/files.js";

/** Far more than any configuration or index has. */
const largestBytes = 64 << 20;

export interface JsonFile {
  /** As the user spelled the folder, with the file's name. */
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function isFields(v: unknown): v is Readonly<Record<string, unknown>> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** Throws `checkpoint-config`. */
export function readJson(folder: string, name: string): JsonFile {
  const path = join(folder, name);
  const source = openFile(path);
  if (source.size > largestBytes) return unfit(path, `has ${source.size} bytes, and no such file has more than ${largestBytes}`);
  let fields: unknown;
  try {
    fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(source.read(0, source.size)));
  } catch (error) {
    return unfit(path, `is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  return isFields(fields) ? { path, fields } : unfit(path, "is no JSON object");
}

/** Says what of a file of the checkpoint is not as it must be. */
export function unfit(path: string, why: string, fix = "Correct the file, or fetch it again from where the checkpoint came from."): never {
  return fail("checkpoint-config", `"${path}" ${why}`, { location: { path }, fix });
}

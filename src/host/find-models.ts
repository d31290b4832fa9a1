/** The models that a command line means: files, folders of them, and lists of either. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { byUnits } from "../base/json.js";
import { fail } from "../base/diagnostic.js";
import { reasonOf } from "./files.js";

const ending = ".onnx";

/** Whether an operand stands for models that somebody must look for. */
export function isPlural(operand: string): boolean {
  return operand.startsWith("@") || isFolder(operand);
}

/** What cannot be asked about is none: whoever opens it is told why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Absolute paths, each once, in the order of their names; a file that is named is taken whether or not it is there. Throws `file-unreadable`. */
export function findModels(operands: readonly string[]): string[] {
  return [...new Set(operands.flatMap(modelsOf).map((path) => resolve(path)))].sort(byUnits);
}

function modelsOf(operand: string): string[] {
  const paths = operand.startsWith("@") ? listed(operand.slice(1)) : [operand];
  return paths.flatMap((path) => (isFolder(path) ? modelsBelow(path) : [path]));
}

/** Paths of a text file, one a line, relative to the current folder; a line that begins with # says nothing. */
function listed(path: string): string[] {
  const lines = reading(path, () => readFileSync(path, "utf8")).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** Files of a folder and of those below it; a link to a folder is not followed, since it may lead in a circle. */
function modelsBelow(folder: string): string[] {
  return reading(folder, () => readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return modelsBelow(path);
    return entry.name.toLowerCase().endsWith(ending) && isFile(path) ? [path] : [];
  });
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return fail("file-unreadable", `"${path}" cannot be read: ${reasonOf(error)}`, { location: { path }, fix: "Check the path." });
  }
}

/** The folder that paths are relative to: the one given, else the current one, else the deepest that holds all. */
export function rootOf(paths: readonly string[], given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  let root = resolve(".");
  while (paths.some((path) => pathBelow(root, path) === undefined)) root = dirname(root);
  return root;
}

/** With forward slashes; undefined for a path outside of the root. */
export function pathBelow(root: string, path: string): string | undefined {
  const below = relative(root, path);
  if (below === ".." || below.startsWith(`..${sep}`) || resolve(root, below) === root) return undefined;
  return below.split(sep).join("/");
}

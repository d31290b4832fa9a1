/** The models that a command line means: files, folders of them, and lists of either; and checkpoints, for commands that take them. */
import { readdirSync, readFileSync, statSync, type Dirent } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { byUnits } from "../base/json.js";
import { fail } from "../base/diagnostic.js";
import { reasonOf } from "./files.js";
import { firstPart } from "./gguf-parts.js";

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

/** What tells the folder of a checkpoint from others that have a configuration: weights beside it, whatever wrote them. */
const weights = /\.(?:safetensors|safetensors\.index\.json|bin|pt|pth)$/i;
/** The same among files that nobody named: a .bin may be anything's. */
const surelyWeights = /\.safetensors$|\.safetensors\.index\.json$|^pytorch_model.*\.bin$/i;
const isGguf = (name: string): boolean => name.toLowerCase().endsWith(".gguf");
const isModel = (name: string): boolean => name.toLowerCase().endsWith(ending);

/** Whether a path is a checkpoint's: a folder with its configuration, or a file of llama.cpp's format. A configuration beside ONNX or .gguf files alone is theirs. */
export function isCheckpoint(path: string): boolean {
  if (!isFolder(path)) return isGguf(path);
  const names = namesIn(path);
  if (!names.includes("config.json")) return false;
  return names.some((n) => weights.test(n)) || ![...names, ...namesIn(join(path, "onnx"))].some((n) => isModel(n) || isGguf(n));
}

/** Of a folder that cannot be read none: whoever opens it is told why. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What is looked for in folders; models alone unless told. */
interface Sought {
  readonly checkpoints: boolean;
}

/** Absolute paths, each once, in the order of their names; a file that is named is taken whether or not it is there. Throws `file-unreadable`. */
export function findModels(operands: readonly string[], sought: Sought = { checkpoints: false }): string[] {
  return [...new Set(operands.flatMap((o) => modelsOf(o, sought)).map((path) => resolve(path)))].sort(byUnits);
}

function modelsOf(operand: string, sought: Sought): string[] {
  const paths = operand.startsWith("@") ? listed(operand.slice(1)) : [operand];
  const whole = (path: string): boolean => !isFolder(path) || (sought.checkpoints && isCheckpoint(path));
  return paths.flatMap((path) => (whole(path) ? [path] : modelsBelow(path, sought)));
}

/** Paths of a text file, one a line, relative to the current folder; a line that begins with # says nothing. */
function listed(path: string): string[] {
  const lines = reading(path, () => readFileSync(path, "utf8")).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** Files of a folder and of those below it, and folders that are checkpoints; a link to a folder is not followed, since it may lead in a circle. */
function modelsBelow(folder: string, sought: Sought): string[] {
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }));
  const found = entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return modelsBelow(path, sought);
    const isWanted = isModel(entry.name) || (sought.checkpoints && isGguf(entry.name) && firstPart(entry.name) === entry.name);
    return isWanted && isFile(path) ? [path] : [];
  });
  return sought.checkpoints && holdsCheckpoint(entries, folder) ? [folder, ...found] : found;
}

/** An ONNX model beside the weights is made of them, and is what runs: encoders have theirs so. */
const holdsCheckpoint = (entries: readonly Dirent[], folder: string): boolean =>
  entries.some((e) => e.name === "config.json") &&
  entries.some((e) => surelyWeights.test(e.name)) &&
  !hasModel(entries.map((e) => e.name), folder); // prettier-ignore

const hasModel = (names: readonly string[], folder: string): boolean => [...names, ...namesIn(join(folder, "onnx"))].some(isModel);

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

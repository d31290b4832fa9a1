/** A folder as somebody else filled it, file by file in the order of names; links are not followed. */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent } from "node:fs";
import { join, sep } from "node:path";

export type Met =
  | { readonly kind: "file"; readonly path: string; readonly bytes: number }
  | { readonly kind: "left"; readonly path: string; readonly why: string };

/** Why a folder of that name, with those names right in it and beside it, is left out; undefined where it is entered. */
type Leave = (name: string, within: readonly string[], beside: readonly string[]) => string | undefined;

/** Paths are relative to the folder, with `/`. What cannot be read is `left` as "unreadable", a link to elsewhere as "link-outside". */
export function* treeFiles(root: string, leave: Leave, under = ""): Generator<Met> {
  const entries = entriesOf(join(root, under)) ?? [];
  const beside = entries.map((e) => e.name);
  for (const entry of entries) {
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isSymbolicLink()) {
      if (leadsOutside(root, path)) yield { kind: "left", path, why: "link-outside" };
    } else if (entry.isDirectory()) yield* folder(root, leave, path, beside);
    else if (entry.isFile()) yield { kind: "file", path, bytes: lstatSync(join(root, path)).size };
  }
}

function* folder(root: string, leave: Leave, path: string, beside: readonly string[]): Generator<Met> {
  const within = entriesOf(join(root, path));
  const names = within?.map((e) => e.name);
  const why = names ? leave(path.slice(path.lastIndexOf("/") + 1), names, beside) : "unreadable";
  if (!why) return yield* treeFiles(root, leave, path);
  if (why === "unreadable") yield { kind: "left", path, why };
  else if (why !== "hidden") yield* counted(root, path, why);
}

/** Every file below a folder that is left out. */
function* counted(root: string, under: string, why: string): Generator<Met> {
  for (const entry of entriesOf(join(root, under)) ?? []) {
    const path = `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* counted(root, path, why);
    else if (entry.isFile()) yield { kind: "left", path, why };
  }
}

function entriesOf(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

function leadsOutside(root: string, path: string): boolean {
  try {
    return !`${realpathSync(join(root, path))}${sep}`.startsWith(`${realpathSync(root)}${sep}`);
  } catch {
    return true;
  }
}

/** Names of folders, at most so deep, that hold a file of this name and stand in none that does. */
export function foldersWith(root: string, file: string, depth: number): string[] {
  if (depth < 0) return [];
  const entries = entriesOf(root) ?? [];
  return entries
    .filter((e) => e.isDirectory() && !e.name.startsWith("."))
    .flatMap((e) => {
      const below = join(root, e.name);
      const holds = statSync(join(below, file), { throwIfNoEntry: false })?.isFile() === true;
      return holds ? [e.name] : foldersWith(below, file, depth - 1);
    });
}

/** A text in UTF-8; "not-utf8" or "unreadable" says why there is none. */
export function textOf(path: string): { readonly text: string } | "not-utf8" | "unreadable" {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return error instanceof TypeError ? "not-utf8" : "unreadable";
  }
}

/** What a path leads to. */
export function kindOf(path: string): "file" | "folder" | undefined {
  const info = statSync(path, { throwIfNoEntry: false });
  return info?.isDirectory() ? "folder" : info?.isFile() ? "file" : undefined;
}

/** Texts kept under a hash, each written whole: whoever comes second with the same key reads what the first one wrote. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { writing } from "./files.js";
import { cacheFolder } from "./toolchain.js";

export interface Store {
  /** Undefined where nothing is kept under the key. */
  readonly get: (key: string) => string | undefined;
  /** Throws `output-not-writable`. */
  readonly put: (key: string, text: string) => void;
}

/** Below the cache folder, two letters of the key a folder. */
export function openStore(name: string): Store {
  const pathOf = (key: string): string => join(cacheFolder(), name, key.slice(0, 2), `${key}.json`);
  return {
    get: (key) => kept(pathOf(key)),
    put: (key, text) => writing(pathOf(key), () => putWhole(pathOf(key), text)),
  };
}

function kept(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
}

function putWhole(path: string, text: string): void {
  const beside = `${path}.${randomUUID()}`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(beside, text);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

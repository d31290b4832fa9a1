/** Where the package lies and which version it is. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { invariant } from "../base/diagnostic.js";

/** The folder with package.json, from the sources as from dist/. */
export const packageRoot = ((): string => {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, "package.json"))) {
    invariant(dirname(at) !== at, "portolan runs outside its package");
    at = dirname(at);
  }
  return at;
})();

export const version = (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;

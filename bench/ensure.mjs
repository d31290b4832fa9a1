/** Installs the packages when they are not there, so that the two commands of the README need nothing before them. */
import { execSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Seconds the installation took; 0 when nothing was missing. */
export function ensureInstalled() {
  if (existsSync(join(root, "node_modules/typescript-7/bin/tsc")) && existsSync(join(root, "node_modules/commander"))) return 0;
  const begin = performance.now();
  console.log("installing packages (npm ci)...");
  execSync("npm ci --silent", { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return (performance.now() - begin) / 1000;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();

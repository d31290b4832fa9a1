/** Compiles the product into dist/, and removes from there what no source has any more. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, "node_modules/typescript-7/bin/tsc");
export const canBuild = existsSync(compiler);

export function build() {
  const { status } = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.json")], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  sweep("");
}

function sweep(folder) {
  for (const entry of readdirSync(join(root, "dist", folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && existsSync(join(root, path))) sweep(path);
    else if (!existsSync(join(root, path.replace(/(\.d)?\.(js|ts)(\.map)?$/, ".ts"))))
      rmSync(join(root, "dist", path), { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();

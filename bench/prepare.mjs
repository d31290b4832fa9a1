/**
 * Runs when npm has installed this folder, also for `npm install git+https://...`: builds dist, which is in no commit.
 * An install without development dependencies has no compiler; it works where dist was built before.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, "node_modules/typescript-7/bin/tsc");

if (existsSync(compiler)) execFileSync(process.execPath, [compiler, "-p", join(root, "tsconfig.json")], { stdio: "inherit" });
else if (!existsSync(join(root, "dist/src/cli/main.js")))
  console.error("portolan: not built, as the development dependencies are missing: npm install, then npm run build");

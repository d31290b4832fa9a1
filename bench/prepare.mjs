/**
 * Runs when npm has installed this folder, also for `npm install git+https://...`: builds dist, which is in no commit.
 * An install without development dependencies has no compiler; it works where dist was built before.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, canBuild } from "./build.mjs";

if (canBuild) build();
else if (!existsSync(join(dirname(dirname(fileURLToPath(import.meta.url))), "dist/src/cli/main.js")))
  console.error("portolan: not built, as the development dependencies are missing: npm install, then npm run build");

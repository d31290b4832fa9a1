/** Runs one test file and counts what holds. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export function runTests(root, file) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { stdout } = spawnSync(process.execPath, [vitest, "run", file, "--reporter=json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const json = stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1);
  const { numPassedTests: passed = 0, numFailedTests: failed = 1 } = json === "" ? {} : JSON.parse(json);
  return { passed, failed };
}

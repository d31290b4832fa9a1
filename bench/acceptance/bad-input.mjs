/** Line 10: every bad input through the real command line. The cases are those of test/cli/bad-input.test.ts. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { figure, root } from "./measure.mjs";

export function badInput(check) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const ran = spawnSync(process.execPath, [vitest, "run", "test/cli/bad-input.test.ts", "--reporter=json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const from = ran.stdout.indexOf("{");
  const { numTotalTests: total, numPassedTests: passed, testResults } = JSON.parse(ran.stdout.slice(from));
  const failed = testResults.flatMap((f) => f.assertionResults).filter((t) => t.status !== "passed");
  const value = `${passed}/${total}${failed.map((t) => `; ${t.title}`).join("")}`;
  check(
    figure(10, "bad inputs with their own diagnostic, exit code and nothing left behind", value, `${total}`, total > 0 && passed === total),
  );
}

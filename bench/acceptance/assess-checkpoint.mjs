/**
 * Line 29: a checkpoint's folder assessed from its configuration and headers: time of a mixture of 671 billion parameters, bytes
 * of a token, parameters as published, and cards as published. The tests hold the same tables; here they run on the built product.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figure, firstLine, portolan, root } from "./measure.mjs";
import { writeDeepseekV3 } from "./sparse-checkpoint.mjs";
import { runTests } from "./run-tests.mjs";

const line = 29;

export async function assessCheckpoint(check) {
  const folder = mkdtempSync(join(tmpdir(), "portolan-checkpoint-"));
  try {
    const tensors = writeDeepseekV3(folder);
    // Others may use the machine: the best of three tells what it takes.
    const runs = [0, 1, 2].map(() => portolan(["assess", folder, "--json"]));
    const ran = runs.reduce((best, r) => (r.seconds < best.seconds ? r : best));
    if (ran.status !== 0) return check(figure(line, "671B", firstLine(ran.stderr), "exit 0", false));
    const told = JSON.parse(ran.stdout);
    const { seconds, peakRssMiB } = ran;
    check(
      figure(
        line,
        `671B, ${tensors} headers, 9 chips, best of three`,
        `${seconds.toFixed(2)} s, ${peakRssMiB.toFixed(0)} MiB`,
        "< 2 s",
        seconds < 2,
      ),
    );
    check(figure(line, "bytes of a token", told.cache.bytesPerToken, "70272", told.cache.bytesPerToken === 70272));
    const a3 = told.chips.find((c) => c.chip === "Ascend910C");
    const cards = a3?.plans.smallest?.cards;
    check(figure(line, "W8A8 on Ascend910C", `${cards} cards, ${a3?.plans.smallest?.split.devices} dies`, "8 cards, 16 dies", cards === 8));
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const [what, file] of [
    ["parameters and bytes of a token as published", "test/serve/read-config.test.ts"],
    ["cards as published", "test/serve/sizing.test.ts"],
  ]) {
    const { passed, failed } = runTests(root, file);
    check(figure(line, what, `${passed} hold, ${failed} do not`, "all", failed === 0 && passed > 0));
  }
}

/**
 * Before any test: builds the three twins once, which takes longer on a fresh machine than a test may, and makes the
 * folder that holds every temporary file of this run. It is removed at the end, whatever tests failed or were stopped;
 * KEEP=1 leaves it there to look at.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "../src/base/diagnostic.js";
import { chooseTarget, targetNames } from "../src/driver/targets.js";
import { packageRoot } from "../src/host/package.js";
import { twinLibrary } from "../src/verify/twin-library.js";

export default async function setup(): Promise<() => void> {
  await buildTwins();
  return temporaryFiles();
}

async function buildTwins(): Promise<void> {
  for (const name of targetNames) {
    const { target } = await chooseTarget(name);
    try {
      await twinLibrary(target, packageRoot, { onBuild: () => console.log(`building the ${target.title} twin`) });
    } catch (error) {
      // Without a compiler the tests that need one say so themselves.
      if (!(error instanceof DiagnosticError)) throw error;
      console.log(error.message);
    }
  }
}

/** Tests, the programs they start and the compilers those start all ask TMPDIR for the place. */
function temporaryFiles(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "portolan-tests-"));
  process.env["TMPDIR"] = folder;
  if (process.env["KEEP"]) return () => console.log(`kept: ${folder}`);
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  // Without a terminal a signal ends vitest at once, and so does a second Ctrl-C with one.
  process.once("exit", remove);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  return remove;
}

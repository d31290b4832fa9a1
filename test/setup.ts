/** Builds the three twins once before any test asks for one: on a fresh machine that takes longer than a test may. */
import { DiagnosticError } from "../src/base/diagnostic.js";
import { chooseTarget, targetNames } from "../src/api/targets.js";
import { packageRoot } from "../src/api/package.js";
import { twinLibrary } from "../src/verify/twin-library.js";

export default async function setup(): Promise<void> {
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

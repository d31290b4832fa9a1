/** Two bundles in one program: every symbol of theirs begins with the bundle's prefix. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { compileText } from "../plan/compile-text.js";

test("two bundles of the same operators link into one program", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-link-"));
  try {
    const { target } = await chooseTarget("bang");
    const twin = await twinLibrary(target, packageRoot, {});
    const objects: string[] = [];
    const compileTo = (source: string, includes: readonly string[]): void => {
      const object = join(folder, `${objects.length}.o`);
      execFileSync(twin.compiler, ["-std=c++17", "-O0", ...includes.map((i) => `-I${i}`), ...twin.includes, "-c", source, "-o", object]);
      objects.push(object);
    };
    for (const prefix of ["first", "second"]) {
      const home = join(folder, prefix);
      await compileText("a = Relu(x: f32[4])\n y = Softmax(a)", { prefix, output: home, force: true, withTwin: false });
      compileTo(join(home, "model.cpp"), [home, join(home, "runtime")]);
      for (const kernel of readdirSync(join(home, "kernels"))) {
        const prepared = join(home, `${kernel}.cpp`);
        execFileSync(twin.prepare, [target.name, join(home, "kernels", kernel), prepared]);
        compileTo(prepared, [home, join(home, "runtime")]);
      }
    }
    const main = join(folder, "main.cpp");
    writeFileSync(main, '#include "first/model.h"\n#include "second/model.h"\nint main() { return first_tables() == second_tables(); }\n');
    compileTo(main, [folder]);
    const program = join(folder, "both");
    execFileSync(twin.compiler, [...objects, twin.library, "-o", program, "-lm", "-pthread"]);
    expect(() => execFileSync(program)).not.toThrow();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

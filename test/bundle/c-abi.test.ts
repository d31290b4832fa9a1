/**
 * A share of acceptance line 15: random sequences of calls on a bundle's C interface under AddressSanitizer and
 * UndefinedBehaviorSanitizer, and a bundle built by each other compiler that is installed.
 */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { buildHarness, otherCompilers, playSequences, sanitizers } from "../../bench/acceptance/c-abi.mjs";

test.each([1, 3])("random calls of the C interface, %s thread(s)", { timeout: 600_000 }, async (threads) => {
  // The twin as it is; runtime, model and kernels under the sanitizers.
  const program = (await buildHarness("broadcast-relu", "bang", sanitizers.address.flags, [])) as string;
  const played = (await playSequences(program, "broadcast-relu", "bang", { seed: 7, sequences: 250, threads })) as {
    ok: boolean;
    said: string;
  };
  expect(played.said).toMatch(/^250 sequences, \d{4,} calls, \d{3,} refused, \d{2,} runs$/);
});

test.each(["g++-11", "clang++-14"])("%s builds a bundle and its twin, and they run", { timeout: 600_000 }, async (compiler) => {
  if (spawnSync(compiler, ["--version"]).status !== 0) return console.log(`skipped: ${compiler} is not installed`);
  const figures: { readonly value: string; readonly ok: boolean }[] = [];
  await otherCompilers((f: (typeof figures)[number]) => figures.push(f), { of: ["bang"], which: [compiler] });
  expect(figures).toMatchObject([{ value: "3", ok: true }]);
});

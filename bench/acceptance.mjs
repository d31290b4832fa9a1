/**
 * Runs the acceptance lines whole, prints each figure beside its floor, and exits 1 when one is missed.
 *
 *   npm run acceptance               everything
 *   npm run acceptance -- 2 3        some lines
 *   npm run acceptance -- 2 --only det,alexa --precision fp32
 *   npm run acceptance -- 16 --peers with PORTOLAN_PYTHON=/path/to/python: makes the exports first
 */
import { execSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./ensure.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    precision: { type: "string" },
    chips: { type: "string" },
    "no-build": { type: "boolean" },
    // Lines that need Python and its packages beside Portolan run too; PORTOLAN_PYTHON names the interpreter.
    peers: { type: "boolean" },
  },
});
ensureInstalled();
if (!values["no-build"]) execSync("npm run -s build", { cwd: root, stdio: "inherit" });

const results = [];
function check(result) {
  results.push(result);
  console.log(
    `${result.ok ? "ok  " : "MISS"} ${result.line}  ${result.what}: ${result.value}${result.floor !== undefined ? ` (floor ${result.floor})` : ""}`,
  );
}

const api = await import(join(root, "dist/src/api/index.js"));
const options = { only: values.only?.split(","), precisions: values.precision?.split(","), chips: values.chips?.split(",") };
const lines = {
  2: async () => {
    const { realModels, dynamicSizes } = await import("./acceptance/real-models.mjs");
    await realModels(api, check, options);
    if (!options.only) await dynamicSizes(api, check);
  },
  3: async () => (await import("./acceptance/suite.mjs")).suite(check),
  4: async () => (await import("./acceptance/roundtrip.mjs")).roundtrip(check),
  5: async () => (await import("./acceptance/size.mjs")).size(check, { peers: values.peers }),
  6: async () => {
    await (await import("./acceptance/teeth.mjs")).teeth(check);
    await (await import("./acceptance/ulp.mjs")).ulp(check);
  },
  7: async () => (await import("./acceptance/samples.mjs")).samples(check),
  8: async () => (await import("./acceptance/custom-op.mjs")).customOp(api, check),
  9: async () => (await import("./acceptance/determinism.mjs")).determinism(check),
  10: async () => {
    (await import("./acceptance/bad-input.mjs")).badInput(check);
    (await import("./acceptance/fuzz.mjs")).fuzz(check);
    await (await import("./acceptance/fuzz.mjs")).mutatedModels(check);
  },
  11: async () => (await import("./acceptance/startup.mjs")).startup(check),
  13: async () => {
    const { randomPrograms, randomTwins, randomBodies } = await import("./acceptance/random-programs.mjs");
    await randomPrograms(check);
    await randomTwins(check);
    await randomBodies(check);
  },
  14: async () => (await import("./acceptance/random-rewrites.mjs")).randomRewrites(check),
  12: async () => (await import("./acceptance/fp16-gate.mjs")).fp16Gate(api, check, options),
  15: async () => {
    const { cAbi, otherCompilers } = await import("./acceptance/c-abi.mjs");
    await cAbi(check);
    await otherCompilers(check);
  },
  16: async () => (await import("./acceptance/exports.mjs")).exports(check, { ...options, peers: values.peers }),
  17: async () => (await import("./acceptance/formula-mutants.mjs")).formulaMutants(check),
  18: async () => (await import("./acceptance/cases.mjs")).cases(check, options),
  19: async () => (await import("./acceptance/growth.mjs")).growth(check),
  20: async () => (await import("./acceptance/digits.mjs")).digits(api, check, options),
  26: async () => (await import("./acceptance/integer-code.mjs")).integerCode(api, check),
  27: async () => (await import("./acceptance/assess-models.mjs")).assessModels(api, check, options),
  28: async () => (await import("./acceptance/assess-large.mjs")).assessLarge(check),
  32: async () => (await import("./acceptance/report.mjs")).reports(api, check, options),
  22: async () => (await import("./acceptance/packing.mjs")).packing(check, { peers: values.peers }),
  23: async () => (await import("./acceptance/quantised-models.mjs")).quantisedModels(check, { ...options, peers: values.peers }),
  24: async () => (await import("./acceptance/calibration-input.mjs")).calibrationInput(check),
  25: async () => (await import("./acceptance/calibration-memory.mjs")).calibrationMemory(check),
  31: async () => (await import("./acceptance/assess-code.mjs")).assessCode(api, check),
  29: async () => (await import("./acceptance/assess-checkpoint.mjs")).assessCheckpoint(check),
  30: async () => (await import("./acceptance/calibration.mjs")).calibration(check),
  33: async () => (await import("./acceptance/fleet.mjs")).fleet(check),
  21: async () => (await import("./acceptance/tasks.mjs")).tasks(api, check, { ...options, peers: values.peers }),
};

for (const line of positionals.length > 0 ? positionals : Object.keys(lines)) {
  if (!lines[line]) {
    console.error(`there is no line ${line}; lines: ${Object.keys(lines).join(", ")}`);
    process.exit(2);
  }
  await lines[line]();
}
const missed = results.filter((r) => !r.ok);
console.log(`\n${results.length - missed.length} passed, ${missed.length} failed`);
process.exit(missed.length === 0 ? 0 : 1);

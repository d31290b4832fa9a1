/**
 * Line 17: breaks formulas at seeded sites of a fixed list of mistakes (test/ops/mutants/mutate.ts) and counts what the
 * cases of test/ops notice. One process runs the cases against every mutated module; on a sample, `vitest run test/ops`
 * itself runs against the mutant in a copy of the repository.
 *
 *   node bench/acceptance/formula-mutants.mjs                      200 mutants, 5 of them through vitest
 *   node bench/acceptance/formula-mutants.mjs --most 0 --proof 0   every mutant
 *   node bench/acceptance/formula-mutants.mjs --only resize --list
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const floors = { killed: 95, seconds: 20 };

/** The engine is TypeScript beside the tests; it is compiled apart from the product. */
async function engine() {
  execFileSync("node", [join(root, "node_modules/typescript-7/bin/tsc"), "-p", join(root, "test/ops/mutants/tsconfig.json")], {
    stdio: "inherit",
  });
  return import(join(root, ".cache/op-cases/test/ops/mutants/engine.js"));
}

/** `most` of a list, drawn by a seed. */
function drawn(list, most, seed) {
  if (most === 0 || most >= list.length) return list;
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const left = [...list];
  return Array.from({ length: most }, () => left.splice(Math.floor(next() * left.length), 1)[0]);
}

/** Whether `vitest run test/ops` fails in a copy of the repository with the mutant's formula and what it compiles to, and in what time. */
function byVitest(mutants) {
  const copy = mkdtempSync(join(tmpdir(), "portolan-mutants-"));
  try {
    for (const part of [
      "src",
      "passes",
      "targets",
      "test/ops",
      "test/onnx",
      "test/setup.ts",
      "test/seed.ts",
      "package.json",
      "tsconfig.json",
      "vitest.config.ts",
    ])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    for (const part of ["node_modules", "dist"]) symlinkSync(join(root, part), join(copy, part));
    return mutants.map(({ file, mutant }) => {
      const [formula, generated] = [".formula.ts", ".gen.ts"].map((end) => `src/ops/formulas/${file}${end}`);
      writeFileSync(join(copy, formula), mutant.text);
      const made = spawnSync("node", [join(root, "dist/src/formula/generate.js")], { cwd: copy });
      const start = performance.now();
      const ran = spawnSync("node", ["node_modules/vitest/vitest.mjs", "run", "test/ops"], { cwd: copy, encoding: "utf8" });
      const seconds = (performance.now() - start) / 1000;
      for (const path of [formula, generated]) cpSync(join(root, path), join(copy, path));
      return { failed: made.status !== 0 || ran.status !== 0, seconds };
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function listed({ file, mutant, killer }) {
  return `${killer === undefined ? "SURVIVES" : "killed  "} ${file}.formula.ts:${mutant.line} ${mutant.kind}\n    - ${mutant.before}\n    + ${mutant.after}${killer ? `\n    ${killer}` : ""}`;
}

/** Hands each figure to `check({ line, what, value, floor, ok })`. */
export async function formulaMutants(check, options = {}) {
  const { most = 200, seed = 17, proof = 5, only, list = false } = options;
  const { FormulaMutants } = await engine();
  const mutants = new FormulaMutants(root);
  const faults = mutants.faults();
  check({ line: 17, what: "cases that do not hold as the formulas are", value: faults.length, floor: 0, ok: faults.length === 0 });
  const sites = mutants.all().filter((m) => !only || only.includes(m.file));
  const fates = drawn(sites, most, seed).map(({ file, mutant }) => {
    const fate = mutants.fate(file, mutant);
    if (list || fate.killer === undefined) console.log(listed(fate));
    return fate;
  });
  const survivors = fates.filter((f) => f.killer === undefined);
  const killed = (100 * (fates.length - survivors.length)) / Math.max(1, fates.length);
  check({
    line: 17,
    what: `mutants of formulas that the cases notice, of ${fates.length} of ${sites.length} (seed ${seed})`,
    value: `${killed.toFixed(1)} %`,
    floor: `${floors.killed} %`,
    ok: killed >= floors.killed,
  });
  if (proof > 0) prove(check, fates, proof);
}

/** The first mutants of either fate. */
function prove(check, fates, proof) {
  const sample = [
    ...fates.filter((f) => f.killer !== undefined).slice(0, proof - 1),
    ...fates.filter((f) => f.killer === undefined).slice(0, 1),
  ];
  const seen = byVitest(sample);
  const same = seen.filter((s, i) => s.failed === (sample[i].killer !== undefined)).length;
  check({
    line: 17,
    what: "mutants for which vitest run test/ops says the same",
    value: same,
    floor: sample.length,
    ok: same === sample.length,
  });
  const slowest = Math.max(...seen.map((s) => s.seconds));
  check({
    line: 17,
    what: "slowest of those runs",
    value: `${slowest.toFixed(1)} s`,
    floor: `${floors.seconds} s`,
    ok: slowest <= floors.seconds,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      most: { type: "string" },
      seed: { type: "string" },
      proof: { type: "string" },
      only: { type: "string" },
      list: { type: "boolean" },
    },
  });
  const number = (text) => (text === undefined ? undefined : Number(text));
  const results = [];
  await formulaMutants((r) => (results.push(r), console.log(`${r.ok ? "ok  " : "MISS"} ${r.what}: ${r.value} (floor ${r.floor})`)), {
    most: number(values.most),
    seed: number(values.seed),
    proof: number(values.proof),
    only: values.only?.split(","),
    list: values.list,
  });
  process.exit(results.every((r) => r.ok) ? 0 : 1);
}

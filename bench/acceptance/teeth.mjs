/**
 * Line 6: breaks every golden and probe kernel at every site of a fixed list of mistakes, and counts what the twins notice.
 * Some 3,400 mutants, two at a time; what became of each is kept by content, so that a repeat builds only what changed.
 *
 *   node bench/acceptance/teeth.mjs                       every mutant of every target
 *   node bench/acceptance/teeth.mjs --targets bang --most 100 --seed 3
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const floors = { mutants: 60, killed: 0.985, named: 0.7 };
const percent = (part, whole) => (whole === 0 ? 100 : (100 * part) / whole);

/** The engine is TypeScript beside the tests; it is compiled apart from the product. */
async function engine() {
  execFileSync("node", [join(root, "node_modules/typescript-7/bin/tsc"), "-p", join(root, "test/targets/mutation/tsconfig.json")], {
    stdio: "inherit",
  });
  return import(join(root, ".cache/mutation/test/targets/mutation/teeth.js"));
}

function printTable(target, counts) {
  console.log(`${target.padEnd(8)}${"class".padEnd(20)}${"mutants".padStart(9)}${"killed %".padStart(10)}${"named %".padStart(10)}`);
  for (const c of counts) {
    const cells = [
      `${c.mutants}`.padStart(9),
      percent(c.killed, c.mutants).toFixed(1).padStart(10),
      percent(c.named, c.mutants).toFixed(1).padStart(10),
    ];
    console.log(`${"".padEnd(8)}${c.kind.padEnd(20)}${cells.join("")}`);
  }
}

function tally(texts) {
  const counts = new Map();
  for (const t of texts) counts.set(t, (counts.get(t) ?? 0) + 1);
  return [...counts].sort();
}

function survivorText({ subject, kernel, mutant }) {
  return `  ${subject}/${kernel}:${mutant.line} ${mutant.kind}: ${mutant.what}\n    - ${mutant.before.replaceAll("\n", "\n      ")}\n    + ${mutant.after.replaceAll("\n", "\n      ")}`;
}

/** Runs the targets and hands each figure to `check({ line, what, value, floor, ok })`. */
export async function teeth(check, options = {}) {
  const { teethOf, countByClass, ruled, unreached } = await engine();
  for (const target of options.targets ?? ["cann", "bang", "kunlun"]) {
    const verdicts = await teethOf(target, { root, ...options });
    const counts = countByClass(verdicts);
    const all = counts.at(-1);
    printTable(target, counts);
    const aside = (fate) => verdicts.filter((v) => v.fate === fate);
    console.log(`${"".padEnd(8)}${aside("rejected").length} more do not compile`);
    const apart = aside("survived").filter((v) => v.detail === unreached).length;
    console.log(`${"".padEnd(8)}${aside("survived").length} survive, ${apart} of them in lines that no input comes to:`);
    for (const [what, n] of tally(aside("survived").map((v) => `${v.mutant.kind}: ${v.mutant.what}`)))
      console.log(`${"".padEnd(10)}${what}: ${n}`);
    for (const [why, n] of tally(aside("equivalent").map((v) => v.detail)))
      console.log(`${"".padEnd(8)}${n} survive and are equivalent: ${why}`);
    for (const v of aside("survived")) console.log(survivorText(v));
    mkdirSync(join(root, ".cache/teeth"), { recursive: true });
    writeFileSync(
      join(root, `.cache/teeth/${target}.json`),
      JSON.stringify(
        verdicts.map((v) => ({ ...v, mutant: { ...v.mutant, text: undefined } })),
        null,
        1,
      ),
    );

    const figure = (what, value, floor, unit = "%") =>
      check({
        line: 6,
        what: `${target}: ${what}`,
        value: `${value.toFixed(unit ? 1 : 0)}${unit}`,
        floor: `>= ${floor}${unit}`,
        ok: value >= floor,
      });
    if (!options.most) figure("mutants", all.mutants, floors.mutants, "");
    figure("mutants killed", percent(all.killed, all.mutants), 100 * floors.killed);
    for (const [name, kinds] of Object.entries(ruled)) {
      const of = counts.filter((c) => kinds.includes(c.kind));
      const sum = (key) => of.reduce((n, c) => n + c[key], 0);
      figure(`${name} mutants killed by a named violation`, percent(sum("named"), sum("mutants")), 100 * floors.named);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { targets: { type: "string" }, most: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
  });
  let missed = 0;
  const check = (r) => {
    if (!r.ok) missed++;
    console.log(`${r.ok ? "ok  " : "MISS"} ${r.line}  ${r.what}: ${r.value} (floor ${r.floor})`);
  };
  await teeth(check, {
    targets: values.targets?.split(","),
    only: values.only?.split(","),
    ...(values.most ? { most: Number(values.most) } : {}),
    ...(values.seed ? { seed: Number(values.seed) } : {}),
  });
  process.exitCode = missed === 0 ? 0 : 1;
}

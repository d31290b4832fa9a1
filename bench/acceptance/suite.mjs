/**
 * Line 3: the conformance set on the three twins. Once with an empty build cache and once with a full one, both timed,
 * then with `--prefer kernels`; then on the other chips that `targets` lists, each kind of chip once. score.mjs of the
 * set judges the results.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { matrixCalls, strayCalls } from "./matrix-calls.mjs";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const folder = join(dirname(root), "shared/onnx-tests");
const index = join(folder, "index.json");
const hourMs = 3_600_000;

export async function suite(check) {
  if (!existsSync(index)) return check(figure(3, "conformance set", "../shared/onnx-tests is missing", "there", false));
  const work = mkdtempSync(join(tmpdir(), "portolan-acceptance-"));
  try {
    const run = (name, ...options) => runSuite(check, join(work, `${name}.json`), { PORTOLAN_CACHE: join(work, "cache") }, options);
    const cold = run("cold");
    const warm = run("warm");
    timed(check, "cold", cold, 12 * 60);
    timed(check, "warm", warm, 2 * 60);
    if (warm) judged(check, warm, "library first", 0.97, ownShare);
    const kernels = run("kernels", "--prefer", "kernels");
    if (kernels) judged(check, kernels, "--prefer kernels", 0.9, matrixCallsOnly);
    for (const [chip, ...alike] of await otherChips()) {
      const ran = run(chip.replace(":", "-"), "--target", chip);
      const as = alike.length > 0 ? ` (alike: ${alike.join(", ")})` : "";
      if (ran) judged(check, ran, `${chip}${as}`, 0.97, () => undefined);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Chips beside the targets' defaults, those together that differ in nothing a program is made from: name and memory aside. */
async function otherChips() {
  const { chooseTargets } = await import(join(root, "dist/src/driver/targets.js"));
  const targets = (await chooseTargets("all")).map(({ target }) => target);
  const kinds = new Map();
  for (const target of targets)
    for (const [name, chip] of Object.entries(target.chips)) {
      const key = JSON.stringify([target.name, { ...chip, memoryBytes: 0, caps: { ...chip.caps, chip: "" } }]);
      kinds.set(key, [...(kinds.get(key) ?? []), `${target.name}:${name}`]);
    }
  const defaults = new Set(targets.map(({ name, defaultChip }) => `${name}:${defaultChip}`));
  return [...kinds.values()].filter((chips) => !chips.some((c) => defaults.has(c)));
}

/** The result file and what it took; undefined when the command gave none. */
function runSuite(check, file, env, options) {
  const target = options.includes("--target") ? [] : ["--target", "all"];
  const ran = portolan(["suite", folder, ...target, "--json", file, ...options], { env, timeoutMs: hourMs });
  if (existsSync(file)) return { file, seconds: ran.seconds, targets: JSON.parse(readFileSync(file, "utf8")).targets };
  return check(figure(3, `suite ${options.join(" ")}`, firstLine(ran.stderr) || `ended by ${ran.signal}`, "a result", false));
}

function timed(check, what, ran, limit) {
  if (!ran) return;
  const value = `${ran.seconds.toFixed(0)} s on ${availableParallelism()} cores`;
  check(figure(3, `three targets, build cache ${what}`, value, `< ${limit} s on 2 cores`, ran.seconds < limit));
}

/** score.mjs on the result, then the figures of each target, and one more check of its cases. */
function judged(check, { file, targets }, what, floor, more) {
  const wants = ["--core", `${floor}`, "--targets", `${Object.keys(targets).length}`];
  const scored = spawnSync(process.execPath, [join(folder, "score.mjs"), index, file, ...wants], { encoding: "utf8" });
  console.log(scored.stdout.trim());
  check(figure(3, `${what}: score.mjs --core ${floor}`, `exit ${scored.status}`, "exit 0", scored.status === 0));
  for (const [target, { cases }] of Object.entries(targets)) counted(check, what, target, cases, floor, more);
}

function counted(check, how, target, cases, floor, more) {
  const what = `${how}, ${target}`;
  const core = new Set(readFileSync(join(folder, "easy-core.txt"), "utf8").trim().split("\n"));
  const known = new Set(cases.map((c) => c.name));
  const passes = cases.filter((c) => core.has(c.name) && c.status === "pass");
  const rate = passes.length / core.size;
  check(figure(3, `${what}: easy core`, `${passes.length}/${core.size} = ${percent(rate)}`, `>= ${percent(floor)}`, rate >= floor));
  const bad = cases.filter((c) => c.status === "wrong" || c.status === "crash");
  const named = bad.map((c) => `; ${c.name} (${c.status})`).join("");
  const missing = JSON.parse(readFileSync(index, "utf8")).tests.filter((t) => !known.has(t.name)).length;
  const value = `${bad.length} + ${missing} of ${cases.length}, ${cases.filter((c) => c.status === "pass").length} pass${named}`;
  check(figure(3, `${what}: wrong or crashed, and missing`, value, "0 + 0", bad.length + missing === 0));
  const silent = cases.filter((c) => c.status === "unsupported" && !c.reason).length;
  check(figure(3, `${what}: unsupported without a reason`, `${silent}`, "0", silent === 0));
  more(check, what, target, cases, passes);
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Core passes that our kernels alone make. */
function ownShare(check, what, _target, cases, passes) {
  const own = passes.filter(({ how }) => how && how.kernel > 0 && how.library + how.host + how.scalar === 0).length;
  const share = own / Math.max(1, passes.length);
  check(
    figure(3, `${what}: core passes by generated kernels alone`, `${own}/${passes.length} = ${percent(share)}`, ">= 60 %", share >= 0.6),
  );
  const frozen = cases.filter((c) => c.frozen);
  const roles = [...new Set(frozen.flatMap((c) => c.frozen.map((f) => /\((.*)\)$/.exec(f)?.[1] ?? f)))].sort();
  console.log(`${what}: ${frozen.length} cases with frozen operands: ${roles.join(", ")}`);
}

/** Library steps contract and convolve, and nothing else. */
function matrixCallsOnly(check, what, target, cases) {
  const silent = cases.filter((c) => c.how?.library > 0 && !c.calls).map((c) => c.name);
  const calls = cases.flatMap((c) => c.calls ?? []);
  const strays = [...silent.map((name) => `${name} names none`), ...strayCalls(target, calls)];
  const value = strays.length === 0 ? matrixCalls(target, calls).join(", ") : `others: ${strays.slice(0, 5).join(", ")}`;
  check(figure(3, `${what}: library calls`, value, "contraction and convolution only", strays.length === 0));
}

/**
 * Line 7: each committed project of samples/ is copied elsewhere and built by the commands of its own README, with no
 * Node on the PATH; it turns .npz into .npz, and its numbers are onnxruntime's, each alternate switched on in turn. One C
 * program links two of them. What a project needs beside itself is cmake and a C++ compiler.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  committedFiles,
  differences,
  goldens,
  modelFiles,
  samplesFolder,
  writeProject,
  targets as allTargets,
} from "../../samples/make.mjs";
import { difference } from "../../dist/src/verify/compare.js";
import { readNpz } from "../../dist/src/verify/npz-read.js";
import { openReference } from "../../dist/src/verify/reference.js";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const tools = ["cmake", "make", "cc", "gcc", "c++", "g++", "as", "ld", "ar", "ranlib", "uname"];

/** What the two-model program runs, in its order; see two-models.c. */
const runs = [
  { model: "broadcast-relu", size: 3, seed: 1 },
  { model: "attention-block", size: 5, seed: 2 },
  { model: "broadcast-relu", size: 50, seed: 3 },
  { model: "attention-block", size: 17, seed: 4 },
  { model: "broadcast-relu", size: 1, seed: 5 },
  { model: "attention-block", size: 33, seed: 6 },
  { model: "broadcast-relu", size: 50, seed: 7 },
  { model: "attention-block", size: 1, seed: 8 },
];

/** A folder of links to the tools alone, so that nothing else is on the PATH. */
function toolFolder(work) {
  const folder = join(work, "bin");
  mkdirSync(folder);
  for (const tool of tools) symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(folder, tool));
  return folder;
}

class Bench {
  constructor(check, work) {
    this.check = check;
    this.work = work;
    this.env = { PATH: toolFolder(work), HOME: work, CFLAGS: "-Wall -Wextra", CXXFLAGS: "-Wall -Wextra" };
  }

  /** Runs a line of a README as a person would; what it says on stderr, then on stdout. */
  shell(command, cwd, env = {}) {
    const done = spawnSync("/bin/sh", ["-c", command], { cwd, env: { ...this.env, ...env }, encoding: "utf8", maxBuffer: 1 << 26 });
    return { status: done.status, text: done.stderr + done.stdout };
  }

  expect(what, value, floor, ok) {
    this.check(figure(7, what, value, floor, ok));
    return ok;
  }

  compare(what, got, want) {
    const d = difference(got, want);
    const value = `cosine ${d.cosine.toFixed(7)}, max error ${(d.maxAbs / d.range).toExponential(2)} of range`;
    return this.expect(what, value, ">= 0.99999, <= 1e-3", d.sameShape && d.cosine >= 0.99999 && d.maxAbs <= 1e-3 * d.range);
  }
}

const tail = (text) => text.trim().split("\n").slice(-3).join(" | ").slice(0, 300);

/** The numbered commands of a README. */
export function commandsOf(readme) {
  return [...readme.matchAll(/^\d+\. `([^`]+)`/gm)].map((m) => m[1]);
}

/** What each of the six commands must print; the third shows its usage and says so by its status. */
function expectations({ file }, outputs) {
  const prefix = file.replace(/\.onnx$/, "");
  return [
    { prints: /Build files have been written to/ },
    { prints: new RegExp(`run_${prefix}\\s*$`) },
    { prints: new RegExp(`usage: [^]*output +${outputs[0]}`), status: 2 },
    { prints: new RegExp(`^${outputs[0]} [0-9x]+`, "m") },
    { prints: /latency ms: min .* max .* mean .* median .* p90 .* p95 .* p99/ },
    { prints: new RegExp(`^${outputs[0]} [0-9x]+`, "m") },
  ];
}

/** Writes a project whole, builds and runs it. Gives its folder, or undefined when it does not build. */
async function builds(bench, golden, target) {
  const label = `${golden.folder}/${target}`;
  const folder = join(bench.work, target, golden.folder);
  await writeProject(golden, target, folder);
  copyFileSync(join(samplesFolder, golden.folder, "in.npz"), join(folder, "in.npz"));
  const feed = readNpz(readFileSync(join(folder, "in.npz")));
  const want = await referenceOf(golden, feed);
  const commands = commandsOf(readFileSync(join(folder, "README.md"), "utf8"));
  const wanted = expectations(golden, [...want.keys()]);
  const warnings = new Set();
  let held = 0;
  for (const [i, command] of commands.entries()) {
    const { status, text } = bench.shell(command, folder);
    for (const [line] of text.matchAll(/.*warning:.*/g)) warnings.add(line.replace(`${folder}/`, ""));
    if (status === (wanted[i]?.status ?? 0) && wanted[i]?.prints.test(text)) held++;
    else bench.expect(`${label}: ${command}`, `status ${status}: ${tail(text)}`, String(wanted[i]?.prints), false);
    if (status !== 0 && i < 2) return undefined;
  }
  bench.expect(`${label}: commands of its README that print what they should, without Node`, held, 6, held === 6);
  bench.expect(`${label}: warnings under -Wall -Wextra`, [...warnings].join("; ") || 0, 0, warnings.size === 0);
  bench.compare(`${label}: out.npz`, [...readNpz(readFileSync(join(folder, "out.npz"))).values()], [...want.values()]);
  alternatesHold(bench, golden, target, folder, [...want.values()]);
  return folder;
}

async function referenceOf({ folder, file }, feed) {
  const reference = await openReference(join(samplesFolder, folder, file));
  return reference.run(feed);
}

/** The steps of a project that can go another way, and the environment variable that makes them. */
export function switches(folder) {
  const { steps } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  return steps.filter((s) => s.alternate).map((s) => ({ [`PORTOLAN_STEP_${s.id}`]: s.alternate.kind }));
}

function alternatesHold(bench, { folder: name, file }, target, folder, want) {
  const run = `build/run_${file.replace(/\.onnx$/, "")} --inputs in.npz --save other.npz`;
  const all = switches(folder);
  let held = 0;
  for (const env of all) {
    const { status, text } = bench.shell(run, folder, env);
    const d = status === 0 ? difference([...readNpz(readFileSync(join(folder, "other.npz"))).values()], want) : undefined;
    if (d?.sameShape && d.cosine >= 0.99999 && d.maxAbs <= 1e-3 * d.range) held++;
    else bench.expect(`${name}/${target}: ${JSON.stringify(env)}`, d ? `cosine ${d.cosine}` : tail(text), "same numbers", false);
  }
  bench.expect(`${name}/${target}: numbers hold with each alternate in turn`, `${held}/${all.length}`, "all", held === all.length);
}

const sample = (count, seed) => Float32Array.from({ length: count }, (_, i) => (((i * 37 + seed * 11) % 101) - 50) / 32);
const tensor = (shape, seed) => ({
  dtype: "f32",
  shape,
  data: sample(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});

function feedOf({ model, size, seed }) {
  if (model === "attention-block") return new Map([["x", tensor([1, size, 32], seed)]]);
  return new Map([
    ["a", tensor([size, 1000], seed)],
    ["b", tensor([1000], seed + 1)],
  ]);
}

/** Links two built projects into one C program and compares all its runs, then again with each alternate of both. */
async function twoInOne(bench, target) {
  const home = join(bench.work, target);
  const libraries = [
    "broadcast-relu/build/libbroadcast_relu.a",
    "attention-block/build/libattention_block.a",
    `attention-block/build/libportolan_twin_${target}.a`,
  ].join(" ");
  const link = `cc -std=c11 -Wall -Wextra -I. -c ${join(here, "two-models.c")} -o two.o && c++ two.o ${libraries} -o two`;
  const built = bench.shell(link, home);
  if (
    !bench.expect(
      `${target}: one C program links two projects`,
      built.text === "" ? "links" : tail(built.text),
      "no message",
      built.text === "",
    )
  )
    return;
  const want = [];
  for (const run of runs) {
    const golden = goldens.find((g) => g.folder === run.model);
    want.push([...(await referenceOf(golden, feedOf(run))).values()][0]);
  }
  const go = (env) => {
    const { status, text } = bench.shell("./two broadcast-relu attention-block out.bin", home, env);
    return status === 0 ? split(readFileSync(join(home, "out.bin")), want) : tail(text);
  };
  const got = go({});
  if (typeof got === "string") return bench.expect(`${target}: two models, two contexts each`, got, "runs", false);
  bench.compare(`${target}: two models, two contexts each, other sizes between runs`, got, want);
  const all = ["broadcast-relu", "attention-block"].flatMap((name) => switches(join(home, name)));
  const failed = all.filter((env) => {
    const other = go(env);
    const d = typeof other === "string" ? undefined : difference(other, want);
    return !(d && d.sameShape && d.cosine >= 0.99999 && d.maxAbs <= 1e-3 * d.range);
  });
  const value = `${all.length - failed.length}/${all.length}${failed.length > 0 ? `, not ${JSON.stringify(failed)}` : ""}`;
  bench.expect(`${target}: the C program's numbers hold with each alternate in turn`, value, "all", failed.length === 0);
}

/** The raw floats of the program as tensors of the wanted shapes. */
function split(bytes, want) {
  const floats = new Float32Array(Uint8Array.from(bytes).buffer);
  let at = 0;
  return want.map(({ shape, data }) => ({ dtype: "f32", shape, data: floats.subarray(at, (at += data.length)) }));
}

/** Tests of each target that hold its calls and intrinsics to the fact record, and its printers to those. */
const recordTests = { cann: "facts.test.ts", bang: "records.test.ts", kunlun: "calls.test.ts" };

function recordsHold(bench, target) {
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", `test/targets/${target}/${recordTests[target]}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const counts = /Tests +(.*)/.exec(stdout)?.[1] ?? tail(stderr);
  bench.expect(`${target}: calls, intrinsics and printers against the fact record`, counts, "all pass", status === 0);
}

/** The evidence histogram as `compile` prints it for a person. */
function evidenceShown(bench, golden, target) {
  const model = join(samplesFolder, golden.folder, golden.file);
  const { status, stdout, stderr } = portolan(["compile", model, "-t", target, "-o", join(bench.work, "evidence"), "--force"]);
  const shown = /evidence +((?:E\d: \d+ steps?(?:, )?)+)/.exec(stdout)?.[1];
  bench.expect(
    `${golden.folder}/${target}: evidence printed by compile`,
    shown ?? firstLine(stderr),
    "a histogram",
    status === 0 && shown !== undefined,
  );
}

export async function samples(check, { targets = allTargets, models = goldens.map((g) => g.folder), records = true } = {}) {
  const work = mkdtempSync(join(tmpdir(), "portolan-samples-"));
  const bench = new Bench(check, work);
  try {
    const node = bench.shell("command -v node", work);
    bench.expect("Node on the PATH of the builds", node.text.trim() || "none", "none", node.status !== 0);
    const old = differences(samplesFolder, modelFiles(), []);
    bench.expect("sample models that differ from what would be made", old.join(", ") || 0, 0, old.length === 0);
    for (const target of targets) {
      if (records) recordsHold(bench, target);
      const built = [];
      for (const golden of goldens.filter((g) => models.includes(g.folder))) {
        const changed = differences(join(samplesFolder, golden.folder, target), await committedFiles(golden, target));
        bench.expect(
          `${golden.folder}/${target}: files that differ from what compile writes`,
          changed.join(", ") || 0,
          0,
          changed.length === 0,
        );
        evidenceShown(bench, golden, target);
        if (await builds(bench, golden, target)) built.push(golden.folder);
      }
      if (built.includes("broadcast-relu") && built.includes("attention-block")) await twoInOne(bench, target);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Line 15: random sequences of calls on the C interface of the samples' bundles, each once under AddressSanitizer with
 * UndefinedBehaviorSanitizer and once, in three threads, under ThreadSanitizer: sizes up to 2^63, null pointers, handles
 * that are gone, calls out of order, two devices, little device memory. And every bundle with every compiler there is.
 */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, hashFiles, listFiles, run } from "../../dist/src/host/toolchain.js";
import { inParallel, twinLibrary } from "../../dist/src/verify/twin-library.js";
import { chooseTarget } from "../../dist/src/driver/targets.js";
import { goldens, writeProject } from "../../samples/make.mjs";
import { figure, firstLine, root } from "./measure.mjs";

const harness = join(root, "bench/acceptance/c-abi.cpp");
const samples = ["broadcast-relu", "conv-net", "attention-block"];
export const targets = ["cann", "bang", "kunlun"];
export const sanitizers = {
  address: { flags: ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"], threads: 1 },
  // A Kunlun launch has sixty-four cores and more, and each is a stack that ThreadSanitizer must make.
  thread: { flags: ["-fsanitize=thread"], threads: 3, share: { cann: 9, bang: 9, kunlun: 2 } },
};

/** A sample's project with its runtime, written once a run. */
const projects = new Map();
async function projectOf(sample, targetName) {
  const folder = join(root, ".cache/samples", sample, targetName);
  if (!projects.has(folder)) {
    const golden = goldens.find((g) => g.folder === sample);
    projects.set(folder, writeProject(golden, targetName, folder));
  }
  await projects.get(folder);
  return folder;
}

/** The harness over one sample's bundle: the path of the program, kept by content. Throws with what the compiler said. */
export async function buildHarness(sample, targetName, flags, twinFlags = flags) {
  const { target } = await chooseTarget(targetName);
  const twin = await twinLibrary(target, root, { flags: twinFlags });
  const folder = await projectOf(sample, targetName);
  const files = listFiles(folder).filter((f) => /^(model\.|kernels\/|runtime\/)/.test(f));
  const hash = hashFiles(folder, files, [twin.hash, ...twin.kernelFlags, ...flags, hashFiles(root, ["bench/acceptance/c-abi.cpp"], [])]);
  const kept = join(cacheFolder(), `c-abi-${hash}`);
  if (existsSync(kept)) return kept;
  const work = mkdtempSync(join(cacheFolder(), "build-"));
  try {
    const options = ["-std=c++17", "-O1", "-g", "-Wall", "-Wextra", ...flags];
    const sources = [harness, join(folder, "model.cpp"), ...runtimeOf(folder, flags === twinFlags)];
    const kernels = new Set();
    for (const kernel of readdirSync(join(folder, "kernels"))) {
      const name = kernel.replace(/\.[a-z]+$/, "");
      const launcher = target.launchHeaders ? [join(work, `aclrtlaunch_${name}.h`)] : [];
      const to = join(work, `${name}.cpp`);
      await must(twin.prepare, [targetName, join(folder, "kernels", kernel), to, ...launcher]);
      sources.push(to);
      kernels.add(to);
    }
    const includes = [`-I${folder}`, `-I${join(folder, "runtime")}`, `-I${work}`, ...twin.includes, `-DPREFIX=${sample.replace("-", "_")}`];
    const objects = sources.map((_, i) => join(work, `${i}.o`));
    // Kernels whose accesses the twin hears of are compiled for that, unless the sanitizer is the one that hears.
    const heard = target.watchesAccesses && !flags.includes("-fsanitize=thread") ? ["-fno-sanitize=all", ...twin.kernelFlags] : [];
    const optionsOf = (source) => (kernels.has(source) ? [...options, ...heard] : options);
    await inParallel(sources, 2, (source, i) => must(twin.compiler, [...optionsOf(source), ...includes, "-c", source, "-o", objects[i]]));
    const program = join(work, "program");
    await must(twin.compiler, [...flags, ...objects, twin.library, "-o", program, "-lm", "-pthread"]);
    renameSync(program, kept);
    return kept;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where the twin is built without the sanitizer, the runtime is built with it beside the model. */
function runtimeOf(folder, inTwin) {
  if (inTwin) return [];
  return listFiles(join(folder, "runtime"))
    .filter((f) => f.endsWith(".cpp"))
    .map((f) => join(folder, "runtime", f));
}

async function must(program, args) {
  const { status, stdout, stderr } = await run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.slice(-3).join(" ")}: ${stderr || stdout}`);
}

/** Plays sequences: what the program printed, or what went wrong. */
export async function playSequences(program, sample, targetName, { seed, sequences, threads }) {
  const env = {
    ...process.env,
    PORTOLAN_TWIN_DEVICES: "2",
    PORTOLAN_TWIN_MEMORY: "64",
    ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=1",
    UBSAN_OPTIONS: "print_stacktrace=1",
    TSAN_OPTIONS: "halt_on_error=1",
  };
  const folder = await projectOf(sample, targetName);
  const done = await run(program, [`${seed}`, `${sequences}`, `${threads}`, folder], { env, timeoutMs: 1_200_000 });
  const ok = done.status === 0 && !done.signal && done.stderr === "";
  return { ok, said: ok ? done.stdout.trim() : done.signal ? `ended by ${done.signal}: ${done.stderr}` : done.stderr };
}

/** 10,000 sequences under each sanitizer, shared out to the samples of all targets. */
export async function cAbi(check, { total = 10_000, seed = 1, of = targets } = {}) {
  for (const [name, { flags, threads, share = {} }] of Object.entries(sanitizers)) {
    const parts = of.reduce((n, target) => n + (share[target] ?? 1), 0) * samples.length;
    const counts = [0, 0, 0, 0];
    const wrong = [];
    for (const target of of) {
      const each = Math.ceil((total * (share[target] ?? 1)) / parts);
      for (const sample of samples) {
        const { ok, said } = await playSequences(await buildHarness(sample, target, flags), sample, target, {
          seed,
          sequences: each,
          threads,
        });
        if (ok) said.match(/\d+/g).forEach((n, i) => (counts[i] += Number(n)));
        else wrong.push(`${sample} on ${target}: ${firstLine(said)}`);
      }
    }
    const [sequences, calls, refused, runs] = counts;
    const value = wrong.length > 0 ? wrong.join("; ") : `${sequences} (${calls} calls, ${refused} refused, ${runs} runs, seed ${seed})`;
    check(
      figure(
        15,
        `C interface under the ${name} sanitizer: call sequences without a fault`,
        value,
        `${total}`,
        wrong.length === 0 && sequences >= total,
      ),
    );
  }
}

const compilers = ["g++", "g++-11", "clang++-14", "clang++-16", "clang++"];

/** Each compiler that is installed builds every sample's bundle and its twin, without a warning, and what it built runs. */
export async function otherCompilers(check, { of = targets, which = compilers } = {}) {
  const { buildBundle } = await import("../../dist/src/verify/build-bundle.js");
  const { runBundle } = await import("../../dist/src/verify/run-bundle.js");
  const { readNpz } = await import("../../dist/src/verify/npz-read.js");
  const { readFileSync } = await import("node:fs");
  const before = process.env.CXX;
  const told = new Map();
  try {
    for (const compiler of which) {
      if ((await run("sh", ["-c", `command -v ${compiler}`])).status !== 0) {
        check(figure(15, `bundles built by ${compiler}`, "skipped: it is not installed here", undefined, true));
        continue;
      }
      process.env.CXX = compiler;
      const wrong = [];
      for (const name of of)
        for (const sample of samples) {
          const folder = await projectOf(sample, name);
          try {
            const { target } = await chooseTarget(name);
            const program = await buildBundle(folder, target, await twinLibrary(target, root), { flags: ["-Wall", "-Wextra"] });
            const inputs = readNpz(readFileSync(join(root, "samples", sample, "in.npz")));
            const { outputs, error, violation } = await runBundle(program, inputs, { weights: folder });
            if (!outputs) throw new Error(error ?? violation?.detail);
            told.set(`${compiler} ${name} ${sample}`, outputs);
          } catch (error) {
            wrong.push(`${sample} on ${name}: ${firstLine(error.message)}`);
          }
        }
      const count = of.length * samples.length;
      check(
        figure(
          15,
          `bundles built by ${compiler} without a warning, and run`,
          `${count - wrong.length}${wrong.map((w) => `; ${w}`).join("")}`,
          `${count}`,
          wrong.length === 0,
        ),
      );
    }
  } finally {
    if (before === undefined) delete process.env.CXX;
    else process.env.CXX = before;
  }
  return told;
}

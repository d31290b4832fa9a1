/** What is mutated: the generated projects of `samples/` and the hand-written probe kernels of each target. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { decodeFloat, fromNumbers, toNumbers } from "../../../src/base/float-formats.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { listFiles, run } from "../../../src/host/toolchain.js";
import { readNpz } from "../../../src/verify/npz-read.js";
import { writeNpz } from "../../../src/verify/npz.js";
import { runBundle, type RunOptions, type RunOutcome } from "../../../src/verify/run-bundle.js";
import { mainOf, probesOf, stagesOf, type Probe, type ProbeBuffer } from "./probes.js";

export type TargetName = "cann" | "bang" | "kunlun";

/** How a run ended; `numbers` are all outputs, one array each. */
export interface Ending {
  readonly numbers?: readonly Float64Array[];
  /** Digests of what buffers between the steps hold at the end, where a round keeps them: equal for equal numbers. */
  readonly inner?: readonly string[];
  readonly rule?: string;
  readonly error?: string;
  /** Kernels that were launched, when the run came to its end. */
  readonly launched?: readonly string[];
}

/** A program of host sources and kernels, with fixed inputs. */
export interface Subject {
  readonly name: string;
  readonly target: TargetName;
  /** Of generated text: dropped with the bench. */
  readonly scratch?: string;
  /** Host sources. */
  readonly sources: readonly string[];
  readonly kernels: readonly string[];
  readonly includes: readonly string[];
  /** Other files that its numbers depend on. */
  readonly data: readonly string[];
  /** Runs on inputs of their own, named by what they hold; the later ones are for mutants that survive the first. */
  readonly rounds: readonly string[];
  readonly run: (program: string, timeoutMs: number, round?: number) => Promise<Ending>;
}

/** The generated projects that are there, then the probes. */
export function subjectsOf(target: TargetName, root: string): Subject[] {
  const goldens = readdirSync(join(root, "samples"))
    .sort()
    .filter((name) => existsSync(join(root, "samples", name, target, "model.cpp")))
    .map((name) => goldenSubject(target, root, name));
  return [...goldens, ...probesOf(target).map((p) => probeSubject(target, join(root, "test/targets", target, "probes"), p))];
}

function goldenSubject(target: TargetName, root: string, name: string): Subject {
  const folder = join(root, "samples", name, target);
  const inputs = readNpz(readFileSync(join(root, "samples", name, "in.npz")));
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  const { program: made } = manifest;
  const rounds = roundsOf(inputs, manifest);
  return {
    name,
    target,
    sources: ["model.cpp", "main.cpp"].map((f) => join(folder, f)),
    kernels: readdirSync(join(folder, "kernels"))
      .sort()
      .map((f) => join(folder, "kernels", f)),
    includes: [folder],
    data: listFiles(folder)
      .filter((f) => /^weights\/|\.h$/.test(f))
      .map((f) => join(folder, f)),
    rounds: rounds.map(nameOf),
    run: (program, timeoutMs, round = 0) => runRound(program, rounds[round], made.buffers, folder, timeoutMs),
  };
}

async function runRound(
  program: string,
  round: Round,
  buffers: readonly MadeBuffer[],
  weights: string,
  timeoutMs: number,
): Promise<Ending> {
  const { feed, steps, env } = round;
  if (!round.inner) return endingOf(await runBundle(program, feed, { weights, timeoutMs, steps, env }));
  const kept = mkdtempSync(join(tmpdir(), "portolan-kept-"));
  try {
    const ending = endingOf(await runBundle(program, feed, { weights, timeoutMs, steps, env: { ...env, PORTOLAN_KEEP_BUFFERS: kept } }));
    return ending.numbers ? { ...ending, inner: keptDigests(kept, buffers) } : ending;
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

/** What each buffer held; all NaN are one, and so are both zeros. */
function keptDigests(folder: string, buffers: readonly MadeBuffer[]): string[] {
  return buffers
    .map((b) => ({ ...b, path: join(folder, `${b.id}.bin`) }))
    .filter((b) => existsSync(b.path))
    .map(({ path, stored }) => {
      const bytes = Uint8Array.from(readFileSync(path));
      const held = stored === "f32" ? new Float32Array(bytes.buffer).map((x) => (Number.isNaN(x) ? NaN : x === 0 ? 0 : x)) : bytes;
      return createHash("sha256").update(held).digest("hex");
    });
}

interface MadeBuffer {
  readonly id: number;
  readonly home: string;
  readonly name: string;
  readonly stored: string;
  readonly shape: readonly (number | string)[];
}

interface Manifest {
  readonly program: {
    readonly buffers: readonly MadeBuffer[];
  };
  readonly steps: readonly { readonly id: string; readonly alternate?: { readonly kind: "library" | "kernel" } }[];
}

interface Round {
  readonly feed: ReadonlyMap<string, Tensor>;
  /** Steps that go their other way, on kernels. */
  readonly steps: NonNullable<RunOptions["steps"]>;
  /** Buffers have memory of their own and are compared too. */
  readonly inner: boolean;
  readonly env: NonNullable<RunOptions["env"]>;
}

/** A card, or a launch, of as few cores as can be: each has many tiles. */
const fewCores = { PORTOLAN_TWIN: "one-block", PORTOLAN_MLU_CLUSTERS: "1" };

/**
 * The example's inputs; others, longer and wider; these again with every step on kernels that can be, on few cores, and so,
 * too, inputs that are small, of one size but for a few, and those among which are infinities, NaN, zeros and the ends of the
 * range, many or one.
 */
function roundsOf(inputs: ReadonlyMap<string, Tensor>, { program, steps: made }: Manifest): Round[] {
  const feedOf = (value: Value, seed = 1) => grown(inputs, program.buffers, value, someRows, seed);
  const others = made.flatMap((s) => (s.alternate?.kind === "kernel" ? [[s.id, s.alternate.kind] as const] : []));
  const steps: Round["steps"] = Object.fromEntries(others);
  const wide = grown(inputs, program.buffers, everyValue, manyRows, 1);
  const usual = [inputs, wide].map((feed) => ({ feed, steps: {}, inner: false, env: {} }));
  const later = [
    { feed: wide, env: {} },
    { feed: feedOf(everyValue), env: fewCores },
    { feed: feedOf(faintValue), env: {} },
    { feed: feedOf(hostileValue), env: {} },
    { feed: feedOf(loneNaN), env: fewCores },
    ...peakSeeds.map((seed) => ({ feed: feedOf(peakValue, seed), env: {} })),
  ];
  return [...usual, ...later.map((r) => ({ ...r, steps, inner: true }))];
}

/** A value made of two uniform numbers in [-1, 1), where it stands and of how many it is one. */
type Value = (u: number, v: number, i: number, n: number) => number;
const everyValue: Value = (u) => 100 * u ** 3;
const faintValue: Value = (u) => u / 64;
const ends = [Infinity, -Infinity, NaN, 0, -0, 3e38, -3e38, 1e-39, 65504, -88, 89];
const hostileValue: Value = (u, v) => (v > -0.9 ? 4 * u : ends[Math.floor((u + 1) * 5.5)]);
const loneNaN: Value = (u, _, i, n) => (i === n - 1 ? NaN : u);
/** So far apart that an exponential overflows beside the largest. */
const peakValue: Value = (u) => 1e4 * u;
const peakSeeds = [2, 3, 4, 5];

function nameOf(round: Round): string {
  const { feed, ...rest } = round;
  return createHash("sha256").update(writeNpz(feed)).update(JSON.stringify(rest)).digest("hex").slice(0, 12);
}

/** Rows enough to fill the tiles of a kernel, and to leave a ragged last one; and as many as a few cores need for that. */
const manyRows = 1001;
const someRows = 203;

/** Other inputs of a generated project, whose open extents are long. */
function grown(
  inputs: ReadonlyMap<string, Tensor>,
  buffers: readonly MadeBuffer[],
  value: Value,
  rows: number,
  seed: number,
): ReadonlyMap<string, Tensor> {
  let state = seed;
  const uniform = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
  const made = buffers
    .filter((b) => b.home === "input")
    .map((b): [string, Tensor] => {
      const shape = b.shape.map((d) => (typeof d === "number" ? d : rows));
      const count = shape.reduce((x, y) => x * y, 1);
      const numbers = Array.from({ length: count }, (_, i) => value(uniform(), uniform(), i, count));
      return [b.name, fromNumbers(inputs.get(b.name)?.dtype ?? "f32", shape, numbers)];
    });
  return new Map(made);
}

function endingOf(outcome: RunOutcome): Ending {
  if (outcome.violation) return { rule: outcome.violation.violation };
  if (!outcome.outputs) return { error: outcome.error ?? "it ended without outputs" };
  return { numbers: [...outcome.outputs.values()].map(toNumbers), launched: Object.keys(outcome.profile?.kernels ?? {}) };
}

/** Generated kernels alone: for mutants that survive the whole program. */
export function stageSubjects(target: TargetName, root: string): Subject[] {
  return stagesOf(target).map((stage) => probeSubject(target, join(root, "samples", stage.golden, target, "kernels"), stage));
}

function probeSubject(target: TargetName, from: string, probe: Probe): Subject {
  const folder = mkdtempSync(join(tmpdir(), "portolan-mutation-"));
  const kernel = join(from, probe.file);
  const main = join(folder, "main.cpp");
  mkdirSync(folder, { recursive: true });
  writeFileSync(main, mainOf(target, probe));
  return {
    name: basename(probe.file).replace(/\.\w+$/, ""),
    target,
    scratch: folder,
    sources: [main],
    kernels: [kernel],
    includes: [],
    data: [],
    rounds: ["example", "also", "peaks", "NaN"].slice(0, probe.period ? 4 : probe.also ? 2 : 1),
    run: async (program, timeoutMs, round = 0) => {
      const saved = join(dirname(program), `out${round}.bin`);
      const done = await run(program, [saved, `${round}`], { timeoutMs });
      if (done.status === 0 && !done.signal) return { numbers: readBuffers(readFileSync(saved), probe.buffers) };
      const violation = done.stderr.split("\n").find((l) => l.startsWith('{"violation"'));
      if (violation) return { rule: (JSON.parse(violation) as { readonly violation: string }).violation };
      return { error: done.signal ? `ended by ${done.signal}` : `exit code ${done.status}` };
    },
  };
}

function readBuffers(bytes: Uint8Array, buffers: readonly ProbeBuffer[]): Float64Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  return buffers
    .filter((b) => b.output)
    .map(({ type, count }) => {
      const at = offset;
      offset += count * { f32: 4, f16: 2, u8: 1 }[type];
      return Float64Array.from({ length: count }, (_, i) => {
        if (type === "f32") return view.getFloat32(at + 4 * i, true);
        return type === "f16" ? decodeFloat("f16", view.getUint16(at + 2 * i, true)) : view.getUint8(at + i);
      });
    });
}

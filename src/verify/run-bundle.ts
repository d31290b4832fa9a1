/** Runs a built bundle on arrays and brings back its outputs, its violations and its profile. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DType } from "../base/dtype.js";
import type { Tensor } from "../base/tensor.js";
import { exists, run } from "../host/toolchain.js";
import { asDeclared } from "./arrays.js";
import { readNpz } from "./npz-read.js";
import { writeNpz } from "./npz.js";

/** A broken rule of the chip, as the twin reports it. */
interface Violation {
  readonly violation: string;
  readonly kernel: string;
  readonly line: number;
  readonly core: number;
  readonly detail: string;
}

/** A library call whose result the vendor leaves open; the twin puts the bytes DEADBEEF in its place. */
export interface Unspecified {
  /** The call. */
  readonly unspecified: string;
  readonly detail: string;
}

/** Counts of one kernel, or of a whole run (targets/common/twin/core.h, Counters). */
interface Counters {
  readonly dmaBytes: number;
  readonly dmaTransfers: number;
  readonly lanesBusy: number;
  readonly lanesIdle: number;
  readonly laneLoopLanes: number;
  readonly scalarGlobal: number;
  readonly syncs: number;
  readonly barriers: number;
  readonly libraryCalls: number;
  readonly launches: number;
}

export interface RunOutcome {
  readonly outputs?: ReadonlyMap<string, Tensor>;
  readonly violation?: Violation;
  /** Of a run that gave outputs. */
  readonly unspecified?: readonly Unspecified[];
  /** What the program said when it failed otherwise. */
  readonly error?: string;
  readonly profile?: { readonly total: Counters; readonly kernels: Readonly<Record<string, Counters>> };
  readonly stdout: string;
}

export interface RunOptions {
  readonly weights: string;
  readonly repeat?: number;
  /** The types of the outputs: a file of arrays does not tell the small ones. */
  readonly typeOf?: (name: string) => DType | undefined;
  /** Step ids to switch to their other way. */
  readonly steps?: Readonly<Record<string, "library" | "kernel">>;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const violationStatus = 86;

export async function runBundle(program: string, inputs: ReadonlyMap<string, Tensor>, options: RunOptions): Promise<RunOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "portolan-run-"));
  const [from, to, profile] = ["in.npz", "out.npz", "profile.json"].map((f) => join(folder, f));
  try {
    writeFileSync(from, writeNpz(inputs));
    const env: NodeJS.ProcessEnv = { ...process.env, ...options.env, PORTOLAN_PROFILE: profile };
    for (const [id, way] of Object.entries(options.steps ?? {})) env[`PORTOLAN_STEP_${id}`] = way;
    const args = [
      "--inputs",
      from,
      "--save",
      to,
      "--weights",
      options.weights,
      ...(options.repeat ? ["--repeat", `${options.repeat}`] : []),
    ];
    const done = await run(program, args, { env, signal: options.signal, timeoutMs: options.timeoutMs });
    const counted = exists(profile) ? { profile: JSON.parse(readFileSync(profile, "utf8")) as RunOutcome["profile"] } : {};
    if (done.status === 0 && !done.signal)
      return {
        outputs: asDeclared(readNpz(readFileSync(to)), (name) => options.typeOf?.(name)),
        unspecified: openResults(done.stderr),
        stdout: done.stdout,
        ...counted,
      };
    if (done.status === violationStatus) return { violation: lastViolation(done.stderr), stdout: done.stdout };
    const died = done.signal ? `it was ended by ${done.signal}` : done.stderr.trim();
    return { error: died || `exit code ${done.status}`, stdout: done.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openResults(stderr: string): Unspecified[] {
  const lines = stderr.split("\n").filter((l) => l.startsWith('{"unspecified"'));
  return lines.map((l) => JSON.parse(l) as Unspecified);
}

function lastViolation(stderr: string): Violation {
  const line = stderr.split("\n").find((l) => l.startsWith('{"violation"'));
  return line ? (JSON.parse(line) as Violation) : { violation: "unknown", kernel: "", line: 0, core: -1, detail: stderr };
}

/** What is mutated: the generated projects of `samples/` and the hand-written probe kernels of each target. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { decodeFloat } from "../../../src/base/float-formats.js";
import { toNumbers } from "../../../src/base/float-formats.js";
import { run } from "../../../src/verify/toolchain.js";
import { readNpz } from "../../../src/verify/npz.js";
import { runBundle, type RunOutcome } from "../../../src/verify/run-bundle.js";
import { mainOf, probesOf, type ProbeBuffer } from "./probes.js";

export type TargetName = "cann" | "bang" | "kunlun";

/** How a run ended; `numbers` are all outputs, one array each. */
export interface Ending {
  readonly numbers?: readonly Float64Array[];
  readonly rule?: string;
  readonly error?: string;
  /** Kernels that were launched, when the run came to its end. */
  readonly launched?: readonly string[];
}

/** A program of host sources and kernels, with fixed inputs. */
export interface Subject {
  readonly name: string;
  readonly target: TargetName;
  readonly folder: string;
  /** Host sources, beside `folder`'s own headers. */
  readonly sources: readonly string[];
  readonly kernels: readonly string[];
  readonly includes: readonly string[];
  readonly run: (program: string, timeoutMs: number) => Promise<Ending>;
}

/** The generated projects that are there, then the probes. */
export function subjectsOf(target: TargetName, root: string): Subject[] {
  const goldens = readdirSync(join(root, "samples"))
    .sort()
    .filter((name) => existsSync(join(root, "samples", name, target, "model.cpp")))
    .map((name) => goldenSubject(target, root, name));
  return [...goldens, ...probesOf(target).map((p) => probeSubject(target, root, p))];
}

function goldenSubject(target: TargetName, root: string, name: string): Subject {
  const folder = join(root, "samples", name, target);
  const inputs = readNpz(readFileSync(join(root, "samples", name, "in.npz")));
  return {
    name,
    target,
    folder,
    sources: ["model.cpp", "main.cpp"].map((f) => join(folder, f)),
    kernels: readdirSync(join(folder, "kernels"))
      .sort()
      .map((f) => join(folder, "kernels", f)),
    includes: [folder, join(folder, "runtime")],
    run: async (program, timeoutMs) => endingOf(await runBundle(program, inputs, { weights: folder, timeoutMs })),
  };
}

function endingOf(outcome: RunOutcome): Ending {
  if (outcome.violation) return { rule: outcome.violation.violation };
  if (!outcome.outputs) return { error: outcome.error ?? "it ended without outputs" };
  return { numbers: [...outcome.outputs.values()].map(toNumbers), launched: Object.keys(outcome.profile?.kernels ?? {}) };
}

function probeSubject(target: TargetName, root: string, probe: ReturnType<typeof probesOf>[number]): Subject {
  const folder = mkdtempSync(join(tmpdir(), "portolan-mutation-"));
  const kernel = join(root, "test/targets", target, "probes", probe.file);
  const main = join(folder, "main.cpp");
  mkdirSync(folder, { recursive: true });
  writeFileSync(main, mainOf(target, probe));
  const saved = join(folder, "out.bin");
  return {
    name: basename(probe.file).replace(/\.\w+$/, ""),
    target,
    folder,
    sources: [main],
    kernels: [kernel],
    includes: [],
    run: async (program, timeoutMs) => {
      const done = await run(program, [saved], { timeoutMs });
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

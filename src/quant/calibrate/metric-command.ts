/** A program that scores a model: it is given folders of arrays and prints one number. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail } from "../../base/diagnostic.js";
import type { Running } from "../../driver/events.js";
import { startGroup } from "../../host/process-group.js";
import { writeNpy } from "../../verify/npz.js";
import type { Arrays, Result } from "./metric.js";

/**
 * Runs `command OUTPUTS FLOAT` in a shell: folders of what the model gave and of what the float model gives, with one folder a sample
 * (0000, 0001, ...) that holds NAME.npy for each output, what is no letter, digit or one of -_.!~*'() in a name written as in a URL.
 * The last line that it prints is the score.
 */
export async function commandScore(command: string, results: AsyncIterable<Result>, { signal }: Running): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), "portolan-metric-"));
  try {
    const [outputs, float] = [join(work, "outputs"), join(work, "float")];
    for await (const { outputs: own, index, sample } of results) {
      write(join(outputs, String(index).padStart(4, "0")), own);
      write(join(float, String(index).padStart(4, "0")), sample.float);
    }
    return numberOf(command, await said(command, [outputs, float], signal));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function write(folder: string, arrays: Arrays): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, t] of Object.entries(arrays)) writeFileSync(join(folder, `${encodeURIComponent(name)}.npy`), writeNpy(t));
}

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Rejects with AbortError when cancelled. */
async function said(command: string, folders: readonly string[], signal?: AbortSignal): Promise<Said> {
  const { child, end } = startGroup("sh", ["-c", `${command} "$@"`, "portolan", ...folders], {});
  signal?.addEventListener("abort", end, { once: true });
  let [out, err] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  return { code, out, err };
}

function numberOf(command: string, { code, out, err }: Said): number {
  const last = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? "";
  if (code !== 0)
    return fail("bad-metric", `the metric "${command}" ended with ${code === null ? "a signal" : `code ${code}`}: ${last(err)}`, {
      fix: "Give a command that takes two folders after its own arguments, or a module.",
    });
  const score = last(out) === "" ? NaN : Number(last(out));
  if (Number.isFinite(score)) return score;
  return fail("bad-metric", `the last line that the metric "${command}" printed is no number: "${last(out)}"`, {
    fix: "Print one number at the end, the higher the better.",
  });
}

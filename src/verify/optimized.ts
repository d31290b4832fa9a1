/** Whether onnxruntime takes what optimize() wrote, and whether both models compute the same on seeded inputs. */
import { rmSync } from "node:fs";
import { fail, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { loadOnnxruntime } from "./onnxruntime.js";
import { judge, unitOutputs, type OutputFigures } from "./judge.js";
import { openReference, type Level } from "./reference.js";
import type { LoadedModel, ModelSource } from "../driver/load.js";
import { finishInTurns } from "../host/turns.js";
import { Doubts, type Run } from "./doubts.js";
import { inputsOf, type Feed } from "./inputs.js";

type File = string | Uint8Array;

/** What onnxruntime is given: a path, so that it finds external data, or bytes. */
export function fileOf(model: ModelSource, { source }: LoadedModel): File {
  return typeof model === "string" ? model : source.read(0, source.size);
}

/**
 * Takes a result back that onnxruntime cannot load though it loads the original. Nothing is said where onnxruntime is not
 * installed. Throws `unsupported-opset`.
 */
export async function requireLoadable(original: File, result: File, written: readonly string[]): Promise<void> {
  if (!(await loadOnnxruntime())) return;
  const reason = await refusalOf(result);
  if (reason === undefined || (await refusalOf(original)) !== undefined) return;
  for (const path of written) rmSync(path, { force: true });
  fail("unsupported-opset", `onnxruntime does not take the result: ${reason}`, {
    why: "It takes the model as it came, so the opset asked for is the reason; the file is not kept.",
    fix: "Choose another opset, or leave --opset out.",
  });
}

async function refusalOf(file: File): Promise<string | undefined> {
  try {
    await openReference(file);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Figures of every output, and one `optimize-differs` a difference. Throws as `openReference` and `inputsOf` do. */
export async function compareInOnnxruntime(
  original: File,
  result: File,
  loaded: LoadedModel,
  options: { readonly seed?: number; readonly freeze?: Feed; readonly signal?: AbortSignal },
): Promise<{ readonly figures: readonly OutputFigures[]; readonly diagnostics: readonly Diagnostic[] }> {
  const { feeds } = await finishInTurns(inputsOf(loaded, options), options.signal);
  const whole = (some: readonly Feed[]): readonly Feed[] => some.map((feed) => new Map([...feed, ...(loaded.frozen ?? [])]));
  const run: Run = (some, level) => runAll(original, whole(some), level);
  const [wanted, got] = [await run(feeds), await runAll(result, whole(feeds))];
  const doubts = new Doubts(loaded, feeds, run);
  const bounded = unitOutputs(loaded.graph);
  const figures: OutputFigures[] = [];
  for (const name of wanted[0].keys()) {
    const [have, want] = [got.map((g) => g.get(name)), wanted.map((w) => w.get(name) as Tensor)];
    const how = { unitScale: bounded.has(name) };
    figures.push(await doubts.weighed({ figures: judge(name, have, want, how), got: have, want, options: how }));
  }
  return { figures, diagnostics: [...doubts.notes.values(), ...figures.filter((f) => !f.ok).map(differs)] };
}

async function runAll(file: File, feeds: readonly Feed[], level?: Level): Promise<readonly Feed[]> {
  const reference = await openReference(file, undefined, level);
  const out: Feed[] = [];
  for (const feed of feeds) out.push(await reference.run(feed));
  return out;
}

function differs({ name, reason }: OutputFigures): Diagnostic {
  return problem("optimize-differs", `output "${name}" of the optimised model differs in onnxruntime: ${reason ?? ""}`, {
    location: { tensor: name },
    why: "Both models ran on the same seeded inputs.",
    fix: "Report it with the model; leaving passes out with --passes -NAME finds the one that does it.",
  });
}

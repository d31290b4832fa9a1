/** A model checked on targets: compiled, built with their twins, run, and held against onnxruntime or expected values. */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { fromNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import { loadModel, type LoadedModel, type ModelSource } from "../driver/load.js";
import { placed } from "../driver/place.js";
import { chooseTargets } from "../driver/targets.js";
import { finishInTurns } from "../host/turns.js";
import { settled } from "../ir/infer/undecided.js";
import type { Value } from "../ir/graph.js";
import { exportOnnx, type Speech } from "../onnx/export/export.js";
import { Doubts } from "./doubts.js";
import { fixedModel, shapesOf, verifyOpen } from "./fixed.js";
import { inputsOf, type Feed, type RunSizes } from "./inputs.js";
import { openReference, type Level } from "./reference.js";
import { requireKeepable, type CheckOptions, type TargetVerdict } from "./target.js";
import { wideBorder } from "./wide-border.js";

export interface VerifyOptions extends CheckOptions {
  /** `all`, or a comma-separated list. */
  readonly target: string;
  /** Runs to compare; figures are taken over all of them together. Absent: one seeded run, at extents that the model allows. */
  readonly inputs?: readonly Feed[];
  readonly seed?: number;
  /** Expected outputs by run; absent: onnxruntime computes them. */
  readonly expected?: readonly Feed[];
}

export interface VerifyResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly verdicts?: readonly TargetVerdict[];
  /** The sizes of each run. */
  readonly sizes?: readonly RunSizes[];
}

/** Throws DiagnosticError for what is wrong with the model or the options. */
export async function verifyModel(model: ModelSource, options: VerifyOptions): Promise<VerifyResult> {
  const chosen = await chooseTargets(options.target);
  requireKeepable(chosen, options);
  const loaded = await loadModel(model, options, options.inputs?.map(shapesOf));
  const { feeds, sizes } = await finishInTurns(inputsOf(loaded, options), options.signal);
  options.onEvent?.({ kind: "phase", name: "reference" });
  const runOn = (inputs: readonly Feed[], level?: Level) => referenceOutputs(model, loaded, inputs, level);
  const { wanted, notes } = options.expected ? { wanted: options.expected, notes: [] } : await runOn(feeds);
  const doubts = options.expected ? undefined : new Doubts(loaded, feeds, async (inputs, level) => (await runOn(inputs, level)).wanted);
  const fixed = fixedModel(model, loaded, feeds, options);
  const verdicts: TargetVerdict[] = [];
  for (const one of chosen) verdicts.push(await verifyOpen(one, { model, loaded, feeds, wanted, doubts }, options, fixed));
  const doubted = [...(doubts?.notes.values() ?? [])].map((d) => placed(d, model, loaded.graph));
  const ok = verdicts.every((v) => v.ok);
  return { ok, diagnostics: [...(ok ? settled(loaded.diagnostics) : loaded.diagnostics), ...notes, ...doubted], verdicts, sizes };
}

async function referenceOutputs(
  model: ModelSource,
  loaded: LoadedModel,
  inputs: readonly Feed[],
  level?: Level,
): Promise<{ readonly wanted: Feed[]; readonly notes: Diagnostic[] }> {
  const wide = wideBorder(loaded.graph);
  const written = (speech?: Speech): Uint8Array => new Uint8Array(Buffer.concat([...exportOnnx(wide?.graph ?? loaded.graph, speech)]));
  const own = typeof model === "string" ? model : loaded.source.read(0, loaded.source.size);
  const reference = await openReference(wide ? written(loaded.speech) : own, () => written(), level);
  const wanted: Feed[] = [];
  const unread = (loaded.ignored ?? []).map((v) => [v.name, anyScalar(v)] as const);
  for (const feed of inputs) {
    const whole = new Map([...unread, ...feed, ...(loaded.frozen ?? [])]);
    wanted.push(wide ? wide.narrow(await reference.run(wide.widen(whole))) : await reference.run(whole));
  }
  const refused = reference.refused ?? (wide && `its binding has no arrays of ${wide.types.join(", ")}: casts stand at the border`);
  return { wanted, notes: refused === undefined ? [] : [upgradedNote(refused)] };
}

function upgradedNote(refused: string): Diagnostic {
  return problem(
    "reference-upgraded",
    `onnxruntime does not take the model as it is (${refused}), and ran Portolan's import of it instead`,
    {
      severity: "note",
      why: "The graph was upgraded to a newer opset and not optimised. Reader and upgrade are Portolan's own, so a mistake there would not show.",
      fix: "Upgrade the model with onnx.version_converter and verify the result to check those too.",
    },
  );
}

/** onnxruntime wants a value for every input, also for one that nothing reads. */
function anyScalar({ type }: Value): Tensor {
  const dtype = type.kind === "tensor" ? type.dtype : "f32";
  return dtype === "string" ? { dtype, shape: [], data: [""] } : fromNumbers(dtype, [], [0]);
}

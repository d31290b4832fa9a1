/** `portolan verify`: the generated code on the twin against onnxruntime. */
import { verify } from "../api/verify.js";
import type { OutputFigures, RunSizes, TargetVerdict } from "../api/index.js";
import { commonOptions, histogram, targetOption } from "./compile.js";
import { exitCodeOf, exitCodes } from "./exit.js";
import { readInputs } from "./inputs.js";
import {
  colours,
  endProgress,
  escapeControls,
  failWith,
  printByTarget,
  printDiagnostics,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
} from "./io.js";

export async function verifyCommand(model: string, call: CommandCall): Promise<number> {
  const inputs = readInputs(String(call.options["inputs"]));
  const keep = call.options["keep"] as string | undefined;
  const result = await verify(model, {
    ...commonOptions(call),
    target: targetOption(call),
    ...(typeof inputs === "number" ? { seed: inputs } : { inputs: [inputs] }),
    keep,
  });
  endProgress();
  if (!("verdicts" in result) || !result.verdicts) return failWith(result.diagnostics, call);
  const { verdicts, sizes = [] } = result;
  if (wantsJson(call))
    sayJson({ schemaVersion: 1, ok: result.ok, sizes: sizes[0], targets: verdicts.map(describeVerdict), diagnostics: result.diagnostics });
  else {
    printDiagnostics(result.diagnostics, call);
    sizes.forEach((s) => {
      say(sizesText(s));
    });
    person(verdicts, call);
  }
  return result.ok ? exitCodes.ok : verdictCode(verdicts);
}

/** A comparison that failed says no; a target that could not be compared says why by its own code. */
export function verdictCode(verdicts: readonly Pick<TargetVerdict, "ok" | "diagnostics">[]): number {
  const errors = verdicts.map((v) => v.diagnostics.find((d) => d.severity === "error"));
  const stopped = errors.find((e) => e !== undefined);
  if (!stopped || verdicts.some((v, i) => !v.ok && !errors[i])) return exitCodes.no;
  return exitCodeOf(stopped.code);
}

export function describeVerdict(v: TargetVerdict) {
  return {
    target: v.target,
    chip: v.chip,
    ok: v.ok,
    evidence: v.evidence,
    outputs: v.outputs.map(({ name, maxAbs, maxRel, cosine, sqnrDb, ok, reason }) => ({
      name,
      maxAbs,
      maxRel,
      cosine,
      sqnrDb,
      ok,
      reason,
    })),
    steps: v.compiled && histogram(v.compiled),
    milliseconds: v.milliseconds,
    diagnostics: v.diagnostics,
  };
}

/** `inputs   x f32[2,3,29,37]` and, where extents are open, what they were. */
function sizesText({ inputs, extents, chosen }: RunSizes): string {
  const arrays = inputs.map((t) => `${t.name} ${t.dtype}[${t.shape.join(",")}]`).join("; ") || "none";
  const open = Object.entries(extents).map(([name, value]) => `${name}=${value}`);
  const how = chosen ? " (chosen; others with --shape or --dim)" : "";
  return escapeControls(`inputs   ${arrays}${open.length === 0 ? "" : `\nextents  ${open.join(", ")}${how}`}`);
}

function person(verdicts: readonly TargetVerdict[], call: CommandCall): void {
  const rows = verdicts.flatMap((v) =>
    v.outputs.length === 0
      ? [[`${v.target}:${v.chip}`, "", "", "", "", colours(call).red("did not run")]]
      : v.outputs.map((o) => outputRow(v, o, call)),
  );
  say(table(["target", "output", "max abs error", "cosine", "SQNR dB", ""], rows));
  printByTarget(verdicts, call);
}

function outputRow(v: TargetVerdict, o: OutputFigures, call: CommandCall): string[] {
  const c = colours(call);
  const sqnr = o.sqnrDb === null ? "-" : o.sqnrDb === Infinity ? "exact" : Number.isFinite(o.sqnrDb) ? o.sqnrDb.toFixed(1) : "none";
  return [
    `${v.target}:${v.chip}`,
    escapeControls(o.name),
    o.maxAbs?.toExponential(2) ?? "-",
    o.cosine === null || Number.isNaN(o.cosine) ? "-" : o.cosine.toFixed(7),
    sqnr,
    o.ok ? c.green(`twin-checked (${v.evidence})${o.reason === undefined ? "" : `, ${o.reason}`}`) : c.red(`differs: ${o.reason ?? ""}`),
  ];
}

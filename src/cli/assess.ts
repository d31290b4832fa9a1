/** `portolan assess`: what a port of a model to each chip comes to, before anybody has one. */
import {
  assessModel,
  inLanguage,
  requireChips,
  said,
  type AssessOptions,
  type AssessResult,
  type Language,
  type ModelReport,
} from "../api/assess.js";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { requireKnown } from "../api/assess-checkpoint.js";
import { reportPage } from "../api/assess-page.js";
import { exitCodes } from "./exit.js";
import { checkpointOptions } from "./assess-checkpoint.js";
import { gates, parseGates } from "./assess-gates.js";
import { csvOf } from "./assess-csv.js";
import { endProgress, failWith, listOf, printDiagnostics, saveText, say, sayJson, wantsJson, type CommandCall } from "./io.js";
import { precisionOf, requireTaken, withPrecisionOf } from "./assess-options.js";
import { terminalReport } from "./assess-terminal.js";
import { replayed, replayedOptions } from "./assess-replay.js";
import { languageFor } from "./language.js";
import { parseVariant } from "./assess-variants.js";
import { modelOptions } from "./model-options.js";

export async function assessCommand(model: string, call: CommandCall): Promise<number> {
  requireTaken("model", call);
  const { options } = call;
  const { report, diagnostics, missed } = await assessment(model, call);
  endProgress();
  if (!report) return failWith(diagnostics, call);
  const language = languageFor(call);
  const file = options["replay"];
  if (typeof file === "string") return replayed(file, { ...report, diagnostics }, language, call);
  await saveText(options["report"], () => reportPage(report, language), call);
  await saveText(options["csv"], () => csvOf([report], [], language), call);
  if (wantsJson(call)) sayJson({ ...report, diagnostics });
  printDiagnostics([...(wantsJson(call) ? [] : diagnostics), ...expired(report, language), ...missed], call);
  if (!wantsJson(call)) say(terminalReport(report, language));
  return missed.length > 0 ? exitCodes.no : exitCodes.ok;
}

interface Assessment extends Omit<AssessResult, "ok"> {
  /** What `--fail-on` asks for and is not so. */
  readonly missed: readonly Diagnostic[];
}

/** A model as the flags of a call ask for it; `more` is what they do not spell. */
export async function assessment(model: string, call: CommandCall, more: Partial<AssessOptions> = {}): Promise<Assessment> {
  const asked = parseGates(listOf(call.options["failOn"]));
  const file = call.options["replay"];
  const options = typeof file === "string" ? replayedOptions(file, call) : typedOptions(call);
  const { report, diagnostics } = await assessModel(model, { ...options, ...more });
  return { ...(report && { report }), diagnostics, missed: report ? gates(report, asked, languageFor(call)) : [] };
}

/** The options of many models and checkpoints, read and checked before any of them is opened. Throws what is wrong with them. */
export async function askedOf(call: CommandCall): Promise<AssessOptions> {
  parseGates(listOf(call.options["failOn"]));
  const options = typedOptions(withPrecisionOf("model", call));
  requireKnown(checkpointOptions(withPrecisionOf("checkpoint", call)));
  await requireChips(options);
  return options;
}

function typedOptions(call: CommandCall): AssessOptions {
  const { options } = call;
  const target = options["target"] as string | undefined;
  return {
    ...modelOptions(call),
    ...(target !== undefined && target !== "all" && { chips: target.split(",").map((t) => t.trim()) }),
    ...(options["baseline"] !== undefined && { baseline: String(options["baseline"]) }),
    variants: listOf(options["whatIf"]).map(parseVariant),
    weights: options["weights"] === true,
    ...(options["calib"] !== undefined && { calibration: String(options["calib"]) }),
    precision: precisionOf(options["precision"]),
    spelt: { shapes: listOf(options["shape"]), dims: listOf(options["dim"]), freeze: listOf(options["freeze"]) },
  };
}

/** A warning once the figures of chips are older than they are taken to hold. */
function expired({ facts }: ModelReport, language: Language): Diagnostic[] {
  if (new Date().toISOString().slice(0, 10) <= facts.expires) return [];
  return [
    problem("facts-expired", inLanguage(said("assess.expired", facts), language), {
      severity: "warning",
      fix: inLanguage(said("assess.expired-fix"), language),
    }),
  ];
}

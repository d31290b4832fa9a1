/** `assess --replay`: a report made again from the options it holds. The same bytes, or what is not as it was. */
import { readFileSync } from "node:fs";
import { inLanguage, said, schemaVersion, type AssessOptions, type Language, type ModelReport } from "../api/assess.js";
import { reasonOf } from "../api/machine.js";
import { fail, problem } from "../base/diagnostic.js";
import { exitCodes } from "./exit.js";
import { parseVariant } from "./assess-variants.js";
import { failWith, jsonText, progress, sayJson, type CommandCall } from "./io.js";
import { parseDims, parseFreezes, parseShapes } from "./model-options.js";

/** The options under which the report in a file was made. Throws `bad-inputs` for what is no report. */
export function replayedOptions(file: string, call: CommandCall): AssessOptions {
  const { chips, baseline, precision, shapes, dims, freeze, variants, weights, calibration } = reportIn(file).options;
  return {
    chips,
    ...(baseline !== undefined && { baseline }),
    precision,
    shapes: parseShapes(shapes),
    dims: parseDims(dims),
    freeze: parseFreezes(freeze),
    variants: variants.map(parseVariant),
    weights,
    ...(calibration !== null && { calibration }),
    spelt: { shapes, dims, freeze },
    signal: call.abort,
    onEvent: progress(call),
  };
}

function reportIn(file: string): ModelReport {
  const read = parsed(file);
  if (read.kind === "model" && read.schemaVersion === schemaVersion) return read as ModelReport;
  if (read.kind === "model" && typeof read.schemaVersion === "number")
    return fail("bad-inputs", `report "${file}" has layout ${read.schemaVersion}, and this version writes layout ${schemaVersion}`, {
      location: { path: file },
      why: `It was written by ${read.generator ?? "another version"}; the same bytes follow from the same version alone.`,
      fix: "Replay it with the version that wrote it, or assess the model anew.",
    });
  return fail("bad-inputs", `"${file}" is no report of a model`, {
    location: { path: file },
    fix: "Give what portolan assess --json wrote.",
  });
}

function parsed(file: string): Partial<Omit<ModelReport, "schemaVersion">> & { readonly schemaVersion?: unknown } {
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as unknown;
    return typeof read === "object" && read !== null ? read : {};
  } catch (error) {
    return fail("bad-inputs", `report "${file}" cannot be read: ${reasonOf(error)}`, { location: { path: file } });
  }
}

/** Prints the report where its bytes are those of the file; else says what differs. Exit code 1. */
export function replayed(file: string, report: ModelReport, language: Language, call: CommandCall): number {
  const before = reportIn(file);
  if (readFileSync(file, "utf8") === `${jsonText(report, 2)}\n`) {
    sayJson(report);
    return exitCodes.ok;
  }
  const parts = (r: ModelReport): Record<string, unknown> => ({
    generator: r.generator,
    model: r.model,
    facts: r.facts,
    sizes: r.sizes,
    nodes: r.nodes,
    chips: r.chips,
  });
  const differs = Object.entries(parts(report)).find(([key, now]) => jsonText(now) !== jsonText(parts(before)[key]));
  const words = (key: "replay.differs" | "replay.why" | "replay.fix"): string =>
    inLanguage(said(key, { what: differs?.[0] ?? "layout", file }), language);
  return failWith(
    [problem("replay-differs", words("replay.differs"), { location: { path: file }, why: words("replay.why"), fix: words("replay.fix") })],
    call,
  );
}

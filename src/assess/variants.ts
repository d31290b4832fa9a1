/** What a report keeps of the same model under other options. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { ModelReport, VariantReport } from "./report.js";

export function variantOf(what: string, { chips }: Pick<ModelReport, "chips">): VariantReport {
  return {
    what,
    diagnostics: [],
    chips: chips.map(({ chip, verdict, coverage, memory, performance }) => {
      return { chip, verdict, nodes: coverage?.nodes ?? null, bytes: memory?.total ?? null, seconds: performance?.seconds ?? null };
    }),
  };
}

export const refusedVariant = (what: string, diagnostics: readonly Diagnostic[]): VariantReport => ({ what, diagnostics, chips: [] });

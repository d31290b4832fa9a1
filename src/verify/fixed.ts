/** verify() where no code can be made for open extents: the model at the sizes that it is run at, and a warning that says so. */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { loadModel, type LoadedModel, type ModelSource } from "../driver/load.js";
import type { ChosenTarget } from "../driver/targets.js";
import type { Feed } from "./inputs.js";
import { verifyOn, type CheckOptions, type Subject, type TargetVerdict } from "./target.js";

/** Shapes of one run's arrays, by input. */
export function shapesOf(feed: Feed): ReadonlyMap<string, readonly number[]> {
  return new Map([...feed].map(([name, t]) => [name, t.shape]));
}

/** Refusals that fixed sizes put right. */
const wantSizes: ReadonlySet<string> = new Set(["dynamic-extent", "shaping-operand-unknown"]);

/** The verdict with open extents; where no code can be made for those, that at the sizes of the runs, with a warning. */
export async function verifyOpen(
  one: ChosenTarget,
  subject: Subject,
  options: CheckOptions,
  fixed: () => Promise<LoadedModel | undefined>,
): Promise<TargetVerdict> {
  const verdict = await verifyOn(one, subject, options);
  const refusals = verdict.diagnostics.filter((d) => d.severity === "error");
  if (refusals.length === 0 || !refusals.every((d) => wantSizes.has(d.code))) return verdict;
  const loaded = await fixed();
  if (!loaded) return verdict;
  const again = await verifyOn(one, { ...subject, loaded }, options);
  return { ...again, diagnostics: [verifiedFixed(refusals[0]), ...again.diagnostics] };
}

/** The model at the sizes of the runs, read once; undefined when they differ or fixing them changes nothing. */
export function fixedModel(
  model: ModelSource,
  open: LoadedModel,
  feeds: readonly Feed[],
  options: CheckOptions,
): () => Promise<LoadedModel | undefined> {
  const spelt = feeds.map((feed) => JSON.stringify([...shapesOf(feed)]));
  const isOne = spelt.every((s) => s === spelt[0]) && open.graph.symbols.length > 0;
  const names = new Set(open.graph.inputs.map((v) => v.name));
  let loaded: Promise<LoadedModel> | undefined;
  return async () => {
    if (!isOne) return undefined;
    const shapes = new Map([...shapesOf(feeds[0])].filter(([name]) => names.has(name)));
    return (loaded ??= loadModel(model, { ...options, shapes, dims: new Map() }));
  };
}

function verifiedFixed(refusal: Diagnostic): Diagnostic {
  return problem("verified-at-fixed-sizes", `it was compiled for the sizes of the run alone: ${refusal.message}`, {
    severity: "warning",
    ...(refusal.location && { location: refusal.location }),
    why: "With these extents open it does not compile, so nothing is known of other sizes.",
    fix: "compile wants the same sizes: --shape or --dim.",
  });
}

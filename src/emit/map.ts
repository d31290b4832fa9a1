/** Writes map.json: which step carries a node out, and which lines of which files. A fused node shares its lines with others. */
import type { LineSpan } from "../base/text-writer.js";
import { computesOf, launchesOf, waysOf } from "../program/flow.js";
import type { SourceMap, SourcePlace } from "../program/source-map.js";
import type { Emitted } from "./steps.js";

/** `model` is the printed file of the steps, with the lines of each origin. */
export function sourceMapOf(
  { program, kernels }: Emitted,
  model: { readonly file: string; readonly spans: readonly LineSpan[] },
): SourceMap {
  const nodes = new Map<string, { readonly steps: string[]; readonly places: SourcePlace[] }>();
  const entry = (name: string) => {
    const known = nodes.get(name) ?? { steps: [], places: [] };
    nodes.set(name, known);
    return known;
  };
  const byName = new Map(program.kernels.map((k, i) => [k.name, kernels[i]]));
  const placesIn = (name: string): SourcePlace[] => {
    const kernel = byName.get(name);
    return kernel ? kernel.parts.map((p) => ({ file: kernel.path, ...p })) : [];
  };
  for (const { origin, first, last } of model.spans) entry(origin).places.push({ file: model.file, part: "step", first, last });
  for (const step of computesOf(program)) {
    const { id, origin } = step;
    const launched = waysOf(step).flatMap((act) => launchesOf(act).map((l) => l.kernel));
    const places = [...new Set(launched)].flatMap(placesIn);
    for (const name of origin) {
      entry(name).steps.push(id);
      entry(name).places.push(...places);
    }
  }
  return { schemaVersion: 2, nodes: Object.fromEntries([...nodes].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

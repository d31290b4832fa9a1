/**
 * Runs models side by side on samples in onnxruntime and shows their values. Values are asked for in groups, so that what one
 * run gives back stays small whatever the model's size; each group goes over all samples.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byteLength, isFloat } from "../../base/dtype.js";
import { evaluateDim, symbolsOf } from "../../base/dim.js";
import { elementCount, type Tensor } from "../../base/tensor.js";
import type { Running } from "../../driver/events.js";
import { onnxFiles } from "../../driver/save.js";
import { writeWhole } from "../../host/files.js";
import { Collector } from "../../host/collect.js";
import { breathe, finishInTurns } from "../../host/turns.js";
import { rankedType, type Graph, type Value } from "../../ir/graph.js";
import { extentsIn, type Feed } from "../../verify/inputs.js";
import { openReference, type Reference } from "../../verify/reference.js";
import type { Samples } from "./samples.js";

/** What values of one group take together, by their sizes in the first sample. */
const groupBytes = 128 << 20;
/** Taken for a value whose size no input tells. */
const unknownBytes = 1 << 20;

/** A graph as it exports, and values of it: floats. */
interface Watched {
  readonly graph: Graph;
  readonly values: readonly Value[];
}

interface Course extends Running {
  readonly label: string;
  /** Runs, of a group on a sample, that were made before and are left out. */
  readonly from?: number;
  /** Told after each run how many there have been. */
  readonly after?: (done: number) => void;
}

/**
 * `models` have as many values, each in the place of its like. `visit` gets the tensor of each model at a place, sample by
 * sample. Throws as `openReference` does; rejects with AbortError when cancelled.
 */
export async function watch(
  models: readonly Watched[],
  samples: Samples,
  { signal, onEvent, label, from = 0, after }: Course,
  visit: (place: number, tensors: readonly Tensor[]) => void,
): Promise<void> {
  const groups = groupsOf(models[0], samples);
  const total = groups.length * samples.count;
  for (const [g, places] of groups.entries()) {
    const first = Math.max(0, from - g * samples.count);
    if (first >= samples.count) continue;
    const sessions = await Promise.all(models.map(({ graph, values }) => openGraph(graph, [...new Set(places.map((p) => values[p]))])));
    const collector = new Collector();
    try {
      for (let i = first; i < samples.count; i++) {
        await breathe(signal);
        const got = await runOn(samples.load(i), sessions);
        for (const place of places) visit(place, models.map(({ values }, m) => got[m].get(values[place].name) as Tensor)); // prettier-ignore
        collector.look();
        const done = g * samples.count + i + 1;
        after?.(done);
        onEvent?.({ kind: "progress", label, done, total });
      }
    } finally {
      for (const session of sessions) await session.close();
    }
  }
}

async function runOn(feed: Feed, sessions: readonly Reference[]): Promise<readonly ReadonlyMap<string, Tensor>[]> {
  const got: ReadonlyMap<string, Tensor>[] = [];
  for (const session of sessions) got.push(await session.run(feed));
  return got;
}

/** Gives `outputs`. A model that is too large for one message goes through files, which are gone when it is loaded. */
export async function openGraph(graph: Graph, outputs: readonly Value[]): Promise<Reference> {
  const asked = { ...graph, outputs };
  const work = mkdtempSync(join(tmpdir(), "portolan-watch-"));
  try {
    const path = join(work, "model.onnx");
    const files = onnxFiles(asked, path, {}, false);
    if (files.length === 1) return await openReference(Buffer.concat([...files[0].bytes]));
    await finishInTurns(writeWhole(files));
    return await openReference(path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Places of values that are run together. */
function groupsOf({ graph, values }: Watched, samples: Samples): number[][] {
  const extents = extentsIn(graph, samples.load(0));
  const groups: number[][] = [];
  let room = 0;
  for (const [place, v] of values.entries()) {
    if (room < bytesAt(v, extents) || groups.length === 0) [room, groups[groups.length]] = [groupBytes, []];
    room -= bytesAt(v, extents);
    groups[groups.length - 1].push(place);
  }
  return groups;
}

/** What a value takes at given extents. */
export function bytesAt(v: Value, extents: ReadonlyMap<string, number>): number {
  const type = rankedType(v);
  if (!type?.shape.every((d) => symbolsOf(d).every((s) => extents.has(s)))) return unknownBytes;
  return byteLength(type.dtype, elementCount(type.shape.map((d) => evaluateDim(d, extents))));
}

/** Whether a value can be watched: a tensor of floats. */
export function isWatchable(v: Value): boolean {
  return isFloat(rankedType(v)?.dtype ?? "string");
}

/** What a fleet came to, as one document: no times, no order of arrival, so that the same models give the same bytes. */
import { fail } from "../base/diagnostic.js";
import { byUnits, canonicalJson, type JsonObject } from "../base/json.js";
import { version } from "../host/package.js";
import type { ResultDocument, TaskKind } from "./task.js";

export interface Entry extends ResultDocument {
  readonly model: string;
  /** Of the model's file; null where it cannot be read. */
  readonly sha256: string | null;
}

export interface FleetDocument {
  readonly schemaVersion: 1;
  readonly kind: TaskKind;
  readonly portolan: string;
  readonly options: JsonObject;
  /** Which part of the models this is, as `2/3`; absent of a whole. */
  readonly shard?: string;
  readonly ok: boolean;
  /** In the order of their paths. */
  readonly models: readonly Entry[];
}

export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

export function shardText({ index, of }: Shard): string {
  return `${index + 1}/${of}`;
}

/** Every so many-th, of a list that is the same everywhere. */
export function shareOf<T>(all: readonly T[], shard: Shard | undefined): readonly T[] {
  return shard === undefined ? all : all.filter((_, i) => i % shard.of === shard.index);
}

export function fleetDocument(kind: TaskKind, options: JsonObject, entries: readonly Entry[], shard: string | undefined): FleetDocument {
  return {
    schemaVersion: 1,
    kind,
    portolan: version,
    options,
    ...(shard === undefined ? {} : { shard }),
    ok: entries.every((e) => e.ok),
    models: [...entries].sort((a, b) => byUnits(a.model, b.model)),
  };
}

export function documentText(document: FleetDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

interface Part {
  /** The file it was read from. */
  readonly path: string;
  readonly document: FleetDocument;
}

/** One document of several. Throws `merge-mismatch` where they are not of one question, `merge-incomplete` where a shard is not there. */
export function mergeDocuments(parts: readonly Part[]): FleetDocument {
  const [first] = parts;
  const { kind, options } = first.document;
  for (const part of parts) requireAlike(first, part);
  requireShards(parts);
  const entries = new Map<string, { readonly entry: Entry; readonly path: string }>();
  for (const { path, document } of parts)
    for (const entry of document.models) {
      const had = entries.get(entry.model);
      if (had && JSON.stringify(had.entry) !== JSON.stringify(entry)) refuseTwo(entry.model, had.path, path);
      entries.set(entry.model, { entry, path });
    }
  return fleetDocument(
    kind,
    options,
    [...entries.values()].map((e) => e.entry),
    undefined,
  );
}

function requireAlike(first: Part, { path, document }: Part): void {
  const question = ({ kind, portolan, options }: FleetDocument): string => canonicalJson({ kind, portolan, options });
  if (question(first.document) === question(document)) return;
  fail("merge-mismatch", `"${path}" and "${first.path}" do not answer one question: their kind, options or Portolan differ`, {
    location: { path },
    why: `One says ${question(first.document)}, the other ${question(document)}.`,
    fix: "Merge results of one command.",
  });
}

/** Parts that are no shards may be any: folders that were asked about one by one. */
function requireShards(parts: readonly Part[]): void {
  const given = parts.flatMap(({ document: { shard } }) => (shard === undefined ? [] : [shard]));
  if (given.length === 0) return;
  const of = Number(given[0].split("/")[1]);
  const wanted = Array.from({ length: of }, (_, index) => shardText({ index, of }));
  const missing = wanted.filter((shard) => !given.includes(shard));
  const others = given.filter((shard) => !wanted.includes(shard));
  if (missing.length + others.length === 0) return;
  fail("merge-incomplete", `the parts given are ${given.join(", ")}, which is not all of ${of}`, {
    why: missing.length > 0 ? `Missing: ${missing.join(", ")}.` : `Of another number of parts: ${others.join(", ")}.`,
    fix: "Give the files of all parts of one run.",
  });
}

function refuseTwo(model: string, one: string, other: string): never {
  return fail("merge-mismatch", `"${one}" and "${other}" say different things of ${JSON.stringify(model)}`, {
    location: { path: other },
    why: "The model was another one, or one of the two ran into a limit of its machine.",
    fix: "Run that model again, and merge results that agree.",
  });
}

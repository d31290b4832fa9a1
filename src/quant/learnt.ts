/** What an interrupted calibration keeps of weights whose levels are chosen: where they lie on the shelf, and what lies there. */
import { createHash } from "node:crypto";
import type { ByteSource } from "../base/byte-source.js";
import type { Memory } from "./calibrate/memory.js";
import type { Place, Shelf, Shelved } from "./shelf.js";

/** The phase of a calibration. */
export const learning = "learn levels";

interface KeptPlace {
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

interface Kept {
  readonly w: string;
  readonly levels: KeptPlace;
  readonly scales: KeptPlace;
}

interface Resumed {
  /** Runs of samples that need not be made again. */
  readonly runs: number;
  /** Names of activations that held values that are no numbers. */
  readonly broken: readonly string[];
  /** By the name of the weight. */
  readonly done: ReadonlyMap<string, Shelved>;
}

export function keep([w, { levels, scales }]: readonly [string, Shelved]): Kept {
  const of = (place: Place): KeptPlace => ({ offset: place.offset, length: place.length, sha256: hashOf(place) });
  return { w, levels: of(levels), scales: of(scales) };
}

/** Undefined where nothing was kept; what is damaged is as good as nothing. */
export function resumed(memory: Memory | undefined, key: string, shelf: Shelf): Resumed | undefined {
  const phase = memory?.peek(learning, key);
  const source = phase && shelf.resumed();
  if (!source) return undefined;
  const [broken, ...kept] = phase.seen as readonly [readonly string[], ...Kept[]];
  const isThere = kept.every(({ levels, scales }) => [levels, scales].every((place) => holds(source, place)));
  if (!isThere || memory?.read(learning, key) === undefined) return undefined;
  const at = ({ offset, length }: KeptPlace): Place => ({ source, offset, length });
  return { runs: phase.done, broken, done: new Map(kept.map(({ w, levels, scales }) => [w, { levels: at(levels), scales: at(scales) }])) };
}

function holds(source: ByteSource, place: KeptPlace): boolean {
  return place.offset + place.length <= source.size && hashOf({ source, ...place }) === place.sha256;
}

function hashOf({ source, offset, length }: Place): string {
  return createHash("sha256").update(source.read(offset, length)).digest("hex");
}

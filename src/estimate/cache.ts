/** What a model keeps of a request: bytes by length, per rank, and what a step reads of it. */
import { overLayers, type Architecture, type Cache, type Layer } from "./architecture.js";

/** Bytes of an element of each kind of cache, scales spread over the elements that share them. */
export interface CacheBytes {
  readonly "keys-values": number;
  readonly latent: number;
  readonly index: number;
  /** Bytes of scales that stand beside each head of an entry; none where it is absent. */
  readonly scales?: Readonly<Record<Cache["what"], number>>;
}

export const cacheOf = (bytes: number): CacheBytes => ({ "keys-values": bytes, latent: bytes, index: bytes });

const kept = (c: Cache, tokens: number): number => Math.min(tokens, c.window ?? Infinity) / c.every;

/** Rounded up to whole blocks, as engines hand out memory. */
const blocked = (tokens: number, block: number): number => Math.ceil(tokens / block) * block;

/** How many ranks hold parts of an entry; ranks beyond the heads keep copies. */
const parts = (c: Cache, tp: number): number => Math.min(tp, c.heads);

function perLayer(l: Layer, bytes: CacheBytes, tp: number, entries: (c: Cache) => number): number {
  const each = (c: Cache): number => c.elements * bytes[c.what] + c.heads * (bytes.scales?.[c.what] ?? 0);
  return l.mixer.caches.reduce((n, c) => n + (entries(c) * each(c)) / parts(c, tp), 0);
}

/** Bytes of one more token of a request, windows aside, over all of its layers; on one rank of `tp`. */
export function bytesPerToken(a: Architecture, bytes: CacheBytes, tp = 1): number {
  return overLayers(a.layers, (l) => perLayer(l, bytes, tp, (c) => (c.window === undefined ? 1 / c.every : 0)));
}

/** Bytes of one more token, each element counted: what stands in tables. Layers with a window keep it as well. */
export function bytesOfToken(a: Architecture, bytes: CacheBytes): number {
  return overLayers(a.layers, (l) => perLayer(l, bytes, 1, (c) => 1 / c.every));
}

/** Bytes of a request of so many tokens on one rank: caches in whole blocks, and states. */
export function bytesOfRequest(a: Architecture, bytes: CacheBytes, tokens: number, block: number, tp = 1): number {
  const layers = [...a.layers, ...a.drafting];
  const cached = overLayers(layers, (l) => perLayer(l, bytes, tp, (c) => kept(c, blocked(tokens, block))));
  return cached + statesOf(a, tp);
}

/** Bytes that a request keeps whatever its length, on one rank. */
export function statesOf(a: Architecture, tp = 1): number {
  return overLayers(a.layers, (l) => l.mixer.stateBytes / Math.min(tp, l.mixer.heads));
}

const read = (c: Cache, tokens: number): number => Math.min(kept(c, tokens), c.reads ?? Infinity);

/** Bytes that the step of one request reads and writes at a length, on one rank. */
export function bytesRead(a: Architecture, bytes: CacheBytes, tokens: number, tp: number): number {
  const cached = overLayers(a.layers, (l) => perLayer(l, bytes, tp, (c) => read(c, tokens)));
  return cached + 2 * statesOf(a, tp);
}

/** Operations of one new token over the entries that it reads at a length: those of attention, and those that choose what it reads. */
export interface CacheWork {
  readonly attention: number;
  readonly index: number;
}

export function workOverCache(a: Architecture, tokens: number, prompt = false): CacheWork {
  const of = (index: boolean): number =>
    overLayers(a.layers, ({ mixer }) =>
      mixer.caches
        .filter((c) => (c.what === "index") === index)
        .reduce((n, c) => n + read(c, tokens) * ((prompt ? c.workAtPrompt : undefined) ?? c.work), 0),
    );
  return { attention: of(false), index: of(true) };
}

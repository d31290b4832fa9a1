/**
 * What a step of serving costs on one device: bytes over bandwidth, products over peaks, calls, and what devices tell each
 * other. Numbers in, seconds out; `bounds.ts` says how far the numbers may be off.
 */
import { overLayers, parametersOf, type Architecture, type Experts } from "./architecture.js";
import { bytesRead, workOverCache, type CacheBytes, type CacheWork } from "./cache.js";

/** Bytes of a parameter, by where it stands. */
export interface WeightBytes {
  readonly dense: number;
  readonly experts: number;
  /** Embedding and head. */
  readonly ends: number;
}

export interface Deployment {
  readonly architecture: Architecture;
  readonly weights: WeightBytes;
  readonly cache: CacheBytes;
  readonly devices: number;
  /** Devices that share a layer of attention; the rest are replicas with requests of their own. */
  readonly tp: number;
}

/** What a device does in a second. */
export interface Rates {
  /** Bytes of its memory. */
  readonly bandwidth: number;
  /** Operations of products of weights, and of attention. */
  readonly products: number;
  readonly attention: number;
  /** Bytes to other devices. */
  readonly link: number;
}

/** What a step costs besides, in seconds. */
export interface Overheads {
  /** For each call of a library. */
  readonly call: number;
  /** For each request. */
  readonly request: number;
  /** For each exchange between devices. */
  readonly exchange: number;
}

export interface Load {
  /** Requests at once, on all devices. */
  readonly requests: number;
  /** Tokens that each has behind it. */
  readonly context: number;
  /** Tokens that are guessed ahead of each step. */
  readonly drafts: number;
}

/** Experts of a layer that some of so many tokens take, if all are as likely. */
function touched({ count, perToken }: Experts, tokens: number): number {
  return count * (1 - (1 - perToken / count) ** tokens);
}

const replicas = (d: Deployment): number => Math.max(1, d.devices / d.tp);

/** Bytes of weights that one device reads for so many tokens on all devices. */
function weightsRead(d: Deployment, tokens: number): number {
  const { architecture: a, weights, tp, devices } = d;
  const blocks = overLayers(a.layers, ({ mixer, feed }) => {
    const { experts } = feed;
    const split = (mixer.divided + feed.divided) / tp + mixer.replicated + feed.replicated;
    const routed = experts ? (touched(experts, tokens) * experts.each) / devices : 0;
    const always = experts ? experts.shared / tp + experts.router : 0;
    return weights.dense * (split + always) + weights.experts * routed;
  });
  return blocks + (weights.ends * a.vocabulary * a.hidden) / tp;
}

const callsOfLayers = (layers: Architecture["layers"]): number => overLayers(layers, (l) => l.mixer.calls + l.feed.calls);

/** Calls of a step: its layers, head and sampling; a guess takes a layer and the head again. */
function callsOfStep(a: Architecture, drafts: number): number {
  const guess = a.drafting.length > 0 ? callsOfLayers(a.drafting) : 13;
  return callsOfLayers(a.layers) + 10 + drafts * (guess + 10);
}

/** Exchanges of a step and the bytes that one device sends in them. */
function exchanges(d: Deployment, tokens: number): { readonly count: number; readonly bytes: number } {
  const { architecture: a, tp, devices } = d;
  const own = tokens / replicas(d);
  const reduced = tp === 1 ? 0 : overLayers(a.layers, () => (2 * own * a.hidden * 2 * 2 * (tp - 1)) / tp);
  const spread = devices > tp;
  const routed = overLayers(a.layers, ({ feed: { experts } }) => (spread && experts ? (own / tp) * experts.perToken * a.hidden * 3 : 0));
  const each = (tp === 1 ? 0 : 2) + (spread ? 2 : 0);
  return { count: overLayers(a.layers, () => each), bytes: reduced + routed };
}

function timeOf(d: Deployment, rates: Rates, extra: Overheads, work: Work): number {
  const { count, bytes } = exchanges(d, work.tokens);
  const computing = work.products / rates.products + work.attention / rates.attention;
  const device = Math.max(work.bytes / rates.bandwidth, computing);
  return device + bytes / rates.link + work.calls * extra.call + count * extra.exchange;
}

/** Operations of one device; what chooses entries is multiplied as narrowly as weights are. */
function operations(d: Deployment, tokens: number, active: number, { attention, index }: CacheWork): Pick<Work, "products" | "attention"> {
  return { products: (tokens * (2 * active + index)) / d.devices, attention: (tokens * attention) / d.devices };
}

interface Work {
  readonly tokens: number;
  readonly bytes: number;
  readonly products: number;
  readonly attention: number;
  readonly calls: number;
}

/** Seconds of one step in which each request gets a token, and more where guesses hold. */
export function decodeStep(d: Deployment, rates: Rates, extra: Overheads, { requests, context, drafts }: Load): number {
  const own = requests / replicas(d);
  const tokens = requests * (1 + drafts);
  const work: Work = {
    tokens,
    bytes: weightsRead(d, tokens) + own * bytesRead(d.architecture, d.cache, context, d.tp),
    ...operations(d, tokens, parametersOf(d.architecture).active, workOverCache(d.architecture, context)),
    calls: callsOfStep(d.architecture, drafts),
  };
  return timeOf(d, rates, extra, work) + own * extra.request;
}

/** Tokens that are taken in at once. */
const chunk = 8192;

/** Seconds until a prompt, or several of that length, are taken in by all devices together. */
export function prefill(d: Deployment, rates: Rates, extra: Overheads, input: number, requests = 1): number {
  const { architecture: a } = d;
  const tokens = input * requests;
  const { active, embedding } = parametersOf(a);
  const chunks = Math.ceil(tokens / replicas(d) / chunk);
  const work: Work = {
    tokens,
    bytes: chunks * weightsRead(d, Math.min(tokens, chunk)),
    ...operations(d, tokens, active - embedding, workOverCache(a, input / 2, true)),
    calls: chunks * callsOfStep(a, 0),
  };
  return timeOf(d, rates, extra, work);
}

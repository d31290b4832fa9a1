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
  /** Devices that share a layer of attention; the rest are stages, or replicas with requests of their own. */
  readonly tp: number;
  /** Stages that layers are dealt to, one after the other; 1 where it is absent. */
  readonly stages?: number;
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

const stagesOf = ({ stages = 1 }: Deployment): number => stages;

/** Groups of devices that hold all of attention, each with requests of its own. */
export const replicasOf = (d: Deployment): number => Math.max(1, d.devices / d.tp / stagesOf(d));

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

/** Exchanges of a step and the bytes that one device sends in them, for so many tokens of its replica. */
function exchanges(d: Deployment, own: number): { readonly count: number; readonly bytes: number } {
  const { architecture: a, tp, devices } = d;
  const reduced = tp === 1 ? 0 : overLayers(a.layers, () => (2 * own * a.hidden * 2 * 2 * (tp - 1)) / tp);
  const spread = devices > tp;
  const routed = overLayers(a.layers, ({ feed: { experts } }) => (spread && experts ? (own / tp) * experts.perToken * a.hidden * 3 : 0));
  const each = (tp === 1 ? 0 : 2) + (spread ? 2 : 0);
  return { count: overLayers(a.layers, () => each), bytes: reduced + routed };
}

function timeOf(d: Deployment, rates: Rates, extra: Overheads, work: Work): number {
  const { count, bytes } = exchanges(d, work.own);
  const computing = work.products / rates.products + work.attention / rates.attention;
  const device = Math.max(work.bytes / rates.bandwidth, computing);
  return device + bytes / rates.link + work.calls * extra.call + count * extra.exchange;
}

/** Operations of one device: experts' by all tokens, all others by those of its replica; what chooses entries is multiplied as narrowly as weights are. */
function operations(
  d: Deployment,
  { own, all }: Tokens,
  active: number,
  { attention, index }: CacheWork,
): Pick<Work, "products" | "attention"> {
  const routed = overLayers(d.architecture.layers, ({ feed: { experts } }) => (experts ? experts.perToken * experts.each : 0));
  const products = (own * (2 * (active - routed) + index)) / d.tp + (all * 2 * routed) / d.devices;
  return { products, attention: (own * attention) / d.tp };
}

/** Tokens of the busiest replica, and of all. */
interface Tokens {
  readonly own: number;
  readonly all: number;
}

interface Work {
  /** Tokens of the device's replica. */
  readonly own: number;
  readonly bytes: number;
  readonly products: number;
  readonly attention: number;
  readonly calls: number;
}

/** Seconds of one step in which each request gets a token, and more where guesses hold. */
export function decodeStep(d: Deployment, rates: Rates, extra: Overheads, { requests, context, drafts }: Load): number {
  // A request is whole on its replica, however many others are idle, and in one stage at a time.
  const own = Math.max(1, requests / replicasOf(d) / stagesOf(d));
  const tokens: Tokens = { own: own * (1 + drafts), all: requests * (1 + drafts) };
  const work: Work = {
    own: tokens.own,
    bytes: weightsRead(d, tokens.all) + own * bytesRead(d.architecture, d.cache, context, d.tp),
    ...operations(d, tokens, parametersOf(d.architecture).active, workOverCache(d.architecture, context)),
    calls: callsOfStep(d.architecture, drafts),
  };
  return timeOf(d, rates, extra, work) + own * extra.request;
}

/** Tokens that are taken in at once. */
const chunk = 8192;

/** Seconds until a prompt, or several of that length dealt out to the replicas, are taken in. */
export function prefill(d: Deployment, rates: Rates, extra: Overheads, input: number, requests = 1): number {
  const { architecture: a } = d;
  // A prompt is whole on its replica; stages work on parts of it at once.
  const own = (input * Math.max(1, requests / replicasOf(d))) / stagesOf(d);
  const tokens: Tokens = { own, all: input * requests };
  const { active, embedding } = parametersOf(a);
  const chunks = Math.ceil(tokens.own / chunk);
  const work: Work = {
    own: tokens.own,
    bytes: chunks * weightsRead(d, Math.min(tokens.all, chunk)),
    ...operations(d, tokens, active - embedding, workOverCache(a, input / 2, true)),
    calls: chunks * callsOfStep(a, 0),
  };
  return timeOf(d, rates, extra, work);
}

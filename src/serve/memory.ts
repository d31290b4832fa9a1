/** What one device holds while it serves: weights, caches in whole blocks, buffers between devices, masks, and the engine itself. */
import { bytesOfRequest, type CacheBytes } from "../estimate/cache.js";
import type { Architecture } from "../estimate/architecture.js";
import { plus, type Interval } from "../estimate/interval.js";
import type { Engine } from "./engines.js";
import type { WeightClasses } from "./weights.js";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** How devices share a model. */
export interface Split {
  readonly devices: number;
  /** Devices that share a layer of attention. */
  readonly tp: number;
  /** Replicas of attention, each with requests of its own. */
  readonly dp: number;
  /** Stages that layers are dealt to, one after the other. */
  readonly pp: number;
  /** Devices over which experts are spread whole; 1 where there are none, or where each is cut as its layer is. */
  readonly ep: number;
}

export interface Resident {
  readonly architecture: Architecture;
  readonly weights: WeightClasses;
  readonly cache: CacheBytes;
  readonly engine: Engine;
  /** Tokens of a full mask, on chips whose attention may need one. */
  readonly maskTokens?: number;
}

export interface Load {
  /** Requests at once, on all devices. */
  readonly batch: number;
  /** Tokens of each. */
  readonly length: number;
}

/** In bytes, of one device. */
export interface DeviceMemory {
  readonly weights: Interval;
  readonly cache: number;
  readonly buffers: Interval;
  readonly mask: Interval;
  /** The engine, its activations and captured graphs. */
  readonly runtime: Interval;
  readonly total: Interval;
}

/** Layers that guess are loaded where they are used. */
function weightsOn(w: WeightClasses, s: Split): Interval {
  const own = w.divided / (s.tp * s.pp) + w.replicated / s.pp + w.experts / (Math.max(s.ep, s.tp) * s.pp) + w.ends / s.tp + w.towers;
  return { lo: own, hi: own + w.drafting / Math.max(s.ep, s.tp) };
}

/** A group of devices for each way of sharing; each has a buffer to send from and one to receive in. */
function buffersOn(engine: Engine, s: Split): Interval {
  const groups = [s.tp, s.dp, s.pp].filter((n) => n > 1).length;
  const experts = s.ep > 1 ? engine.expertBuffers : 0;
  const of = (each: number): number => (groups * 2 * each + (groups > 0 ? experts : 0)) * MiB;
  return { lo: of(engine.buffers.usual), hi: of(Math.max(engine.buffers.usual, Math.min(engine.buffers.most, 1024))) };
}

/** Tokens that are worked on at once: least and most that engines set unless told otherwise. */
const working: Interval = { lo: 2048, hi: 8192 };
/** A context, its kernels and captured graphs. */
export const contextBytes: Interval = { lo: 0.7 * GiB, hi: 2.5 * GiB };

function runtimeOn({ hidden, vocabulary }: Architecture, { tp }: Split, { batch }: Load): Interval {
  // Some ten vectors of a token live at once, and scores of words of each request.
  const of = (tokens: number): number => tokens * hidden * 2 * 10 + (Math.min(batch, 256) * vocabulary * 4) / tp;
  return { lo: contextBytes.lo + of(working.lo), hi: contextBytes.hi + of(working.hi) };
}

/** A mask of halves of all tokens, unless the engine's newest operators are there. */
function maskOf(tokens: number | undefined): Interval {
  if (tokens === undefined) return { lo: 0, hi: 0 };
  return { lo: 2 * Math.min(tokens, 2048) ** 2, hi: 2 * tokens ** 2 };
}

/** Bytes on the device that holds most. */
export function memoryOn(r: Resident, split: Split, load: Load): DeviceMemory {
  const weights = weightsOn(r.weights, split);
  const requests = Math.ceil(load.batch / split.dp);
  const cache = (requests * bytesOfRequest(r.architecture, r.cache, load.length, r.engine.block, split.tp)) / split.pp;
  const [buffers, mask, runtime] = [buffersOn(r.engine, split), maskOf(r.maskTokens), runtimeOn(r.architecture, split, load)];
  return { weights, cache, buffers, mask, runtime, total: plus(weights, { lo: cache, hi: cache }, buffers, mask, runtime) };
}

/** Share of the claimed memory that software is given: 60.32 GiB of 64 on a 910B (FlagOpen/FlagPerf), up to all of it. */
export const givenShare: Interval = { lo: 60.32 / 64, hi: 1 };

/** What an engine may fill of a device's memory. */
export function usableOf(memory: number, { fraction }: Engine): Interval {
  return { lo: memory * givenShare.lo * fraction.usual, hi: memory * givenShare.hi * fraction.most };
}

/** "fits": by the upper bounds. "tight": by the lower bounds alone. */
export type Fit = "fits" | "tight" | "too-large";

export function fitOf(need: Interval, usable: Interval): Fit {
  if (need.hi <= usable.lo) return "fits";
  return need.lo <= usable.hi ? "tight" : "too-large";
}

/** How many devices a model needs, and how they share it: the fewest on which it may run, and the fewest on which it runs with room. */
import { fitOf, memoryOn, usableOf, type DeviceMemory, type Fit, type Load, type Resident, type Split } from "./memory.js";
import type { ModelConfig } from "./read-config.js";

export interface Plan {
  readonly split: Split;
  readonly memory: DeviceMemory;
  readonly fit: Fit;
  readonly cards: number;
  readonly nodes: number;
}

export interface Machine {
  /** Bytes of a device. */
  readonly memory: number;
  readonly devicesPerCard: number;
  /** Devices of one machine. */
  readonly devicesPerNode: number;
}

interface Job {
  readonly model: ModelConfig;
  readonly resident: Resident;
  readonly machine: Machine;
  readonly load: Load;
}

/** No larger cluster is asked about. */
export const mostDevices = 128;
const counts = [1, 2, 4, 8, 16, 32, 64, mostDevices];
const powers = [1, 2, 4, 8, 16, 32];

/** Tensor parallelism divides heads; heads of keys are dealt out whole or copied whole. */
export function tpDivides({ heads, kvHeads, architecture }: ModelConfig, tp: number): boolean {
  const grouped = architecture.layers.some((l) => l.mixer.caches.some((c) => c.what === "keys-values"));
  const kv = grouped ? (kvHeads ?? heads) : tp;
  const recurrentHeads = architecture.layers.flatMap((l) => (l.mixer.kind === "recurrent" ? [l.mixer.heads] : []));
  return heads % tp === 0 && (kv % tp === 0 || tp % kv === 0) && recurrentHeads.every((h) => h % tp === 0);
}

/** Devices over which experts are spread beside a layer cut in so many parts: as many, or none, and then each expert is cut like the layer; undefined where it cannot be. */
function expertsBeside({ experts, expertInner = 0 }: ModelConfig, tp: number): number | undefined {
  if (experts === undefined) return 1;
  if (experts % tp === 0) return tp;
  return expertInner % tp === 0 ? 1 : undefined;
}

/** Ways to share a model among so many devices. Tensor parallelism stays inside a machine, unless the engine has nothing else. */
function splitsOf({ model, machine, resident: { engine } }: Job, devices: number): Split[] {
  const { devicesPerNode: perNode } = machine;
  const spreads = model.experts !== undefined && model.experts % devices === 0;
  const widest = engine.stages || spreads ? perNode : devices;
  return powers
    .filter((tp) => tp <= devices && tp <= widest && devices % tp === 0 && tpDivides(model, tp))
    .flatMap((tp): Split[] => {
      const rest = devices / tp;
      if (spreads) return [{ devices, tp, dp: rest, pp: 1, ep: devices }];
      const ep = expertsBeside(model, tp);
      if (ep === undefined) return [];
      const whole = { devices, tp, dp: 1, ep };
      if (rest === 1) return [{ ...whole, pp: 1 }];
      return engine.stages && rest <= model.layers && tp === perNode ? [{ ...whole, pp: rest }] : [];
    });
}

function planOf(job: Job, split: Split): Plan {
  const { machine, resident, load } = job;
  const memory = memoryOn(resident, split, { ...load, batch: Math.max(load.batch, split.dp) });
  const fit = fitOf(memory.total, usableOf(machine.memory, resident.engine));
  const cards = Math.ceil(split.devices / machine.devicesPerCard);
  return { split, memory, fit, cards, nodes: Math.ceil(split.devices / machine.devicesPerNode) };
}

/** Sizes of a cluster that make sense: within a machine, or whole machines. */
function sizesOf({ devicesPerCard, devicesPerNode }: Machine): number[] {
  return counts.filter((n) => (n <= devicesPerNode || n % devicesPerNode === 0) && (n % devicesPerCard === 0 || n < devicesPerCard));
}

export interface Plans {
  /** The fewest devices on which one request of the length may run. */
  readonly smallest?: Plan;
  /** The fewest on which the whole load runs with room. */
  readonly advised?: Plan;
  /** What the next smaller number of devices lacks, where there is one. */
  readonly belowSmallest?: Plan;
}

const total = (p: Plan): number => p.memory.total.hi;

/** The best way to share among so many devices, one that fits before one that may. */
function bestOf(job: Job, devices: number): Plan | undefined {
  const plans = splitsOf(job, devices).map((s) => planOf(job, s));
  return plans.sort((a, b) => total(a) - total(b))[0];
}

/** Latent vectors lie whole on each device that shares a layer, so attention is copied and requests are dealt out; the rest keeps to few devices a layer. */
function advisedOf(job: Job, devices: number): Plan | undefined {
  const plans = splitsOf(job, devices)
    .map((s) => planOf(job, s))
    .filter((p) => p.fit === "fits");
  const isLatent = job.model.architecture.layers.some((l) => l.mixer.kind === "latent" || l.mixer.kind === "compressed");
  const order = (a: Plan, b: Plan): number => (isLatent ? a.split.tp - b.split.tp : b.split.tp - a.split.tp);
  return plans.sort(order)[0];
}

/** Smallest and advised plans; absent where no cluster of up to 128 devices holds the model. */
export function plansFor(job: Job): Plans {
  const sizes = sizesOf(job.machine);
  const single: Job = { ...job, load: { ...job.load, batch: 1 } };
  const smallest = sizes.map((n) => bestOf(single, n)).find((p) => p !== undefined && p.fit !== "too-large");
  const advised = sizes.map((n) => advisedOf(job, n)).find((p) => p !== undefined);
  const below = sizes.filter((n) => n < (smallest?.split.devices ?? 0)).pop();
  const belowSmallest = below === undefined ? undefined : bestOf(single, below);
  return { ...(smallest && { smallest }), ...(advised && { advised }), ...(belowSmallest && { belowSmallest }) };
}

/** The plan with so many devices, whether it fits or not. */
export function planWith(job: Job, devices: number): Plan | undefined {
  return bestOf(job, devices);
}

/**
 * What an assessment of a model comes to, as data: sentences are keys (`src/words`), so that one report is read in either
 * language. Nothing in it depends on when or where it was made.
 */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Said } from "../base/said.js";
import type { Evidence } from "../program/program.js";
import type { Interval } from "../estimate/interval.js";

/**
 * "ready": compiled as it is. "rewrites": compiled once the named change is made. "kernels": some operators have no meaning
 * here, and all else is compiled. "blocked": refused, and no kernel would help. "refused": nothing tells what would mend it; no node is to blame, or the code is of no known kind. "uncertain": compiled, and public documents
 * contradict what it rests on. "documented": no code is made for the chip; only its library's documents were asked.
 * "unknown": nothing public says which operators the chip carries out.
 */
export type Verdict = "ready" | "rewrites" | "kernels" | "blocked" | "refused" | "uncertain" | "documented" | "unknown";

/** How a node is carried out, by the one of its steps that counts for most: "folded" needs no step, "undecided" stands behind what is refused. */
export type How = "refused" | "undecided" | "host" | "scalar" | "kernel" | "call" | "copy" | "folded";

/** What is said of a way to carry nodes out; each stands once in a chip's list. */
export interface WayReport {
  readonly how: How;
  /** Element types in which its steps compute. */
  readonly types: readonly string[];
  /** Calls of the vendor's library. */
  readonly calls: readonly string[];
  /** Of what it rests on, the lowest; absent where there is no step. */
  readonly evidence?: Evidence;
  readonly unwitnessed?: readonly string[];
  /** Where the calls are described, and since which release. */
  readonly sources?: readonly string[];
  /** Why it is refused, or why the library's call is not taken. */
  readonly why?: string;
  /** What is to be known of it besides. */
  readonly note?: Said;
  /** Of a refusal of compile: its code (docs/diagnostics.md), and what it needs. */
  readonly code?: string;
  readonly needs?: Need;
}

/** What a refusal needs: another model, a kernel that nobody has written, neither helps, or nothing tells. */
export type Need = "rewrite" | "kernel" | "none" | "unknown";

export interface NodeReport {
  readonly name: string;
  readonly op: string;
  /** Places of the nodes whose results it takes, all before its own, ascending; the model's first input is -1, its second -2. Weights are none. */
  readonly reads: readonly number[];
  /** Of what stands in a body (of If, Loop, Scan): the place of the node that it belongs to, and which of its bodies. */
  readonly within?: readonly [node: number, body: number];
}

export interface Coverage {
  /** Shares in 0..1 of what is carried out: of the model's nodes, its kinds of operators, and of the floating-point operations and bytes of its steps. */
  readonly nodes: number;
  readonly operators: number;
  /** Of another chip's whole program where something is refused; unknown where no chip has one. */
  readonly flops: number | null;
  readonly bytes: number | null;
}

export interface StepReport {
  readonly id: string;
  readonly origin: readonly string[];
  readonly how: How;
  /** Operations; bytes that cross between memory and chip; calls and launches. */
  readonly flops: number;
  readonly bytes: number;
  readonly starts: number;
  /** Unknown where no claim says how fast the chip is. */
  readonly seconds: Interval | null;
  /** What bounds it in the middle of the interval. */
  readonly bound: Bound;
}

export type Bound = "compute" | "bandwidth" | "launch";

export interface MemoryReport {
  /** Bytes on the device at the assessed sizes, by what they are for. */
  readonly weights: number;
  readonly arena: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Kept from run to run. */
  readonly state: number;
  readonly total: number;
  /** Bytes of one device as its maker says; unknown where nobody does. */
  readonly device: number | null;
  /** Devices whose memory together holds it, if it could be split evenly; unknown where the memory is. */
  readonly devices: number | null;
  /** Of the card, where it carries several devices. */
  readonly devicesPerCard: number;
  /** Total bytes over one open extent, the others at their assessed sizes. */
  readonly over: readonly { readonly symbol: string; readonly points: readonly { readonly at: number; readonly bytes: number }[] }[];
}

/** A measurement that somebody with a card could make. */
export interface AskReport {
  readonly what: Said;
  /** By what factor it would narrow the interval. */
  readonly gain: number;
  /** Chips that would be faster at one end of what it may find, and slower at the other. */
  readonly flips: readonly string[];
}

export interface PerformanceReport {
  /** Of one run at the assessed sizes. */
  readonly seconds: Interval | null;
  /** Share of the middle of the interval, by what bounds each step. */
  readonly shares: Readonly<Record<Bound, number>> | null;
  /** "measured" on this chip, on its "relatives", or "none". */
  readonly basis: "measured" | "relatives" | "none";
  readonly measurements: number;
  /** Whose program it was read off, where the chip has none of its own. */
  readonly programOf?: string;
  /** Of a million runs, from the user's price of the card. */
  readonly cost?: { readonly perMillion: Interval; readonly currency: string };
  /** What would narrow the interval most. */
  readonly asks?: readonly AskReport[];
  /** Times faster than the baseline. */
  readonly ratio?: Interval;
  readonly notes: readonly Said[];
}

export interface ChipReport {
  readonly chip: string;
  readonly vendor: string;
  readonly status: "shipping" | "announced" | "rumoured";
  /** No code is generated for chips of its maker: it stands beside them, and no port goes there. */
  readonly comparison?: true;
  /** What `compile -t` takes; absent where no code is made for the chip. */
  readonly target?: string;
  readonly verdict: Verdict;
  readonly why: readonly Said[];
  /** What compile says, word for word. */
  readonly diagnostics: readonly Diagnostic[];
  readonly ways: readonly WayReport[];
  /** For each of the model's nodes, its place in `ways`; absent where nothing can be said of nodes. */
  readonly nodes?: readonly number[];
  readonly coverage: Coverage | null;
  /** Steps, memory and time are those of the whole model: there are none where a node is left out. */
  readonly steps: readonly StepReport[];
  readonly memory: MemoryReport | null;
  readonly performance: PerformanceReport | null;
  readonly precision: readonly Said[];
}

/** A layer's numbers, read from its weight because that was asked for. */
export interface LayerReport {
  readonly name: string;
  readonly op: string;
  /** The largest element of the weight by size. */
  readonly largest: number;
  /** Signal over the noise of rounding to halves, in dB; null of zeros. */
  readonly halves: number | null;
  /** Signal over the noise of int8 with a scale for each outgoing channel, in dB; null of zeros. */
  readonly eightBits: number | null;
  /** The largest element of the input over all samples by size; null without samples. */
  readonly input: number | null;
  readonly risks: readonly Said[];
}

/** The same model under other options: the figures that tell it from the report's own. */
export interface VariantReport {
  /** As it was asked for: "precision=fp16", "batch=8". */
  readonly what: string;
  /** Why there is none. */
  readonly diagnostics: readonly Diagnostic[];
  readonly chips: readonly {
    readonly chip: string;
    readonly verdict: Verdict;
    readonly nodes: number | null;
    readonly bytes: number | null;
    readonly seconds: Interval | null;
  }[];
}

/** A range of person-days. */
export interface WorkItem {
  readonly kind: "kernel" | "rewrite" | "cause" | "speed" | "proof" | "accuracy" | "split";
  readonly mandatory: boolean;
  readonly what: Said;
  readonly chips: readonly string[];
  /** How many of the model's nodes it concerns. */
  readonly nodes: number;
  /** Of the time of one run on the first of the chips, where it is known. */
  readonly share: number | null;
  readonly days: Interval;
  readonly basis: Said;
}

/** 2: nodes say what they read. */
export const schemaVersion = 2;

export interface ModelReport {
  readonly schemaVersion: typeof schemaVersion;
  readonly kind: "model";
  readonly generator: string;
  readonly model: {
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
    /** Files of weights beside it: name and bytes. */
    readonly beside: readonly { readonly name: string; readonly bytes: number }[];
    readonly opset: number;
    readonly nodes: number;
    readonly weights: number;
    readonly weightBytes: number;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  };
  readonly options: AssessedOptions;
  /** Sizes of open extents that the figures are for. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly sizesAre: "given" | "chosen";
  /** What is in the body of another stands before it. */
  readonly nodes: readonly NodeReport[];
  /** Of each of the model's outputs the node it comes from, an input as `reads` has it; null of what is constant. */
  readonly ends: readonly (number | null)[];
  readonly chips: readonly ChipReport[];
  readonly baseline?: { readonly chip: string; readonly performance: PerformanceReport };
  readonly work: readonly WorkItem[];
  /** Layers whose weights were read; absent where that was not asked for. */
  readonly layers?: readonly LayerReport[];
  readonly variants?: readonly VariantReport[];
  readonly diagnostics: readonly Diagnostic[];
  readonly facts: { readonly newest: string; readonly expires: string };
}

/** As a report keeps them, so that it can be made again. */
export interface AssessedOptions {
  readonly chips: readonly string[];
  readonly baseline?: string;
  readonly precision: "fp32" | "fp16";
  readonly shapes: readonly string[];
  readonly dims: readonly string[];
  readonly freeze: readonly string[];
  readonly variants: readonly string[];
  readonly weights: boolean;
  /** As it was named; null without samples. */
  readonly calibration: string | null;
}

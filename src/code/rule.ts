/** What a rule is: a row of data that says which mentions it takes, what they cost to port, and what stands for them elsewhere. */
import type { Severity } from "../base/diagnostic.js";
import type { WordKey } from "../words/words.js";
import type { EquivalentId } from "./equivalents.js";
import type { Language } from "./language.js";
import type { Mention, Sort } from "./mention.js";

export const categories = [
  ...(["device-api", "distributed", "visible-devices", "management", "runtime-api", "cuda-graph", "blas", "dnn", "math-library"] as const),
  ...(["tensorrt", "triton", "kernel", "attention", "training-library", "quantisation-library", "serving", "build", "container"] as const),
  ...(["profiling", "media", "double-precision", "compile", "onnxruntime-provider", "dependency"] as const),
] as const;
export type Category = (typeof categories)[number];

/**
 * none: runs as it is under the vendor's shim. low: minutes to hours, a shim that turns a feature off, a setting.
 * medium: hours to days, a vendor's library with other semantics. high: no equivalent, days and more.
 */
export const efforts = ["none", "low", "medium", "high"] as const;
export type Effort = (typeof efforts)[number];

/** What a rule takes, in which languages; the text is the one of a mention, never the file's. */
export interface Look {
  readonly in: readonly Language[];
  readonly sort: Sort;
  readonly like: RegExp;
  /** What the mention's role must, and must not, be like. */
  readonly role?: RegExp;
  readonly notRole?: RegExp;
  readonly called?: true;
  /** Only where the file imports what the name begins with. */
  readonly bound?: true;
}

export interface Rule {
  readonly id: string;
  readonly category: Category;
  /** error: must be changed. warning: a shim or a setting will do. note: may matter. */
  readonly severity: Severity;
  readonly effort: Effort;
  readonly looks: readonly Look[];
  readonly equivalent: EquivalentId;
  /** What the vendors' shims change here without a word. */
  readonly silent?: WordKey;
  /** What one piece of work is: each place, each file, or a part of other work in the same file. */
  readonly work: "site" | "file" | "within";
  /** It speaks of a library by its package name: a tree that is this library does not depend on it. */
  readonly library?: true;
  /** Another rule may take the same mention too: it is a thing of two kinds. */
  readonly besides?: true;
  /** It matters on a device alone: where nothing in the file speaks of one, it is a note. */
  readonly onDevice?: true;
}

/** Whether a mention, whose text fits already, fits in all else. */
export function fits(look: Look, { role = "", called, loose }: Mention): boolean {
  if (look.bound && loose) return false;
  return (!look.role || look.role.test(role)) && !look.notRole?.test(role) && (!look.called || called === true);
}

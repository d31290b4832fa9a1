/** A checkpoint on a chip in the form that an engine serves: what plans, times, notes and commands are worked out from. */
import { goesBy } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import type { Engine, EngineKey } from "./engines.js";
import type { FoundCheckpoint } from "./folder.js";
import { cacheBytesOf, weightBytesOf, type Form } from "./form.js";
import type { Resident } from "./memory.js";
import { converted, type WeightClasses } from "./weights.js";

export interface AssessOptions {
  /** Requests at once. */
  readonly batch: number;
  /** Tokens of a request, prompt and answer. */
  readonly length: number;
  /** Another form than the checkpoint's. */
  readonly form?: Form;
  /** The one engine that is asked about. */
  readonly engine?: EngineKey;
  /** Seconds between tokens that are wanted. */
  readonly wantedTokenTime: number;
}

export interface ServedCase {
  readonly found: FoundCheckpoint;
  readonly row: ChipRow;
  /** Bytes of a device. */
  readonly memory: number;
  readonly engine: Engine;
  /** As it lies in memory. */
  readonly form: Form;
  readonly asked: AssessOptions;
}

/** Weights in the form that lies in memory. */
function weightsAs(found: FoundCheckpoint, form: Form): WeightClasses {
  return form === found.form
    ? found.weights
    : converted(found.weights, found.model.architecture, weightBytesOf(found.form), weightBytesOf(form));
}

export function residentOf({ found, row, engine, form, asked }: ServedCase): Resident {
  return {
    architecture: found.model.architecture,
    weights: weightsAs(found, form),
    cache: cacheBytesOf(form, engine.cacheScales),
    engine,
    ...(goesBy(row, engine.fullMask ?? []) && { maskTokens: asked.length }),
  };
}

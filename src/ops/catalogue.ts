/** Every operator that has a record, by name. A value: whoever needs operators is handed it. */
import * as activations from "./formulas/activations.gen.js";
import * as attention from "./formulas/attention.gen.js";
import * as convolution from "./formulas/convolution.gen.js";
import * as einsum from "./formulas/einsum.gen.js";
import * as elementwise from "./formulas/elementwise.gen.js";
import * as generators from "./formulas/generators.gen.js";
import * as indexing from "./formulas/indexing.gen.js";
import * as losses from "./formulas/losses.gen.js";
import * as matmul from "./formulas/matmul.gen.js";
import * as microsoft from "./formulas/microsoft.gen.js";
import * as movement from "./formulas/movement.gen.js";
import * as normalisation from "./formulas/normalisation.gen.js";
import * as pad from "./formulas/pad.gen.js";
import * as pooling from "./formulas/pooling.gen.js";
import * as quantisation from "./formulas/quantisation.gen.js";
import * as recurrent from "./formulas/recurrent.gen.js";
import * as reductions from "./formulas/reductions.gen.js";
import * as resize from "./formulas/resize.gen.js";
import * as roi from "./formulas/roi.gen.js";
import * as signal from "./formulas/signal.gen.js";
import * as softmax from "./formulas/softmax.gen.js";
import * as spatial from "./formulas/spatial.gen.js";
import type { Catalogue, OpRecord } from "./op.js";

const families: readonly Readonly<Record<string, unknown>>[] = [
  elementwise,
  activations,
  reductions,
  softmax,
  normalisation,
  movement,
  generators,
  indexing,
  pad,
  matmul,
  convolution,
  pooling,
  resize,
  quantisation,
  losses,
  attention,
  einsum,
  recurrent,
  spatial,
  roi,
  signal,
  microsoft,
];

function isRecord(v: unknown): v is OpRecord {
  return typeof v === "object" && v !== null && "op" in v && "build" in v;
}

/** The records of a module of formulas: its exported records, whatever else it exports. */
export function recordsOf(module: Readonly<Record<string, unknown>>): OpRecord[] {
  return Object.values(module).filter(isRecord);
}

/** A catalogue of the given records; a later record replaces an earlier one of its name. */
export function catalogueOf(records: Iterable<OpRecord>): Catalogue {
  return new Map([...records].map((r) => [r.op, r]));
}

/** The operators of the internal opset. */
export const catalogue: Catalogue = catalogueOf(families.flatMap(recordsOf));

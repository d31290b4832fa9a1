/** What became of a layer, and what its problems are told with. */
import { DiagnosticError, type Diagnostic } from "../../base/diagnostic.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { groupsOf, type QuantisedWeight, type ScaleType } from "../formats/weight.js";
import { wrongLayer, type FoundLayer, type SourceFormat } from "./find.js";
import type { Held } from "./pack.js";

export interface RepackedLayer {
  readonly layer: string;
  readonly from: {
    readonly format: SourceFormat;
    readonly bits: number;
    readonly n: number;
    readonly k: number;
    /** Neighbours that share a scale; k for one a channel. */
    readonly group: number;
    readonly scales: ScaleType;
    readonly zeroPoints: boolean;
    readonly actOrder: boolean;
  };
  /** Equal after unpacking, bit for bit, which was compared; or not packed at all. */
  readonly state: "exact" | "refused";
  readonly to?: {
    readonly call: string;
    readonly bits: number;
    /** Names in the file, by parameter of the call. */
    readonly tensors: Readonly<Record<string, string>>;
    readonly numbers: Readonly<Record<string, number>>;
  };
  /** Why it is refused. */
  readonly code?: string;
  readonly why?: string;
  readonly bytesBefore: number;
  readonly bytesAfter?: number;
}

export function recordOf(layer: FoundLayer, w: QuantisedWeight): Omit<RepackedLayer, "state"> {
  const { bits, n, k, group, scaleType, zeros, groupOf } = w;
  const facts = { zeroPoints: zeros !== undefined, actOrder: groupOf !== undefined };
  const size = groupsOf(w) === 1 ? k : group;
  return {
    layer: layer.name,
    from: { format: layer.format, bits, n, k, group: size, scales: scaleType, ...facts },
    bytesBefore: layer.bytes,
  };
}

/** What a layer's packed tensors are called in the file. None may take the name of a tensor that is copied: `checkpoint-layer`. */
export function namesOf(layer: FoundLayer, { packed }: Held, { tensors }: Checkpoint, copied: boolean): Readonly<Record<string, string>> {
  const own = new Set(Object.values(layer.parts).map((t) => t.name));
  const names = Object.keys(packed.tensors).map((part) => [part, `${layer.name}.${part}`] as const);
  const taken = names.find(([, name]) => copied && tensors.has(name) && !own.has(name));
  if (taken)
    wrongLayer(
      layer,
      `the checkpoint has a tensor "${taken[1]}" beside it, whose name it would take`,
      "Leave such tensors out: --only-quantised.",
    );
  return Object.fromEntries(names);
}

/** Adds what is thrown to a list, with the layer it speaks of. */
export function collect<T>(layer: FoundLayer, faults: Diagnostic[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    faults.push(...error.diagnostics.map((d) => inLayer(layer, d)));
    return undefined;
  }
}

export function inLayer({ name, parts }: FoundLayer, d: Diagnostic): Diagnostic {
  const said = `layer "${name}": `;
  const path = Object.values(parts)[0].source.name;
  return { ...d, message: d.message.startsWith(said) ? d.message : said + d.message, location: { path } };
}

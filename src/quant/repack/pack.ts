/** One weight into the first of a target's layouts that can say it, proved by unpacking. */
import { DiagnosticError, invariant, problem, type Diagnostic } from "../../base/diagnostic.js";
import type { PackedWeight, WeightProduct } from "../formats/product.js";
import { sameWeight, type QuantisedWeight } from "../formats/weight.js";

export interface Held {
  readonly product: WeightProduct;
  readonly packed: PackedWeight;
  /** Of a level as it is held. */
  readonly bits: number;
}

/** What holds the weight bit for bit, or why nothing does. Calls of other widths are asked only where there are no others. */
export function packFirst(given: QuantisedWeight, products: readonly WeightProduct[], widen: boolean): Held | Diagnostic {
  const ways = products.map((product) => ({ product, w: widen ? widened(given, product) : given }));
  const apt = ways.filter(({ product, w }) => product.bits.includes(w.bits));
  const refusals: Diagnostic[] = [];
  for (const { product, w } of apt.length > 0 ? apt : ways)
    try {
      return proved(product, w);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      refusals.push(...error.diagnostics);
    }
  return problem(refusals[0].code, refusals.map((r) => r.message).join("; "), {
    why: [...new Set(refusals.flatMap((r) => r.why ?? []))].join("; "),
    fix: refusals.find((r) => r.fix)?.fix,
  });
}

function proved(product: WeightProduct, w: QuantisedWeight): Held {
  const packed = product.pack(w);
  invariant(sameWeight(product.unpack(packed), w), `${product.call} does not give back what was packed`);
  return { product, packed, bits: w.bits };
}

/** The same levels in the least width that the call has and that holds them. */
function widened(w: QuantisedWeight, { bits }: WeightProduct): QuantisedWeight {
  const wider = bits.includes(w.bits) ? undefined : [...bits].sort((a, b) => a - b).find((b) => b > w.bits);
  return wider === undefined ? w : { ...w, bits: wider };
}

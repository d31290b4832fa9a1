/** The description beside a file of repacked weights: which call reads which tensors, and how. */
import { version } from "../../host/package.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { WeightProduct } from "../formats/product.js";
import type { RepackedLayer } from "./layer.js";

interface Described {
  readonly target: string;
  readonly chip?: string;
  readonly products: readonly WeightProduct[];
  /** The file's name, without its folder. */
  readonly weights: string;
  readonly checkpoint: Checkpoint;
  readonly layers: readonly RepackedLayer[];
}

export function describe({ target, chip, products, weights, checkpoint, layers }: Described): string {
  const used = products.filter((p) => layers.some((l) => l.to?.call === p.call));
  const document = {
    schemaVersion: 1,
    portolan: version,
    target,
    chip,
    weights,
    source: { config: checkpoint.config, quantisation: checkpoint.quantisation, files: checkpoint.files },
    calls: Object.fromEntries(used.map(({ call, layout, source }) => [call, { layout, source }])),
    layers: layers.map(({ layer, from, to }) => ({ layer, from, ...to })).filter((l) => l.call !== undefined),
    refused: layers.flatMap(({ layer, from, state, code, why }) => (state === "refused" ? [{ layer, from, code, why }] : [])),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

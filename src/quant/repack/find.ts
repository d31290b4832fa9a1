/** The quantised linear layers of a checkpoint, told by the names of their tensors. No tensor is read. */
import { fail } from "../../base/diagnostic.js";
import type { StoredTensor } from "../../base/safetensors-read.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { Quantisation } from "../../checkpoint/quantisation.js";

export type SourceFormat = "gptq" | "gptq_v2" | "awq" | "pack-quantized" | "int-quantized";

export interface FoundLayer {
  /** What the names of its tensors have in common. */
  readonly name: string;
  readonly format: SourceFormat;
  /** By the rest of their names. */
  readonly parts: Readonly<Record<string, StoredTensor>>;
  readonly bytes: number;
}

interface Parts {
  /** The first of them tells a layer. */
  readonly needs: readonly string[];
  readonly may: readonly string[];
}

const gptqParts: Parts = { needs: ["qweight", "qzeros", "scales"], may: ["g_idx"] };

const partsOf: Readonly<Record<SourceFormat, Parts>> = {
  gptq: gptqParts,
  gptq_v2: gptqParts,
  awq: { needs: ["qweight", "qzeros", "scales"], may: [] },
  "pack-quantized": { needs: ["weight_packed", "weight_scale", "weight_shape"], may: ["weight_zero_point", "weight_g_idx"] },
  "int-quantized": { needs: ["weight", "weight_scale"], may: ["weight_zero_point", "weight_g_idx"] },
};

function formatsOf(q: Quantisation): readonly SourceFormat[] {
  switch (q.method) {
    case "gptq":
      return [q.version];
    case "awq":
      return ["awq"];
    case "compressed-tensors":
      return ["pack-quantized", "int-quantized"];
    default:
      throw q satisfies never;
  }
}

/** What is wrong with a layer's tensors, as far as the layouts do not say it themselves. */
export function wrongLayer({ name, parts }: Pick<FoundLayer, "name" | "parts">, why: string, fix: string): never {
  const path = Object.values(parts)[0]?.source.name;
  return fail("checkpoint-layer", `layer "${name}": ${why}`, { location: { ...(path !== undefined && { path }) }, fix });
}

/** In the order of their names. Throws `checkpoint-layer` and `nothing-to-repack`. */
export function findLayers({ folder, config, quantisation, tensors }: Checkpoint): FoundLayer[] {
  const found = new Map<string, FoundLayer>();
  for (const format of quantisation ? formatsOf(quantisation) : [])
    for (const name of tensors.keys()) {
      const layer = layerAt(name, format, tensors);
      if (!layer) continue;
      const other = found.get(layer.name);
      if (other) wrongLayer(layer, `its tensors are those of ${other.format} and of ${format}`, "Fetch the checkpoint again.");
      found.set(layer.name, layer);
    }
  if (found.size === 0)
    fail("nothing-to-repack", `"${folder}" holds no quantised layer`, {
      location: { path: config },
      why: quantisation ? `No tensor has the name of one in ${quantisation.method}.` : `${config} says nothing of quantisation.`,
      fix: "Give a checkpoint in GPTQ, AWQ or compressed-tensors.",
    });
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function layerAt(tensor: string, format: SourceFormat, tensors: Checkpoint["tensors"]): FoundLayer | undefined {
  const { needs, may } = partsOf[format];
  if (!tensor.endsWith(`.${needs[0]}`)) return undefined;
  const name = tensor.slice(0, -needs[0].length - 1);
  const own = [...needs, ...may].flatMap((part): [string, StoredTensor][] => {
    const t = tensors.get(`${name}.${part}`);
    return t ? [[part, t]] : [];
  });
  const parts = Object.fromEntries(own);
  // Floats have names like these too.
  if (format === "int-quantized" && !(parts["weight"].type === "I8" && parts["weight_scale"])) return undefined;
  const missing = needs.find((part) => !parts[part]);
  if (missing !== undefined) wrongLayer({ name, parts }, `${format} needs a tensor "${name}.${missing}"`, "Fetch the checkpoint again.");
  return { name, format, parts, bytes: own.reduce((n, [, t]) => n + t.length, 0) };
}

/** What repack wrote, read back from disk by what its description says alone. */
import { readFileSync } from "node:fs";
import { bytesSource } from "../../../src/base/byte-source.js";
import { loadStored, readSafetensors, storedDType, type StoredTensor } from "../../../src/base/safetensors-read.js";
import { invariant } from "../../../src/base/diagnostic.js";
import { chooseTarget } from "../../../src/driver/targets.js";
import type { WeightProduct } from "../../../src/quant/formats/product.js";
import type { QuantisedWeight } from "../../../src/quant/formats/weight.js";
import { nBitsProduct } from "../../../src/quant/repack/onnx.js";

interface DescribedLayer {
  readonly layer: string;
  readonly call: string;
  readonly bits: number;
  readonly tensors: Readonly<Record<string, string>>;
  readonly numbers: Readonly<Record<string, number>>;
}

interface Description {
  readonly target: string;
  readonly chip?: string;
  readonly calls: Readonly<Record<string, { readonly layout: string; readonly source: string }>>;
  readonly layers: readonly DescribedLayer[];
  readonly refused: readonly { readonly layer: string; readonly code: string; readonly why: string }[];
}

interface Written {
  readonly description: Description;
  readonly stored: ReadonlyMap<string, StoredTensor>;
  readonly weights: ReadonlyMap<string, QuantisedWeight>;
}

export async function readBack(path: string): Promise<Written> {
  const description = JSON.parse(readFileSync(`${path}.json`, "utf8")) as Description;
  const stored = new Map(readSafetensors(bytesSource(readFileSync(path))).map((t) => [t.name, t]));
  const products = await productsOf(description);
  return { description, stored, weights: new Map(description.layers.map((l) => [l.layer, unpack(l, products, stored)])) };
}

async function productsOf({ target, chip }: Description): Promise<readonly WeightProduct[]> {
  if (target === "onnx") return [nBitsProduct];
  const chosen = await chooseTarget(`${target}:${chip}`);
  return chosen.target.weightProducts(chosen.chip);
}

function unpack(layer: DescribedLayer, products: readonly WeightProduct[], stored: ReadonlyMap<string, StoredTensor>): QuantisedWeight {
  const tensors = Object.entries(layer.tensors).map(([part, name]) => {
    const t = stored.get(name);
    const dtype = t && storedDType(t);
    invariant(dtype, `there is no ${name}`);
    return [part, loadStored(t, dtype)];
  });
  const product = products.find((p) => p.call === layer.call);
  invariant(product, `there is no ${layer.call}`);
  return product.unpack({ tensors: Object.fromEntries(tensors), numbers: layer.numbers });
}

/**
 * What a model says about itself, flattened into Graph.metadata and back: `producer_name`, `doc_string` and so on as
 * onnx.proto spells them, `opset_import:DOMAIN` for foreign domains, `metadata_props:KEY` for free entries.
 */
import type { OnnxModel } from "./schema.js";

/** The metadata_props key of a node that stands for several: a JSON list of their names. */
export const originKey = "portolan.origin";

const opsetPrefix = "opset_import:";
const propPrefix = "metadata_props:";
const textKeys = ["producer_name", "producer_version", "domain", "model_version", "doc_string", "graph.doc_string"] as const;

export function metadataOf(model: OnnxModel): Record<string, string> {
  const texts: Record<(typeof textKeys)[number], string> = {
    producer_name: model.producerName,
    producer_version: model.producerVersion,
    domain: model.domain,
    model_version: model.modelVersion === 0n ? "" : `${model.modelVersion}`,
    doc_string: model.docString,
    "graph.doc_string": model.graph.docString,
  };
  return Object.fromEntries([
    ...textKeys.filter((key) => texts[key] !== "").map((key) => [key, texts[key]]),
    ...[...model.opsets].filter(([domain]) => domain !== "").map(([domain, version]) => [opsetPrefix + domain, `${version}`]),
    ...model.metadata.map(([key, value]) => [propPrefix + key, value]),
  ]) as Record<string, string>;
}

/** Entries of one prefix, without it. */
function prefixed(metadata: Readonly<Record<string, string>>, prefix: string): [string, string][] {
  return Object.entries(metadata)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
}

export function foreignOpsets(metadata: Readonly<Record<string, string>>): Map<string, number> {
  return new Map(prefixed(metadata, opsetPrefix).map(([domain, version]) => [domain, Number(version)]));
}

export function metadataProps(metadata: Readonly<Record<string, string>>): [string, string][] {
  return prefixed(metadata, propPrefix);
}

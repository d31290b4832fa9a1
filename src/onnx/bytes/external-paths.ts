/** Which files beside a model hold its weights, as the model itself spells them; nothing of them is opened. */
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./schema.js";

/** Each once, in the order in which they are met. */
export function externalPaths({ graph, functions }: OnnxModel): string[] {
  const tensors = [...tensorsOf(graph), ...functions.flatMap((f) => f.nodes.flatMap(tensorsOfNode))];
  return [...new Set(tensors.flatMap(({ store }) => (store.in === "external" ? [store.entries.get("location") ?? ""] : [])))];
}

function tensorsOf({ initializers, sparseInitializers, nodes }: OnnxGraph): OnnxTensor[] {
  return [...initializers, ...sparseInitializers.flatMap((s) => [s.values, s.indices]), ...nodes.flatMap(tensorsOfNode)];
}

const tensorsOfNode = ({ attributes }: OnnxNode): OnnxTensor[] => attributes.flatMap(tensorsOfAttribute);

function tensorsOfAttribute({ t, g, graphs, sparse }: OnnxAttribute): OnnxTensor[] {
  return [...(t ? [t] : []), ...(sparse ? [sparse.values, sparse.indices] : []), ...[...(g ? [g] : []), ...graphs].flatMap(tensorsOf)];
}

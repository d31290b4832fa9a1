/**
 * A random program with bodies, from its number: If, Loop and Scan among the operators of random programs, written as ONNX
 * and read back, so that every type is inferred and every name is the file's.
 */
import { bytesSource } from "../../src/base/byte-source.js";
import type { Tensor } from "../../src/base/tensor.js";
import { print } from "../../src/ir/text/print.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { subgraphsOf } from "../../src/ir/walk.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { sizesOf } from "./case-program.js";
import { BoundRun } from "./bound-run.js";
import type { Accuracy } from "./bounds.js";
import { grow } from "./families.js";
import { Growing } from "./growing.js";
import { dtypeOf, outputsOf, shapeOf, type Program } from "./program.js";
import { Rng } from "./rng.js";
import { control } from "./steps-control.js";
import type { Filling } from "./values.js";

/** Undefined where no node with a body was taken. */
export function controlProgram(seed: number, accuracy: Accuracy): Program | undefined {
  const rng = new Rng(seed + 40_000_003);
  const elements = rng.pick([60, 300, 300, 1100]);
  const filling = rng.weighted<Filling>([
    [4, "plain"],
    [5, "grid"],
    [1, "wide"],
  ]);
  const g = new Growing(rng, { elements, work: 8 * elements, open: rng.chance(0.3) }, new BoundRun(accuracy), filling);
  const pool = [g.input(dtypeOf(rng), shapeOf(rng, elements))];
  for (let k = rng.int(0, 2); k > 0; k--) grow(g, pool);
  const bodies = rng.weighted([
    [3, 1],
    [1, 2],
  ]);
  for (let made = 0, tries = 0; made < bodies && tries < 8; tries++) {
    const out = control(g, rng.chance(0.7) ? pool[pool.length - 1] : rng.pick(pool));
    if (!out) continue;
    pool.push(...[out].flat());
    made++;
    for (let k = rng.int(0, 2); k > 0; k--) grow(g, pool);
  }
  if (!g.nodes.some((n) => subgraphsOf(n).length > 0)) return undefined;
  const hasFloats = pool.some((v) => g.dtype(v) === "f32");
  const graph = readBack(g.graph(outputsOf(g, pool)));
  const inputs = new Map(graph.inputs.map((v) => [v, givenTo(g, v)]));
  const run = new BoundRun(accuracy);
  run.graph(graph, inputs);
  const precision = hasFloats && rng.chance(0.2) ? "fp16" : "fp32";
  return {
    seed,
    graph,
    inputs,
    symbols: sizesOf(graph.inputs, inputs),
    precision,
    prefer: rng.pick(["kernels", "library", undefined]),
    run,
  };
}

function givenTo(g: Growing, { name }: Value): Tensor {
  const own = g.inputs.find((v) => v.name === name);
  if (!own) throw new Error(`nobody gives "${name}"`);
  return g.tensor(own);
}

/** The graph as its file tells it. */
function readBack(graph: Graph): Graph {
  const bytes = Buffer.concat([...exportOnnx(graph)]);
  const { graph: read, diagnostics } = inferGraph(
    importOnnx(bytesSource(bytes, "random.onnx"), { catalogue, openBeside: () => undefined }).graph,
    catalogue,
  );
  const fault = diagnostics.find((d) => d.severity === "error");
  if (fault) throw new Error(`${fault.code}: ${fault.message}\n${print(graph)}`);
  return read;
}

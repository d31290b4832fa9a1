/** Programs written down as text, for what random ones found. */
import { evaluateDim } from "../../src/base/dim.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { rankedType } from "../../src/ir/graph.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { ours } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import type { Program } from "./program.js";
import { Rng } from "./rng.js";
import { randomTensor, type Filling } from "./values.js";

/** In fp32 on kernels; inputs are seeded, open extents have the sizes of `symbols`. */
export function textProgram(text: string, filling: Filling, symbols: Readonly<Record<string, number>>): Program {
  const { graph } = inferGraph(parse(text), catalogue);
  const rng = new Rng(5);
  const inputs = new Map(
    graph.inputs.map((v) => {
      const { dtype, shape } = rankedType(v) ?? { dtype: "f32" as const, shape: [] };
      return [
        v,
        randomTensor(
          rng,
          dtype,
          shape.map((d) => evaluateDim(d, symbols)),
          filling,
        ),
      ] as const;
    }),
  );
  const run = new BoundRun(ours);
  run.graph(graph, inputs);
  return { seed: 1, graph, inputs, symbols, precision: "fp32", prefer: "kernels", run };
}

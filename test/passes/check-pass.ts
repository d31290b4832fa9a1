/** States a pass as before and after, and holds the rewrite to the maths: both graphs run on seeded inputs. */
import { expect } from "vitest";
import { isConst, symbolsOf } from "../../src/base/dim.js";
import type { Tensor } from "../../src/base/tensor.js";
import { seededTensor } from "../../src/ir/text/elements.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { sketch } from "../../src/ir/text/print.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { verify } from "../../src/ir/verify.js";
import { undecided, type Lowering, type Stage, type TargetContext, type TargetPass } from "../../passes/target/stage.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { bang } from "../../targets/bang/target.js";

/** What a pass is told that asks a target: an MLU590 unless the test says otherwise. */
interface On extends Partial<TargetContext> {
  /** The largest error allowed, of the largest element or of 1: 1e-5 unless told. */
  readonly error?: number;
}

const usual = { target: bang, chip: bang.chips[bang.defaultChip], precision: "fp32" } as const;

/** `after` is what the nodes read like; without it the pass must leave the graph alone. */
export function checkPass(pass: TargetPass, before: string, after?: string, { error, ...on }: On = {}): Graph {
  const typed = inferGraph(parse(before), catalogue);
  expect(typed.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  const out = pass.run(typed.graph, { ...usual, catalogue, facts: typed.facts, ...on });
  expect(verify(out, catalogue)).toEqual([]);
  expect(lines(sketch(out))).toEqual(lines(after ?? before.replaceAll(/: \w+\[[^\]]*\](!|\{[^}]*\})?/g, "")));
  if (after === undefined) expect(out).toBe(typed.graph);
  expectSameNumbers(typed.graph, out, error);
  return out;
}

/** A stage as a pass, with what was decided before it. */
export function passOf(stage: Stage, decided: Partial<Lowering> = {}): TargetPass {
  return { name: stage.name, run: (graph, context) => stage.decide({ ...undecided(graph), ...decided }, context).graph };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((l) => l.trim())
    .filter((l) => l !== "" && !l.startsWith("return"));
}

/** Symbols take small odd sizes, all different. */
export function expectSameNumbers(before: Graph, after: Graph, error = 1e-5): void {
  const sizes = new Map(before.symbols.map((s, i) => [s.name, 3 + 2 * i]));
  const run = (g: Graph): Tensor[] => {
    const fixed = setDims(g, new Map([...sizes].filter(([name]) => g.symbols.some((s) => s.name === name))));
    const given = evaluateGraph(fixed, catalogue, new Map(fixed.inputs.map((v) => [v, seededInput(v)])));
    return fixed.outputs.map((v) => given.get(v) as Tensor);
  };
  const [a, b] = [run(before), run(after)];
  expect(b.map((t) => `${t.dtype}[${t.shape.join()}]`)).toEqual(a.map((t) => `${t.dtype}[${t.shape.join()}]`));
  a.forEach((t, i) => expect(farthest(t, b[i])).toBeLessThanOrEqual(error * span(t)));
}

function seededInput(v: Value): Tensor {
  const { type } = v;
  if (type.kind !== "tensor" || !type.shape?.every(isConst))
    throw new Error(`${v.name} has symbols ${JSON.stringify(type)} ${symbolsOf(0).length}`);
  return seededTensor(v.name, type.dtype, type.shape);
}

function farthest(a: Tensor, b: Tensor): number {
  let out = 0;
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [Number(a.data[i]), Number(b.data[i])];
    if (!Object.is(x, y) && x !== y) out = Math.max(out, Number.isNaN(x - y) ? Infinity : Math.abs(x - y));
  }
  return out;
}

function span(t: Tensor): number {
  return Math.max(1, ...Array.from(t.data as ArrayLike<number>, (x) => Math.abs(Number(x))).filter(Number.isFinite));
}

/**
 * Sizes that are set when a program runs are held to the same rules as sizes in the model: each operator's cases, once with
 * every extent open and then at sizes around the case's own, against the case compiled for those sizes. What the one
 * refuses the other's guards must refuse, and shapes must agree.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { holds } from "../../src/base/cond.js";
import { evaluateDim, symbol, type Dim } from "../../src/base/dim.js";
import { DiagnosticError, type Diagnostic } from "../../src/base/diagnostic.js";
import type { Tensor } from "../../src/base/tensor.js";
import { tensorType } from "../../src/base/value-type.js";
import { rankedType, type Graph } from "../../src/ir/graph.js";
import { inferGraph, type Inferred } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { condText } from "../../src/ir/text/print.js";
import { freezeInputs } from "../../src/ir/rewrite/specialise.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { readCases, type OpCase } from "../ops/case-text.js";

const folder = join(import.meta.dirname, "../ops/cases");
const files = readdirSync(folder).filter((f) => f.endsWith(".txt"));

type Sizes = ReadonlyMap<string, number>;

/** The case's graph without the types it declares for results. */
function undeclared(text: string): Graph {
  const lines = text.split("\n").map((line) => {
    const at = line.search(/ = [A-Z]/);
    return at < 0 ? line : line.slice(0, at).replace(/: \??\w+(\[[^\]]*\])?/g, "") + line.slice(at);
  });
  return parse(lines.join("\n"));
}

interface Subject {
  readonly text: string;
  /** Operands that shape the program: constants. */
  readonly frozen: ReadonlyMap<string, Tensor>;
  /** The other inputs, and the extents that the case has for them. */
  readonly open: ReadonlyMap<string, readonly number[]>;
}

function subjectOf(c: OpCase): Subject {
  const graph = undeclared(c.text);
  const shaping = new Set(
    graph.nodes.flatMap((n) => {
      const specs = catalogue.get(n.op)?.inputs ?? [];
      return n.inputs.filter((_, i) => specs[Math.min(i, specs.length - 1)]?.shaping);
    }),
  );
  const given = new Map(c.inputs.map((i) => [i.name, i.value]));
  const inputs = graph.inputs.filter((v) => given.has(v.name));
  const frozen = inputs.filter((v) => shaping.has(v)).map((v): [string, Tensor] => [v.name, given.get(v.name) as Tensor]);
  const open = inputs.filter((v) => !shaping.has(v)).map((v): [string, readonly number[]] => [v.name, given.get(v.name)!.shape]);
  return { text: c.text, frozen: new Map(frozen), open: new Map(open) };
}

/** The case with other extents: inferred, or what is wrong with it. */
function inferred(s: Subject, extent: (input: string, axis: number) => Dim): Inferred | Diagnostic {
  const graph = undeclared(s.text);
  const inputs = graph.inputs.map((v) => {
    const own = s.open.get(v.name);
    const type = rankedType(v);
    return own && type
      ? Object.assign(v, {
          type: tensorType(
            type.dtype,
            own.map((_, axis) => extent(v.name, axis)),
          ),
        })
      : v;
  });
  try {
    const result = inferGraph(freezeInputs({ ...graph, inputs }, s.frozen), catalogue);
    return result.diagnostics.find((d) => d.severity === "error") ?? result;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
}

/** How many sizes a case is asked about; an operator has many cases, each with its own turn among them. */
const most = 12;

/** Each extent a little smaller and larger, 1 and 0, one at a time; then some at once. */
function sizesAround(own: Sizes, turn: number): Sizes[] {
  const single = [...own].flatMap(([name, n]) =>
    [n - 1, n + 1, 1, 0].filter((x) => x >= 0 && x !== n).map((x) => new Map([...own, [name, x]])),
  );
  const several = [1, 2].map((k) => new Map([...own].map(([name, n], i) => [name, Math.max(0, n + ((i * 7 + k * 3) % 5) - 2)])));
  const all = [...single, ...several];
  const step = Math.max(1, Math.ceil(all.length / most));
  return [own, ...all.filter((_, i) => i % step === turn % step)];
}

const shapes = ({ graph }: Inferred, at: Sizes): string =>
  graph.outputs
    .map(
      (v) =>
        `[${
          rankedType(v)
            ?.shape.map((d) => evaluateDim(d, at))
            .join() ?? "?"
        }]`,
    )
    .join(" ");

/** Codes of refusals that hang on a value or an extent which only the running program has: those say so. */
const limits = new Set(["dynamic-extent", "shaping-operand-unknown"]);

function faultsOf(c: OpCase, turn: number): string[] {
  const s = subjectOf(c);
  const name = (input: string, axis: number): string => `${input}_${axis}`;
  const own = new Map([...s.open].flatMap(([input, shape]) => shape.map((n, axis): [string, number] => [name(input, axis), n])));
  if (own.size === 0) return [];
  const open = inferred(s, (input, axis) => symbol(name(input, axis)));
  if (!("graph" in open)) return limits.has(open.code) ? [] : [`${c.name} open: ${open.code} ${open.message}`];
  // How many elements there will be may be data.
  if (open.diagnostics.some((d) => limits.has(d.code)) || open.graph.outputs.some((v) => !rankedType(v))) return [];
  const computed = open.graph.nodes.flatMap((n) => n.outputs.flatMap((v) => rankedType(v)?.shape ?? []));
  return sizesAround(own, turn).flatMap((at) => {
    const fixed = inferred(s, (input, axis) => at.get(name(input, axis)) as number);
    const broken = open.graph.guards.find((g) => !holds(g.when, at));
    const refused = broken !== undefined || computed.some((d) => evaluateDim(d, at) < 0);
    const where = `${c.name} at ${[...at].map((e) => e.join("=")).join(" ")}`;
    if (!("graph" in fixed)) return refused ? [] : [`${where} is accepted, though ${fixed.message}`];
    // Of broadcasting at run time only that of open extents is known, and to be empty is refused where that is simpler.
    if (refused)
      return [...at.values()].some((n) => n <= 1) ? [] : [`${where} is refused: ${broken?.message} ${broken && condText(broken.when)}`];
    const [want, got] = [shapes(fixed, at), shapes(open, at)];
    return want === got ? [] : [`${where}: ${got} is not ${want}`];
  });
}

test.each(files)("%s", (file) => {
  expect(readCases(readFileSync(join(folder, file), "utf8")).flatMap((c, i) => (c.fails === undefined ? faultsOf(c, i) : []))).toEqual([]);
});

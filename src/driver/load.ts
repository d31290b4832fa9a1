/** Opens a model: bytes or a path in, a typed graph out, with what had to be said on the way. */
import { elementTensor, wholeElement } from "../base/element.js";
import { bytesSource, type ByteSource, type OpenBeside } from "../base/byte-source.js";
import { isConst, symbol, symbolsOf, type Dim } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { dtypeFromOnnx, dtypes, isFloat, isInteger, type DType } from "../base/dtype.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import { rankedType, type Graph, type Guard, type Value } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { condText } from "../ir/text/print.js";
import { readsOf } from "../ir/walk.js";
import type { Speech } from "../onnx/export/export.js";
import { FreshDimNames } from "../onnx/import/dim-names.js";
import { unknownDim } from "../onnx/import/fix-inputs.js";
import { importModel } from "../onnx/import/import.js";
import { readModel } from "../onnx/bytes/model.js";
import type { OnnxModel } from "../onnx/bytes/schema.js";
import { catalogue as builtIn } from "../ops/catalogue.js";
import type { Catalogue } from "../ops/op.js";
import { openBeside, openFile } from "../host/files.js";
import type { Running } from "./events.js";
import { placed, placing } from "./place.js";
import { breathe } from "../host/turns.js";

/** A path, the bytes of a model, or anything that reads by range. */
export type ModelSource = string | Uint8Array | ByteSource;

/** An input's extent as a caller gives it: fixed, open under a name, or open within bounds. */
export type Extent = Dim | Range;

export interface ModelOptions extends Running {
  /** Whole shapes of inputs, by name. */
  readonly shapes?: ReadonlyMap<string, readonly Extent[]>;
  /** Values (or ranges) of named extents. */
  readonly dims?: ReadonlyMap<string, number | Range>;
  /** Inputs that become constants. */
  readonly freeze?: ReadonlyMap<string, Tensor>;
  /** Custom operators as formulas: source text and the path to name in messages. */
  readonly ops?: readonly { readonly source: string; readonly path: string }[];
}

export interface LoadedModel {
  readonly graph: Graph;
  readonly source: ByteSource;
  /** Files beside the model that hold weights, in the order in which they were met. */
  readonly beside?: readonly ByteSource[];
  readonly catalogue: Catalogue;
  readonly diagnostics: readonly Diagnostic[];
  /** Inputs of the model that the graph leaves out: no chip takes such a value, and nothing reads it. */
  readonly ignored?: readonly Value[];
  /** Values of frozen inputs in the types those declare. */
  readonly frozen?: ReadonlyMap<string, Tensor>;
  /** The opset of ai.onnx and the version of the file format that the model came with. */
  readonly speech?: Speech;
}

/**
 * `fed` are the shapes of the arrays it will be run on, by input, one map a run: names that stand for unequal extents there are not trusted.
 * Throws DiagnosticError when the model cannot be read or contradicts itself, AbortError when the call was cancelled.
 */
export async function loadModel(
  model: ModelSource,
  options: ModelOptions,
  fed?: readonly ReadonlyMap<string, readonly number[]>[],
): Promise<LoadedModel> {
  options.onEvent?.({ kind: "phase", name: "import" });
  const source = typeof model === "string" ? openFile(model) : model instanceof Uint8Array ? bytesSource(model) : model;
  const catalogue = await catalogueWith(options.ops ?? []);
  const fixed = new Map([...(options.dims ?? [])].filter((e): e is [string, number] => typeof e[1] === "number"));
  await breathe(options.signal);
  const read = readModel(source);
  const dimNames = new FreshDimNames(read.graph);
  const { shapes, ranges } = openRanges(options, read, dimNames);
  const frozen = options.freeze && inDeclaredTypes(options.freeze, read);
  const beside: ByteSource[] = [];
  const imported = await placing(model, undefined, () =>
    importModel(read, {
      catalogue,
      openBeside: noting(beside, typeof model === "string" ? openBeside(model) : () => undefined),
      freeze: frozen,
      shapes,
      dims: fixed,
      dimNames,
      ...(fed && { fed }),
    }),
  );
  await breathe(options.signal);
  const inferred = await placing(model, imported.graph, () => inferGraph(imported.graph, catalogue));
  const errors = inferred.diagnostics.filter((d) => d.severity === "error");
  if (errors.length > 0) throw new DiagnosticError(errors.map((d) => placed(d, model, imported.graph)));
  const ignored = inferred.graph.inputs.filter((v) => !carries(v) && !isRead(v, inferred.graph));
  const said = [...imported.diagnostics, ...inferred.diagnostics, ...ignored.map(unusedInput), ...assumedEqual(inferred.graph)];
  const diagnostics = said.map((d) => placed(d, model, imported.graph));
  const graph =
    ignored.length === 0 ? inferred.graph : { ...inferred.graph, inputs: inferred.graph.inputs.filter((v) => !ignored.includes(v)) };
  const speech = { opset: read.opsets.get("") ?? 1, irVersion: Number(read.irVersion) };
  return { graph: withRanges(graph, ranges), source, beside, catalogue, diagnostics, ignored, frozen, speech };
}

/** Whether a chip can be handed such a value at all. */
function carries(v: Value): boolean {
  const type = rankedType(v);
  return type !== undefined && type.dtype !== "string";
}

function isRead(v: Value, graph: Graph): boolean {
  return graph.outputs.includes(v) || graph.nodes.some((n) => readsOf(n).includes(v));
}

function unusedInput({ name, type }: Value): Diagnostic {
  const what = type.kind === "tensor" && type.dtype === "string" ? "holds text" : "has no known rank";
  return problem("unused-input", `input "${name}" ${what} and nothing reads it: it is left out`, {
    severity: "warning",
    location: { tensor: name },
    fix: "Remove the input from the model to be rid of this line.",
  });
}

/** How many assumptions a message lists. */
const mostListed = 5;

/** Whether an equation joins extents. One that has the same on both sides, as N == 2*floordiv(N, 2), is an operator's own rule. */
function joins({ when }: Guard): boolean {
  if (when.op !== "eq") return false;
  if (isConst(when.a) || isConst(when.b)) return true;
  const [a, b] = [symbolsOf(when.a), symbolsOf(when.b)];
  return a.join("\n") !== b.join("\n");
}

/**
 * What the bundle takes for granted of sizes that nobody said are equal: it refuses others when they are set. A warning
 * where an open extent met a number, for it then has one size.
 */
function assumedEqual({ guards }: Graph): Diagnostic[] {
  const open = guards.filter(joins);
  const settled = open.some(({ when }) => when.op === "eq" && (isConst(when.a) || isConst(when.b)));
  if (open.length === 0) return [];
  const listed = open.slice(0, mostListed).map(({ when }) => condText(when).replace(/^\(|\)$/g, ""));
  const more = open.length > mostListed ? ` and ${open.length - mostListed} more` : "";
  return [
    problem("extents-assumed-equal", `sizes are taken to be equal: ${listed.join(", ")}${more}`, {
      severity: settled ? "warning" : "note",
      why: `The model's operators want it (${open[0].message}). Other sizes are refused when they are set.`,
      fix: "Give the extents one name in the model, or fix them with --dim or --shape.",
    }),
  ];
}

function noting(opened: ByteSource[], open: OpenBeside): OpenBeside {
  return (path) => {
    const source = open(path);
    if (source) opened.push(source);
    return source;
  };
}

/**
 * The shapes with a symbol for each range, and the range of every symbol that has one. A range takes the name that the
 * model gives the extent, so that what shares the name shares the bounds. Throws `bad-shape` where two ranges of one
 * name have nothing in common.
 */
function openRanges(
  { shapes, dims }: ModelOptions,
  { graph }: OnnxModel,
  fresh: FreshDimNames,
): { readonly shapes: ReadonlyMap<string, readonly Dim[]>; readonly ranges: ReadonlyMap<string, Range> } {
  const ranges = new Map([...(dims ?? [])].filter((e): e is [string, Range] => typeof e[1] !== "number"));
  const bound = (name: string, range: Range): Dim => {
    const had = ranges.get(name) ?? range;
    const both = { lo: Math.max(had.lo, range.lo), hi: Math.min(had.hi, range.hi) };
    if (both.lo > both.hi) fail("bad-shape", `dimension "${name}" would lie in ${had.lo}~${had.hi} and in ${range.lo}~${range.hi}`);
    ranges.set(name, both);
    return symbol(name);
  };
  const opened = [...(shapes ?? [])].map(([input, shape]): [string, readonly Dim[]] => {
    const type = graph.inputs.find((v) => v.name === input)?.type;
    const declared = type && "shape" in type ? type.shape : undefined;
    const nameOf = (axis: number): string => {
      const own = declared?.[axis];
      return typeof own === "string" && own !== "" ? own : fresh.ofInput(input, axis);
    };
    return [input, shape.map((e, axis) => (typeof e === "object" && "lo" in e ? bound(nameOf(axis), e) : e))];
  });
  return { shapes: new Map(opened), ranges };
}

/** A range bounds a symbol: memory is reserved for its highest value and variants outside it are dropped. */
function withRanges(graph: Graph, ranges: ReadonlyMap<string, Range>): Graph {
  const names = graph.symbols.map((s) => s.name);
  const unknown = [...ranges.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new DiagnosticError(unknown.map((name) => unknownDim(name, names)));
  return { ...graph, symbols: graph.symbols.map((s) => ({ ...s, range: ranges.get(s.name) ?? s.range })) };
}

/** A value written as `16000` takes the element type its input declares. Throws `freeze-type` when that type cannot hold it. */
function inDeclaredTypes(freeze: ReadonlyMap<string, Tensor>, { graph }: OnnxModel): ReadonlyMap<string, Tensor> {
  return new Map(
    [...freeze].map(([name, value]) => {
      const type = graph.inputs.find((v) => v.name === name)?.type;
      const dtype = type?.kind === "tensor" ? dtypeFromOnnx(type.elementType) : undefined;
      const same = dtype === undefined || dtype === value.dtype || dtype === "string" || Array.isArray(value.data);
      return [name, same ? value : converted(name, dtype, value)] as const;
    }),
  );
}

/** Floats are rounded to the input's type; whole numbers and booleans must come through as they are. */
function converted(name: string, dtype: DType, value: Tensor): Tensor {
  if (!isFloat(dtype) && !isInteger(dtype) && dtype !== "bool") return value;
  const exact = value.data instanceof BigInt64Array && isInteger(dtype) ? wholeOf(dtype, value.shape, value.data) : undefined;
  if (exact) return exact;
  const given = toNumbers(value);
  const bad = isFloat(dtype) ? -1 : given.findIndex((x) => !Number.isInteger(x) || !holds(dtype, x));
  if (bad >= 0)
    fail("freeze-type", `input ${JSON.stringify(name)} is ${dtype}, which cannot hold ${given[bad]}`, {
      location: { tensor: name },
      fix: dtype === "bool" ? `Write ${name}=true or ${name}=false.` : `Give a whole number in the range of ${dtype}.`,
    });
  return fromNumbers(dtype, value.shape, given);
}

/** Whole numbers in another integer type, not through doubles; undefined when it cannot hold one of them. */
function wholeOf(dtype: DType, shape: readonly number[], given: BigInt64Array): Tensor | undefined {
  const { bits, kind } = dtypes[dtype];
  const within = (x: bigint): boolean => (kind === "uint" ? BigInt.asUintN(bits, x) === x : BigInt.asIntN(bits, x) === x);
  return given.every(within) ? elementTensor(dtype, shape, Array.from(given, wholeElement)) : undefined;
}

/** Whether a whole number is among the values of an integer type or bool; i64 values arrive exactly and need no test. */
function holds(dtype: DType, x: number): boolean {
  const { bits, kind } = dtypes[dtype];
  if (dtype === "bool") return x === 0 || x === 1;
  return kind === "uint" ? x >= 0 && x < 2 ** bits : x >= -(2 ** (bits - 1)) && x < 2 ** (bits - 1);
}

async function catalogueWith(ops: readonly { readonly source: string; readonly path: string }[]): Promise<Catalogue> {
  if (ops.length === 0) return builtIn;
  const { compileUserFormulas } = await import("../formula/compile.js");
  const own = ops.flatMap((o) => compileUserFormulas(o.source, o.path));
  return new Map([...builtIn, ...own.map((r) => [r.op, r] as const)]);
}

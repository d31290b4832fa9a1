/**
 * From an optimised graph of operators to a Plan for one chip: precision, claim, legalise, decompose, narrow, units,
 * program. Each arrow of the river below the passes is one call here.
 */
import { createHash } from "node:crypto";
import type { Range } from "../base/dim-bounds.js";
import { DiagnosticError, type Diagnostic } from "../base/diagnostic.js";
import { isHalf, type DType } from "../base/dtype.js";
import type { Steps } from "../base/steps.js";
import { tensorType } from "../base/value-type.js";
import { isCall } from "../ir/call.js";
import { decompose } from "../ir/rewrite/decompose.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { sinkTranspose } from "../../passes/sink-transpose.js";
import { unitSteps, type Unit } from "../kernel/group/group.js";
import type { Catalogue } from "../ops/op.js";
import type { Alternate, AlternateOptions } from "./alternates.js";
import { kernelAlternate } from "./alternates-kernel.js";
import { libraryAlternate } from "./alternates-library.js";
import { absorbTransposes } from "./absorb-transpose.js";
import { claim, isClaimable, matrixOps, roundsToHalves, type Claims } from "../claim/claim.js";
import { halve, type Halved } from "./half.js";
import { halveProducts, productsInHalves } from "./half-products.js";
import { legalise } from "./legalise.js";
import { constantsOutOfRange } from "./magnitude.js";
import { narrowIntegers } from "./narrow.js";
import { bodyNumber, closeBodies, isControl } from "./control.js";
import { planSteps, type Plan, type UnitTree } from "./plan.js";
import { unsupportedBranch } from "./unsupported.js";
import { refuseTypes, refuseUnknown } from "./refuse.js";
import type { Chip, Target } from "../claim/target.js";
import { expandTransposed } from "./transposed-convolution.js";
import { isSingle, scaleProducts } from "./scaled-products.js";
import { wideValues } from "./wide-range.js";

interface LowerOptions {
  readonly name: string;
  readonly prefix: string;
  readonly catalogue: Catalogue;
  readonly target: Target;
  readonly chip: Chip;
  readonly sdk: string;
  readonly precision: "fp32" | "fp16";
  readonly allowHf32?: boolean;
  readonly states?: ReadonlyMap<string, string>;
  /** Who carries out a step that both can do; absent, the rows' own roles say. */
  readonly prefer?: "library" | "kernels";
  /** The passes of the primitive level, handed in because passes live above this floor's neighbours. */
  readonly simplify: (graph: Graph) => Steps<Graph>;
}

export interface Lowered {
  readonly plan: Plan;
  readonly declined: Claims["declined"];
  /** What the user should know of a program that is right. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What model.h declares: an output called "run" must not make a kernel of the same name. */
function interfaceNames(prefix: string): string[] {
  const functions = "load unload create destroy set_dims output_shape device_bytes weight_bytes run error tables";
  return `${functions} model context session`.split(" ").map((name) => `${prefix}_${name}`);
}

/** A graph as its steps will carry it out: primitives, library nodes, and the units they are cut into. */
export interface Units {
  /** Inputs and outputs have the element types in which they are stored. */
  readonly ready: Graph;
  readonly units: readonly Unit[];
  /** After claiming, before operators were taken apart. */
  readonly operators: Graph;
  readonly declined: Claims["declined"];
  readonly diagnostics: readonly Diagnostic[];
}

/** Lowers a graph, with a pause wherever it may be stopped. */
export function* lowerSteps(graph: Graph, options: LowerOptions): Steps<Lowered> {
  const { tree, declined, diagnostics } = yield* treeOf(graph, options);
  const boundary = new Map<string, DType>();
  for (const v of [...graph.inputs, ...graph.outputs]) {
    const type = rankedType(v);
    if (type) boundary.set(v.name, type.dtype);
  }
  const plan = yield* planSteps(tree, { ...options, boundary });
  return { plan, declined, diagnostics };
}

interface Tree extends Pick<Lowered, "declined" | "diagnostics"> {
  readonly tree: UnitTree;
}

/** A graph and the bodies of its Ifs and Loops, each lowered by itself. */
function* treeOf(graph: Graph, options: LowerOptions): Steps<Tree> {
  const { graph: closed, bodies: own } = closeBodies(graph, options.catalogue);
  const { ready, units, operators, declined, diagnostics } = yield* unitsOf(closed, options);
  const views = new Map<Value, Value[]>();
  for (const u of units) if (u.kind === "alias") views.set(u.of, [...(views.get(u.of) ?? []), u.value]);
  const alternates = yield* alternatesOf(units, ready, operators, {
    ...options,
    ranges: rangesOf(ready),
    views,
    kernelPrefix: (n) => `${options.prefix}_alt_${shortHash(n)}_`,
  });
  const bodies: Tree[] = [];
  for (const [i, body] of own.entries()) bodies.push(yield* bodyOf(i, body, closed, options));
  return {
    tree: { ready, units, alternates, bodies: bodies.map((b) => b.tree) },
    declined: [...declined, ...bodies.flatMap((b) => b.declined)],
    diagnostics: [...diagnostics, ...bodies.flatMap((b) => b.diagnostics)],
  };
}

/** A body by its number; of an If it is said first that the condition is open. */
function* bodyOf(i: number, body: Graph, around: Graph, options: LowerOptions): Steps<Tree> {
  try {
    return yield* treeOf(body, { ...options, prefix: `${options.prefix}_body${i}` });
  } catch (error) {
    const branches = around.nodes.find(
      (n) => n.op === "If" && isControl(n) && [bodyNumber(n, "then"), bodyNumber(n, "otherwise")].includes(i),
    );
    if (!branches || !(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError([unsupportedBranch(branches, around), ...error.diagnostics]);
  }
}

/** The part of `lowerSteps` that decides who computes what and how; no text is printed yet. */
export function* unitsOf(graph: Graph, options: LowerOptions): Steps<Units> {
  const { catalogue, target, chip } = options;
  refuseUnknown(graph, catalogue);
  const diagnostics = options.precision === "fp16" ? constantsOutOfRange(graph) : [];
  yield;
  // Asked of the types as they are: the halves come after.
  const asked = { ...options, precision: "fp32" } as const;
  const {
    operators: called,
    claims,
    mixed,
    storedAs,
    wide,
  } = yield* halved(
    absorbTransposes(graph, (n) => isClaimable(n, graph, asked)),
    options,
  );
  const sunk = (g: Graph, c: Claims): Graph => sinkTranspose.run(legalise(g, c, target, chip), { catalogue });
  const operators = sunk(called, claims);
  const mixedClaims = mixed === called ? claims : claim(mixed, options);
  yield;
  const decomposed = decompose(mixed === called ? operators : sunk(mixed, mixedClaims), catalogue, isKept);
  yield;
  const inHalves = (g: Graph): Graph =>
    options.precision === "fp16" ? halveProducts(g, { wide, isClaimable: (n) => isClaimable(n, g, options) }) : g;
  const primitives = inHalves(yield* options.simplify(decomposed));
  const plain = inRange(inHalves(yield* withoutTransposed(primitives, options)), options);
  const second = claim(plain, options);
  yield;
  const claimed = yield* options.simplify(legalise(plain, second, target, chip));
  const ready = ownOutputs(narrowIntegers(claimed));
  refuseTypes(ready, target);
  const units = yield* unitSteps(ready, {
    caps: chip.caps,
    isLibrary: isKept,
    ranges: rangesOf(ready),
    prefix: `${options.prefix}_`,
    reserved: interfaceNames(options.prefix),
    storedAs,
  });
  const products = [...mixedClaims.byNode.keys(), ...second.byNode.keys()].filter((n) => roundsToHalves(n, chip));
  const declined = [...mixedClaims.declined, ...second.declined];
  return { ready, units, operators, declined, diagnostics: [...diagnostics, ...productsInHalves(products, chip)] };
}

/** Nodes that are units of their own. */
function isKept(node: Node): boolean {
  return isCall(node) || isControl(node);
}

function rangesOf(graph: Graph): (symbol: string) => Range | undefined {
  const known = new Map(graph.symbols.map((s) => [s.name, s.range] as const));
  return (s) => known.get(s);
}

interface Storage {
  /** The graph as the library would take it, everything in halves, and what it takes. */
  readonly operators: Graph;
  readonly claims: Claims;
  /** Halves for the library, f32 for kernels. */
  readonly mixed: Graph;
  readonly storedAs: Halved["storedAs"];
  readonly wide: ReadonlySet<Value>;
}

/** Which values are halves where; a model in f32 that is stored so stays what it is. */
function* halved(graph: Graph, options: LowerOptions): Steps<Storage> {
  const { catalogue, precision } = options;
  const isPlain = precision === "fp32" && !graph.nodes.some((n) => [...n.inputs, ...n.outputs].some(isHalfValue));
  const wide: ReadonlySet<Value> = precision === "fp16" ? wideValues(graph) : new Set();
  if (isPlain) return { operators: graph, mixed: graph, claims: claim(graph, options), storedAs: () => undefined, wide };
  yield;
  const forms = { catalogue, precision, wide, halves: new Map<Value, Value>() };
  const all = halve(graph, { ...forms, takesHalves: () => true });
  yield;
  const claims = claim(all.graph, options);
  yield;
  const isClaimed = (node: Node): boolean => {
    const stands = all.nodes.get(node);
    return stands !== undefined && claims.byNode.has(stands);
  };
  const mixed = halve(graph, { ...forms, takesHalves: isClaimed });
  yield;
  return { operators: all.graph, mixed: mixed.graph, claims, storedAs: mixed.storedAs, wide };
}

/** On a chip that multiplies halves only, float32 products have their operands scaled into f16's range. */
function inRange(graph: Graph, options: LowerOptions): Graph {
  const { catalogue, chip } = options;
  if (chip.contractTypes.includes("f32")) return graph;
  return scaleProducts(graph, catalogue, (n) => matrixOps.has(n.op) && isSingle(n) && isClaimable(n, graph, options));
}

function isHalfValue(v: Value | undefined): boolean {
  const dtype = v && rankedType(v)?.dtype;
  return dtype !== undefined && isHalf(dtype);
}

/** Transposed convolutions that no row takes become plain ones, which a row may take. */
function* withoutTransposed(graph: Graph, options: LowerOptions): Steps<Graph> {
  if (!graph.nodes.some((n) => n.op === "convtranspose")) return graph;
  const taken = [...claim(graph, options).byNode.keys()].flatMap((n) => n.outputs.filter((v) => v !== undefined));
  const plain = expandTransposed(graph, options.catalogue, new Set(taken));
  return plain === graph ? graph : yield* options.simplify(plain);
}

/** The other way of every unit that is a step, or why it has none. */
function* alternatesOf(
  units: readonly Unit[],
  ready: Graph,
  operators: Graph,
  options: AlternateOptions,
): Steps<Map<Unit, Alternate | string>> {
  const out = new Map<Unit, Alternate | string>();
  for (const unit of units) {
    yield;
    if (unit.kind === "kernels") out.set(unit, libraryAlternate(unit, operators, options));
    if (unit.kind === "node" && isCall(unit.node)) out.set(unit, kernelAlternate(unit.node, ready, options));
  }
  return out;
}

/** Tells the kernels of one step's other way from all others. */
function shortHash(node: Node): string {
  return createHash("sha256")
    .update(JSON.stringify(node.outputs.map((v) => v?.name)))
    .digest("hex")
    .slice(0, 6);
}

/**
 * An output that is an input, a constant or listed twice gets bytes of its own. An Identity is left only where an
 * output has to stay apart from what it equals: it is a copy.
 */
function ownOutputs(graph: Graph): Graph {
  const taken = new Set<Value>([...graph.inputs, ...graph.constants.keys()]);
  const nodes = graph.nodes.map((n): Node => {
    const shape = n.op === "Identity" ? rankedType(n.outputs[0])?.shape : undefined;
    return shape ? { ...n, op: "reshape", attrs: nodeAttrs("reshape", { shape }) } : n;
  });
  const outputs = graph.outputs.map((v): Value => {
    if (!taken.has(v)) {
      taken.add(v);
      return v;
    }
    const type = rankedType(v);
    // The same name: callers ask for an output by what the model calls it, and buffers are told apart by their ids.
    const copy: Value = { name: v.name, type: type ? tensorType(type.dtype, type.shape) : v.type };
    nodes.push({
      op: "reshape",
      inputs: [v],
      outputs: [copy],
      attrs: nodeAttrs("reshape", { shape: type?.shape ?? [] }),
      origin: [v.name],
    });
    taken.add(copy);
    return copy;
  });
  return { ...graph, nodes, outputs };
}

/** What the user fixes about a model's inputs: whole shapes, named dims, values. */
import { fail, problem, DiagnosticError, type Diagnostic } from "../../base/diagnostic.js";
import { dimKey, isConst, type Dim } from "../../base/dim.js";
import { dtypeFromOnnx } from "../../base/dtype.js";
import { closest } from "../../base/suggest.js";
import type { Tensor } from "../../base/tensor.js";
import type { DeclaredTypes } from "./declared-types.js";
import type { OnnxDim, OnnxModel, OnnxValueInfo } from "../bytes/schema.js";

interface Fixes {
  readonly freeze?: ReadonlyMap<string, Tensor>;
  readonly shapes?: ReadonlyMap<string, readonly Dim[]>;
  readonly dims?: ReadonlyMap<string, number>;
  /** Shapes of the arrays that the model will be run on, one map a run. They fix nothing; they show which names to trust. */
  readonly fed?: readonly ReadonlyMap<string, readonly number[]>[];
}

/** An extent that somebody gives for a place with a name. */
interface Asked {
  readonly extent: Dim;
  readonly where: string;
}

/** The inputs a caller feeds: those without an initializer. */
function fedInputs(model: OnnxModel): OnnxValueInfo[] {
  const given = new Set(model.graph.initializers.map((t) => t.name));
  return model.graph.inputs.filter((v) => !given.has(v.name));
}

/**
 * Records every fix of a dim in `types`. What is given for an input goes before the names its extents have: a name that
 * stands for sizes which are not equal is not trusted any more, and that is a warning. Throws `shape-unknown-input`,
 * `shape-rank`, `shape-conflict` (of an extent the model fixes) or `dim-unknown`.
 */
export function applyShapes(model: OnnxModel, types: DeclaredTypes, fixes: Fixes): Diagnostic[] {
  const inputs = fedInputs(model);
  const errors: Diagnostic[] = [];
  const asked = new Map<string, Asked[]>();
  for (const [name, shape] of [...(fixes.shapes ?? []), ...[...(fixes.freeze ?? [])].map(([n, t]) => [n, t.shape] as const)]) {
    const input = inputs.find((v) => v.name === name);
    if (input) applyShape(input, shape, types, asked);
    else if (fixes.shapes?.has(name)) errors.push(unknownInput("shape-unknown-input", name, inputs));
  }
  const named = types.names();
  for (const [name, extent] of fixes.dims ?? []) {
    if (named.includes(name)) types.fix(name, extent);
    else errors.push(unknownDim(name, named));
  }
  if (errors.length > 0) throw new DiagnosticError(errors);
  return settleNames(asked, inputs, types, fixes);
}

/** Fixes each name to what is given for its places, or gives it up where that differs. */
function settleNames(
  asked: ReadonlyMap<string, readonly Asked[]>,
  inputs: readonly OnnxValueInfo[],
  types: DeclaredTypes,
  fixes: Fixes,
): Diagnostic[] {
  const contradicted = new Map<string, readonly Asked[]>();
  for (const [name, list] of asked) {
    const dim = fixes.dims?.get(name);
    const all = dim === undefined ? list : [{ extent: dim, where: `--dim ${name}` }, ...list];
    if (areEqual(all)) types.fix(name, list[0].extent);
    else contradicted.set(name, all);
  }
  for (const run of fixes.fed ?? [])
    for (const [name, list] of fedExtents(inputs, run)) if (!areEqual(list) && !contradicted.has(name)) contradicted.set(name, list);
  for (const name of contradicted.keys()) if (!fixes.dims?.has(name)) types.distrust(name);
  return [...contradicted].map(([name, list]) => nameContradicted(name, list));
}

function areEqual(list: readonly Asked[]): boolean {
  return list.every(({ extent }) => dimKey(extent) === dimKey(list[0].extent));
}

/** By name, the extents that the arrays of one run have where it stands. */
function fedExtents(inputs: readonly OnnxValueInfo[], run: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, readonly Asked[]> {
  const met = new Map<string, Asked[]>();
  for (const input of inputs) collect(input, run.get(input.name) ?? [], met);
  return met;
}

function collect({ name: input, type }: OnnxValueInfo, shape: readonly Dim[], into: Map<string, Asked[]>): void {
  if (!type || !("shape" in type)) return;
  type.shape?.forEach((dim, axis) => {
    if (typeof dim !== "string" || axis >= shape.length) return;
    into.set(dim, [...(into.get(dim) ?? []), { extent: shape[axis], where: `axis ${axis} of ${JSON.stringify(input)}` }]);
  });
}

function nameContradicted(name: string, asked: readonly Asked[]): Diagnostic {
  const other = asked.find(({ extent }) => dimKey(extent) !== dimKey(asked[0].extent)) ?? asked[0];
  const said = [asked[0], other].map(({ extent, where }) => `${dimKey(extent)} (${where})`).join(" and ");
  return problem("dim-name-contradicted", `dimension ${JSON.stringify(name)} is given as ${said}: the name is not trusted`, {
    severity: "warning",
    why: "Exporters give one name to extents that are not equal; the sizes given go before it, and each place has an extent of its own.",
    fix: "Give inputs that share a named dimension the same extent there, if they were meant to.",
  });
}

/** `dim-unknown`, with the names there are. */
export function unknownDim(name: string, named: readonly string[]): Diagnostic {
  return problem("dim-unknown", `no input has a dimension named ${JSON.stringify(name)}${closest(name, named)}`, {
    fix: listing("Named dimensions", named),
  });
}

function applyShape(input: OnnxValueInfo, shape: readonly Dim[], types: DeclaredTypes, asked: Map<string, Asked[]>): void {
  const { name, type } = input;
  if (!type || "of" in type || type.kind === "opaque")
    fail("shape-rank", `input ${JSON.stringify(name)} is no tensor, so it has no shape to fix`, { location: { tensor: name } });
  const declared = type.shape;
  if (declared && declared.length !== shape.length)
    fail(
      "shape-rank",
      `input ${JSON.stringify(name)} has ${declared.length} dimensions ${spell(declared)}; ${shape.length} were given: [${shape.map(dimKey).join(",")}]`,
      {
        location: { tensor: name },
        fix: `Give ${declared.length} extents, as in --shape ${name}:${declared.map((d, i) => (typeof d === "number" ? d : isConst(shape[i] ?? "") ? shape[i] : 1)).join(",")}.`,
      },
    );
  types.override(name, shape);
  collect(input, shape, asked);
  declared?.forEach((dim, axis) => {
    const extent = shape[axis];
    if (typeof dim === "number" && isConst(extent) && extent !== dim) conflict(name, axis, dim, extent);
  });
}

function conflict(name: string, axis: number, declared: number, asked: number): never {
  fail("shape-conflict", `input ${JSON.stringify(name)} has extent ${declared} on axis ${axis}; ${asked} was given`, {
    location: { tensor: name },
    why: "A fixed extent was compiled into the model by its exporter; other nodes may rely on it.",
    fix: "Export the model with a dynamic axis there, or give its own extent.",
  });
}

function spell(shape: readonly OnnxDim[]): string {
  return `[${shape.map((d) => d ?? "?").join(",")}]`;
}

function unknownInput(code: string, name: string, inputs: readonly OnnxValueInfo[]): Diagnostic {
  const names = inputs.map((v) => v.name);
  return problem(code, `the model has no input named ${JSON.stringify(name)}${closest(name, names)}`, {
    fix: listing("Its inputs", names),
  });
}

function listing(what: string, names: readonly string[]): string {
  return names.length === 0
    ? `${what}: none.`
    : `${what}: ${names
        .slice(0, 20)
        .map((n) => JSON.stringify(n))
        .join(", ")}${names.length > 20 ? ", ..." : ""}.`;
}

/** The values of frozen inputs, checked; `applyShapes` has fixed the dims they settle. Throws `freeze-unknown-input` or `freeze-type`. */
export function frozenInputs(model: OnnxModel, fixes: Fixes): ReadonlyMap<string, Tensor> {
  const inputs = fedInputs(model);
  for (const [name, value] of fixes.freeze ?? []) {
    const input = inputs.find((v) => v.name === name);
    if (!input) throw new DiagnosticError(unknownInput("freeze-unknown-input", name, inputs));
    const dtype = input.type && "elementType" in input.type ? dtypeFromOnnx(input.type.elementType) : undefined;
    if (dtype !== undefined && dtype !== value.dtype)
      fail("freeze-type", `input ${JSON.stringify(name)} is ${dtype}; the value given is ${value.dtype}`, { location: { tensor: name } });
  }
  return fixes.freeze ?? new Map<string, Tensor>();
}

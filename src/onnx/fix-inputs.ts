/** What the user fixes about a model's inputs: whole shapes, named dims, values. */
import { fail, problem, DiagnosticError, type Diagnostic } from "../base/diagnostic.js";
import { dimKey, isConst, type Dim } from "../base/dim.js";
import { dtypeFromOnnx } from "../base/dtype.js";
import { closest } from "../base/suggest.js";
import type { Tensor } from "../base/tensor.js";
import type { DeclaredTypes } from "./declared-types.js";
import type { OnnxDim, OnnxModel, OnnxValueInfo } from "./schema.js";

interface Fixes {
  readonly freeze?: ReadonlyMap<string, Tensor>;
  readonly shapes?: ReadonlyMap<string, readonly Dim[]>;
  readonly dims?: ReadonlyMap<string, number>;
}

/** The inputs a caller feeds: those without an initializer. */
function fedInputs(model: OnnxModel): OnnxValueInfo[] {
  const given = new Set(model.graph.initializers.map((t) => t.name));
  return model.graph.inputs.filter((v) => !given.has(v.name));
}

/** Records every fix of a dim in `types`. Throws `shape-unknown-input`, `shape-rank`, `shape-conflict` or `dim-unknown`. */
export function applyShapes(model: OnnxModel, types: DeclaredTypes, fixes: Fixes): void {
  const inputs = fedInputs(model);
  const errors: Diagnostic[] = [];
  for (const [name, shape] of fixes.shapes ?? []) {
    const input = inputs.find((v) => v.name === name);
    if (!input) errors.push(unknownInput("shape-unknown-input", name, inputs));
    else applyShape(input, shape, types);
  }
  const named = types.names();
  for (const [name, extent] of fixes.dims ?? []) {
    if (named.includes(name)) types.fix(name, extent, `--dim ${name}`);
    else errors.push(unknownDim(name, named));
  }
  if (errors.length > 0) throw new DiagnosticError(errors);
}

/** `dim-unknown`, with the names there are. */
export function unknownDim(name: string, named: readonly string[]): Diagnostic {
  return problem("dim-unknown", `no input has a dimension named ${JSON.stringify(name)}${closest(name, named)}`, {
    fix: listing("Named dimensions", named),
  });
}

function applyShape(input: OnnxValueInfo, shape: readonly Dim[], types: DeclaredTypes): void {
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
  declared?.forEach((dim, axis) => {
    const asked = shape[axis];
    if (typeof dim === "string") types.fix(dim, asked, `input ${JSON.stringify(name)} axis ${axis}`);
    else if (typeof dim === "number" && isConst(asked) && asked !== dim) conflict(name, axis, dim, asked);
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

/** The values of frozen inputs, checked. Fixes the dims they settle. Throws `freeze-unknown-input`, `freeze-type` or `shape-*`. */
export function frozenInputs(model: OnnxModel, types: DeclaredTypes, fixes: Fixes): ReadonlyMap<string, Tensor> {
  const inputs = fedInputs(model);
  for (const [name, value] of fixes.freeze ?? []) {
    const input = inputs.find((v) => v.name === name);
    if (!input) throw new DiagnosticError(unknownInput("freeze-unknown-input", name, inputs));
    const dtype = input.type && "elementType" in input.type ? dtypeFromOnnx(input.type.elementType) : undefined;
    if (dtype !== undefined && dtype !== value.dtype)
      fail("freeze-type", `input ${JSON.stringify(name)} is ${dtype}; the value given is ${value.dtype}`, { location: { tensor: name } });
    applyShape(input, value.shape, types);
  }
  return fixes.freeze ?? new Map<string, Tensor>();
}

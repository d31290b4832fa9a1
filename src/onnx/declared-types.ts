/**
 * Declared ONNX types to ValueTypes. Named dims become symbols of that name; a dim with neither value nor name becomes
 * a symbol of its own, called after the value and axis; what the user fixed with --shape or --dim is put in their place.
 */
import { fail } from "../base/diagnostic.js";
import { dimKey, substitute, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { dtypeFromOnnx } from "../base/dtype.js";
import type { ValueType } from "../base/value-type.js";
import { dimNamesIn, FreshDimNames, parsedDim } from "./dim-names.js";
import { knownDType } from "./elements.js";
import type { OnnxDim, OnnxGraph, OnnxType, OnnxValueInfo } from "./schema.js";

export class DeclaredTypes {
  /** Names that inputs give their dims. Any other text may be an expression over these. */
  readonly #inputNames = new Set<string>();
  readonly #fresh: FreshDimNames;
  readonly #fixed = new Map<string, Dim>();
  readonly #overrides = new Map<string, readonly Dim[]>();

  /** `fresh` is handed in where the caller has named extents of this model already. */
  constructor(graph: OnnxGraph, fresh = new FreshDimNames(graph)) {
    this.#fresh = fresh;
    for (const { type } of graph.inputs) dimNamesIn(type).forEach((name) => this.#inputNames.add(name));
  }

  /** Dim names that the graph's inputs declare. */
  names(): string[] {
    return [...this.#inputNames];
  }

  /** Puts `by` wherever the symbol stands from here on. Throws `shape-conflict` when it is fixed to something else. */
  fix(name: string, by: Dim, why: string): void {
    const had = this.#fixed.get(name);
    if (had !== undefined && dimKey(had) !== dimKey(by))
      fail("shape-conflict", `dimension ${JSON.stringify(name)} would be ${dimKey(had)} and ${dimKey(by)} at once (${why})`, {
        fix: "Give inputs that share a named dimension the same extent there.",
      });
    this.#fixed.set(name, by);
  }

  /** Takes this shape for an input whatever it declares. */
  override(input: string, shape: readonly Dim[]): void {
    this.#overrides.set(input, shape);
    shape.flatMap(symbolsOf).forEach((name) => this.#inputNames.add(name));
  }

  /** An input of the outermost graph. */
  readInput(info: OnnxValueInfo): ValueType {
    const shape = this.#overrides.get(info.name);
    const type = this.read(info.type && shape && "shape" in info.type ? { ...info.type, shape: undefined } : info.type, info.name);
    if (!shape || type.kind !== "tensor") return type;
    return { ...type, shape: shape.map((d) => substitute(d, (name) => this.#fixed.get(name))) };
  }

  /** `owner` names fresh symbols. Throws `tensor-type`. */
  read(type: OnnxType | undefined, owner: string): ValueType {
    if (!type || type.kind === "opaque") return { kind: "unknown" };
    if (type.kind === "map")
      return { kind: "map", key: knownDType(dtypeFromOnnx(type.key), type.key, owner), of: this.#inner(type.of, owner) };
    if ("of" in type) return { kind: type.kind, of: this.#inner(type.of, owner) };
    if (type.elementType === 0) return { kind: "unknown" };
    const dtype = knownDType(dtypeFromOnnx(type.elementType), type.elementType, owner);
    return { kind: type.kind, dtype, shape: type.shape?.map((d, axis) => this.#dim(d, owner, axis)) };
  }

  #inner(type: OnnxType | undefined, owner: string): ValueType | undefined {
    return type && this.read(type, owner);
  }

  #dim(dim: OnnxDim, owner: string, axis: number): Dim {
    if (typeof dim === "number") return dim;
    const d = dim === undefined ? this.#unnamed(owner, axis) : this.named(dim);
    return substitute(d, (name) => this.#fixed.get(name));
  }

  /** The dim a dim_param stands for: a symbol, or an expression over the inputs' symbols as exporters write `2*s0`. */
  named(text: string): Dim {
    if (this.#inputNames.has(text)) return symbol(text);
    const parsed = parsedDim(text);
    return parsed !== undefined && symbolsOf(parsed).every((s) => this.#inputNames.has(s)) ? parsed : symbol(text);
  }

  #unnamed(owner: string, axis: number): Dim {
    const name = this.#fresh.next(owner, axis);
    this.#inputNames.add(name);
    return symbol(name);
  }
}

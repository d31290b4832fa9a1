/**
 * Declared ONNX types to ValueTypes. Named dims become symbols of that name; a dim with neither value nor name becomes
 * a symbol of its own, called after the value and axis; what the user fixed with --shape or --dim is put in their place.
 */
import { substitute, symbol, symbolsOf, type Dim } from "../../base/dim.js";
import { dtypeFromOnnx } from "../../base/dtype.js";
import type { ValueType } from "../../base/value-type.js";
import { dimNamesIn, FreshDimNames, parsedDim } from "./dim-names.js";
import { knownDType } from "../bytes/elements.js";
import type { OnnxDim, OnnxGraph, OnnxType, OnnxValueInfo } from "../bytes/schema.js";

export class DeclaredTypes {
  /** Names that inputs give their dims. Any other text may be an expression over these. */
  readonly #inputNames = new Set<string>();
  readonly #fresh: FreshDimNames;
  readonly #fixed = new Map<string, Dim>();
  readonly #distrusted = new Set<string>();
  readonly #overrides = new Map<string, readonly Dim[]>();

  /** `fresh` is handed in where the caller has named extents of this model already. */
  constructor(graph: OnnxGraph, fresh = new FreshDimNames(graph)) {
    this.#fresh = fresh;
    for (const { name, type } of graph.inputs) {
      dimNamesIn(type).forEach((text) => this.#inputNames.add(text));
      if (type && "shape" in type) type.shape?.forEach((d, axis) => d === undefined && this.#inputNames.add(fresh.ofInput(name, axis)));
    }
  }

  /** Dim names that the graph's inputs declare. */
  names(): string[] {
    return [...this.#inputNames];
  }

  /** Takes each place that has this name as an extent of its own: it stands for sizes that are not equal. */
  distrust(name: string): void {
    this.#distrusted.add(name);
    this.#inputNames.delete(name);
  }

  /** Puts `by` wherever the symbol stands from here on. */
  fix(name: string, by: Dim): void {
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
    const type = this.read(info.type && shape && "shape" in info.type ? { ...info.type, shape: undefined } : info.type, info.name, true);
    if (!shape || type.kind !== "tensor") return type;
    return { ...type, shape: shape.map((d) => substitute(d, (name) => this.#fixed.get(name))) };
  }

  /** `owner` names fresh symbols. Throws `tensor-type`. */
  read(type: OnnxType | undefined, owner: string, isInput = false): ValueType {
    if (!type || type.kind === "opaque") return { kind: "unknown" };
    if (type.kind === "map")
      return { kind: "map", key: knownDType(dtypeFromOnnx(type.key), type.key, owner), of: this.#inner(type.of, owner) };
    if ("of" in type) return { kind: type.kind, of: this.#inner(type.of, owner) };
    if (type.elementType === 0) return { kind: "unknown" };
    const dtype = knownDType(dtypeFromOnnx(type.elementType), type.elementType, owner);
    return { kind: type.kind, dtype, shape: type.shape?.map((d, axis) => this.#dim(d, owner, axis, isInput)) };
  }

  #inner(type: OnnxType | undefined, owner: string): ValueType | undefined {
    return type && this.read(type, owner);
  }

  #dim(dim: OnnxDim, owner: string, axis: number, isInput: boolean): Dim {
    if (typeof dim === "number") return dim;
    const d = dim === undefined || this.#distrusted.has(dim) ? this.#unnamed(owner, axis, isInput) : this.named(dim);
    return substitute(d, (name) => this.#fixed.get(name));
  }

  /** The dim a dim_param stands for: a symbol, or an expression over the inputs' symbols as exporters write `2*s0`. */
  named(text: string): Dim {
    if (this.#inputNames.has(text)) return symbol(text);
    const parsed = parsedDim(text);
    return parsed !== undefined && symbolsOf(parsed).every((s) => this.#inputNames.has(s)) ? parsed : symbol(text);
  }

  #unnamed(owner: string, axis: number, isInput: boolean): Dim {
    const name = isInput ? this.#fresh.ofInput(owner, axis) : this.#fresh.next(owner, axis);
    this.#inputNames.add(name);
    return symbol(name);
  }
}

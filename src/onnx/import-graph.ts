/** Builds one Graph from one OnnxGraph, its subgraphs and the functions it calls. */
import type { OpenBeside } from "../base/byte-source.js";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { tensorType, type ValueType } from "../base/value-type.js";
import { constData } from "../ir/build.js";
import type { ConstData, Graph, Value } from "../ir/graph.js";
import { Names } from "../ir/names.js";
import type { Catalogue } from "../ops/op.js";
import { importAttributes, resolveReferences, type Bindings } from "./attributes.js";
import { constantOf, denseConstantOf } from "./constant.js";
import { constantNodeValue } from "./constant-node.js";
import type { DeclaredTypes } from "./declared-types.js";
import { ExternalFiles } from "./external.js";
import { CallStack, Functions } from "./functions.js";
import { captures, inOrder, nodeLabel } from "./order.js";
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxValueInfo } from "./schema.js";
import { Scope } from "./scope.js";
import { Upgrader, type Body } from "./upgrade/upgrade.js";

/** More problems than this help nobody. */
const maxProblems = 20;

/** What surrounds the nodes being imported. */
export interface Context {
  readonly opsets: ReadonlyMap<string, number>;
  /** Names of enclosing graphs; functions see none. */
  readonly outer?: Scope;
  /** Attributes of the function call being inlined. */
  readonly bindings?: Bindings;
  readonly calls?: CallStack;
}

export class GraphImporter {
  readonly diagnostics: Diagnostic[] = [];
  readonly #model: OnnxModel;
  readonly #types: DeclaredTypes;
  readonly #functions: Functions;
  readonly #files: ExternalFiles;
  readonly #names = new Names();
  readonly #constants = new Map<Value, ConstData>();
  readonly #read = new Set<Value>();
  readonly #upgrader: Upgrader;

  constructor(model: OnnxModel, types: DeclaredTypes, catalogue: Catalogue, openBeside: OpenBeside) {
    this.#model = model;
    this.#types = types;
    this.#functions = new Functions(model.functions, catalogue);
    this.#files = new ExternalFiles(openBeside);
    this.#upgrader = new Upgrader({
      freshValue: (like, type) => ({ name: this.#names.fresh(like), type }),
      isRead: (v) => this.#read.has(v),
      constant: (v) => this.#constants.get(v),
    });
  }

  /** `frozen` gives inputs a value. Problems are collected in `diagnostics` as far as the rest can still be read. */
  importGraph(g: OnnxGraph, context: Context, frozen: ReadonlyMap<string, Tensor> = new Map()): Graph {
    const scope = new Scope(context.outer);
    const body: Body = { nodes: [], constants: new Map() };
    const declared = new Map([...g.valueInfo, ...g.outputs, ...g.inputs].map((v) => [v.name, v]));
    this.#attempt(() => this.#weights(g, scope, body, declared));
    for (const [name, value] of frozen) this.#defineConstant(name, constData(value), scope, body);
    const inputs = this.#inputs(g, scope, context);
    const nodes = inOrder(g.nodes);
    this.#defineResults(nodes, scope, body, declared, context);
    const outputs = this.#results(g, nodes, scope);
    for (const node of nodes) this.#attempt(() => this.#node(node, scope, body, context), nodeLabel(node));
    this.diagnostics.push(...this.#files.notes.splice(0));
    return { name: g.name, inputs, outputs, nodes: body.nodes, constants: body.constants, guards: [], symbols: [], metadata: {} };
  }

  #weights(g: OnnxGraph, scope: Scope, body: Body, declared: ReadonlyMap<string, OnnxValueInfo>): void {
    const fed = new Set(g.inputs.map((v) => v.name));
    const defaults: string[] = [];
    const add = (name: string, read: () => ConstData) => {
      const data = this.#attempt(read);
      // A weight that cannot be read has its name all the same, so that its readers are not reported as well.
      if (!data) return scope.has(name) || this.#define(name, { kind: "unknown" }, scope);
      if (fed.has(name)) {
        this.#checkDeclared(name, data, declared.get(name));
        if (this.#model.irVersion >= 4) defaults.push(name);
      }
      return this.#defineConstant(name, data, scope, body);
    };
    for (const t of g.initializers) add(t.name, () => constantOf(t, this.#files));
    for (const t of g.sparseInitializers) add(t.values.name, () => denseConstantOf(t, this.#files));
    if (defaults.length > 0)
      this.#note(
        "input-default",
        `${defaults.length} input(s) with a default value are taken as constants: ${defaults
          .slice(0, 5)
          .map((n) => JSON.stringify(n))
          .join(", ")}`,
      );
  }

  #checkDeclared(name: string, data: ConstData, info: OnnxValueInfo | undefined): void {
    const type = this.#types.read(info?.type, name);
    if (type.kind !== "tensor") return;
    const extents = type.shape?.every((d, i) => typeof d !== "number" || d === data.shape[i]) ?? true;
    if (type.dtype === data.dtype && (type.shape?.length ?? data.shape.length) === data.shape.length && extents) return;
    this.#error(
      "type-mismatch",
      `initializer ${JSON.stringify(name)} is ${data.dtype}[${data.shape.join(",")}]; the input of that name is declared ${type.dtype}[${type.shape?.join(",") ?? "*"}]`,
      name,
    );
  }

  #inputs(g: OnnxGraph, scope: Scope, context: Context): Value[] {
    const outermost = context.outer === undefined;
    const inputs: Value[] = [];
    for (const info of g.inputs) {
      if (scope.has(info.name)) {
        const had = inputs.find((v) => scope.own(info.name) === v);
        if (had) this.#error("value-duplicate", `two inputs are named ${JSON.stringify(info.name)}`, info.name);
        continue;
      }
      const v = this.#attempt(() =>
        this.#define(info.name, outermost ? this.#types.readInput(info) : this.#types.read(info.type, info.name), scope),
      );
      if (v) inputs.push(v);
    }
    return inputs;
  }

  #results(g: OnnxGraph, nodes: readonly OnnxNode[], scope: Scope): Value[] {
    const reader = `graph ${JSON.stringify(g.name)} names it as an output`;
    const outputs = g.outputs.map((info) => this.#find(info.name, scope, reader)).filter((v) => v !== undefined);
    const read = new Set(nodes.flatMap((n) => [...n.inputs, ...captures(n)]));
    for (const name of read) {
      const v = scope.lookup(name);
      if (v) this.#read.add(v);
    }
    for (const v of outputs) this.#read.add(v);
    return outputs;
  }

  /** Gives every node output its value first, so that subgraphs and later nodes find it under its own name. */
  #defineResults(
    nodes: readonly OnnxNode[],
    scope: Scope,
    body: Body,
    declared: ReadonlyMap<string, OnnxValueInfo>,
    context: Context,
  ): void {
    for (const node of nodes) {
      const constant = this.#attempt(() => constantNodeValue(node, context.bindings, this.#files), nodeLabel(node));
      for (const name of node.outputs) {
        if (name === "") continue;
        if (scope.has(name))
          this.#error(
            "value-duplicate",
            `${JSON.stringify(name)} is defined twice; the second time by ${node.op} ${JSON.stringify(nodeLabel(node))}`,
            name,
          );
        else if (constant) this.#defineConstant(name, constant, scope, body);
        else this.#attempt(() => this.#define(name, this.#types.read(declared.get(name)?.type, name), scope), nodeLabel(node));
      }
    }
  }

  #node(node: OnnxNode, scope: Scope, body: Body, context: Context): void {
    if (node.domain === "" && node.op === "Constant") return;
    const label = nodeLabel(node);
    const reader = `${node.op} ${JSON.stringify(label)} reads it`;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.#find(name, scope, reader, label)));
    const outputs = node.outputs.map((name) => (name === "" ? undefined : scope.own(name)));
    const attributes = resolveReferences(node.attributes, context.bindings);
    const fn = this.#functions.find(node);
    if (fn) return this.#inline(fn, inputs, outputs, attributes, label, body, context);
    const attrs = importAttributes(attributes, {
      files: this.#files,
      graph: (g) => this.importGraph(g, { ...context, outer: scope }),
    });
    const draft = { op: node.domain === "" ? node.op : `${node.domain}::${node.op}`, inputs, outputs, attrs };
    const version = this.#version(node, context, label);
    if (node.domain === "") this.#upgrader.add(draft, version, node.origin ?? [label], body);
    else this.#upgrader.append(draft, node.origin ?? [label], body, version);
  }

  #version(node: OnnxNode, context: Context, label: string): number {
    const version = context.opsets.get(node.domain);
    if (version !== undefined) return version;
    const domain = node.domain || "ai.onnx";
    this.#error(
      "opset-missing",
      `${node.op} ${JSON.stringify(label)} is of domain ${JSON.stringify(domain)}, for which the model imports no opset`,
      undefined,
      label,
    );
    return 1;
  }

  /** Appends a function's nodes in place of the call. The outputs of the call are the values its nodes define. */
  #inline(
    fn: OnnxFunction,
    inputs: readonly (Value | undefined)[],
    outputs: readonly (Value | undefined)[],
    attributes: readonly OnnxAttribute[],
    label: string,
    body: Body,
    context: Context,
  ): void {
    const calls = (context.calls ?? new CallStack()).enter(fn, label);
    const scope = new Scope();
    fn.inputs.forEach((name, i) => scope.bind(name, inputs[i]));
    const defined = new Set(fn.nodes.flatMap((n) => n.outputs));
    fn.outputs.forEach((name, i) => {
      const out = outputs[i];
      if (!out) return;
      // An input handed straight through, or one result under two names.
      if (defined.has(name) && !scope.has(name)) scope.bind(name, out);
      else this.#passThrough(fn.outputs.indexOf(name) < i ? outputs[fn.outputs.indexOf(name)] : scope.lookup(name), out, label, body);
    });
    const declared = new Map(fn.valueInfo.map((v) => [v.name, v]));
    const inner: Context = {
      opsets: new Map([...this.#model.opsets, ...fn.opsets]),
      bindings: this.#functions.bindings(fn, attributes),
      calls,
    };
    const nodes = inOrder(fn.nodes);
    const own = nodes.map((n) => ({ ...n, outputs: n.outputs.map((o) => (scope.has(o) ? "" : o)) }));
    this.#defineResults(own, scope, body, declared, inner);
    this.#boundConstants(nodes, scope, body, inner);
    for (const name of new Set(nodes.flatMap((n) => [...n.inputs, ...captures(n)]))) {
      const v = scope.lookup(name);
      if (v) this.#read.add(v);
    }
    for (const node of nodes) this.#node({ ...node, name: node.name === "" ? label : `${label}/${node.name}` }, scope, body, inner);
  }

  /** A Constant node of a function that defines one of the call's results, whose value exists already. */
  #boundConstants(nodes: readonly OnnxNode[], scope: Scope, body: Body, context: Context): void {
    for (const node of nodes) {
      const v = scope.own(node.outputs[0] ?? "");
      if (!v || this.#constants.has(v)) continue;
      const data = constantNodeValue(node, context.bindings, this.#files);
      if (!data) continue;
      const inner: Value = { name: this.#names.fresh(v.name), type: tensorType(data.dtype, data.shape) };
      body.constants.set(inner, data);
      this.#passThrough(inner, v, v.name, body);
    }
  }

  #passThrough(from: Value | undefined, to: Value, label: string, body: Body): void {
    this.#upgrader.append({ op: "Identity", inputs: [from], outputs: [to], attrs: {} }, [label], body);
  }

  #find(name: string, scope: Scope, reader: string, node?: string): Value | undefined {
    const found = scope.lookup(name);
    if (found || scope.isAbsent(name)) return found;
    this.#error("value-undefined", `${JSON.stringify(name)} is defined nowhere; ${reader}`, name, node);
    return this.#define(name, { kind: "unknown" }, scope);
  }

  #define(name: string, type: ValueType, scope: Scope): Value {
    const v: Value = { name: this.#names.take(name) ? name : this.#names.fresh(name), type };
    scope.bind(name, v);
    return v;
  }

  #defineConstant(name: string, data: ConstData, scope: Scope, body: Body): void {
    if (scope.has(name)) return this.#error("value-duplicate", `${JSON.stringify(name)} is defined twice; one time as a weight`, name);
    const v = this.#define(name, tensorType(data.dtype, data.shape), scope);
    body.constants.set(v, data);
    this.#constants.set(v, data);
  }

  #note(code: string, message: string): void {
    this.diagnostics.push(problem(code, message, { severity: "note" }));
  }

  #error(code: string, message: string, tensor?: string, node?: string): void {
    this.#keep(
      problem(code, message, { location: { ...(tensor === undefined ? {} : { tensor }), ...(node === undefined ? {} : { node }) } }),
    );
  }

  /** Runs a part of the import; a diagnostic is kept and the next part still runs, so that one run tells all. */
  #attempt<T>(part: () => T, node?: string): T | undefined {
    try {
      return part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      for (const d of error.diagnostics)
        this.#keep(node !== undefined && d.location?.node === undefined ? { ...d, location: { ...d.location, node } } : d);
      return undefined;
    }
  }

  #keep(d: Diagnostic): void {
    this.diagnostics.push(d);
    const errors = this.diagnostics.filter((x) => x.severity === "error");
    if (errors.length >= maxProblems) throw new DiagnosticError(errors);
  }
}

/** Builds one Graph from one OnnxGraph and its subgraphs. Calls of model-local functions go to inline.ts. */
import type { OpenBeside } from "../../base/byte-source.js";
import type { Tensor } from "../../base/tensor.js";
import { constData } from "../../ir/build.js";
import type { ConstData, Graph, Value } from "../../ir/graph.js";
import type { Catalogue } from "../../ops/op.js";
import { importAttributes, resolveReferences, type Bindings } from "./attributes.js";
import { constantOf, denseConstantOf } from "../bytes/constant.js";
import { constantNodeValue } from "./constant-node.js";
import type { DeclaredTypes } from "./declared-types.js";
import { Definitions } from "./definitions.js";
import { ExternalFiles } from "../bytes/external.js";
import { Functions, type CallStack } from "./functions.js";
import { inlineCall } from "./inline.js";
import { inOrder, namesRead, nodeLabel } from "./order.js";
import { Problems } from "./problems.js";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValueInfo } from "../bytes/schema.js";
import { Scope } from "./scope.js";
import { namesakeOf } from "../upgrade/namesakes.js";
import { Upgrader, type Body } from "../upgrade/upgrade.js";

/** What surrounds the nodes being imported. */
export interface Context {
  readonly opsets: ReadonlyMap<string, number>;
  /** Names of enclosing graphs; functions see none. */
  readonly outer?: Scope;
  /** Attributes of the function call being inlined. */
  readonly bindings?: Bindings;
  readonly calls?: CallStack;
}

type DeclaredInfo = ReadonlyMap<string, OnnxValueInfo>;

export class GraphImporter {
  readonly problems = new Problems();
  readonly definitions = new Definitions(this.problems);
  readonly upgrader = new Upgrader(this.definitions);
  readonly functions: Functions;
  readonly model: OnnxModel;
  readonly #types: DeclaredTypes;
  readonly #files: ExternalFiles;

  constructor(model: OnnxModel, types: DeclaredTypes, catalogue: Catalogue, openBeside: OpenBeside) {
    this.model = model;
    this.functions = new Functions(model, catalogue);
    this.#types = types;
    this.#files = new ExternalFiles(openBeside);
  }

  /** `frozen` gives inputs a value. Problems are collected as far as the rest can still be read. */
  importGraph(g: OnnxGraph, context: Context, frozen: ReadonlyMap<string, Tensor> = new Map()): Graph {
    const scope = new Scope(context.outer);
    const body: Body = { nodes: [], constants: new Map() };
    const declared: DeclaredInfo = new Map([...g.valueInfo, ...g.outputs, ...g.inputs].map((v) => [v.name, v]));
    this.#weights(g, scope, body, declared);
    for (const [name, value] of frozen) this.definitions.defineConstant(name, constData(value), scope, body);
    const inputs = this.#inputs(g, scope, context);
    const nodes = inOrder(g.nodes);
    this.defineResults(nodes, scope, body, declared, context);
    const reader = `graph ${JSON.stringify(g.name)} names it as an output`;
    const outputs = g.outputs.map((info) => this.definitions.find(info.name, scope, reader)).filter((v) => v !== undefined);
    this.definitions.markRead([...namesRead(nodes), ...g.outputs.map((v) => v.name)], scope);
    for (const node of nodes) this.problems.attempt(() => this.importNode(node, scope, body, context), nodeLabel(node));
    this.#files.notes.splice(0).forEach((d) => this.problems.keep(d));
    return { name: g.name, inputs, outputs, nodes: body.nodes, constants: body.constants, guards: [], symbols: [], metadata: {} };
  }

  #weights(g: OnnxGraph, scope: Scope, body: Body, declared: DeclaredInfo): void {
    const fed = new Set(g.inputs.map((v) => v.name));
    const defaults: string[] = [];
    const add = (name: string, read: () => ConstData): void => {
      const data = this.problems.attempt(read);
      if (data && fed.has(name)) {
        this.problems.attempt(() => this.#checkDeclared(name, data, declared.get(name)));
        if (this.model.irVersion >= 4) defaults.push(JSON.stringify(name));
      }
      if (data) this.definitions.defineConstant(name, data, scope, body);
      // A weight that cannot be read has its name all the same, so that its readers are not reported as well.
      else if (!scope.has(name)) this.definitions.define(name, { kind: "unknown" }, scope);
    };
    for (const t of g.initializers) add(t.name, () => constantOf(t, this.#files));
    for (const t of g.sparseInitializers) add(t.values.name, () => denseConstantOf(t, this.#files));
    const shown = defaults.slice(0, 5).join(", ");
    if (shown) this.problems.note("input-default", `${defaults.length} input(s) with a default value are taken as constants: ${shown}`);
  }

  #checkDeclared(name: string, data: ConstData, info: OnnxValueInfo | undefined): void {
    const type = this.#types.read(info?.type, name);
    if (type.kind !== "tensor") return;
    const { dtype, shape } = type;
    const fits = !shape || (shape.length === data.shape.length && shape.every((d, i) => typeof d !== "number" || d === data.shape[i]));
    if (dtype === data.dtype && fits) return;
    const [is, said] = [`${data.dtype}[${data.shape.join(",")}]`, `${dtype}[${shape?.join(",") ?? "*"}]`];
    this.problems.error("type-mismatch", `initializer ${JSON.stringify(name)} is ${is}; the input of that name is declared ${said}`, {
      tensor: name,
    });
  }

  #inputs(g: OnnxGraph, scope: Scope, context: Context): Value[] {
    const inputs: Value[] = [];
    for (const info of g.inputs) {
      const { name } = info;
      const had = scope.own(name);
      if (had && inputs.includes(had))
        this.problems.error("value-duplicate", `two inputs are named ${JSON.stringify(name)}`, { tensor: name });
      if (had) continue;
      const type = this.problems.attempt(() => (context.outer ? this.#types.read(info.type, name) : this.#types.readInput(info)));
      inputs.push(this.definitions.define(name, type ?? { kind: "unknown" }, scope));
    }
    return inputs;
  }

  /** Gives every node output its value first, so that subgraphs and later nodes find it under its own name. */
  defineResults(nodes: readonly OnnxNode[], scope: Scope, body: Body, declared: DeclaredInfo, context: Context): void {
    for (const node of nodes) {
      const label = nodeLabel(node);
      const constant = this.problems.attempt(() => this.constantOf(node, context), label);
      for (const name of node.outputs) {
        if (name === "") continue;
        const again = `${JSON.stringify(name)} is defined twice; the second time by ${node.op} ${JSON.stringify(label)}`;
        if (scope.has(name)) this.problems.error("value-duplicate", again, { tensor: name, node: label });
        else if (constant) this.definitions.defineConstant(name, constant, scope, body);
        else {
          const type = this.problems.attempt(() => this.#types.read(declared.get(name)?.type, name), label);
          this.definitions.define(name, type ?? { kind: "unknown" }, scope);
        }
      }
    }
  }

  /** The value of a Constant node; undefined for any other. */
  constantOf(node: OnnxNode, context: Context): ConstData | undefined {
    return constantNodeValue(node, context.bindings, this.#files);
  }

  importNode(node: OnnxNode, scope: Scope, body: Body, context: Context): void {
    if (node.domain === "" && node.op === "Constant") return;
    const label = nodeLabel(node);
    if (node.outputs.every((name) => name === ""))
      return this.problems.error("node-without-output", `${node.op} ${JSON.stringify(label)} has no output`, { node: label });
    const reader = `${node.op} ${JSON.stringify(label)} reads it`;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.definitions.find(name, scope, reader, label)));
    const outputs = node.outputs.map((name) => (name === "" ? undefined : scope.own(name)));
    const attributes = resolveReferences(node.attributes, context.bindings);
    const fn = this.functions.find(node);
    if (fn) return inlineCall(this, { fn, inputs, outputs, attributes, label }, body, context);
    const attrs = importAttributes(attributes, {
      files: this.#files,
      graph: (g) => this.importGraph(g, { ...context, outer: scope }),
    });
    const version = this.#version(node, context, label);
    const origin = node.origin ?? [label];
    const known =
      node.domain === "" ? { op: node.op, opset: version } : this.functions.isUsers(node) ? undefined : namesakeOf(node.domain, node.op);
    if (known) this.upgrader.add({ op: known.op, inputs, outputs, attrs }, known.opset, origin, body);
    else this.upgrader.append({ op: `${node.domain}::${node.op}`, inputs, outputs, attrs }, origin, body, version);
  }

  #version(node: OnnxNode, context: Context, label: string): number {
    const version = context.opsets.get(node.domain);
    if (version !== undefined) return version;
    const domain = JSON.stringify(node.domain || "ai.onnx");
    this.problems.error(
      "opset-missing",
      `${node.op} ${JSON.stringify(label)} is of domain ${domain}, for which the model imports no opset`,
      {
        node: label,
      },
    );
    return 1;
  }
}

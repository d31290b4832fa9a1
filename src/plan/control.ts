/**
 * If and Loop with bodies that are graphs of their own: what a body read from outside comes in as an input, so that each is
 * lowered by itself, and a node says by number which body it has.
 */
import { exactNumber } from "../base/element.js";
import { invariant } from "../base/diagnostic.js";
import { intAttr, type Attr, type Graph, type Node, type Value } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { keepsGoing } from "../ir/loop.js";
import { capturesOf } from "../ir/walk.js";
import type { Catalogue } from "../ops/op.js";

interface Closed {
  readonly graph: Graph;
  /** By the number that a node says. */
  readonly bodies: readonly Graph[];
}

/** The attributes that hold a body in ONNX, and those that hold its number afterwards. */
const numbers = { then_branch: "then", else_branch: "otherwise", body: "round" } as const;

const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });

/** Whether a node is for the host: it runs bodies, or reads integers back. */
export function isControl(node: Node): boolean {
  return (
    node.op === "read" ||
    (node.op === "If" && intAttr(node, "then") !== undefined) ||
    (node.op === "Loop" && intAttr(node, "round") !== undefined)
  );
}

/**
 * The graph with numbers in place of bodies, and the bodies. Left as they are: an If of which one branch contradicts itself, so that it can
 * never be taken, and a Loop whose body takes or gives another number of values. A condition that no round of a Loop changes is no result of its body any more.
 */
export function closeBodies(graph: Graph, catalogue: Catalogue): Closed {
  const bodies: Graph[] = [];
  const nodes = graph.nodes.map((node) => (isClosable(node, catalogue) ? closed(node, graph, bodies) : node));
  return bodies.length === 0 ? { graph, bodies } : { graph: { ...graph, nodes }, bodies };
}

function isClosable(node: Node, catalogue: Catalogue): boolean {
  if (node.op === "If") return (["then_branch", "else_branch"] as const).every((name) => fits(bodyOf(node, name), catalogue));
  const body = node.op === "Loop" ? bodyOf(node, "body") : undefined;
  if (!body) return false;
  // A round is given its number, a condition and what is carried, and gives out a condition, what is carried and rows.
  const carried = Math.max(0, node.inputs.length - 2);
  return body.inputs.length === carried + 2 && body.outputs.length > Math.max(carried, node.outputs.length - 1);
}

function fits(body: Graph | undefined, catalogue: Catalogue): boolean {
  return body !== undefined && inferGraph(body, catalogue).diagnostics.every((d) => d.severity !== "error");
}

function bodyOf(node: Node, name: keyof typeof numbers): Graph | undefined {
  const attr = node.attrs[name];
  return attr?.kind === "graph" ? attr.value : undefined;
}

function closed(node: Node, graph: Graph, bodies: Graph[]): Node {
  const own = (Object.keys(numbers) as (keyof typeof numbers)[]).flatMap((name) => {
    const body = bodyOf(node, name);
    return body ? [{ name, body }] : [];
  });
  const captured = [...new Set(own.flatMap(({ body }) => capturesOf(body)))].filter((v) => !graph.constants.has(v));
  const attrs: Record<string, Attr> = { captured: int(captured.length) };
  for (const { name, body } of own) {
    attrs[numbers[name]] = int(bodies.length);
    const whole = withInputs(body, captured, graph);
    const isKept = name === "body" && keepsGoing(whole);
    if (name === "body") attrs["asks"] = int(isKept ? 0 : 1);
    bodies.push(isKept ? { ...whole, outputs: whole.outputs.slice(1) } : whole);
  }
  return { ...node, inputs: [...node.inputs, ...captured], attrs };
}

/** What is captured as further inputs, and constants of the graph around as its own. */
function withInputs(body: Graph, captured: readonly Value[], around: Graph): Graph {
  const constants = new Map(body.constants);
  for (const v of capturesOf(body)) {
    const data = around.constants.get(v);
    if (data) constants.set(v, data);
  }
  return { ...body, inputs: [...body.inputs, ...captured], constants, guards: [], symbols: around.symbols };
}

/** The number of a node's body. */
export function bodyNumber(node: Node, name: "then" | "otherwise" | "round"): number {
  const attr = node.attrs[name];
  invariant(attr?.kind === "int", `${node.op} has no body "${name}"`);
  return exactNumber(attr.value, "a body");
}

/** Whether a round of a Loop says anew if there is another. */
export function asksEachRound(node: Node): boolean {
  return intAttr(node, "asks") === 1;
}

/** What the bodies of a node read from outside. */
export function capturedBy(node: Node): readonly Value[] {
  const count = intAttr(node, "captured") ?? 0;
  return node.inputs.slice(node.inputs.length - count).filter((v) => v !== undefined);
}

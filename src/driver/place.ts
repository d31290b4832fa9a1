/**
 * Says where in the user's files a problem lies. The floors below know nodes and tensors; here the model's path is
 * added, and for a node inside a body the nodes around it.
 */
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import type { ModelSource } from "./load.js";

/**
 * Runs a part of the work; its diagnostics leave with their place in the model. A number in a model may ask for an array
 * longer than the language allows, anywhere an extent or a count is met: that is a fault of the model, `extent-too-large`.
 */
export async function placing<T>(model: ModelSource, graph: Graph | undefined, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError && /length|allocation/i.test(error.message)) throw new DiagnosticError(tooLarge(error, model));
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map((d) => placed(d, model, graph)));
  }
}

function tooLarge(error: RangeError, model: ModelSource): Diagnostic {
  return problem("extent-too-large", `an extent, scale or count in the model asks for more memory than there can be (${error.message})`, {
    location: typeof model === "string" ? { path: model } : undefined,
    why: "The numbers in the model, or those given with --shape, --dim and --freeze, are far outside what any chip holds.",
    fix: "Check the numbers given; if none were given, the file is damaged: fetch or export it again.",
  });
}

/** The same diagnostic with the model's path, unless it names a file of its own; rules of ours move to `why`. */
export function placed(d: Diagnostic, model: ModelSource, graph: Graph | undefined): Diagnostic {
  const { location } = d;
  if (!location) return d;
  const ours = location.path !== undefined && /^src\/ops\//.test(location.path);
  if (location.path !== undefined && !ours) return d;
  const around = location.node === undefined || !graph ? undefined : bodiesAround(graph, location.node);
  const { node, tensor } = location;
  return {
    ...d,
    message: around === undefined ? d.message : `${d.message} (inside ${around})`,
    location: {
      ...(typeof model === "string" ? { path: model } : {}),
      ...(node === undefined ? {} : { node }),
      ...(tensor === undefined ? {} : { tensor }),
    },
    ...(ours ? rule(d) : {}),
  };
}

function rule({ location, why, fix }: Diagnostic): Pick<Diagnostic, "why" | "fix"> {
  return {
    why: why ?? `The ONNX standard asks for it; Portolan's wording of that rule is ${location?.path}:${location?.line ?? 1}.`,
    fix: fix ?? "Check the shapes given with --shape and --dim; if none were given, the model itself is wrong: export it again.",
  };
}

/** `then_branch of If "choose"`, outermost last; undefined for a node of the main graph or one not found. */
function bodiesAround(graph: Graph, name: string): string | undefined {
  for (const node of graph.nodes)
    for (const [attribute, attr] of Object.entries(node.attrs)) {
      if (attr.kind !== "graph") continue;
      const here = `${attribute} of ${node.op} "${nodeLabel(node)}"`;
      if (attr.value.nodes.some((n) => nodeLabel(n) === name)) return here;
      const inner = bodiesAround(attr.value, name);
      if (inner !== undefined) return `${inner}, ${here}`;
    }
  return undefined;
}

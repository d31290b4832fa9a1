/** What is said where a chip has no instruction for a model that is sound. */
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { rankedType, type Node, type Value } from "../ir/graph.js";

/** What `make` gives for these nodes. Throws `unsupported-lane-function` where the chip cannot compute or convert a lane. */
export function withForms<T>(nodes: readonly Node[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    const missing = error instanceof DiagnosticError ? error.diagnostics.find((d) => d.code === "no-vector-form") : undefined;
    if (!missing) throw error;
    throw new DiagnosticError(unsupportedForm(missing, nodes));
  }
}

function unsupportedForm(missing: Diagnostic, nodes: readonly Node[]): Diagnostic {
  const root = nodes.at(-1) as Node;
  const names = root.origin.map((name) => `"${name}"`).join(", ");
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const read = [...new Set(nodes.flatMap((n) => n.inputs))].filter((v) => v && !made.has(v));
  const types = [...read, ...root.outputs].flatMap((v) => (v ? [typed(v)] : [])).join(", ");
  return problem("unsupported-lane-function", `${names} (${types}): ${missing.message.replace(/\.$/, "")}`, {
    location: { node: root.origin[0] },
    why: "Generated code may use only the instructions that the chip's documents list.",
    fix: "Compile for another chip of the family (portolan targets lists them), or convert the model to float32 or float16.",
  });
}

const typed = (v: Value): string => `${v.name} ${rankedType(v)?.dtype ?? ""}`.trim();

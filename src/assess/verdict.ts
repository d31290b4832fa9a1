/** From what compile says of a model on a chip to one word, with the reasons. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Said } from "../base/said.js";
import type { Target } from "../claim/target.js";
import { evidenceOf } from "../claim/witness.js";
import type { Emitted } from "../emit/steps.js";
import type { Node } from "../ir/graph.js";
import { unsupported } from "../plan/unsupported.js";
import { withoutMeaning } from "../plan/refuse.js";
import { said } from "../words/words.js";
import type { Carried } from "./carry.js";
import type { Need, Verdict } from "./report.js";
import type { Subject } from "./subject.js";

interface Judged {
  readonly verdict: Verdict;
  readonly why: readonly Said[];
}

/** Refusals that another spelling of the model, or values that the user fixes, takes away. */
const mendedByRewriting: ReadonlySet<string> = new Set([
  ...["data-dependent-shape", "dynamic-extent", "shaping-operand-unknown", "unknown-shape", "unsupported-dtype", "unsupported-type"],
]);
/** Refusals of what no schedule or instruction was found for. */
const mendedByKernel: ReadonlySet<string> = new Set([
  ...["no-schedule", "no-vector-form", "scratchpad-overflow", "unsupported-lane-function", "kernel-function"],
]);

function needOf({ code }: Diagnostic): Need {
  if (mendedByRewriting.has(code)) return "rewrite";
  return mendedByKernel.has(code) ? "kernel" : "none";
}

/** Of each node that a refusal is laid to. An operator that is refused though it has a meaning is one whose body or branch is. */
export function needsOf({ refused }: Pick<Carried, "refused">, { graph, loaded: { catalogue } }: Subject): ReadonlyMap<Node, Need> {
  const unknown = new Set(withoutMeaning(graph, catalogue));
  const needOfNode = (n: Node, refusal: Diagnostic): Need => {
    if (unknown.has(n)) return unsupported(n, graph, catalogue).needs;
    return refusal.code === "unsupported-op" ? "rewrite" : needOf(refusal);
  };
  return new Map([...refused].map(([n, refusal]) => [n, needOfNode(n, refusal)]));
}

const worst: readonly Need[] = ["none", "kernel", "rewrite"];
const verdicts: Readonly<Record<Need, Verdict>> = { none: "blocked", kernel: "kernels", rewrite: "rewrites" };

export function verdictOf(carried: Carried, subject: Subject, target: Target): Judged {
  const { refusals, emitted } = carried;
  if (refusals.length === 0 && emitted) return sureness(emitted, target);
  // One refusal may hide others, which were met once its nodes were cut out.
  const found = [...needsOf(carried, subject).values(), ...refusals.filter((d) => d.code !== "unsupported-op").map(needOf)];
  const need = found.length === 0 && refusals.length > 0 ? "rewrite" : (worst.find((n) => found.includes(n)) ?? "none");
  return {
    verdict: verdicts[need],
    why: [said(`verdict.${verdicts[need] as "blocked" | "kernels" | "rewrites"}`, { n: refusals.length })],
  };
}

/** What compiles is as sure as the least sure of the steps that have no surer way. */
function sureness({ steps }: Emitted, target: Target): Judged {
  const isAgainst = (name: string): boolean => target.symbols[name]?.witness.verdict === "contradicted";
  const contested = steps.filter((s) => s.act.uses.some(isAgainst) && (!s.alternate || s.alternate.uses.some(isAgainst)));
  const against = [...new Set(contested.flatMap((s) => s.act.uses.filter(isAgainst)))];
  if (against.length > 0)
    return { verdict: "uncertain", why: [said("verdict.contradicted", { names: against.join(", "), n: against.length })] };
  const isSure = (uses: readonly string[]): boolean => uses.every((name) => evidenceOf(target.symbols[name]) !== "E0");
  const doubtful = steps.filter((s) => !isSure(s.act.uses) && !(s.alternate && isSure(s.alternate.uses)));
  if (doubtful.length === 0) return { verdict: "ready", why: [said("verdict.ready", { n: steps.length })] };
  const names = [...new Set(doubtful.flatMap((s) => s.act.uses))].filter((name) => evidenceOf(target.symbols[name]) === "E0").sort();
  return {
    verdict: "uncertain",
    why: [said("verdict.unwitnessed", { n: doubtful.length, all: steps.length, names: names.join(", ") })],
  };
}

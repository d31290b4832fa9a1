/** From what compile says of a model on a chip to one word, with the reasons. */
import type { Said } from "../base/said.js";
import type { Target } from "../claim/target.js";
import { evidenceOf } from "../claim/witness.js";
import type { Emitted } from "../emit/steps.js";
import { said } from "../words/words.js";
import type { Carried } from "./carry.js";
import { needOf, type Refused } from "./refused.js";
import type { Need, Verdict } from "./report.js";

interface Judged {
  readonly verdict: Verdict;
  readonly why: readonly Said[];
}

/** Those that come first decide: what nobody can judge is no promise. */
const worst: readonly Need[] = ["none", "unknown", "kernel", "rewrite"];
const verdicts = { none: "blocked", unknown: "refused", kernel: "kernels", rewrite: "rewrites" } as const satisfies Record<Need, Verdict>;

export function verdictOf(carried: Carried, nodes: readonly Refused[], target: Target): Judged {
  const { refusals, emitted } = carried;
  if (refusals.length === 0 && emitted) return sureness(emitted, target);
  // One refusal may hide others, which were met once its nodes were cut out.
  const found = [...nodes.map((r) => r.need), ...refusals.filter((d) => d.code !== "unsupported-op").map(needOf)];
  const verdict = verdicts[worst.find((n) => found.includes(n)) ?? "unknown"];
  return { verdict, why: [said(`verdict.${verdict}`, { n: refusals.length })] };
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

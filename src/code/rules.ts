/** All rules in the order in which they are asked: of those that a mention fits, the first one takes it. */
import { invariant } from "../base/diagnostic.js";
import type { Rule } from "./rule.js";
import { surroundingRules } from "./rules/around.js";
import { nativeRules } from "./rules/native.js";
import { frameworkRules } from "./rules/frameworks.js";

/** Of JavaScript's sessions: what reaches them is followed, not looked up (`providers/`). */
const followed: Rule = {
  id: "provider-javascript",
  category: "onnxruntime-provider",
  severity: "error",
  effort: "low",
  work: "file",
  equivalent: "provider",
  looks: [],
};

export const rules: readonly Rule[] = [...frameworkRules, ...nativeRules, ...surroundingRules, followed];

const byId: ReadonlyMap<string, Rule> = new Map(rules.map((r) => [r.id, r]));

/** The rule of an id that is known to be there. */
export function ruleNamed(id: string): Rule {
  const rule = byId.get(id);
  invariant(rule, `there is no rule "${id}"`);
  return rule;
}

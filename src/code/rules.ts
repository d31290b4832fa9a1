/** All rules in the order in which they are asked: of those that a mention fits, the first one takes it. */
import type { Rule } from "./rule.js";
import { surroundingRules } from "./rules/around.js";
import { nativeRules } from "./rules/native.js";
import { frameworkRules } from "./rules/python.js";

export const rules: readonly Rule[] = [...frameworkRules, ...nativeRules, ...surroundingRules];

import { Operators } from "../../src/claim/operators.js";
import { sinkTranspose } from "../primitive/sink-transpose.js";
import { withCalls } from "./legalise.js";
import type { Stage } from "./stage.js";

/**
 * The graph stays as it is. Beside it the operators are kept as the library would take each of them: in its layouts, in
 * halves where it takes halves. An operator has both forms from here on, the one that is taken apart and this one, until
 * units are made and each of them can be given its other way.
 */
export const keepOperators: Stage = {
  name: "keep-operators",
  decide(now, context) {
    const { asCalled } = now;
    const graph = asCalled ? sinkTranspose.run(withCalls(asCalled.graph, asCalled.claims, context), context) : now.graph;
    return { ...now, asCalled: undefined, operators: new Operators(graph, context) };
  },
};

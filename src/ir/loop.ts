/** What the body of an ONNX Loop says of its own going on. */
import { toNumbers } from "../base/float-formats.js";
import type { Graph } from "./graph.js";

/** Whether every round leaves the condition as it came, or makes it true: then nothing in the body ends the Loop. */
export function keepsGoing({ inputs, outputs, nodes, constants }: Graph): boolean {
  let [goesOn] = outputs;
  for (
    let by = nodes.find((n) => n.outputs[0] === goesOn);
    by?.op === "Identity" && by.inputs[0];
    by = nodes.find((n) => n.outputs[0] === goesOn)
  )
    goesOn = by.inputs[0];
  const data = constants.get(goesOn);
  return goesOn === inputs[1] || (data !== undefined && toNumbers(data.load())[0] !== 0);
}

/** What `auto` stands for. */
import { expect, test } from "vitest";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { usualScheme } from "../../src/quant/scheme.js";

const graphOf = (text: string) => inferGraph(parse(text), catalogue).graph;
const image = "c = Conv(x: f32[N,3,16,16], w: f32[8,3,3,3]!)\n f = Flatten(c)\n y = MatMul(f, v: f32[1568,10]!)";
const rows = "a = MatMul(x: f32[N,T,64], w: f32[64,64]!)\n y = Relu(a)";

test.each([
  ["an image classifier", image, true, "w8a8"],
  ["a classifier without samples", image, false, "w8a8-dynamic"],
  ["products of matrices", rows, true, "w8a8-dynamic"],
  ["nothing that multiplies", "y = Relu(x: f32[4])", true, "w8a8"],
] as const)("%s", (_, text, hasSamples, scheme) => expect(usualScheme(graphOf(text), hasSamples)).toBe(scheme));

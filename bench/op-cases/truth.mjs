/** The numbers of own cases: onnxruntime's, at the newest opset at which it takes the model, or those that stand in the case. */
import { join } from "node:path";

const opsets = [26, 24, 22, 21, 20, 18, 17, 16, 13];

/** `26` in the opset import of ai.onnx becomes another number of one byte. */
function atOpset(bytes, opset) {
  const out = Uint8Array.from(bytes);
  for (let i = 0; i + 5 < out.length; i++)
    for (const mark of [
      [0x42, 4, 0x0a, 0, 0x10, 26],
      [0x42, 2, 0x10, 26],
    ])
      if (mark.every((b, k) => out[i + k] === b)) {
        out[i + mark.length - 1] = opset;
        return out;
      }
  throw new Error("the model has no opset 26 to replace");
}

async function byOnnxruntime(c, graph, tools) {
  const { inferGraph, exportOnnx, openReference, catalogue } = tools;
  const bytes = new Uint8Array(Buffer.concat([...exportOnnx(inferGraph(graph, catalogue).graph)]));
  const inputs = new Map(c.inputs.map((i) => [i.name, i.value]));
  let last;
  for (const opset of opsets) {
    try {
      return await (await openReference(atOpset(bytes, opset))).run(inputs);
    } catch (error) {
      last = error;
    }
  }
  console.log(`${c.name} is left out: onnxruntime does not run it, so say what is expected (${last.message.slice(0, 160)})`);
  return undefined;
}

/** Own cases with their outputs: { op, name, text, inputs, expect?, fails?, self? }. `self` takes this repository's own numbers, checked by hand. */
export async function truthOf(list, { root, outputsOf }) {
  const dist = (path) => import(join(root, "dist/src", path));
  const tools = Object.assign(
    {},
    ...(await Promise.all(
      ["ir/infer/infer.js", "onnx/export/export.js", "verify/reference.js", "ops/catalogue.js", "ir/text/parse.js"].map(dist),
    )),
  );
  const { seededTensor } = await dist("ir/text/elements.js");
  const { fromNumbers } = await dist("base/float-formats.js");
  const made = [];
  for (const c of list) {
    const graph = tools.parse(c.text);
    const valueOf = (v) => {
      const given = c.inputs?.[v.name];
      const { dtype, shape } = v.type;
      if (given === undefined) return smallNumbers(seededTensor(v.name, dtype, shape), fromNumbers);
      if (dtype === "string") return { dtype, shape, data: given };
      if (dtype === "i64" || dtype === "u64")
        return { dtype, shape, data: (dtype === "i64" ? BigInt64Array : BigUint64Array).from(given, BigInt) };
      return fromNumbers(dtype, shape, given);
    };
    const own = {
      within: 0,
      signed: false,
      views: new Map(),
      outputs: [],
      ...c,
      inputs: graph.inputs.map((v) => ({ name: v.name, value: valueOf(v) })),
    };
    if (!c.fails) own.outputs = await outputs(own, graph, tools, fromNumbers, outputsOf);
    if (own.outputs) made.push(own);
  }
  return made;
}

async function outputs(c, graph, tools, fromNumbers, outputsOf) {
  const mine = () => outputsOf(c).map((value, i) => ({ name: graph.outputs[i].name, value }));
  if (c.self) return mine();
  if (c.expect)
    return graph.outputs.map((v, i) => ({ name: v.name, value: fromNumbers(c.expect[i].dtype, c.expect[i].shape, c.expect[i].data) }));
  const ref = await byOnnxruntime(c, graph, tools);
  return ref && graph.outputs.map((v) => ({ name: v.name, value: ref.get(v.name) }));
}

/** Floats of few digits, of both signs. */
function smallNumbers(t, fromNumbers) {
  if (!/^f(16|32|64)$|^bf16$/.test(t.dtype)) return t;
  const next = (i) => ((((i + 1) * 7919 + t.data.length * 31) % 101) - 50) / 20;
  return fromNumbers(
    t.dtype,
    t.shape,
    Array.from(t.data, (_, i) => next(i)),
  );
}

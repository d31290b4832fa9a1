/**
 * Line 26: what a quantised model computes in. For every chip, the classifiers of samples/digits in eight bits are lowered and the
 * products and convolutions that are left are read off the last graph: all of them multiply levels, except those that quantising left
 * in floats. How far outputs are from the exported model, line 20 measures.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const line = 26;
const dist = (path) => import(join(root, "dist/src", path));
const folder = join(root, "samples/digits");

/** The operators that multiply, as nodes or as what a call carries out. */
const multiplies = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose", "contract", "conv", "convtranspose"]);

export async function integerCode(api, check) {
  const work = mkdtempSync(join(tmpdir(), "portolan-integer-code-"));
  try {
    for (const name of ["cnn", "transformer"])
      for (const scheme of ["w8a8", "w8a8-dynamic"]) {
        const model = join(work, `${name}-${scheme}.onnx`);
        const made = await api.quantize(join(folder, `${name}.onnx`), { scheme, calibration: join(folder, "calib.npz"), output: model });
        if (!made.ok) return check(figure(line, `${name} ${scheme}`, made.diagnostics[0].message, "a model", false));
        const left = made.quantized.layers.filter((l) => l.held === "float").length;
        for (const { target, chip } of await chips())
          await onChip(check, { model, name: `${name} ${scheme}`, at: `${target}:${chip}`, left });
      }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function chips() {
  const chosen = await Promise.all(["cann", "bang", "kunlun"].map(async (name) => (await dist("driver/targets.js")).chooseTarget(name)));
  return chosen.flatMap(({ target }) => Object.keys(target.chips).map((chip) => ({ target: target.name, chip })));
}

async function onChip(check, { model, name, at, left }) {
  const { parse } = await dist("ir/text/parse.js");
  const last = "own-outputs";
  const run = portolan(["compile", model, "-t", at, "-q", "--stop-after", last, "--print-after", last]);
  if (run.status !== 0) return check(figure(line, `${name} on ${at}`, firstLine(run.stderr), "exit 0", false));
  const graph = parse(run.stdout.slice(run.stdout.indexOf("graph ")));
  const products = graph.nodes.filter((n) => multiplies.has(n.call?.op ?? n.op));
  const isOfLevels = (n) => n.inputs.slice(0, 2).every((v) => ["i8", "u8"].includes(v.type.dtype));
  const floats = products.filter((n) => !isOfLevels(n)).length;
  const calls = products.filter((n) => n.call && isOfLevels(n)).length;
  const value = `${products.length - floats} products of levels, ${calls} of them the library's; ${floats} in floats`;
  check(figure(line, `${name} on ${at}`, value, `${left} in floats`, products.length > 0 && floats === left));
}

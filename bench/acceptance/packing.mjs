/**
 * Line 22: a decoder of 2 GB whose weights lie beside it (.cache/large, made by line 5 --peers), held in four bits. What it takes, that
 * the packed bytes are the weights to within half a step, and what compiling the result takes. With --peers, beside onnxruntime's
 * own quantiser in the same run.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPython } from "../quantise/data.mjs";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const line = 22;
const dist = (path) => import(join(root, "dist/src", path));

export async function packing(check, { peers } = {}) {
  const model = join(root, ".cache/large/qwen2-0.5b-dynamo/model.onnx");
  if (!existsSync(model)) {
    console.log(`skip ${line}  qwen2-0.5b: not in .cache/large; run line 5 with --peers and a Python that has torch and transformers`);
    return;
  }
  const work = mkdtempSync(join(tmpdir(), "portolan-packing-"));
  try {
    const packed = join(work, "packed.onnx");
    const ours = portolan(["quantize", model, "--scheme", "w4a16", "-o", packed, "--external-data"]);
    if (ours.status !== 0) return check(figure(line, "w4a16", firstLine(ours.stderr), "exit 0", false));
    const taken = ({ seconds, peakRssMiB }) => `${seconds.toFixed(1)} s, ${peakRssMiB.toFixed(0)} MiB`;
    check(
      figure(line, "w4a16 of 2 GB, time", `${taken(ours)}, ${ours.cpuSeconds.toFixed(1)} s of processors`, "< 20 s", ours.seconds < 20),
    );
    check(figure(line, "w4a16 of 2 GB, peak memory", taken(ours), "< 900 MiB", ours.peakRssMiB < 900));
    await unpacked(check, model, packed);
    const bundle = join(work, "bundle");
    const compiled = portolan(["compile", packed, "-t", "cann", "-o", bundle]);
    check(figure(line, "compile of the result, peak memory", compiled.status === 0 ? taken(compiled) : firstLine(compiled.stderr), "< 700 MiB", compiled.status === 0 && compiled.peakRssMiB < 700)); // prettier-ignore
    rmSync(bundle, { recursive: true, force: true });
    if (peers) beside(check, model, ours, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Every packed weight is the float one to within half a step, or clipped at its range's end by no more than a third of it. */
async function unpacked(check, model, packed) {
  const [{ loadModel }, { unpackNBits }, { toNumbers }] = await Promise.all([
    dist("driver/load.js"),
    dist("quant/formats/layouts/onnx.js"),
    dist("base/float-formats.js"),
  ]);
  const [before, after] = [await loadModel(model, {}), await loadModel(packed, {})];
  const floats = new Map(before.graph.nodes.filter((n) => n.op === "MatMul" || n.op === "Gemm").map((n) => [n.origin.join(), n]));
  let [weights, wrong] = [0, 0];
  for (const node of after.graph.nodes.filter((n) => n.op === "com.microsoft::MatMulNBits")) {
    const [b, scales] = node.inputs.slice(1, 3).map((v) => after.graph.constants.get(v).load());
    const [k, n] = [Number(node.attrs.K.value), Number(node.attrs.N.value)];
    const held = unpackNBits({ b, scales }, k, 4, Number(node.attrs.block_size.value));
    const original = floats.get(node.origin.join());
    const w = original && before.graph.constants.get(original.inputs[1]);
    weights++;
    if (!w) {
      wrong++;
      continue;
    }
    const data = toNumbers(w.load());
    const turned = w.shape[0] === k && !(w.shape[1] === k && original.attrs.transB?.value === 1n);
    const groups = held.scales.length / n;
    for (let row = 0, at = 0; row < n; row++)
      for (let i = 0; i < k; i++, at++) {
        const scale = held.scales[row * groups + Math.floor((i * groups) / k)];
        const x = data[turned ? i * n + row : at];
        const error = Math.abs(held.levels[at] * scale - x);
        const atEnd = held.levels[at] === -8 || held.levels[at] === 7;
        if (error > scale * (atEnd ? 4 : 0.5001)) wrong++;
      }
  }
  check(
    figure(
      line,
      "packed weights that are not the float ones to half a step",
      `${wrong} in ${weights} layers`,
      "0",
      wrong === 0 && weights > 0,
    ),
  );
}

function beside(check, model, ours, work) {
  try {
    const peer = JSON.parse(
      runPython(join(root, "bench/quantise/peer_nbits.py"), model, join(work, "peer.onnx")).trim().split("\n").at(-1),
    );
    const [time, memory] = [ours.seconds / peer.seconds, ours.peakRssMiB / peer.peakMiB];
    check(
      figure(
        line,
        "time beside onnxruntime's MatMulNBits quantiser",
        `${time.toFixed(2)} of ${peer.seconds.toFixed(1)} s`,
        "< 1",
        time < 1,
      ),
    );
    check(figure(line, "memory beside it", `${memory.toFixed(2)} of ${peer.peakMiB.toFixed(0)} MiB`, "< 0.5", memory < 0.5));
  } catch (error) {
    check(figure(line, "onnxruntime's MatMulNBits quantiser", firstLine(error.message), "figures", false));
  }
}

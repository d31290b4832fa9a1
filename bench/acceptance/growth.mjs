/**
 * Line 19: what compiling costs, in processor time and memory of whole processes. A dry run of a real model on each
 * target; chains of four operators, of which one four times as long may cost a tenth more than four times as much; the
 * arena of a segmenter of open size, which is that of its largest picture.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import proto from "onnx-proto";
import { fetchModel } from "../models.mjs";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const { onnx } = proto;
const targets = ["cann", "bang", "kunlun"];
const width = 16;

export function growth(check) {
  const work = join(root, ".cache/growth");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    dryRuns(check, work);
    chains(check, work);
    arenas(check, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Seconds of a command's threads together; NaN, and a missed line, where it fails. */
function cost(check, what, args) {
  const ran = portolan(args);
  if (ran.status === 0) return ran;
  check(figure(19, what, `exit ${ran.status}: ${firstLine(ran.stderr)}`, "exit 0", false));
  return { ...ran, cpuSeconds: Number.NaN };
}

function dryRuns(check, work) {
  const bert = join(root, ".cache/large/bert-base-ts/model.onnx");
  const models = [{ name: "PP-OCR rec", path: fetchModel("rec"), most: 1.5 }];
  if (existsSync(bert)) models.push({ name: "bert-base", path: bert, most: 2 });
  else console.log("skip 19  bert-base: not in .cache/large; line 5 with --peers makes it");
  for (const { name, path, most } of models)
    for (const target of targets) {
      const what = `${name} dry run ${target}`;
      const { cpuSeconds } = cost(check, what, ["compile", path, "-t", target, "-o", join(work, "none"), "--dry-run"]);
      check(figure(19, what, `${cpuSeconds.toFixed(2)} s`, `<= ${most} s`, cpuSeconds <= most));
    }
}

function chains(check, work) {
  const lengths = [1000, 4000, 16000];
  const ran = lengths.map((nodes) => {
    const model = join(work, `${nodes}.onnx`);
    writeFileSync(model, chain(nodes));
    const out = join(work, "bundle");
    const taken = cost(check, `${nodes} nodes`, ["compile", model, "-t", "cann", "--no-twin", "--force", "-o", out]);
    console.log(`     19  ${nodes} nodes: ${taken.cpuSeconds.toFixed(1)} s, ${taken.peakRssMiB.toFixed(0)} MiB`);
    return taken;
  });
  for (const [i, { cpuSeconds }] of ran.entries()) {
    if (i === 0) continue;
    const times = cpuSeconds / ran[i - 1].cpuSeconds;
    check(figure(19, `${lengths[i]} nodes over ${lengths[i - 1]}`, `${times.toFixed(2)} times`, "<= 4.4 times", times <= 4.4));
  }
  const { cpuSeconds, peakRssMiB } = ran[ran.length - 1];
  check(figure(19, "16,000 nodes", `${cpuSeconds.toFixed(1)} s`, "< 90 s", cpuSeconds < 90));
  check(figure(19, "16,000 nodes peak memory", `${peakRssMiB.toFixed(0)} MiB`, "<= 450 MiB", peakRssMiB <= 450));
}

/** MatMul, Relu, Add, Sigmoid, and again, each product and sum with a weight of its own. */
function chain(nodes) {
  const node = [];
  const initializer = [];
  let seed = 1;
  const weight = (name, ...dims) => {
    const values = Array.from(
      { length: dims.reduce((a, b) => a * b) },
      () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 33,
    );
    initializer.push({ name, dims, dataType: 1, rawData: new Uint8Array(Float32Array.from(values).buffer) });
    return name;
  };
  const inputs = [(i) => [weight(`w${i}`, width, width)], () => [], (i) => [weight(`b${i}`, width)], () => []];
  for (let i = 0; i < nodes; i++) {
    const opType = ["MatMul", "Relu", "Add", "Sigmoid"][i % 4];
    node.push({ opType, name: `/${i}`, input: [i === 0 ? "x" : `t${i - 1}`, ...inputs[i % 4](i)], output: [`t${i}`] });
  }
  const value = (name) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [8, width].map((dimValue) => ({ dimValue })) } } } });
  const graph = { name: "chain", node, initializer, input: [value("x")], output: [value(`t${nodes - 1}`)] };
  return onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph })).finish();
}

/** Height and width as each exporter names them; the batch of the one that leaves it open is told. */
const segmenters = [
  { name: "segformer-ts", sizes: ["height", "width"] },
  { name: "segformer-dynamo", sizes: ["s69", "s87"] },
];

function arenas(check, work) {
  for (const { name, sizes } of segmenters) {
    const model = join(root, ".cache/exports", name, "model.onnx");
    if (!existsSync(model)) {
      console.log(`skip 19  ${name}: not in .cache/exports; line 16 with --peers makes it`);
      continue;
    }
    const arena = (range) => {
      const dims = sizes.flatMap((size) => ["--dim", `${size}=${range}`]);
      const { stdout } = cost(check, name, ["compile", model, "-t", "cann", "-o", join(work, "none"), "--dry-run", "--json", ...dims]);
      return JSON.parse(stdout).bundles[0].arena;
    };
    const [open, largest] = [arena("32..512"), arena("512")];
    const most = 1.1 * largest.bytes;
    check(figure(19, `${name} of 32 to 512: arena`, `${open.bytes} B`, `<= ${Math.round(most)} B`, open.bytes <= most));
  }
}

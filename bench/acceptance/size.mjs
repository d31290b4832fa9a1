/**
 * Line 5: a transformer of 2 GB whose weights lie beside it, mostly holes with blocks of random bytes in each tensor.
 * What each command takes is measured in processes of their own. The files lie in .cache/size and are deleted afterwards.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import proto from "onnx-proto";
import { makeExports } from "./exports.mjs";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const width = 2048;
const inner = 4 * width;
const heads = 16;
const tokens = 32;
const layers = 10;
const blockBytes = 64 << 10;

const { onnx } = proto;
const T = onnx.AttributeProto.AttributeType;

/** Nodes and weights of the model, in order; weights as name and dims. */
function transformer() {
  const nodes = [];
  const weights = [];
  const small = [];
  const add = (opType, input, output, attribute = []) => {
    nodes.push({ opType, name: output, input, output: [output], attribute });
    return output;
  };
  const weight = (name, dims) => {
    weights.push({ name, dims });
    return name;
  };
  const linear = (x, name, from, to) =>
    add("Add", [add("MatMul", [x, weight(`${name}.weight`, [from, to])], `${name}.product`), weight(`${name}.bias`, [to])], name);
  const norm = (x, name) =>
    add("LayerNormalization", [x, weight(`${name}.scale`, [width]), weight(`${name}.shift`, [width])], name, [
      { name: "axis", type: T.INT, i: -1 },
      { name: "epsilon", type: T.FLOAT, f: 1e-5 },
    ]);
  const i64 = (name, values) => small.push({ name, dims: [values.length], dataType: 7, int64Data: values });
  const f32 = (name, value) => small.push({ name, dims: [], dataType: 1, floatData: [value] });
  i64("split", [1, tokens, heads, width / heads]);
  i64("joined", [1, tokens, width]);
  f32("scale", 1 / Math.sqrt(width / heads));
  f32("half", 0.5);
  f32("one", 1);
  f32("root2", Math.SQRT2);
  const headsOf = (x, perm) => {
    const split = add("Reshape", [x, "split"], `${x}.split`);
    return add("Transpose", [split], `${x}.heads`, [{ name: "perm", type: T.INTS, ints: perm }]);
  };
  let x = "x";
  for (let l = 0; l < layers; l++) {
    const at = `layer${l}`;
    const n = norm(x, `${at}.norm1`);
    const q = headsOf(linear(n, `${at}.q`, width, width), [0, 2, 1, 3]);
    const k = headsOf(linear(n, `${at}.k`, width, width), [0, 2, 3, 1]);
    const v = headsOf(linear(n, `${at}.v`, width, width), [0, 2, 1, 3]);
    const scores = add("Mul", [add("MatMul", [q, k], `${at}.qk`), "scale"], `${at}.scores`);
    const mixed = add("MatMul", [add("Softmax", [scores], `${at}.weights`, [{ name: "axis", type: T.INT, i: -1 }]), v], `${at}.mixed`);
    const back = add("Transpose", [mixed], `${at}.back`, [{ name: "perm", type: T.INTS, ints: [0, 2, 1, 3] }]);
    const o = linear(add("Reshape", [back, "joined"], `${at}.flat`), `${at}.o`, width, width);
    x = add("Add", [x, o], `${at}.residual1`);
    const up = linear(norm(x, `${at}.norm2`), `${at}.up`, width, inner);
    const erf = add("Add", [add("Erf", [add("Div", [up, "root2"], `${at}.scaled`)], `${at}.erf`), "one"], `${at}.erf1`);
    const gelu = add("Mul", [add("Mul", [up, erf], `${at}.product`), "half"], `${at}.gelu`);
    x = add("Add", [x, linear(gelu, `${at}.down`, inner, width)], l === layers - 1 ? "y" : `${at}.residual2`);
  }
  return { nodes, weights, small };
}

/** Writes model.onnx and model.bin; gives each large tensor's name and sha256. */
function writeModel(folder) {
  const { nodes, weights, small } = transformer();
  const value = (name) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [1, tokens, width].map((dimValue) => ({ dimValue })) } } },
  });
  const fd = openSync(join(folder, "model.bin"), "w");
  let offset = 0;
  let seed = 1;
  const block = new Float32Array(blockBytes / 4);
  const initializer = weights.map(({ name, dims }) => {
    const length = 4 * dims.reduce((a, b) => a * b);
    for (let i = 0; i < block.length; i++) block[i] = ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32 - 0.5) / 16;
    const bytes = new Uint8Array(block.buffer, 0, Math.min(blockBytes, length));
    const middle = Math.floor((length - bytes.length) / 8) * 4;
    for (const at of new Set([0, middle])) writeSync(fd, bytes, 0, bytes.length, offset + at);
    const entries = { location: "model.bin", offset: `${offset}`, length: `${length}` };
    const externalData = Object.entries(entries).map(([key, text]) => ({ key, value: text }));
    offset += Math.ceil(length / 4096) * 4096;
    return { name, dims, dataType: 1, dataLocation: 1, externalData };
  });
  ftruncateSync(fd, offset);
  closeSync(fd);
  const graph = { name: "transformer", node: nodes, input: [value("x")], output: [value("y")], initializer: [...initializer, ...small] };
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph });
  writeFileSync(join(folder, "model.onnx"), onnx.ModelProto.encode(model).finish());
  return offset;
}

/** sha256 of each external tensor of a model, sorted: what must survive. */
function payloadHashes(folder, file) {
  const { graph } = onnx.ModelProto.decode(readFileSync(join(folder, file)));
  const chunk = Buffer.alloc(4 << 20);
  const hashes = graph.initializer
    .filter((t) => t.externalData.length > 0)
    .flatMap(({ externalData, dims }) => {
      const { location, offset, length } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
      const fd = openSync(join(folder, location), "r");
      const hash = createHash("sha256");
      // A bias of zeros and a scale of ones, as untrained models have them, may go: nothing of a user's is in them.
      const element = Number(length) / dims.reduce((n, d) => n * Number(d), 1);
      let varies = false;
      for (let done = 0; done < Number(length);) {
        const got = readSync(fd, chunk, 0, Math.min(chunk.length, Number(length) - done), Number(offset ?? 0) + done);
        if (got === 0) throw new Error(`${file}: ${location} is short`);
        hash.update(chunk.subarray(0, got));
        varies ||= !chunk.subarray(0, got - element).equals(chunk.subarray(element, got));
        done += got;
      }
      closeSync(fd);
      return varies ? [hash.digest("hex")] : [];
    });
  return hashes.sort();
}

export async function size(check, { targets = ["cann", "bang", "kunlun"], peers } = {}) {
  const folder = join(root, ".cache/size");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const bytes = writeModel(folder);
    check(figure(5, "model with external data", `${(bytes / 1e9).toFixed(2)} GB`, ">= 2 GB", bytes >= 2e9));
    const model = join(folder, "model.onnx");
    limits(check, "inspect", portolan(["inspect", model]), 2, 250);
    const optimized = join(folder, "optimized.onnx");
    limits(check, "optimize", portolan(["optimize", model, "-o", optimized, "--external-data"]), 15, 500);
    if (statSync(optimized, { throwIfNoEntry: false })) {
      const [before, after] = [payloadHashes(folder, "model.onnx"), payloadHashes(folder, "optimized.onnx")];
      const kept = before.filter((h) => after.includes(h)).length;
      check(figure(5, "payload hashes intact", `${kept}/${before.length}`, `${before.length}`, kept === before.length));
    }
    rmSync(`${optimized}.data`, { force: true });
    const ways = [[], ["--copy-weights"]];
    for (const [target, more] of targets.flatMap((t) => ways.map((w) => [t, w]))) {
      const out = join(folder, "bundle");
      const ran = portolan(["compile", model, "-t", target, "-o", out, ...more]);
      limits(check, `compile ${target} ${more.join(" ") || "by reference"}`, ran, undefined, 700);
      rmSync(out, { recursive: true, force: true });
    }
    exportedModels(check, folder, targets, peers);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** MiB that each command may take on models as large as users' own, from bench/export. */
const large = [
  { name: "qwen2-0.5b", folder: "qwen2-0.5b-dynamo", inspect: 100, optimize: 450, compile: 600 },
  { name: "bert-base", folder: "bert-base-ts", inspect: 100, optimize: 200, compile: 600 },
];

function exportedModels(check, work, targets, peers) {
  const kept = join(root, ".cache/large");
  if (peers)
    makeExports(
      kept,
      large.map((l) => l.name),
    );
  for (const { name, folder, ...most } of large) {
    const model = join(kept, folder, "model.onnx");
    if (!existsSync(model)) {
      console.log(`skip 5  ${name}: not in .cache/large; run with --peers and a Python that has torch and transformers`);
      continue;
    }
    limits(check, `${name} inspect`, portolan(["inspect", model]), undefined, most.inspect);
    const optimized = join(work, "optimized.onnx");
    limits(check, `${name} optimize`, portolan(["optimize", model, "-o", optimized]), undefined, most.optimize);
    sameWeights(check, name, model, optimized);
    rmSync(`${optimized}.data`, { force: true });
    for (const target of targets) {
      const out = join(work, "bundle");
      limits(check, `${name} compile ${target}`, portolan(["compile", model, "-t", target, "-o", out]), undefined, most.compile);
      const [own, held] = [bytesBeside(model), heldBytes(out)];
      check(figure(5, `${name} ${target}: weights of the program`, `${held} B`, `<= ${own} B of the model`, held <= own));
      rmSync(out, { recursive: true, force: true });
    }
  }
}

/** The model's file and the one beside it. */
function bytesBeside(model) {
  return [model, `${model}.data`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Bytes that a program loads. */
function heldBytes(bundle) {
  const { program } = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8"));
  return program.weights.reduce((sum, w) => sum + w.from.length, 0);
}

/** Every large tensor of the model is in the optimised one, byte for byte, as it was or as `optimize` turned it; and none twice. */
function sameWeights(check, name, model, optimized) {
  const [before, after] = [bytesBeside(model), bytesBeside(optimized)];
  check(figure(5, `${name} optimised: size`, `${after} B`, `<= ${before} B`, after <= before));
  if (!statSync(`${model}.data`, { throwIfNoEntry: false })) return;
  const [old, made] = [model, optimized].map((file) => payloadHashes(dirname(file), basename(file)));
  const kept = old.filter((h) => made.includes(h)).length;
  check(figure(5, `${name} optimised: payload hashes intact`, `${kept}/${old.length}`, `${old.length}`, kept === old.length));
}

function limits(check, what, ran, seconds, mib) {
  if (ran.status !== 0) return check(figure(5, what, `exit ${ran.status}: ${firstLine(ran.stderr)}`, "exit 0", false));
  const time = `${ran.seconds.toFixed(2)} s`;
  if (seconds !== undefined) check(figure(5, `${what} time`, time, `< ${seconds} s`, ran.seconds < seconds));
  const memory = `${ran.peakRssMiB.toFixed(0)} MiB${seconds === undefined ? ` in ${time}` : ""}`;
  check(figure(5, `${what} peak memory`, memory, `< ${mib} MiB`, ran.peakRssMiB < mib));
}

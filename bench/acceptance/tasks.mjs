/**
 * Line 21 (with --peers): trained models on data like theirs, which bench/quantise/data.py makes. Printed lines that PP-OCR reads
 * alike in int8 under a budget, text that it finds in the same places, speech that silero tells from noise alike, and a sentence transformer;
 * all of them, and architectures of usual size with random weights, beside onnxruntime's own quantiser, beside NNCF's and beside the nearest
 * levels of four bits. PORTOLAN_PYTHON names a Python with onnx, onnxruntime and pillow; lines need a Chinese font of Debian's.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeArrays } from "../../dist/src/api/arrays.js";
import { openReference } from "../../dist/src/verify/reference.js";
import { fetchModel, frozenModels } from "../models.mjs";
import { dataOf, feedsIn, font, netOf, runPython } from "../quantise/data.mjs";
import { sqnr } from "../quantise/sqnr.mjs";
import { figure, firstLine, root } from "./measure.mjs";

const line = 21;

/** @param check collects { line, what, value, floor, ok } */
export async function tasks(api, check, { peers, only } = {}) {
  if (!peers || !process.env.PORTOLAN_PYTHON) {
    console.log(`skip ${line}  trained models on data like theirs: run with --peers, and PORTOLAN_PYTHON naming a Python with onnxruntime`);
    return;
  }
  const work = mkdtempSync(join(tmpdir(), "portolan-tasks-"));
  try {
    for (const [name, run] of Object.entries({ lines: printedLines, pages, speech, sentences, nets, decoder }))
      if (!only || only.includes(name)) await told(check, name, () => run(api, check, work));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What stops one task is its own miss and not the end of the line. */
async function told(check, name, work) {
  try {
    await work();
  } catch (error) {
    check(figure(line, name, firstLine(error.message), "figures", false));
  }
}

async function quantised(api, model, output, options) {
  const started = performance.now();
  const result = await api.quantize(model, { scheme: "w8a8", ...options, output });
  if (!result.ok) throw new Error(result.diagnostics.map((d) => d.message).join("\n"));
  return { ...result.quantized, seconds: (performance.now() - started) / 1000 };
}

/** Characters of each line: the likeliest class at each step, repeats and blanks left out. */
async function decoded(model, feeds, keys) {
  const reference = await openReference(model);
  const out = [];
  for (const feed of feeds) {
    const [{ shape, data }] = [...(await reference.run(feed)).values()];
    const [, steps, classes] = shape;
    let [text, before] = ["", 0];
    for (let t = 0; t < steps; t++) {
      const row = data.subarray(t * classes, (t + 1) * classes);
      const best = row.indexOf(Math.max(...row));
      if (best !== 0 && best !== before) text += keys[best] ?? "";
      before = best;
    }
    out.push(text);
  }
  return out;
}

async function printedLines(api, check, work) {
  if (!font()) {
    console.log(`skip ${line}  printed lines: no Chinese font of Debian's here (apt install fonts-wqy-zenhei)`);
    return;
  }
  const model = fetchModel("rec");
  const keys = ["", ...readFileSync(fetchModel("ocr-keys"), "utf8").split("\n").filter((k) => k !== ""), " "]; // prettier-ignore
  const data = dataOf("lines", "--font", font(), "--calib", "32", "--test", "128");
  const wanted = JSON.parse(readFileSync(join(data, "test.json"), "utf8"));
  const feeds = feedsIn(join(data, "test.npz"));
  const plain = (text) => text.replaceAll(" ", "");
  const float = await decoded(model, feeds, keys);
  const read = float.filter((text, i) => plain(text) === plain(wanted[i])).length;
  const percent = (n, of = feeds.length) => `${n} of ${of}, ${((100 * n) / of).toFixed(1)} %`;
  check(figure(line, "printed lines that float reads rightly", percent(read), ">= 95 %", read >= 0.95 * feeds.length));
  const output = join(work, "rec.onnx");
  const { layers, seconds } = await quantised(api, model, output, { calibration: join(data, "calib.npz"), budget: "sqnr>=20dB" });
  const same = (await decoded(output, feeds, keys)).filter((text, i) => text === float[i]).length;
  const share = (100 * macsOf(layers.filter((l) => l.held === "float"))) / macsOf(layers);
  const held = `${percent(same)}; ${share.toFixed(1)} % of multiplications left in float, found in ${seconds.toFixed(0)} s`;
  check(figure(line, "read alike in int8", held, ">= 98 %", same >= 0.98 * feeds.length));
  await besidePeer(api, check, work, { name: "PP-OCR rec", model, data, least: 2 });
  await besideNearest(api, check, work, { name: "PP-OCR rec", model, data });
}

/** Rectangles about what a detector marks: connected places of more than 0.3, as [left, top, right, bottom]. */
function boxesOf({ shape, data }) {
  const [height, width] = shape.slice(-2);
  const seen = new Uint8Array(height * width);
  const out = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || data[start] <= 0.3) continue;
    const [box, stack] = [[width, height, 0, 0], [start]];
    let area = 0;
    seen[start] = 1;
    while (stack.length > 0) {
      const at = stack.pop();
      const [x, y] = [at % width, Math.floor(at / width)];
      [box[0], box[1], box[2], box[3]] = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1)];
      area++;
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        const [nx, ny] = [x + dx, y + dy];
        const next = ny * width + nx;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || seen[next] || data[next] <= 0.3) continue;
        seen[next] = 1;
        stack.push(next);
      }
    }
    if (area >= 16) out.push(box);
  }
  return out;
}

function overlap(a, b) {
  const area = ([l, t, r, b]) => Math.max(0, r - l) * Math.max(0, b - t);
  const both = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return both / (area(a) + area(b) - both);
}

async function pages(api, check, work) {
  if (!font()) {
    console.log(`skip ${line}  pages: no Chinese font of Debian's here (apt install fonts-wqy-zenhei)`);
    return;
  }
  const model = fetchModel("det");
  const data = dataOf("pages", "--font", font(), "--calib", "16", "--test", "24");
  const feeds = feedsIn(join(data, "test.npz"));
  const output = join(work, "det.onnx");
  const { layers } = await quantised(api, model, output, { calibration: join(data, "calib.npz"), budget: "sqnr>=20dB" });
  const [float, held] = [await openReference(model), await openReference(output)];
  const overlaps = [];
  for (const feed of feeds) {
    const [[want], [got]] = [[...(await float.run(feed)).values()], [...(await held.run(feed)).values()]];
    const found = boxesOf(got);
    for (const box of boxesOf(want)) overlaps.push(Math.max(0, ...found.map((b) => overlap(box, b))));
  }
  const mean = overlaps.reduce((a, b) => a + b, 0) / overlaps.length;
  const told = `${mean.toFixed(4)} over ${overlaps.length} boxes, ${layers.filter((l) => l.held === "float").length} of ${layers.length} layers in float`;
  check(figure(line, "PP-OCR's boxes in int8, mean overlap with float's", told, ">= 0.97", overlaps.length >= 50 && mean >= 0.97));
  await besidePeer(api, check, work, { name: "PP-OCR det", model, data, least: 2 });
}

/** What a detector of speech says of frames in a row, each with the state that the last one left, and what it was fed. */
async function heard(model, frames, more) {
  const reference = await openReference(model);
  const state = () => ({ dtype: "f32", shape: [2, 1, 64], data: new Float32Array(128) });
  let [h, c] = [state(), state()];
  const [said, feeds] = [[], []];
  for (const frame of frames) {
    const feed = new Map([["input", { ...frame, shape: [1, 512] }], ["h", h], ["c", c]]); // prettier-ignore
    const out = await reference.run(new Map([...feed, ...more]));
    said.push(out.get("output").data[0]);
    feeds.push(feed);
    [h, c] = [out.get("hn"), out.get("cn")];
  }
  return { said, feeds };
}

async function speech(api, check, work) {
  const model = fetchModel("silero");
  const { freeze } = frozenModels.find((m) => m.name === "silero");
  const data = dataOf("speech", "--calib", "200", "--test", "600");
  const framesIn = (name) => feedsIn(join(data, name)).map((f) => f.get("frames"));
  const { feeds } = await heard(model, framesIn("calib.npz"), Object.entries(freeze));
  const output = join(work, "silero.onnx");
  await quantised(api, model, output, { calibration: feeds, freeze: new Map(Object.entries(freeze)), budget: "sqnr>=20dB" });
  const frames = framesIn("test.npz");
  const [float, held] = [await heard(model, frames, Object.entries(freeze)), await heard(output, frames, [])];
  const same = float.said.filter((p, i) => p > 0.5 === held.said[i] > 0.5).length;
  const [loud, all] = [float.said.filter((p) => p > 0.5).length, frames.length];
  const ok = same >= 0.99 * all && loud >= 150 && all - loud >= 150;
  check(
    figure(line, "frames that silero in int8 decides alike", `${same} of ${all}, ${loud} of them speech`, ">= 99 %, 150 on each side", ok),
  );
}

/** Beside onnxruntime's static quantiser and NNCF's: the same samples, bits and granularity; `least` is in dB. */
async function besidePeer(api, check, work, { name, model, data, least, kind }) {
  const calibration = join(data, "calib.npz");
  const feeds = feedsIn(join(data, "test.npz"));
  const [ours, peer, samples] = [join(work, `${name}.onnx`), join(work, `${name}-peer.onnx`), join(work, `${name}-samples`)];
  const { layers, seconds } = await quantised(api, model, ours, { calibration });
  mkdirSync(samples);
  feedsIn(calibration).forEach((f, i) => writeFileSync(join(samples, `${String(i).padStart(4, "0")}.npz`), encodeArrays(f)));
  const started = performance.now();
  const script = join(root, "bench/quantise/peer.py");
  runPython(script, model, samples, peer);
  const peerSeconds = (performance.now() - started) / 1000;
  const [a, b] = [await sqnr(model, ours, feeds), await sqnr(model, peer, feeds)];
  const both = `${a.toFixed(1)} and ${b.toFixed(1)} dB, in ${seconds.toFixed(0)} and ${peerSeconds.toFixed(0)} s`;
  check(figure(line, `${name} w8a8 beside onnxruntime's`, both, `>= ${least} dB more`, a - b >= least));
  const share = (100 * macsOf(layers.filter((l) => l.held === "float"))) / macsOf(layers);
  check(figure(line, `${name}, multiplications left in float`, `${share.toFixed(2)} %`, "<= 2 %", share <= 2));
  await told(check, `${name} beside NNCF's`, () => besideNncf(check, work, { name, model, samples, feeds, kind, ours: a }));
  return a;
}

const hasNncf = (() => {
  let known;
  return () => (known ??= canImport("nncf"));
})();

function canImport(module) {
  try {
    runPython("-c", `import ${module}`);
    return true;
  } catch {
    return false;
  }
}

/** `kind` is what it is told of the model: "transformer", or nothing. */
async function besideNncf(check, work, { name, model, samples, feeds, kind, ours }) {
  if (!hasNncf()) return void console.log(`skip ${line}  ${name} beside NNCF: the Python of PORTOLAN_PYTHON has no nncf`);
  const peer = join(work, `${name}-nncf.onnx`);
  const started = performance.now();
  runPython(join(root, "bench/quantise/peer_nncf.py"), model, samples, peer, ...(kind ? [kind] : []));
  const seconds = (performance.now() - started) / 1000;
  const theirs = await sqnr(model, peer, feeds);
  const value = `${ours.toFixed(1)} and ${theirs.toFixed(1)} dB, NNCF in ${seconds.toFixed(0)} s`;
  check(figure(line, `${name} w8a8 beside NNCF's`, value, "no less", ours >= theirs));
}

const macsOf = (layers) => layers.reduce((sum, l) => sum + l.macs, 0);

/** Levels of four bits that samples chose beside the nearest ones, on samples that were not seen. */
async function besideNearest(api, check, work, { name, model, data, group = 128 }) {
  const calibration = join(data, "calib.npz");
  const feeds = feedsIn(join(data, "test.npz"));
  const [learnt, nearest] = [join(work, `${name}-learnt.onnx`), join(work, `${name}-nearest.onnx`)];
  const { seconds } = await quantised(api, model, learnt, { calibration, scheme: "w4a16", group });
  await quantised(api, model, nearest, { scheme: "w4a16", group });
  const [l, n] = [await sqnr(model, learnt, feeds), await sqnr(model, nearest, feeds)];
  const ratio = 10 ** ((n - l) / 10);
  const told = `${l.toFixed(1)} and ${n.toFixed(1)} dB, ${ratio.toFixed(2)} of the error, in ${seconds.toFixed(0)} s`;
  check(figure(line, `${name} w4a16 beside the nearest levels`, told, "<= 0.75 of the error", ratio <= 0.75));
}

async function sentences(api, check, work) {
  const model = fetchModel("minilm");
  const data = dataOf("tokens", "--calib", "48", "--test", "32");
  const fixed = await besidePeer(api, check, work, { name: "MiniLM", model, data, least: 4, kind: "transformer" });
  const dynamic = join(work, "dynamic.onnx");
  await quantised(api, model, dynamic, { calibration: join(data, "calib.npz"), scheme: "w8a8-dynamic" });
  const found = await sqnr(model, dynamic, feedsIn(join(data, "test.npz")));
  check(figure(line, "MiniLM w8a8-dynamic", `${found.toFixed(1)} dB`, "no less than w8a8", found >= fixed));
  await besideNearest(api, check, work, { name: "MiniLM", model, data });
}

/** Usual sizes, random weights. */
async function nets(api, check, work) {
  const transformer = "transformer";
  for (const [name, least, kind] of [
    ["vit", 6, transformer],
    ["bert", 6, transformer],
    ["resnet50", 1],
    ["mobilenetv2", 1],
  ]) {
    await told(check, name, async () => {
      const data = netOf(name);
      await besidePeer(api, check, work, { name, model: join(data, "model.onnx"), data, least, kind });
    });
  }
}

async function decoder(api, check, work) {
  const data = netOf("decoder");
  await besideNearest(api, check, work, { name: "decoder with outliers", model: join(data, "model.onnx"), data });
}

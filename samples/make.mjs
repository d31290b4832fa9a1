/**
 * Makes the sample models, and from each its generated projects.
 *
 *   node samples/make.mjs            tells which committed files differ from what would be made; exits 1 when one does
 *   node samples/make.mjs --write    makes them again
 *   node samples/make.mjs --whole DIR    writes the whole projects there
 *
 * Of a project all is committed but runtime/ and twin/, which are copies of what lies in targets/: their sha256 stand in
 * its manifest.json.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "../dist/src/api/compile.js";
import { seededInputs } from "../dist/src/verify/inputs.js";
import { exportOnnx } from "../dist/src/onnx/export/export.js";
import { writeNpz } from "../dist/src/verify/npz.js";
import { attentionBlock, broadcastRelu, convNet, customOp } from "./models.mjs";

export const samplesFolder = dirname(fileURLToPath(import.meta.url));
export const targets = ["cann", "bang", "kunlun"];

/** Models whose generated projects are committed, by folder; `file` names the model, and so every C symbol. */
export const goldens = [
  { folder: "broadcast-relu", file: "broadcast_relu.onnx", graph: broadcastRelu, example: { N: 7 } },
  { folder: "conv-net", file: "conv_net.onnx", graph: convNet, example: {} },
  { folder: "attention-block", file: "attention_block.onnx", graph: attentionBlock, example: { T: 10 } },
];
const models = [...goldens, { folder: "custom-op", file: "model.onnx", graph: customOp, example: { N: 5 } }];

/** The bytes of each model and of an input for it, by path below samples/. */
export function modelFiles() {
  const files = new Map();
  for (const { folder, file, graph, example } of models) {
    const made = graph();
    files.set(`${folder}/${file}`, Buffer.concat([...exportOnnx(made)]));
    files.set(`${folder}/in.npz`, writeNpz(seededInputs(made, 1, new Map(Object.entries(example)))));
  }
  return files;
}

/** A bundle that travels alone, twin included: its files by path. */
async function bundleFiles({ folder, file }, target) {
  const result = await compile(join(samplesFolder, folder, file), { target, copyWeights: true });
  if (!result.ok) throw new Error(`${folder} for ${target}: ${result.diagnostics.map((d) => d.message).join("; ")}`);
  const { files, manifest } = result.compiled.bundle;
  const made = new Map(files.map((f) => [f.path, Buffer.concat([...f.bytes()])]));
  const hashes = Object.fromEntries([...made].map(([path, bytes]) => [path, createHash("sha256").update(bytes).digest("hex")]));
  const last = manifest(hashes);
  return made.set(last.path, Buffer.concat([...last.bytes()]));
}

const isCopy = (path) => /^(runtime|twin)\//.test(path);

/** What is committed of a project. */
export async function committedFiles(golden, target) {
  return new Map([...(await bundleFiles(golden, target))].filter(([path]) => !isCopy(path)));
}

/** Writes the whole project of a sample into a folder, which is made. */
export async function writeProject(golden, target, folder) {
  put(folder, await bundleFiles(golden, target));
}

/** All files below a folder, relative to it; none when it is missing. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name).slice(folder.length + 1));
}

/** Paths below `folder` whose bytes are not those of `files`, or which only one side has. */
export function differences(folder, files, there = filesBelow(folder)) {
  const paths = [...new Set([...files.keys(), ...there])].sort();
  return paths.filter((p) => {
    const [made, old] = [files.get(p), existsSync(join(folder, p)) ? readFileSync(join(folder, p)) : undefined];
    return !made || !old || Buffer.compare(made, old) !== 0;
  });
}

function put(folder, files) {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

async function main(write) {
  const made = modelFiles();
  const wrong = differences(samplesFolder, made, []);
  if (write) put(samplesFolder, made);
  for (const golden of goldens)
    for (const target of targets) {
      const folder = join(samplesFolder, golden.folder, target);
      const files = await committedFiles(golden, target);
      wrong.push(...differences(folder, files).map((p) => `${golden.folder}/${target}/${p}`));
      if (!write) continue;
      rmSync(folder, { recursive: true, force: true });
      put(folder, files);
    }
  for (const path of wrong) console.log(`${write ? "wrote" : "differs"}  samples/${path}`);
  if (wrong.length === 0) console.log("all samples are what would be made");
  return write || wrong.length === 0 ? 0 : 1;
}

async function whole(folder) {
  for (const golden of goldens) for (const target of targets) await writeProject(golden, target, join(folder, golden.folder, target));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--whole");
  if (at > 0) await whole(process.argv[at + 1]);
  else process.exitCode = await main(process.argv.includes("--write"));
}

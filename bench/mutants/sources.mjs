/** The models that are mutated: samples and small real ones, and the conformance set where it lies beside the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelFolder } from "../models.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const packs = join(root, "../shared/onnx-tests");
const smallReal = ["alexa_v0.1", "hello_deepa", "hey_rhasspy_v0.1", "ch_ppocr_mobile_v2.0_cls_infer", "melspectrogram"];
/** A small model is mutated this often for once that a real one is: it takes a hundredth of the time. */
const smallPerReal = 100;

function samples() {
  const folder = join(root, "samples");
  const folders = readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory());
  return folders.flatMap(({ name }) => {
    const inside = readdirSync(join(folder, name)).filter((f) => f.endsWith(".onnx"));
    return inside.map((f) => ({ name: `${name}/${f}`, bytes: readFileSync(join(folder, name, f)) }));
  });
}

async function conformance() {
  if (!existsSync(packs)) return [];
  const { readTarGz } = await import(join(root, "dist/src/base/tar.js"));
  const archives = readdirSync(packs)
    .filter((f) => f.endsWith(".tar.gz"))
    .sort();
  const files = archives.flatMap((f) => [...readTarGz(readFileSync(join(packs, f)), f)]);
  return files.filter((e) => e.path.endsWith("model.onnx") && e.bytes.length < 200_000).map((e) => ({ name: e.path, bytes: e.bytes }));
}

function real() {
  const paths = smallReal.map((name) => join(modelFolder, `${name}.onnx`)).filter(existsSync);
  return paths.map((path) => ({ name: path.slice(modelFolder.length + 1), bytes: readFileSync(path) }));
}

/** Answers with the model of a seed. */
export async function sourceOf() {
  const [small, large] = [[...samples(), ...(await conformance())], real()];
  return (seed) => {
    if (large.length > 0 && seed % smallPerReal === 0) return large[(seed / smallPerReal) % large.length];
    return small[(Math.imul(seed, 0x9e3779b1) >>> 0) % small.length];
  };
}

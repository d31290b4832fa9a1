/** A checkpoint as it lies in a folder: its configuration and the headers of its files. No weight is read. */
import { basename, dirname, join } from "node:path";
import { fail, type Diagnostic } from "../base/diagnostic.js";
import type { Said } from "../base/said.js";
import { readGguf, type Gguf } from "../checkpoint/gguf.js";
import { isFields, readJson } from "../checkpoint/json-file.js";
import { readShards } from "../checkpoint/shards.js";
import { openFile } from "../host/files.js";
import { filesIn } from "../host/folder.js";
import { allParts, firstPart } from "../host/gguf-parts.js";
import { said } from "../words/words.js";
import { partOf, wordOf, type Config } from "./fields.js";
import { formOf, modelSlimForm, plain, weightBytesOf, wideFloats, type Form } from "./form.js";
import { ggufConfig, ggufForm } from "./gguf-config.js";
import { readModelConfig, type FloatType, type ModelConfig } from "./read-config.js";
import { classOf, noWeights, weightsFromConfig, type WeightClasses } from "./weights.js";

export interface FoundCheckpoint {
  readonly folder: string;
  readonly model: ModelConfig;
  /** Floats that are not quantised: those of the headers, else of the configuration, else assumed, which is noted. */
  readonly dtype: FloatType;
  readonly form: Form;
  readonly weights: WeightClasses;
  /** Whether the bytes are those of headers, or follow from the configuration. */
  readonly measured: boolean;
  readonly tensors: number;
  /** Elements of tensors that are not packed; of a checkpoint without quantised tensors, all of its parameters. */
  readonly elements: number;
  readonly notes: readonly Said[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Header {
  readonly name: string;
  readonly bytes: number;
  readonly elements: number;
  /** Of floats that are not quantised. */
  readonly dtype?: FloatType;
}

/** Reads a folder with a config.json, or with a .gguf file, or that file. Throws `checkpoint-*`, `gguf-malformed`, and what headers may. */
export function findCheckpoint(path: string): FoundCheckpoint {
  if (path.toLowerCase().endsWith(".gguf")) return fromGgufFile(path);
  const names = filesIn(path);
  if (names.includes("config.json")) return fromFolder(path, names);
  const files = names.filter((n) => n.endsWith(".gguf"));
  if (files.length > 0) return fromGgufs(path, path, files);
  return fail("checkpoint-config-missing", `"${path}" has no config.json and no .gguf file`, {
    location: { path },
    why: "Sizes follow from the configuration.",
    fix: "Give the folder as it was downloaded, config.json included.",
  });
}

const older = ["quantize_config.json", "quant_config.json"];
const isDescription = (name: string): boolean => /^quant_model_description.*\.json$/.test(name);

/** Of a folder's files those, beside config.json, on which it hangs what is found there. */
export const decidingFiles = (names: readonly string[]): string[] =>
  names.filter((n) => older.includes(n) || isDescription(n) || /\.(?:safetensors|safetensors\.index\.json)$/.test(n));

function formIn(folder: string, names: readonly string[], whole: Config): Form {
  const described = names.find(isDescription);
  if (described !== undefined) return modelSlimForm(readJson(folder, described));
  const own = partOf(whole, "quantization_config") ?? partOf(whole, "compression_config");
  if (own) return formOf(own, whole);
  const beside = older.find((n) => names.includes(n));
  if (beside === undefined) return plain;
  const file = readJson(folder, beside);
  const made = wordOf(file, "quant_mode") ?? wordOf(file, "quant_method");
  return /SmoothQuant|WeightOnly/i.test(made ?? "") ? { ...formOf(file, whole), container: "mlu" } : formOf(file, whole);
}

const storedFloats: Readonly<Record<string, FloatType>> = { BF16: "bf16", F16: "f16", F32: "f32" };

/** In which most bytes of floats are stored. */
function typeOf(headers: readonly Header[]): FloatType | undefined {
  const bytes = (of: FloatType): number => headers.reduce((n, h) => n + (h.dtype === of ? h.bytes : 0), 0);
  const most = Object.values(storedFloats).sort((a, b) => bytes(b) - bytes(a))[0];
  return bytes(most) > 0 ? most : undefined;
}

/** What is told of the type of floats, where the configuration tells nothing. */
function dtypeNote({ dtype }: ModelConfig, { container }: Form, stored: FloatType | undefined): Said[] {
  if (dtype !== undefined || container === "gguf") return [];
  return [stored === undefined ? said("serve.dtype-assumed", { dtype: usual }) : said("serve.dtype-by-headers", { dtype: stored })];
}

/** What is taken where nothing tells the type of floats. */
const usual: FloatType = "bf16";

function headersIn(folder: string, names: readonly string[]): Header[] {
  const shards = readShards(folder, names);
  return [...shards.tensors.values()].map((t): Header => {
    const elements = t.shape.reduce((n, d) => n * d, 1);
    const dtype = Object.hasOwn(storedFloats, t.type) ? storedFloats[t.type] : undefined;
    return { name: t.name, bytes: t.length, elements, ...(dtype && { dtype }) };
  });
}

/** Bytes of all tensors that an index tells, where its files are not there. */
function indexed(folder: string, names: readonly string[]): number | undefined {
  const index = names.find((n) => n.endsWith(".safetensors.index.json"));
  if (index === undefined) return undefined;
  const { metadata } = readJson(folder, index).fields;
  const size = isFields(metadata) ? metadata["total_size"] : undefined;
  return typeof size === "number" && size > 0 ? size : undefined;
}

function fromFolder(folder: string, names: readonly string[]): FoundCheckpoint {
  const whole = readJson(folder, "config.json");
  const model = readModelConfig(whole);
  const form = formIn(folder, names, whole);
  if (names.some((n) => n.endsWith(".safetensors"))) return withHeaders(folder, model, form, headersIn(folder, names), []);
  const size = indexed(folder, names);
  const note = size === undefined ? said("serve.no-weights") : said("serve.index-alone", { gib: gib(size) });
  const all = base(folder, model, form, [note, ...towerNote(model, 0)]);
  const weights = weightsFromConfig(model.architecture, weightBytesOf(all.form));
  return { ...all, weights, measured: false, tensors: 0, elements: 0 };
}

export const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(bytes < 10 * 2 ** 30 ? 2 : 1);

function base(
  folder: string,
  model: ModelConfig,
  form: Form,
  notes: readonly Said[],
  stored?: FloatType,
): Omit<FoundCheckpoint, "weights" | "measured" | "tensors" | "elements"> {
  const dtype = stored ?? model.dtype ?? usual;
  const asStored = form === plain && dtype === "f32" ? wideFloats : form;
  return { folder, model, dtype, form: asStored, notes: [...notes, ...dtypeNote(model, form, stored)], diagnostics: [] };
}

const towerNote = (model: ModelConfig, bytes: number): Said[] => (model.hasTowers && bytes === 0 ? [said("serve.towers-unknown")] : []);

function withHeaders(folder: string, model: ModelConfig, form: Form, headers: readonly Header[], notes: readonly Said[]): FoundCheckpoint {
  const weights = { ...noWeights };
  let elements = 0;
  for (const h of headers) {
    weights[classOf(h.name, model.layers)] += h.bytes;
    elements += h.elements;
  }
  const more = [...notes, ...towerNote(model, weights.towers)];
  return { ...base(folder, model, form, more, typeOf(headers)), weights, measured: true, tensors: headers.length, elements };
}

/** The other files of one that is split lie beside it. */
function fromGgufFile(path: string): FoundCheckpoint {
  const files = allParts(firstPart(basename(path)));
  return files.length > 1 ? fromGgufs(path, dirname(path), files) : fromGguf(path, readGguf(openFile(path, path)), []);
}

function fromGgufs(path: string, folder: string, files: readonly string[]): FoundCheckpoint {
  const all = files.map((f) => readGguf(openFile(join(folder, f), join(folder, f))));
  const first = all.find((g) => g.fields.has("general.architecture")) ?? all[0];
  return fromGguf(path, { fields: first.fields, tensors: all.flatMap((g) => g.tensors) }, [said("serve.gguf-files", { n: files.length })]);
}

function fromGguf(path: string, gguf: Gguf, notes: readonly Said[]): FoundCheckpoint {
  const model = readModelConfig(ggufConfig(path, gguf));
  const headers = gguf.tensors.map((t) => ({ name: t.name, bytes: t.bytes, elements: t.shape.reduce((n, d) => n * d, 1) }));
  return withHeaders(path, model, ggufForm(gguf), headers, notes);
}

/**
 * What a checkpoint's configuration says of its quantised layers: `quantization_config` of config.json, or the older
 * quantize_config.json of AutoGPTQ and quant_config.json of AutoAWQ (S: ModelCloud/GPTQModel gptqmodel/utils/model.py;
 * baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py; vllm-project/compressed-tensors src/compressed_tensors/compressors).
 */
import { fail } from "../base/diagnostic.js";
import { closest } from "../base/suggest.js";
import { isFields, unfit, type JsonFile } from "./json-file.js";

/** Width and groups of some layers. */
export interface LevelsConfig {
  readonly bits: number;
  /** Neighbours that share a scale; -1 is one scale a channel, 0 one for the whole weight. */
  readonly group: number;
  /** Whether all zero points are said to be the middle; absent where nothing is said. */
  readonly symmetric?: boolean;
}

export type Quantisation =
  | ({ readonly method: "gptq"; readonly version: "gptq" | "gptq_v2"; readonly actOrder: boolean } & LevelsConfig)
  | ({ readonly method: "awq" } & LevelsConfig)
  | { readonly method: "compressed-tensors"; readonly format: string; readonly groups: readonly LevelsConfig[] };

type Fields = JsonFile["fields"];

/** Throws `checkpoint-config` and `unsupported-quantisation`. */
export function readQuantisation({ path, fields }: JsonFile): Quantisation {
  const method = fields["quant_method"] ?? (fields["w_bit"] !== undefined ? "awq" : fields["bits"] !== undefined ? "gptq" : undefined);
  switch (method) {
    case "gptq":
      return gptq(path, fields);
    case "awq":
      return awq(path, fields);
    case "compressed-tensors":
      return compressed(path, fields);
    default:
      return unsupported(path, `quant_method ${spelled(method)}${closest(String(method), ["gptq", "awq", "compressed-tensors"])}`);
  }
}

const spelled = (v: unknown): string => (v === undefined ? "absent" : JSON.stringify(v).slice(0, 60));

function unsupported(path: string, what: string): never {
  return fail("unsupported-quantisation", `${path}: ${what} is not read`, {
    location: { path },
    why: "Read are GPTQ (checkpoint_format gptq and gptq_v2), AWQ (version gemm) and compressed-tensors (pack-quantized and int-quantized).",
    fix: "Convert or export the checkpoint to one of these.",
  });
}

/** A whole number of those allowed. */
function whole(path: string, fields: Fields, name: string, allowed: (n: number) => boolean, wanted: string): number {
  const v = fields[name];
  if (typeof v === "number" && Number.isSafeInteger(v) && allowed(v)) return v;
  return unfit(path, `has ${name} ${spelled(v)}, which must be ${wanted}`);
}

const isGroup = (n: number): boolean => n === -1 || (n > 0 && n < 2 ** 31);
const groupWords = "a whole number of at least 1, or -1";

function flag(path: string, fields: Fields, name: string): boolean | undefined {
  const v = fields[name] ?? undefined;
  return v === undefined || typeof v === "boolean" ? v : unfit(path, `has ${name} ${spelled(v)}, which must be true or false`);
}

function gptq(path: string, fields: Fields): Quantisation {
  const version = fields["checkpoint_format"] ?? "gptq";
  if (version !== "gptq" && version !== "gptq_v2") return unsupported(path, `checkpoint_format ${spelled(version)}`);
  if (fields["is_marlin_format"] === true) return unsupported(path, "GPTQ in the layout of Marlin");
  const { dynamic } = fields;
  if (isFields(dynamic) && Object.keys(dynamic).length > 0) return unsupported(path, "GPTQ with widths by module (dynamic)");
  const bits = whole(path, fields, "bits", (n) => [2, 3, 4, 8].includes(n), "2, 3, 4 or 8");
  const group = whole(path, fields, "group_size", isGroup, groupWords);
  return { method: "gptq", version, bits, group, symmetric: flag(path, fields, "sym"), actOrder: flag(path, fields, "desc_act") ?? false };
}

/** The older file has w_bit and q_group_size. */
function awq(path: string, fields: Fields): Quantisation {
  const { version = "gemm" } = fields;
  if (typeof version !== "string" || version.toLowerCase() !== "gemm") return unsupported(path, `AWQ in version ${spelled(version)}`);
  const named = (name: string, older: string): string => (fields[name] === undefined ? older : name);
  const bits = whole(path, fields, named("bits", "w_bit"), (n) => n === 4, "4");
  const group = whole(path, fields, named("group_size", "q_group_size"), isGroup, groupWords);
  const zeros = flag(path, fields, "zero_point");
  return { method: "awq", bits, group, symmetric: zeros === undefined ? undefined : !zeros };
}

const formats = ["pack-quantized", "int-quantized"];

function compressed(path: string, fields: Fields): Quantisation {
  const { format, config_groups: given } = fields;
  if (!isFields(given)) return unfit(path, "has no config_groups");
  const groups = Object.entries(given).map(([name, group]) => {
    if (!isFields(group)) return unfit(path, `has a config group ${JSON.stringify(name)} that is no object`);
    const own = group["format"] ?? format;
    if (!formats.includes(own as string)) return unsupported(path, `compressed-tensors in format ${spelled(own)}`);
    return levelsOf(path, name, group["weights"]);
  });
  if (groups.length === 0) return unfit(path, "has no group in config_groups");
  return { method: "compressed-tensors", format: typeof format === "string" ? format : "mixed", groups };
}

function levelsOf(path: string, name: string, weights: unknown): LevelsConfig {
  if (!isFields(weights)) return unfit(path, `has a config group ${JSON.stringify(name)} without weights`);
  const { type = "int" } = weights;
  if (type !== "int") return unsupported(path, `compressed-tensors with weights of type ${spelled(type)}`);
  const bits = whole(path, weights, "num_bits", (n) => n >= 1 && n <= 8, "1 to 8");
  return { bits, group: groupOf(path, weights), symmetric: flag(path, weights, "symmetric") };
}

function groupOf(path: string, weights: Fields): number {
  const { strategy = (weights["group_size"] ?? undefined) === undefined ? "channel" : "group" } = weights;
  switch (strategy) {
    case "tensor":
      return 0;
    case "channel":
      return -1;
    case "group":
      return whole(path, weights, "group_size", isGroup, groupWords);
    default:
      return unsupported(path, `compressed-tensors with strategy ${spelled(strategy)} of weights`);
  }
}

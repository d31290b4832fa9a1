/** In which form a checkpoint's weights are: what its configuration, or the file of a quantiser beside it, says. */
import { isFields } from "../checkpoint/json-file.js";
import { cacheOf, type CacheBytes } from "../estimate/cache.js";
import type { Peak } from "../estimate/figures.js";
import type { WeightBytes } from "../estimate/step.js";
import { countOf, flagOf, partOf, wordOf, type Config } from "./fields.js";

type Container =
  | "plain"
  | "gptq"
  | "awq"
  | "auto-round"
  | "compressed-tensors"
  | "fp8"
  | "mxfp4"
  | "mxfp8"
  | "modelslim"
  | "mlu"
  | "online"
  | "gguf"
  | "other";

export interface Form {
  readonly container: Container;
  /** Bits of a weight, experts apart. */
  readonly bits: number;
  readonly expertBits: number;
  /** Bits of what weights are multiplied with. */
  readonly activationBits: number;
  /** Whether numbers of 8 and 4 bits are floats. */
  readonly floats: boolean;
  /** Neighbours that share a scale. */
  readonly group?: number;
  readonly symmetric?: boolean;
  readonly actOrder?: boolean;
  /** Bits of what is kept of tokens. */
  readonly cacheBits: number;
  /** How the method is called where it is none of ours. */
  readonly called?: string;
  /** Of formats that mix types: how many tensors each has. */
  readonly types?: Readonly<Record<string, number>>;
}

export const plain: Form = { container: "plain", bits: 16, expertBits: 16, activationBits: 16, floats: true, cacheBits: 16 };

/** Floats of four bytes, as some are stored. */
export const wideFloats: Form = { ...plain, bits: 32, expertBits: 32, cacheBits: 32 };

const integers = (container: Container, bits: number, activationBits: number, more: Partial<Form> = {}): Form => ({
  ...plain,
  ...{ container, bits, expertBits: bits, activationBits, floats: false },
  ...more,
});

const floats = (container: Container, bits: number, activationBits: number, more: Partial<Form> = {}): Form => ({
  ...integers(container, bits, activationBits, more),
  floats: true,
});

/** Widths that engines name, as users ask for them. */
export const namedForms = {
  bf16: plain,
  w8a8: integers("modelslim", 8, 8),
  w8a8c8: integers("modelslim", 8, 8, { cacheBits: 8 }),
  w8a16: integers("modelslim", 8, 16),
  w4a8: integers("modelslim", 8, 8, { expertBits: 4 }),
  w4a16: integers("compressed-tensors", 4, 16, { group: 128 }),
  fp8: floats("fp8", 8, 8, { group: 128 }),
  wint8: integers("online", 8, 16),
  wint4: integers("online", 4, 16),
} as const satisfies Readonly<Record<string, Form>>;

function gptqForm(c: Config): Form {
  const group = c.fields["group_size"];
  return integers("gptq", countOf(c, "bits") ?? 4, 16, {
    ...(typeof group === "number" && group > 0 && { group }),
    symmetric: flagOf(c, "sym") ?? true,
    actOrder: flagOf(c, "desc_act") ?? false,
  });
}

function awqForm(c: Config): Form {
  const group = countOf(c, "group_size", "q_group_size");
  return integers("awq", countOf(c, "bits", "w_bit") ?? 4, 16, {
    ...(group !== undefined && { group }),
    symmetric: flagOf(c, "zero_point") === false,
  });
}

/** The groups of compressed-tensors: their widest weights, and what is multiplied. */
function compressedForm(c: Config): Form {
  const groups = Object.values(c.fields["config_groups"] ?? {}).filter(isFields);
  const parts = groups.map((fields) => ({
    weights: partOf({ path: c.path, fields }, "weights"),
    inputs: partOf({ path: c.path, fields }, "input_activations"),
  }));
  const first = parts.find((p) => p.weights !== undefined);
  const bits = (first?.weights && countOf(first.weights, "num_bits")) ?? 8;
  const group = first?.weights && countOf(first.weights, "group_size");
  const cache = partOf(c, "kv_cache_scheme");
  return integers("compressed-tensors", bits, (first?.inputs && countOf(first.inputs, "num_bits")) ?? 16, {
    floats: first?.weights !== undefined && wordOf(first.weights, "type") === "float",
    ...(group !== undefined && group > 0 && { group }),
    symmetric: (first?.weights && flagOf(first.weights, "symmetric")) ?? true,
    cacheBits: (cache && countOf(cache, "num_bits")) ?? 16,
  });
}

/** Form of a `quantization_config`; `whole` is the configuration around it. */
export function formOf(c: Config, whole: Config): Form {
  const method = wordOf(c, "quant_method") ?? (countOf(c, "w_bit") !== undefined ? "awq" : countOf(c, "bits") !== undefined ? "gptq" : "");
  switch (method) {
    case "gptq":
      return gptqForm(c);
    case "awq":
      return awqForm(c);
    case "auto-round":
    case "intel/auto-round":
      return { ...gptqForm(c), container: "auto-round" };
    case "compressed-tensors":
      return compressedForm(c);
    case "fp8":
      return floats("fp8", 8, 8, { group: 128, ...(/fp4/.test(wordOf(whole, "expert_dtype") ?? "") && { expertBits: 4 }) });
    case "mxfp4":
      return floats("mxfp4", 16, 16, { expertBits: 4, group: 32 });
    case "mxfp8":
      return floats("mxfp8", 8, 8, { group: 32 });
    default:
      return {
        ...plain,
        container: "other",
        bits: countOf(c, "bits", "w_bit") ?? 8,
        expertBits: countOf(c, "bits", "w_bit") ?? 8,
        called: method,
      };
  }
}

/** Bits that a type of ModelSlim's description gives weights and activations. */
function widthsOf(type: string): { readonly bits: number; readonly activationBits: number } | undefined {
  const found = /^W(\d+)A(\d+)/.exec(type);
  return found ? { bits: Number(found[1]), activationBits: Number(found[2]) } : undefined;
}

/** Form that ModelSlim's quant_model_description.json tells, tensor by tensor. */
export function modelSlimForm(c: Config): Form {
  const types: Record<string, number> = {};
  const widest = { dense: 0, experts: 0, activation: 0 };
  for (const [name, type] of Object.entries(c.fields)) {
    if (typeof type !== "string" || !/\.weight$/.test(name)) continue;
    types[type] = (types[type] ?? 0) + 1;
    const widths = widthsOf(type);
    if (!widths) continue;
    const where = /\bexperts\.\d/.test(name) ? "experts" : "dense";
    widest[where] = Math.max(widest[where], widths.bits);
    widest.activation = Math.max(widest.activation, widths.activationBits);
  }
  const dense = widest.dense || widest.experts || 16;
  const cached = wordOf(c, "kv_quant_type") ?? wordOf(c, "kv_cache_type");
  return integers("modelslim", dense, widest.activation || 16, {
    expertBits: widest.experts || dense,
    floats: Object.keys(types).some((t) => t.includes("MXFP")),
    cacheBits: /8/.test(cached ?? "") ? 8 : 16,
    types,
  });
}

/** Bytes of a weight of so many bits, the scale of its group included. */
function bytesOf(bits: number, f: Form): number {
  if (bits >= 16) return bits / 8;
  if (f.group === undefined || f.group <= 0) return bits / 8;
  // Floats of blocks of 32 share a scale of one byte; all others one of two, and zero points where they have some.
  const scale = f.floats && f.group === 32 ? 1 : 2 + (f.symmetric === false ? bits / 8 : 0);
  return bits / 8 + scale / (f.container === "fp8" ? f.group ** 2 / 2 : f.group);
}

/** Bytes of a parameter in this form; embedding and head stay as they were trained. */
export function weightBytesOf(f: Form): WeightBytes {
  const ends = f.container === "plain" ? f.bits / 8 : 2;
  return { dense: bytesOf(f.bits, f), experts: bytesOf(f.expertBits, f), ends };
}

/** `scales` are those that an engine keeps of a cache in 8 bits, where its documents tell. */
export function cacheBytesOf(f: Form, scales?: CacheBytes["scales"]): CacheBytes {
  const bytes = cacheOf(f.cacheBits / 8);
  return f.cacheBits === 8 && scales ? { ...bytes, scales } : bytes;
}

/** The peak that multiplies it: integers by integers, floats of 8 bits where both sides are. */
export function peakOfForm(f: Form): Peak {
  if (f.activationBits > 8) return "f16";
  return f.floats ? "f8" : "i8";
}

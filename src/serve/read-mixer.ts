/** What each layer of a configuration mixes tokens with: grouped queries, latent vectors, compressed entries, or a state of fixed size. */
import { attention, compressed, latent, recurrent, type Indexer, type Mixer } from "../estimate/architecture.js";
import { countOf, flagOf, listOf, needed, partOf, wordOf, wrong, type Config } from "./fields.js";

export interface Shape {
  readonly config: Config;
  readonly family: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
}

/** Families whose queries, keys and values have biases without a field that says so. */
const withBiases = /^qwen2|^chatglm|^glm$|^internlm$/;
const withNorms = /^qwen3|^hy_v3|^olmo2|^gemma3/;
/** Families that gate what attention gives, always. */
const withGates = /^qwen3_next/;

function headDimOf({ config, hidden, heads }: Shape): number {
  return countOf(config, "head_dim", "attention_head_dim") ?? Math.floor(hidden / heads);
}

function groupedQueries(s: Shape, window: number | undefined): Mixer {
  const { config: c, family, hidden, heads } = s;
  const biased = flagOf(c, "attention_bias") ?? flagOf(c, "use_qkv_bias") ?? flagOf(c, "qkv_bias") ?? flagOf(c, "use_bias");
  return attention({
    ...{
      hidden,
      heads,
      headDim: headDimOf(s),
      kvHeads: countOf(c, "num_key_value_heads", "num_kv_heads", "multi_query_group_num") ?? heads,
    },
    ...(window !== undefined && { window }),
    gated: flagOf(c, "attn_output_gate") ?? withGates.test(family),
    biases: biased ?? withBiases.test(family),
    outBias: family === "gpt_oss" && biased === true,
    sinks: family === "gpt_oss",
    normed: flagOf(c, "use_qk_norm") ?? flagOf(c, "qk_norm") ?? withNorms.test(family),
  });
}

function indexerOf(c: Config): Indexer | undefined {
  const topK = countOf(c, "index_topk");
  if (topK === undefined) return undefined;
  return { heads: needed(c, "index_n_heads"), dim: needed(c, "index_head_dim"), topK };
}

function latentVectors({ config: c, hidden, heads }: Shape): Mixer {
  const qRank = countOf(c, "q_lora_rank");
  const indexer = indexerOf(c);
  return latent({
    ...{ hidden, heads, kvRank: needed(c, "kv_lora_rank") },
    ...(qRank !== undefined && qRank > 0 && { qRank }),
    nope: needed(c, "qk_nope_head_dim"),
    rope: countOf(c, "qk_rope_head_dim") ?? 0,
    value: needed(c, "v_head_dim"),
    ...(indexer && { indexer }),
  });
}

function compressedEntries({ config: c, hidden, heads }: Shape, every: number): Mixer {
  const indexer = every === 4 ? indexerOf(c) : undefined;
  return compressed({
    ...{ hidden, heads, every, headDim: needed(c, "head_dim"), qRank: needed(c, "q_lora_rank"), outRank: needed(c, "o_lora_rank") },
    ...{ outGroups: needed(c, "o_groups"), window: needed(c, "sliding_window") },
    ...(indexer && { indexer }),
  });
}

/** Gated DeltaNet: keys and values of their own heads. */
function gatedDelta({ config: c, hidden }: Shape): Mixer {
  const [kHeads, kDim] = [needed(c, "linear_num_key_heads"), needed(c, "linear_key_head_dim")];
  const [vHeads, vDim] = [needed(c, "linear_num_value_heads"), needed(c, "linear_value_head_dim")];
  const [keys, values, kernel] = [kHeads * kDim, vHeads * vDim, needed(c, "linear_conv_kernel_dim")];
  const channels = 2 * keys + values;
  return recurrent({
    ...{ hidden, heads: vHeads, channels, lookBack: kernel - 1, state: vHeads * kDim * vDim },
    parameters: hidden * (2 * keys + 2 * values + 2 * vHeads) + channels * kernel + 2 * vHeads + vDim + values * hidden,
  });
}

/** Kimi Delta Attention: a decay for each channel of a key. */
function kimiDelta({ hidden }: Shape, c: Config): Mixer {
  const [heads, dim, kernel] = [needed(c, "num_heads"), needed(c, "head_dim"), needed(c, "short_conv_kernel_size")];
  const width = heads * dim;
  const gates = 2 * (hidden * dim + dim * width) + hidden * heads;
  return recurrent({
    ...{ hidden, heads, channels: 3 * width, lookBack: kernel - 1, state: heads * dim * dim },
    parameters: 4 * hidden * width + gates + 3 * width * kernel + width + heads + dim,
  });
}

/** Mamba, its second form where heads are named, else its first. */
function mamba({ config: c, hidden }: Shape): Mixer {
  const kernel = countOf(c, "conv_kernel", "mamba_d_conv") ?? 4;
  const heads = countOf(c, "mamba_num_heads", "mamba_n_heads");
  const states = needed(c, "ssm_state_size", "mamba_d_state", "state_size");
  if (heads === undefined) return mambaOne(c, hidden, states, kernel);
  const inner = heads * needed(c, "mamba_head_dim", "mamba_d_head");
  const groups = (countOf(c, "n_groups", "mamba_n_groups") ?? 1) * states;
  const channels = inner + 2 * groups;
  return recurrent({
    ...{ hidden, heads, channels, lookBack: kernel - 1, state: inner * states },
    parameters: hidden * (2 * inner + 2 * groups + heads) + channels * (kernel + 1) + 3 * heads + inner + inner * hidden,
  });
}

function mambaOne(c: Config, hidden: number, states: number, kernel: number): Mixer {
  const inner = (countOf(c, "mamba_expand", "expand") ?? 2) * hidden;
  const rank = countOf(c, "mamba_dt_rank", "time_step_rank") ?? Math.ceil(hidden / 16);
  return recurrent({
    ...{ hidden, heads: inner, channels: inner, lookBack: kernel - 1, state: inner * states },
    parameters:
      2 * hidden * inner + inner * (kernel + 1) + inner * (rank + 2 * states) + rank * inner + inner * (states + 2) + inner * hidden,
  });
}

/** Attention whose products are summed up as they come: MiniMax's lightning attention. */
function lightning(s: Shape): Mixer {
  const width = s.heads * headDimOf(s);
  return recurrent({
    ...{ hidden: s.hidden, heads: s.heads, channels: 0, lookBack: 0, state: width * headDimOf(s) },
    parameters: 5 * s.hidden * width + width,
  });
}

/** A layer without a mixer: some patterns have blocks of one half alone. */
const noMixer: Mixer = { kind: "full", heads: 1, divided: 0, replicated: 0, calls: 0, caches: [], stateBytes: 0 };

/** The sliding window, where the configuration switches it on. */
function windowOf({ config: c, family }: Shape): number | undefined {
  const window = countOf(c, "sliding_window");
  if (window === undefined || flagOf(c, "use_sliding_window") === false) return undefined;
  return /^qwen/.test(family) && flagOf(c, "use_sliding_window") === undefined ? undefined : window;
}

/**
 * Families of which every so many-th layer sees all tokens though the configuration names one window for all of them
 * (huggingface/transformers, layer_types of configuration_gemma2.py, _gemma3.py, _gpt_oss.py and _cohere2.py; 2026-11).
 */
const wholeEvery: readonly (readonly [RegExp, number])[] = [
  [/^gemma2|^gpt_oss/, 2],
  [/^gemma3/, 6],
  [/^cohere2/, 4],
];

/** How many layers make one turn of windows and one layer without; 1 where all are alike. */
function turnOf({ config: c, family }: Shape): number {
  const told = typeof c.fields["sliding_window_pattern"] === "number" ? countOf(c, "sliding_window_pattern") : undefined;
  return told ?? wholeEvery.find(([name]) => name.test(family))?.[1] ?? 1;
}

type At = (layer: number) => Mixer;

/** One mixer for each kind of layer, so that layers alike are the same object. */
function byKind(kinds: readonly string[], make: (kind: string) => Mixer): At {
  const made = new Map([...new Set(kinds)].map((k) => [k, make(k)]));
  return (layer) => made.get(kinds[layer] ?? kinds[kinds.length - 1]) ?? noMixer;
}

/** Kinds of layers that patterns of letters name: M is Mamba, * is attention. */
function patterned(s: Shape, pattern: string): At {
  return byKind([...pattern], (k) => (k === "M" ? mamba(s) : k === "*" ? groupedQueries(s, undefined) : noMixer));
}

function kimiLayers(s: Shape, linear: Config): At {
  const full = new Set(listOf(linear, "full_attn_layers"));
  // Counted from one.
  const kinds = Array.from({ length: s.layers }, (_, i) => (full.has(i + 1) ? "full" : "delta"));
  return byKind(kinds, (k) => (k === "delta" ? kimiDelta(s, linear) : wholeMixer(s)));
}

const wholeMixer = (s: Shape): Mixer => (countOf(s.config, "kv_lora_rank") ? latentVectors(s) : groupedQueries(s, windowOf(s)));

function linearMixer(s: Shape): Mixer {
  return countOf(s.config, "linear_num_value_heads") === undefined ? lightning(s) : gatedDelta(s);
}

function typedMixer(s: Shape, kind: string): Mixer {
  if (/linear/.test(kind)) return linearMixer(s);
  if (/mamba|recurrent/.test(kind)) return mamba(s);
  if (/sliding|chunked|local/.test(kind)) return groupedQueries(s, countOf(s.config, "sliding_window", "attention_chunk_size"));
  return countOf(s.config, "kv_lora_rank") ? latentVectors(s) : groupedQueries(s, undefined);
}

/** How every so many-th layer attends to all tokens, the others keep a state. */
function interleaved(s: Shape, every: number, other: () => Mixer): At {
  const kinds = Array.from({ length: s.layers }, (_, i) => ((i + 1) % every === 0 ? "full" : "other"));
  return byKind(kinds, (k) => (k === "full" ? groupedQueries(s, undefined) : other()));
}

/** The mixer of each layer. */
export function mixersOf(s: Shape): At {
  const c = s.config;
  const [linear, types, ratios, kinds] = [
    partOf(c, "linear_attn_config"),
    listOf(c, "layer_types"),
    listOf(c, "compress_ratios"),
    listOf(c, "attn_type_list"),
  ];
  const pattern = wordOf(c, "hybrid_override_pattern");
  if (ratios) return byKind(ratios.map(String), (k) => compressedEntries(s, Number(k)));
  if (linear) return kimiLayers(s, linear);
  if (pattern !== undefined) return patterned(s, pattern);
  if (types)
    return types.length < s.layers
      ? wrong(c, "layer_types", `of ${s.layers} entries, one a layer`)
      : byKind(types.map(String), (k) => typedMixer(s, k));
  if (kinds) return byKind(kinds.map(String), (k) => (k === "1" ? groupedQueries(s, undefined) : lightning(s)));
  const interval = countOf(c, "full_attention_interval");
  if (interval !== undefined && interval > 0) return interleaved(s, interval, () => linearMixer(s));
  const one = wholeMixer(s);
  return one.kind === "sliding" && turnOf(s) > 1 ? interleaved(s, turnOf(s), () => one) : () => one;
}

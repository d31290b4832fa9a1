/** A model's configuration as an architecture: read from its fields, whatever family writes them. */
import { dense, mixture, type Architecture, type Layer } from "../estimate/architecture.js";
import { fail } from "../base/diagnostic.js";
import { countOf, decoderOf, flagOf, listOf, needed, partOf, wordOf, wrong, type Config } from "./fields.js";
import { mixersOf, type Shape } from "./read-mixer.js";

/** In which floats are stored. */
export type FloatType = "bf16" | "f16" | "f32";

export interface ModelConfig {
  readonly architecture: Architecture;
  /** `model_type` of the decoder. */
  readonly family: string;
  /** As the configuration names its class. */
  readonly className?: string;
  /** Layers of the decoder, drafting ones apart. */
  readonly layers: number;
  readonly heads: number;
  /** Absent where all tokens are kept in latent vectors or states. */
  readonly kvHeads?: number;
  readonly experts?: number;
  /** Inner width of a routed expert; absent where there are none. */
  readonly expertInner?: number;
  /** Tokens that a request may have; absent where the configuration does not say. */
  readonly positions?: number;
  /** Type of weights that are not quantised; absent where the configuration names none of these. */
  readonly dtype?: FloatType;
  readonly hasTowers: boolean;
}

/** Names that families give to one quantity. */
const expertNames = ["n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts"] as const;

function sharedInner(c: Config, inner: number): number {
  const own = countOf(c, "shared_expert_intermediate_size", "moe_shared_expert_intermediate_size");
  return own ?? (countOf(c, "n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert") ?? 0) * inner;
}

const expertInnerOf = (c: Config): number => needed(c, "moe_intermediate_size", "expert_hidden_dim", "intermediate_size");

function mixtureOf(s: Shape, experts: number): Layer["feed"] {
  const { config: c, hidden, family } = s;
  const inner = expertInnerOf(c);
  const shared = sharedInner(c, inner);
  const latentWidth = countOf(c, "moe_latent_size");
  return mixture({
    ...{
      hidden,
      experts,
      inner,
      perToken: needed(c, "num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "num_selected_experts"),
    },
    ...(shared > 0 && { sharedInner: shared }),
    sharedGate: /^qwen/.test(family) && shared > 0,
    biases: family === "gpt_oss",
    corrected:
      /noaux/.test(wordOf(c, "topk_method") ?? "") || /^glm4_moe|^hy_v3|^kimi/.test(family) || flagOf(c, "moe_use_aux_free") === true,
    ...(latentWidth !== undefined && { latent: latentWidth }),
  });
}

/** Whether a layer is a mixture of experts. */
function sparseAt(c: Config): (layer: number) => boolean {
  const types = listOf(c, "mlp_layer_types");
  if (types) return (i) => types[i] === "sparse";
  const frequencies = listOf(c, "moe_layer_freq");
  if (frequencies) return (i) => frequencies[i] === 1;
  const alone = new Set(listOf(c, "mlp_only_layers"));
  const first = countOf(c, "first_k_dense_replace", "moe_layer_start_index", "num_dense_layers") ?? 0;
  const last = countOf(c, "moe_layer_end_index") ?? Infinity;
  const every = countOf(c, "moe_layer_freq", "decoder_sparse_step", "moe_layer_interval", "interleave_moe_layer_step") ?? 1;
  const byStep = (i: number): boolean => every <= 1 || (i + 1) % every === 0;
  return (i) => i >= first && i <= last && !alone.has(i) && byStep(i);
}

/** Families whose feed-forward layers have no gate, and those among them that are four times as wide as the rest unless told. */
const withoutGate = /^nemotron_h|^gpt2|^gpt_|^gptj|^bloom|^falcon$|^opt|^phi$/;
const fourfold = /^gpt2|^gpt_(?!oss)|^gptj|^bloom|^falcon$/;

/** Width of a feed-forward layer; 0 where all of them are experts, or blocks are named one by one. */
function innerOf({ config: c, family, hidden }: Shape, experts: number): number {
  const told = countOf(c, "intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim");
  if (told !== undefined) return told;
  if (fourfold.test(family)) return 4 * hidden;
  return experts > 1 || wordOf(c, "hybrid_override_pattern") !== undefined ? 0 : needed(c, "intermediate_size");
}

function feedsOf(s: Shape): (layer: number) => Layer["feed"] {
  const { config: c, hidden } = s;
  const experts = countOf(c, ...expertNames) ?? 0;
  const plain = dense(hidden, innerOf(s, experts), withoutGate.test(s.family) ? 2 : 3);
  const mixed = experts > 1 ? mixtureOf(s, experts) : undefined;
  const isSparse = sparseAt(c);
  return (i) => (mixed && isSparse(i) ? mixed : plain);
}

/** Layers alike, one after the other, as one entry. */
function grouped(layers: readonly Layer[]): Layer[] {
  const out: Layer[] = [];
  for (const l of layers) {
    const known = out.findIndex((o) => o.mixer === l.mixer && o.feed === l.feed);
    if (known < 0) out.push(l);
    else out[known] = { ...out[known], count: out[known].count + l.count };
  }
  return out;
}

/** Blocks of letters: a layer is a mixer or a feed-forward network, never both. */
function withoutFeeds(pattern: string | undefined, feed: Layer["feed"], i: number): Layer["feed"] {
  if (pattern === undefined || pattern[i] === "-" || pattern[i] === "E") return feed;
  return { divided: 0, replicated: 0, calls: 0 };
}

const floatTypes: Readonly<Record<string, FloatType>> = { bfloat16: "bf16", float16: "f16", float32: "f32" };

/** The decoder's own, else that of the whole. */
function dtypeOf(...configs: readonly Config[]): FloatType | undefined {
  const named = configs.map((c) => wordOf(c, "torch_dtype") ?? wordOf(c, "dtype")).find((word) => word !== undefined);
  return named !== undefined && Object.hasOwn(floatTypes, named) ? floatTypes[named] : undefined;
}

/** Families that share embedding and head unless told otherwise. */
const tiedByDefault = /^gemma|^gpt2|^command|^cohere/;

/** Families that encode, decode what an encoder made, or keep a state alone: no engine for tokens sizes them so. */
const noDecoder: ReadonlySet<string> = new Set([
  ...["bert", "roberta", "xlm-roberta", "camembert", "distilbert", "albert", "deberta", "deberta-v2", "modernbert", "nomic_bert"],
  ...["mpnet", "electra", "vit", "deit", "beit", "swin", "swinv2", "convnext", "resnet", "clip", "siglip", "dinov2", "detr", "segformer"],
  ...["wav2vec2", "hubert", "whisper", "t5", "mt5", "umt5", "bart", "mbart", "mamba", "mamba2", "falcon_mamba"],
]);

function requireDecoder(c: Config, whole: Config, family: string): void {
  if (!noDecoder.has(family) && flagOf(whole, "is_encoder_decoder") !== true) return;
  fail("checkpoint-no-decoder", `"${c.path}" is of a model of type ${family}, which is no decoder with a cache of keys and values`, {
    location: { path: c.path },
    why: "Plans and times of a checkpoint are those of engines that serve such decoders.",
    fix: "Export the model to ONNX, and assess the .onnx file.",
  });
}

/** More than any model has; what follows is made layer by layer. */
const mostLayers = 10_000;

function layersOf(c: Config): number {
  const names = ["num_hidden_layers", "num_layers", "n_layer"];
  const layers = needed(c, ...names);
  return layers <= mostLayers ? layers : wrong(c, names.find((n) => c.fields[n] !== undefined) ?? names[0], `at most ${mostLayers}`);
}

function architectureOf(s: Shape): Architecture {
  const { config: c, family, hidden, layers } = s;
  const [mixerAt, feedAt, pattern] = [mixersOf(s), feedsOf(s), wordOf(c, "hybrid_override_pattern")];
  const drafts = countOf(c, "num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules") ?? 0;
  const all = Array.from({ length: layers }, (_, i): Layer => ({ count: 1, mixer: mixerAt(i), feed: withoutFeeds(pattern, feedAt(i), i) }));
  return {
    ...{ hidden, tied: flagOf(c, "tie_word_embeddings") ?? tiedByDefault.test(family) },
    ...{ vocabulary: needed(c, "vocab_size", "padded_vocab_size"), towers: 0 },
    layers: grouped(all),
    drafting: drafts > 0 ? [{ ...all[all.length - 1], count: drafts }] : [],
  };
}

type Told = Pick<ModelConfig, "className" | "kvHeads" | "experts" | "expertInner" | "positions" | "dtype">;

/** What a configuration may tell or leave out. */
function toldBy(c: Config, whole: Config): Told {
  const experts = countOf(c, ...expertNames);
  const kvHeads = countOf(c, "num_key_value_heads", "num_kv_heads", "multi_query_group_num");
  const positions = countOf(c, "max_position_embeddings", "seq_length", "max_seq_len");
  const [dtype, className] = [dtypeOf(c, whole), listOf(whole, "architectures")?.[0]];
  return {
    ...(typeof className === "string" && { className }),
    ...(kvHeads !== undefined && { kvHeads }),
    ...(experts !== undefined && experts > 1 && { experts, expertInner: expertInnerOf(c) }),
    ...(positions !== undefined && { positions }),
    ...(dtype !== undefined && { dtype }),
  };
}

/** Reads config.json. Throws `checkpoint-config`, `checkpoint-no-decoder`. */
export function readModelConfig(whole: Config): ModelConfig {
  const c = decoderOf(whole);
  const family = wordOf(c, "model_type") ?? "unknown";
  requireDecoder(c, whole, family);
  const [hidden, layers] = [needed(c, "hidden_size", "n_embd", "d_model"), layersOf(c)];
  const heads = needed(c, "num_attention_heads", "n_head");
  return {
    architecture: architectureOf({ config: c, family, hidden, layers, heads }),
    ...{ family, layers, heads, ...toldBy(c, whole) },
    hasTowers: ["vision_config", "audio_config", "visual", "vision_tower"].some((n) => partOf(whole, n) !== undefined),
  };
}

/** What a GGUF file says of its model, in the fields of a configuration. */
import type { Gguf } from "../checkpoint/gguf.js";
import type { Config } from "./fields.js";
import { plain, type Form } from "./form.js";

/** GGUF's names of what configurations call otherwise, below the architecture's own. */
const spellings: Readonly<Record<string, string>> = {
  embedding_length: "hidden_size",
  block_count: "num_hidden_layers",
  "attention.head_count": "num_attention_heads",
  "attention.head_count_kv": "num_key_value_heads",
  "attention.key_length": "head_dim",
  "attention.kv_lora_rank": "kv_lora_rank",
  "attention.q_lora_rank": "q_lora_rank",
  "attention.sliding_window": "sliding_window",
  feed_forward_length: "intermediate_size",
  expert_count: "n_routed_experts",
  expert_used_count: "num_experts_per_tok",
  expert_feed_forward_length: "moe_intermediate_size",
  expert_shared_count: "n_shared_experts",
  leading_dense_block_count: "first_k_dense_replace",
  nextn_predict_layers: "num_nextn_predict_layers",
  context_length: "max_position_embeddings",
  full_attention_interval: "full_attention_interval",
  vocab_size: "vocab_size",
};

/** Architectures whose configurations spell them otherwise. */
const families: Readonly<Record<string, string>> = {
  qwen3moe: "qwen3_moe",
  deepseek2: "deepseek_v3",
  "gpt-oss": "gpt_oss",
  glm4moe: "glm4_moe",
};

/** Latent attention: its heads are told by the whole key's length and that of the part with positions. */
function latentFields(own: (name: string) => unknown): Record<string, unknown> {
  const [key, rope, value] = [own("attention.key_length_mla"), own("rope.dimension_count"), own("attention.value_length_mla")];
  if (own("attention.kv_lora_rank") === undefined || typeof key !== "number" || typeof rope !== "number") return {};
  return { qk_nope_head_dim: key - rope, qk_rope_head_dim: rope, v_head_dim: value };
}

export function ggufConfig(path: string, { fields, tensors }: Gguf): Config {
  const architecture = String(fields.get("general.architecture") ?? "unknown");
  const own = (name: string): unknown => fields.get(`${architecture}.${name}`);
  const read = Object.entries(spellings).flatMap(([theirs, ours]): [string, unknown][] => {
    const value = own(theirs);
    return value === undefined ? [] : [[ours, value]];
  });
  const embedding = tensors.find((t) => t.name === "token_embd.weight");
  const more = {
    model_type: families[architecture] ?? architecture,
    vocab_size: own("vocab_size") ?? embedding?.shape[1],
    tie_word_embeddings: embedding !== undefined && !tensors.some((t) => t.name === "output.weight"),
  };
  return { path, fields: { ...Object.fromEntries(read), ...latentFields(own), ...more } };
}

/** Bits of an element, by the type that holds most of them. */
export function ggufForm({ tensors }: Gguf): Form {
  const types: Record<string, number> = {};
  const sum = { bytes: 0, elements: 0 };
  for (const t of tensors) {
    types[t.type] = (types[t.type] ?? 0) + 1;
    sum.bytes += t.bytes;
    sum.elements += t.shape.reduce((n, d) => n * d, 1);
  }
  const bits = Number(((8 * sum.bytes) / Math.max(1, sum.elements)).toFixed(2));
  return { ...plain, container: "gguf", bits, expertBits: bits, floats: false, types };
}

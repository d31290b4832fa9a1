/** Checkpoints whose headers are real and whose weights are holes: what an assessment reads, without the disk that it would take. */
import { ftruncateSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const bytesOf = { F8_E4M3: 1, F8_E8M0: 1, I8: 1, U8: 1, BF16: 2, F16: 2, F32: 4, I32: 4, I64: 8 };

/** A safetensors file with a header of these tensors ([name, type, shape]) and a hole for each. */
export function writeSparse(path, tensors) {
  const header = {};
  let end = 0;
  for (const [name, dtype, shape] of tensors) {
    const bytes = shape.reduce((n, d) => n * d, 1) * bytesOf[dtype];
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, "w");
  writeSync(file, Buffer.concat([length, json]));
  ftruncateSync(file, 8 + json.length + end);
  closeSync(file);
}

/** Shards of so many tensors each, and the index that names them. */
export function writeShards(folder, tensors, each) {
  mkdirSync(folder, { recursive: true });
  const count = Math.ceil(tensors.length / each);
  const map = {};
  for (let i = 0; i < count; i++) {
    const name = `model-${String(i + 1).padStart(5, "0")}-of-${String(count).padStart(6, "0")}.safetensors`;
    const part = tensors.slice(i * each, (i + 1) * each);
    writeSparse(join(folder, name), part);
    for (const [tensor] of part) map[tensor] = name;
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: {}, weight_map: map }));
}

/** A matrix of fp8 with a scale for each block of 128 x 128. */
function blocks(name, rows, columns) {
  const scales = [Math.ceil(rows / 128), Math.ceil(columns / 128)];
  return [
    [`${name}.weight`, "F8_E4M3", [rows, columns]],
    [`${name}.weight_scale_inv`, "F32", scales],
  ];
}

const feed = (prefix, hidden, inner) => [
  ...blocks(`${prefix}.gate_proj`, inner, hidden),
  ...blocks(`${prefix}.up_proj`, inner, hidden),
  ...blocks(`${prefix}.down_proj`, hidden, inner),
];

function attention(p, c) {
  const [h, heads] = [c.hidden_size, c.num_attention_heads];
  return [
    [`${p}.input_layernorm.weight`, "BF16", [h]],
    [`${p}.post_attention_layernorm.weight`, "BF16", [h]],
    ...blocks(`${p}.self_attn.q_a_proj`, c.q_lora_rank, h),
    [`${p}.self_attn.q_a_layernorm.weight`, "BF16", [c.q_lora_rank]],
    ...blocks(`${p}.self_attn.q_b_proj`, heads * (c.qk_nope_head_dim + c.qk_rope_head_dim), c.q_lora_rank),
    ...blocks(`${p}.self_attn.kv_a_proj_with_mqa`, c.kv_lora_rank + c.qk_rope_head_dim, h),
    [`${p}.self_attn.kv_a_layernorm.weight`, "BF16", [c.kv_lora_rank]],
    ...blocks(`${p}.self_attn.kv_b_proj`, heads * (c.qk_nope_head_dim + c.v_head_dim), c.kv_lora_rank),
    ...blocks(`${p}.self_attn.o_proj`, h, heads * c.v_head_dim),
  ];
}

/** Every tensor of DeepSeek-V3 as it is published, from the fields of its configuration; its drafting layer brings embedding and head along. */
export function deepseekTensors(c) {
  const h = c.hidden_size;
  const layers = Array.from({ length: c.num_hidden_layers + c.num_nextn_predict_layers }, (_, i) => {
    const p = `model.layers.${i}`;
    if (i < c.first_k_dense_replace) return [...attention(p, c), ...feed(`${p}.mlp`, h, c.intermediate_size)];
    const routed = Array.from({ length: c.n_routed_experts }, (_, e) => feed(`${p}.mlp.experts.${e}`, h, c.moe_intermediate_size)).flat();
    const drafting = [
      [`${p}.embed_tokens.weight`, "BF16", [c.vocab_size, h]],
      [`${p}.shared_head.head.weight`, "BF16", [c.vocab_size, h]],
      [`${p}.eh_proj.weight`, "BF16", [h, 2 * h]],
    ];
    return [
      ...attention(p, c),
      [`${p}.mlp.gate.weight`, "BF16", [c.n_routed_experts, h]],
      [`${p}.mlp.gate.e_score_correction_bias`, "F32", [c.n_routed_experts]],
      ...feed(`${p}.mlp.shared_experts`, h, c.moe_intermediate_size * c.n_shared_experts),
      ...routed,
      ...(i >= c.num_hidden_layers ? drafting : []),
    ];
  });
  return [
    ["model.embed_tokens.weight", "BF16", [c.vocab_size, h]],
    ...layers.flat(),
    ["model.norm.weight", "BF16", [h]],
    ["lm_head.weight", "BF16", [c.vocab_size, h]],
  ];
}

export const deepseekV3 = {
  ...{ architectures: ["DeepseekV3ForCausalLM"], model_type: "deepseek_v3", hidden_size: 7168, num_hidden_layers: 61 },
  ...{ num_attention_heads: 128, num_key_value_heads: 128, q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_head_dim: 128 },
  ...{ qk_rope_head_dim: 64, v_head_dim: 128, intermediate_size: 18432, moe_intermediate_size: 2048, n_routed_experts: 256 },
  ...{ n_shared_experts: 1, num_experts_per_tok: 8, first_k_dense_replace: 3, moe_layer_freq: 1, topk_method: "noaux_tc" },
  ...{ num_nextn_predict_layers: 1, vocab_size: 129280, max_position_embeddings: 163840, tie_word_embeddings: false },
  ...{ torch_dtype: "bfloat16", quantization_config: { quant_method: "fp8", fmt: "e4m3", weight_block_size: [128, 128] } },
};

/** A folder as it is downloaded, 163 shards. */
export function writeDeepseekV3(folder) {
  const tensors = deepseekTensors(deepseekV3);
  writeShards(folder, tensors, Math.ceil(tensors.length / 163));
  writeFileSync(join(folder, "config.json"), JSON.stringify(deepseekV3));
  return tensors.length;
}

/**
 * Fields of published config.json files that sizes follow from, by model. `read` says where they were read again;
 * those without it are written down from memory of the file and agree with the number of parameters that its publisher tells.
 */
type Fields = Readonly<Record<string, unknown>>;

interface Known {
  readonly fields: Fields;
  readonly read?: string;
  /** All parameters, drafting layers aside, as the publisher or the headers tell: exactly, or in billions to three digits. */
  readonly parameters?: number;
}

const llama = (hidden: number, layers: number, heads: number, inner: number): Fields => ({
  ...{
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
  },
  ...{ num_key_value_heads: 8, intermediate_size: inner, vocab_size: 128256, max_position_embeddings: 131072, torch_dtype: "bfloat16" },
});

const qwen2 = (hidden: number, layers: number, heads: number, kv: number, inner: number): Fields => ({
  ...{
    architectures: ["Qwen2ForCausalLM"],
    model_type: "qwen2",
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
  },
  ...{ num_key_value_heads: kv, intermediate_size: inner, vocab_size: 152064, max_position_embeddings: 32768 },
  ...{ sliding_window: 131072, use_sliding_window: false, torch_dtype: "bfloat16" },
});

const qwen3 = (hidden: number, layers: number, heads: number, kv: number, inner: number): Fields => ({
  ...{
    architectures: ["Qwen3ForCausalLM"],
    model_type: "qwen3",
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
  },
  ...{ num_key_value_heads: kv, head_dim: 128, intermediate_size: inner, vocab_size: 151936, max_position_embeddings: 40960 },
  ...{ attention_bias: false, sliding_window: null, use_sliding_window: false, tie_word_embeddings: false, torch_dtype: "bfloat16" },
});

const qwen3Moe = (hidden: number, layers: number, heads: number, kv: number, inner: number): Fields => ({
  ...qwen3(hidden, layers, heads, kv, 0),
  ...{
    architectures: ["Qwen3MoeForCausalLM"],
    model_type: "qwen3_moe",
    num_experts: 128,
    num_experts_per_tok: 8,
    moe_intermediate_size: inner,
  },
  ...{ decoder_sparse_step: 1, mlp_only_layers: [] },
});

const deepseek: Fields = {
  ...{ architectures: ["DeepseekV3ForCausalLM"], model_type: "deepseek_v3", hidden_size: 7168, num_hidden_layers: 61 },
  ...{ num_attention_heads: 128, num_key_value_heads: 128, q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_head_dim: 128 },
  ...{ qk_rope_head_dim: 64, v_head_dim: 128, intermediate_size: 18432, moe_intermediate_size: 2048, n_routed_experts: 256 },
  ...{ n_shared_experts: 1, num_experts_per_tok: 8, first_k_dense_replace: 3, moe_layer_freq: 1, topk_method: "noaux_tc" },
  ...{
    num_nextn_predict_layers: 1,
    vocab_size: 129280,
    max_position_embeddings: 163840,
    tie_word_embeddings: false,
    torch_dtype: "bfloat16",
  },
};

const fp8: Fields = { quant_method: "fp8", fmt: "e4m3", activation_scheme: "dynamic", weight_block_size: [128, 128] };

const deepseekV4 = (more: Fields): Fields => ({
  ...{ architectures: ["DeepseekV4ForCausalLM"], model_type: "deepseek_v4", num_key_value_heads: 1, head_dim: 512, o_lora_rank: 1024 },
  ...{ qk_rope_head_dim: 64, n_shared_experts: 1, num_experts_per_tok: 6, index_n_heads: 64, index_head_dim: 128, sliding_window: 128 },
  ...{ num_nextn_predict_layers: 1, vocab_size: 129280, max_position_embeddings: 1048576, tie_word_embeddings: false },
  ...{
    topk_method: "noaux_tc",
    torch_dtype: "bfloat16",
    expert_dtype: "fp4",
    quantization_config: { ...fp8, scale_fmt: "ue8m0" },
    ...more,
  },
});

const alternating = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 4 : 128));

const delta: Fields = { linear_conv_kernel_dim: 4, linear_key_head_dim: 128, linear_num_key_heads: 16, linear_value_head_dim: 128 };

export const configs = {
  "Llama-3-8B": { fields: llama(4096, 32, 32, 14336), parameters: 8030261248 },
  "Llama-3-70B": { fields: llama(8192, 80, 64, 28672), parameters: 70553706496 },
  "Llama-3.1-405B": { fields: llama(16384, 126, 128, 53248), parameters: 405853388800 },
  "Qwen2.5-7B": { fields: qwen2(3584, 28, 28, 4, 18944), parameters: 7615616512 },
  "Qwen2.5-72B": { fields: qwen2(8192, 80, 64, 8, 29568), parameters: 72706203648 },
  "Qwen3-8B": { fields: qwen3(4096, 36, 32, 8, 12288), parameters: 8190735360 },
  "Qwen3-14B": { fields: qwen3(5120, 40, 40, 8, 17408), parameters: 14768307200 },
  "Qwen3-32B": { fields: qwen3(5120, 64, 64, 8, 25600), parameters: 32762123264 },
  "Qwen3-30B-A3B": { fields: qwen3Moe(2048, 48, 32, 4, 768), parameters: 30532122624 },
  "Qwen3-235B-A22B": { fields: qwen3Moe(4096, 94, 64, 4, 1536), parameters: 235093634560 },
  "Qwen3-Next-80B-A3B": {
    fields: {
      ...qwen3Moe(2048, 48, 16, 2, 512),
      ...{ architectures: ["Qwen3NextForCausalLM"], model_type: "qwen3_next", head_dim: 256, num_experts: 512, num_experts_per_tok: 10 },
      ...{
        ...delta,
        linear_num_value_heads: 32,
        full_attention_interval: 4,
        shared_expert_intermediate_size: 512,
        intermediate_size: 5120,
      },
      max_position_embeddings: 262144,
    },
    parameters: 79674391296,
  },
  "Qwen3.6-27B": {
    read: "a public test of qwen3_5 (github, linear_num_value_heads 48): text_config",
    fields: {
      ...{ architectures: ["Qwen3_5ForConditionalGeneration"], model_type: "qwen3_5", vision_config: { depth: 27, hidden_size: 1152 } },
      text_config: {
        ...{ model_type: "qwen3_5_text", hidden_size: 5120, intermediate_size: 17408, num_hidden_layers: 64, num_attention_heads: 24 },
        ...{ num_key_value_heads: 4, head_dim: 256, full_attention_interval: 4, attn_output_gate: true, ...delta },
        ...{ linear_num_value_heads: 48, mtp_num_hidden_layers: 1, vocab_size: 248320, tie_word_embeddings: false, dtype: "bfloat16" },
      },
    },
  },
  "GLM-4.5-Air": {
    fields: {
      ...{
        architectures: ["Glm4MoeForCausalLM"],
        model_type: "glm4_moe",
        hidden_size: 4096,
        num_hidden_layers: 46,
        num_attention_heads: 96,
      },
      ...{ num_key_value_heads: 8, head_dim: 128, attention_bias: true, use_qk_norm: false, intermediate_size: 10944 },
      ...{ moe_intermediate_size: 1408, n_routed_experts: 128, n_shared_experts: 1, num_experts_per_tok: 8, first_k_dense_replace: 1 },
      ...{ num_nextn_predict_layers: 1, vocab_size: 151552, max_position_embeddings: 131072, torch_dtype: "bfloat16" },
    },
    parameters: 106852251264,
  },
  "GLM-5": {
    read: "public tests of glm_moe_dsa (ranks, heads, index, experts, 78 layers, hidden 6144); value head 256 and vocabulary from memory",
    fields: {
      ...{ architectures: ["GlmMoeDsaForCausalLM"], model_type: "glm_moe_dsa", hidden_size: 6144, num_hidden_layers: 78 },
      ...{ num_attention_heads: 64, num_key_value_heads: 64, q_lora_rank: 2048, kv_lora_rank: 512, qk_nope_head_dim: 192 },
      ...{ qk_rope_head_dim: 64, v_head_dim: 256, index_head_dim: 128, index_n_heads: 32, index_topk: 2048, intermediate_size: 12288 },
      ...{ moe_intermediate_size: 2048, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, first_k_dense_replace: 3 },
      ...{
        topk_method: "noaux_tc",
        num_nextn_predict_layers: 1,
        vocab_size: 154880,
        max_position_embeddings: 202752,
        torch_dtype: "bfloat16",
      },
    },
    parameters: 744e9,
  },
  "DeepSeek-V3": { fields: { ...deepseek, quantization_config: fp8 }, parameters: 671e9 },
  "DeepSeek-V3.2": {
    fields: {
      ...deepseek,
      ...{
        architectures: ["DeepseekV32ForCausalLM"],
        model_type: "deepseek_v32",
        index_head_dim: 128,
        index_n_heads: 64,
        index_topk: 2048,
      },
      quantization_config: fp8,
    },
    parameters: 672e9,
  },
  "DeepSeek-V4-Flash": {
    read: "a public port to P800 and a public test (github): all fields",
    fields: deepseekV4({
      ...{ hidden_size: 4096, num_hidden_layers: 43, num_attention_heads: 64, q_lora_rank: 1024, o_groups: 8, index_topk: 512 },
      ...{ n_routed_experts: 256, moe_intermediate_size: 2048, compress_ratios: [0, 0, ...alternating(41), 0] },
    }),
    parameters: 284e9,
  },
  "DeepSeek-V4-Pro": {
    read: "a public test and a copy of the file (github): all fields",
    fields: deepseekV4({
      ...{ hidden_size: 7168, num_hidden_layers: 61, num_attention_heads: 128, q_lora_rank: 1536, o_groups: 16, index_topk: 1024 },
      ...{ n_routed_experts: 384, moe_intermediate_size: 3072, compress_ratios: [128, 128, ...alternating(59), 0] },
    }),
  },
  "Kimi-K2": {
    fields: {
      ...deepseek,
      ...{ architectures: ["DeepseekV3ForCausalLM"], model_type: "kimi_k2", num_attention_heads: 64, num_key_value_heads: 64 },
      ...{ n_routed_experts: 384, first_k_dense_replace: 1, vocab_size: 163840, max_position_embeddings: 131072 },
      ...{ num_nextn_predict_layers: 0, quantization_config: fp8 },
    },
    parameters: 1026e9,
  },
  "gpt-oss-120b": {
    fields: {
      ...{ architectures: ["GptOssForCausalLM"], model_type: "gpt_oss", hidden_size: 2880, num_hidden_layers: 36, num_attention_heads: 64 },
      ...{ num_key_value_heads: 8, head_dim: 64, intermediate_size: 2880, num_local_experts: 128, num_experts_per_tok: 4 },
      ...{ attention_bias: true, sliding_window: 128, vocab_size: 201088, max_position_embeddings: 131072, tie_word_embeddings: false },
      layer_types: Array.from({ length: 36 }, (_, i) => (i % 2 === 0 ? "sliding_attention" : "full_attention")),
      quantization_config: { quant_method: "mxfp4", modules_to_not_convert: ["model.layers.*.self_attn", "lm_head"] },
    },
    parameters: 116829156672,
  },
  "ERNIE-4.5-21B-A3B": {
    read: "a public copy of the configuration (github): all fields",
    fields: {
      ...{ architectures: ["Ernie4_5_MoeForCausalLM"], model_type: "ernie4_5_moe", hidden_size: 2560, num_hidden_layers: 28 },
      ...{ num_attention_heads: 20, num_key_value_heads: 4, head_dim: 128, intermediate_size: 12288, moe_intermediate_size: 1536 },
      ...{ moe_num_experts: 64, moe_num_shared_experts: 2, moe_k: 6, moe_layer_start_index: 1, moe_layer_end_index: 27 },
      ...{ moe_layer_interval: 1, vocab_size: 103424, tie_word_embeddings: true, use_bias: false, torch_dtype: "bfloat16" },
      max_position_embeddings: 131072,
    },
    parameters: 21.8e9,
  },
  "ERNIE-4.5-300B-A47B": {
    fields: {
      ...{ architectures: ["Ernie4_5_MoeForCausalLM"], model_type: "ernie4_5_moe", hidden_size: 8192, num_hidden_layers: 54 },
      ...{ num_attention_heads: 64, num_key_value_heads: 8, head_dim: 128, intermediate_size: 28672, moe_intermediate_size: 3584 },
      ...{ moe_num_experts: 64, moe_k: 8, moe_layer_start_index: 3, moe_layer_end_index: 53, moe_layer_interval: 1 },
      ...{ vocab_size: 103424, tie_word_embeddings: false, use_bias: false, torch_dtype: "bfloat16", max_position_embeddings: 131072 },
    },
    parameters: 300e9,
  },
} as const satisfies Readonly<Record<string, Known>>;

export type ConfigName = keyof typeof configs;
export const configNames = Object.keys(configs) as readonly ConfigName[];
export const fieldsOf = (name: ConfigName): Fields => configs[name].fields;
export const publishedParameters = (name: ConfigName): number | undefined => (configs[name] as Known).parameters;

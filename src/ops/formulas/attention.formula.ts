/** Attention and what stands beside it: rotary embeddings, linear attention, causal convolution with state. */
import {
  asTensor,
  assumeEqual,
  assumeStretches,
  cast,
  concat,
  conv,
  dtype,
  exp,
  expand,
  float,
  floorDiv,
  formula,
  full,
  gather,
  int,
  iota,
  isFixed,
  matmul,
  max,
  maybe,
  optional,
  pad,
  rank,
  refuse,
  refuseOpen,
  reshape,
  shape,
  slice,
  sqrt,
  stack,
  sum,
  tanh,
  text,
  transpose,
  unsqueeze,
  where,
  squeeze,
  type Num,
} from "../lang.js";

/** [B, S, H * D] as [B, H, S, D]. */
function splitHeads(x: Num, heads: number): Num {
  const [batch, length, width] = shape(x);
  return transpose(reshape(x, [batch, length, heads, floorDiv(width, heads)]), [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H * D]. */
function joinHeads(x: Num): Num {
  const [batch, heads, length, depth] = shape(x);
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * depth]);
}

/** Every head of [B, H, S, D] `times` times in a row. */
function repeatHeads(x: Num, times: Num): Num {
  const [batch, heads, length, depth] = shape(x);
  if (isFixed(times) && times === 1) return x;
  return reshape(expand(unsqueeze(x, [2]), [batch, heads, times, length, depth]), [batch, heads * times, length, depth]);
}

interface MaskOptions {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
}

/** A mask of [.., Sq, Skv] where true may be seen, as something to add: 0 or -infinity; shorter masks hide the rest. */
function maskBias(mask: Num, q: Num, total: Num): Num {
  const type = dtype(q);
  const bias = dtype(mask) === "bool" ? where(mask, full([], 0, type), full([], -Infinity, type)) : mask;
  const dims = shape(bias);
  const last = dims[dims.length - 1];
  if (isFixed(last) && isFixed(total) && last === total) return bias;
  if (isFixed(last) && last === 1) return bias;
  const none = dims.map(() => 0);
  return pad(bias, none, [...none.slice(1), total - last], -Infinity);
}

/** Adds up everything that hides keys; undefined when nothing does. */
function attentionBias(q: Num, total: Num, past: Num, mask: Num | undefined, lengths: Num | undefined, o: MaskOptions): Num | undefined {
  const type = dtype(q);
  const length = shape(q)[2];
  const hide = (seen: boolean) => where(seen, full([], 0, type), full([], -Infinity, type));
  const parts: Num[] = mask === undefined ? [] : [assumeStretches(maskBias(mask, q, total), q, "attn_mask")];
  const grid = [1, 1, length, total];
  const column = () => iota(grid, 3, "i64");
  const perBatch = (v: Num) => assumeStretches(unsqueeze(v, [1, 2, 3]), q, "nonpad_kv_seqlen");
  // The last query stands at the last key that counts.
  const offset = lengths === undefined ? past : perBatch(lengths - asTensor(length, "i64"));
  const position = () => iota(grid, 2, "i64") + offset;
  if (o.is_causal === 1) parts.push(hide(column() <= position()));
  if (o.left_window_size >= 0) parts.push(hide(column() >= position() - o.left_window_size));
  if (o.right_window_size >= 0) parts.push(hide(column() <= position() + o.right_window_size));
  if (lengths !== undefined) parts.push(hide(column() < perBatch(lengths)));
  return parts.length === 0 ? undefined : parts.reduce((a, b) => a + b);
}

/** softmax along the last axis; a row in which everything is hidden gives zeros. */
function attentionWeights(scores: Num, bias: Num | undefined): Num {
  const top = max(scores, -1);
  const e = exp(scores - where(top === -Infinity, 0, top));
  const weights = e / sum(e, -1);
  return bias === undefined ? weights : where(max(bias, -1) === -Infinity, 0, weights);
}

/**
 * softmax(softcap(Q K' * scale) + bias) V over grouped heads. Scores are never narrower than f32, so softmax_precision
 * asks for nothing that is not given.
 */
export const Attention = formula(
  {
    inputs: {
      q: "float",
      k: "float",
      v: "float",
      attn_mask: optional("any"),
      past_key: optional("float"),
      past_value: optional("float"),
      nonpad_kv_seqlen: optional(["i64"]),
    },
    attrs: {
      is_causal: int(0),
      kv_num_heads: maybe("int"),
      left_window_size: int(-1),
      q_num_heads: maybe("int"),
      qk_matmul_output_mode: int(0),
      right_window_size: int(-1),
      scale: maybe("float"),
      softcap: float(0),
      softmax_precision: maybe("int"),
    },
    outputs: 4,
  },
  ({ q, k, v, attn_mask, past_key, past_value, nonpad_kv_seqlen, scale, softcap, ...a }) => {
    const flat = rank(q) === 3;
    if (flat && (a.q_num_heads === undefined || a.kv_num_heads === undefined))
      refuse("Attention on rank 3 needs q_num_heads and kv_num_heads");
    const heads = (x: Num, n: number | undefined) => (rank(x) === 3 ? splitHeads(x, n ?? 1) : x);
    const queries = heads(q, a.q_num_heads);
    const keys = past_key === undefined ? heads(k, a.kv_num_heads) : concat([past_key, heads(k, a.kv_num_heads)], 2);
    const values = past_value === undefined ? heads(v, a.kv_num_heads) : concat([past_value, heads(v, a.kv_num_heads)], 2);
    const [, queryHeads, , depth] = shape(queries);
    const group = floorDiv(queryHeads, shape(keys)[1]);
    const wide = dtype(q) === "f64" ? "f64" : "f32";
    const factor = scale === undefined ? 1 / sqrt(asTensor(depth, wide)) : scale;
    const raw = cast(matmul(queries, transpose(repeatHeads(keys, group), [0, 1, 3, 2])), wide) * factor;
    const capped = softcap > 0 ? softcap * tanh(raw / softcap) : raw;
    const past = past_key === undefined ? 0 : shape(past_key)[2];
    const bias = attentionBias(
      raw,
      shape(keys)[2],
      past,
      attn_mask === undefined ? undefined : floatMask(attn_mask, wide),
      nonpad_kv_seqlen,
      a,
    );
    const scores = bias === undefined ? capped : capped + bias;
    const weights = attentionWeights(scores, bias);
    const y = cast(matmul(cast(weights, dtype(v)), repeatHeads(values, group)), dtype(q));
    const shown = [raw, capped, scores, weights][a.qk_matmul_output_mode];
    return [flat ? joinHeads(y) : y, keys, values, cast(shown, dtype(q))];
  },
);

/** A float mask in the scores' element type; a bool mask as it is. */
function floatMask(mask: Num, type: "f32" | "f64"): Num {
  return dtype(mask) === "bool" ? mask : cast(mask, type);
}

/** Pairs of features rotated by position-dependent angles (Su et al. 2021). */
export const RotaryEmbedding = formula(
  {
    inputs: { x: "float", cos_cache: "float", sin_cache: "float", position_ids: optional(["i64"]) },
    attrs: { interleaved: int(0), num_heads: maybe("int"), rotary_embedding_dim: int(0) },
  },
  ({ x, cos_cache, sin_cache, position_ids, interleaved, num_heads, rotary_embedding_dim }) => {
    const flat = rank(x) === 3;
    if (flat && (num_heads ?? 0) === 0) refuse("RotaryEmbedding on rank 3 needs num_heads");
    const heads = flat ? splitHeads(x, num_heads ?? 1) : x;
    const [batch, count, length, depth] = shape(heads);
    const rotated = rotary_embedding_dim === 0 ? depth : rotary_embedding_dim;
    const half = floorDiv(rotated, 2);
    const angle = (cache: Num) => {
      const rows = position_ids === undefined ? cache : gather(cache, position_ids, 0);
      return unsqueeze(slice(rows, [{ axis: 2, start: 0, size: half }]), [1]);
    };
    const [cos, sin] = [angle(cos_cache), angle(sin_cache)];
    const turning = slice(heads, [{ axis: 3, start: 0, size: rotated }]);
    const pairs = interleaved === 1 ? reshape(turning, [batch, count, length, half, 2]) : reshape(turning, [batch, count, length, 2, half]);
    const axis = interleaved === 1 ? 4 : 3;
    const part = (i: number) => squeeze(slice(pairs, [{ axis, start: i, size: 1 }]), [axis]);
    const [a, b] = [part(0), part(1)];
    const turned = reshape(stack([cos * a - sin * b, sin * a + cos * b], axis), shape(turning));
    const rest = slice(heads, [{ axis: 3, start: rotated, size: depth - rotated }]);
    const y = isFixed(rotated) && isFixed(depth) && rotated === depth ? turned : concat([turned, rest], 3);
    return flat ? joinHeads(y) : y;
  },
);

/** One step of [B, S, H, D] as [B, H, D]. */
function stepOf(x: Num, t: number): Num {
  return squeeze(slice(x, [{ axis: 1, start: t, size: 1 }]), [1]);
}

/**
 * Linear attention with a [B, H, Dk, Dv] state, step by step: the state decays ("gated"), and writes what it does not
 * yet retrieve ("delta"). The steps are unrolled, so their number must be known when compiling.
 */
export const LinearAttention = formula(
  {
    inputs: {
      query: "float",
      key: "float",
      value: "float",
      past_state: optional("float"),
      decay: optional("float"),
      beta: optional("float"),
    },
    attrs: {
      chunk_size: int(64),
      kv_num_heads: maybe("int"),
      q_num_heads: maybe("int"),
      scale: float(0),
      update_rule: text("gated_delta", "gated", "delta", "linear"),
    },
    outputs: 2,
  },
  ({ query, key, value, past_state, decay, beta, kv_num_heads, q_num_heads, scale, update_rule }) => {
    const [batch, length, width] = shape(query);
    if (!isFixed(length)) refuseOpen("LinearAttention's sequence length", [length]);
    const [readers, heads] = [q_num_heads ?? 1, kv_num_heads ?? 1];
    const depth = floorDiv(width, readers);
    const split = (x: Num, n: number) => cast(reshape(x, [batch, length, n, floorDiv(shape(x)[2], n)]), "f32");
    const [q, k, v] = [split(query, readers), split(key, heads), split(value, heads)];
    const [gate, rate] = [decay === undefined ? undefined : split(decay, heads), beta === undefined ? undefined : splitRate(beta, heads)];
    const factor = scale === 0 ? 1 / sqrt(asTensor(depth, "f32")) : scale;
    const stateDims = [batch, heads, depth, shape(v)[3]];
    let state = past_state === undefined ? full(stateDims, 0, "f32") : cast(past_state, "f32");
    const outputs: Num[] = [];
    for (let t = 0; t < length; t++) {
      if (gate !== undefined && (update_rule === "gated" || update_rule === "gated_delta"))
        state = state * exp(unsqueeze(stepOf(gate, t), [3]));
      const column = unsqueeze(stepOf(k, t), [3]);
      let written = unsqueeze(stepOf(v, t), [2]);
      if (update_rule === "delta" || update_rule === "gated_delta") {
        const missing = written - matmul(transpose(column, [0, 1, 3, 2]), state);
        written = rate === undefined ? missing : missing * unsqueeze(stepOf(rate, t), [2]);
      }
      state = state + column * written;
      const read = matmul(unsqueeze(stepOf(q, t), [2]), repeatHeads(state, readers / heads));
      outputs.push(reshape(read * factor, [batch, 1, readers, shape(v)[3]]));
    }
    const y = concat(outputs, 1);
    return [cast(reshape(y, [batch, length, shape(v)[3] * readers]), dtype(query)), cast(state, dtype(query))];
  },
);

/** The write strength, one a head or one for all. */
function splitRate(beta: Num, heads: number): Num {
  const [batch, length, width] = shape(beta);
  const n = isFixed(width) && width === 1 ? 1 : heads;
  assumeEqual(width, n, "one write strength a head");
  return cast(reshape(beta, [batch, length, n, 1]), "f32");
}

/** Depthwise causal convolution over time, whose last kernel - 1 inputs are carried as state. */
export const CausalConvWithState = formula(
  {
    inputs: { x: "float", weight: "float", bias: optional("float"), past_state: optional("float") },
    attrs: { activation: text("none", "silu", "swish") },
    outputs: 2,
  },
  ({ x, weight, bias, past_state, activation }) => {
    const [batch, channels] = shape(x);
    const before = shape(weight)[2] - 1;
    if (!isFixed(channels)) refuseOpen("CausalConvWithState's channel count", [channels]);
    const past = past_state === undefined ? full([batch, channels, before], 0, dtype(x)) : past_state;
    const padded = concat([past, x], 2);
    const y = conv(padded, weight, { strides: [1], dilations: [1], pads: [0, 0], group: channels });
    const biased = bias === undefined ? y : y + unsqueeze(bias, [0, 2]);
    const active = activation === "none" ? biased : biased * (1 / (1 + exp(-biased)));
    const state = slice(padded, [{ axis: 2, start: shape(padded)[2] - before, size: before }]);
    return [active, state];
  },
);

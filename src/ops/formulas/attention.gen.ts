/* Generated from attention.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/attention.formula.ts"); /** Attention and what stands beside it: rotary embeddings, linear attention, causal convolution with state. */
import {
  asTensor,
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
  const [batch, length, width] = $.call("42:34", shape, x);
  return $.call("43:10", transpose, $.call("43:20", reshape, x, [batch, length, heads, $.call("43:54", floorDiv, width, heads)]), [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H * D]. */
function joinHeads(x: Num): Num {
  const [batch, heads, length, depth] = $.call("48:41", shape, x);
  return $.call("49:10", reshape, $.call("49:18", transpose, x, [0, 2, 1, 3]), [batch, length, $.mul(heads , depth, "49:68")]);
}

/** Every head of [B, H, S, D] `times` times in a row. */
function repeatHeads(x: Num, times: Num): Num {
  const [batch, heads, length, depth] = $.call("54:41", shape, x);
  if ($.test($.call("55:7", isFixed, times), "55:7") && $.test($.eq(times , 1, "55:31"), "55:25")) return x;
  return $.call("56:10", reshape, $.call("56:18", expand, $.call("56:25", unsqueeze, x, [2]), [batch, heads, times, length, depth]), [batch, $.mul(heads , times, "56:97"), length, depth]);
}

interface MaskOptions {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
}

/** A mask of [.., Sq, Skv] where true may be seen, as something to add: 0 or -infinity; shorter masks hide the rest. */
function maskBias(mask: Num, q: Num, total: Num): Num {
  const type = $.call("67:16", dtype, q);
  const bias = $.call("68:16", dtype, mask) === "bool" ? $.call("68:41", where, mask, $.call("68:53", full, [], 0, type), $.call("68:72", full, [], $.neg(Infinity, "68:81"), type)) : mask;
  const dims = $.call("69:16", shape, bias);
  const last = dims[$.sub(dims.length , 1, "70:33")];
  if ($.test($.call("71:7", isFixed, last), "71:7") && $.test($.call("71:24", isFixed, total), "71:24") && $.test($.eq(last , total, "71:47"), "71:42")) return bias;
  if ($.test($.call("72:7", isFixed, last), "72:7") && $.test($.eq(last , 1, "72:29"), "72:24")) return bias;
  const none = dims.map(() => 0);
  return $.call("74:10", pad, bias, none, [...none.slice(1), $.sub(total , last, "74:51")], $.neg(Infinity, "74:60"));
}

/** Adds up everything that hides keys; undefined when nothing does. */
function attentionBias(q: Num, total: Num, past: Num, mask: Num | undefined, lengths: Num | undefined, o: MaskOptions): Num | undefined {
  const type = $.call("79:16", dtype, q);
  const length = $.call("80:18", shape, q)[2];
  const hide = (seen: boolean) => $.call("81:35", where, seen, $.call("81:47", full, [], 0, type), $.call("81:66", full, [], $.neg(Infinity, "81:75"), type));
  const parts: Num[] = mask === undefined ? [] : [maskBias(mask, q, total)];
  const grid = [1, 1, length, total];
  const column = () => $.call("84:24", iota, grid, 3, "i64");
  const perBatch = (v: Num) => $.call("85:32", unsqueeze, v, [1, 2, 3]);
  // The last query stands at the last key that counts.
  const offset = lengths === undefined ? past : perBatch($.sub(lengths , $.call("87:68", asTensor, length, "i64"), "87:66"));
  const position = () => $.add($.call("88:26", iota, grid, 2, "i64") , offset, "88:47");
  if ($.test($.eq(o.is_causal , 1, "89:19"), "89:7")) parts.push(hide($.le(column() , position(), "89:51")));
  if ($.test($.ge(o.left_window_size , 0, "90:26"), "90:7")) parts.push(hide($.ge(column() , $.sub(position() , o.left_window_size, "90:71"), "90:57")));
  if ($.test($.ge(o.right_window_size , 0, "91:27"), "91:7")) parts.push(hide($.le(column() , $.add(position() , o.right_window_size, "91:72"), "91:58")));
  if (lengths !== undefined) parts.push(hide($.lt(column() , perBatch(lengths), "92:55")));
  return $.test($.eq(parts.length , 0, "93:23"), "93:10") ? undefined : parts.reduce((a, b) => $.add(a , b, "93:68"));
}

/** softmax along the last axis; a row in which everything is hidden gives zeros. */
function attentionWeights(scores: Num, bias: Num | undefined): Num {
  const top = $.call("98:15", max, scores, -1);
  const e = $.call("99:13", exp, $.sub(scores , $.call("99:26", where, $.eq(top , $.neg(Infinity, "99:40"), "99:36"), 0, top), "99:24"));
  const weights = $.div(e , $.call("100:23", sum, e, -1), "100:21");
  return bias === undefined ? weights : $.call("101:41", where, $.eq($.call("101:47", max, bias, -1) , $.neg(Infinity, "101:65"), "101:61"), 0, weights);
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
    const flat = $.eq($.call("133:18", rank, q) , 3, "133:26");
    if ($.test(flat, "134:9") && (a.q_num_heads === undefined || a.kv_num_heads === undefined))
      $.call("135:7", refuse, "Attention on rank 3 needs q_num_heads and kv_num_heads");
    const heads = (x: Num, n: number | undefined) => ($.test($.eq($.call("136:55", rank, x) , 3, "136:63"), "136:55") ? splitHeads(x, n ?? 1) : x);
    const queries = heads(q, a.q_num_heads);
    const keys = past_key === undefined ? heads(k, a.kv_num_heads) : $.call("138:70", concat, [past_key, heads(k, a.kv_num_heads)], 2);
    const values = past_value === undefined ? heads(v, a.kv_num_heads) : $.call("139:74", concat, [past_value, heads(v, a.kv_num_heads)], 2);
    const [, queryHeads, , depth] = $.call("140:37", shape, queries);
    const group = $.call("141:19", floorDiv, queryHeads, $.call("141:40", shape, keys)[1]);
    const wide = $.call("142:18", dtype, q) === "f64" ? "f64" : "f32";
    const factor = scale === undefined ? $.div(1 , $.call("143:46", sqrt, $.call("143:51", asTensor, depth, wide)), "143:44") : scale;
    const raw = $.mul($.call("144:17", cast, $.call("144:22", matmul, queries, $.call("144:38", transpose, repeatHeads(keys, group), [0, 1, 3, 2])), wide) , factor, "144:96");
    const capped = $.test($.gt(softcap , 0, "145:28"), "145:20") ? $.mul(softcap , $.call("145:44", tanh, $.div(raw , softcap, "145:53")), "145:42") : raw;
    const past = past_key === undefined ? 0 : $.call("146:47", shape, past_key)[2];
    const bias = attentionBias(
      raw,
      $.call("149:7", shape, keys)[2],
      past,
      attn_mask === undefined ? undefined : floatMask(attn_mask, wide),
      nonpad_kv_seqlen,
      a,
    );
    const scores = bias === undefined ? capped : $.add(capped , bias, "155:57");
    const weights = attentionWeights(scores, bias);
    const y = $.call("157:15", cast, $.call("157:20", matmul, $.call("157:27", cast, weights, $.call("157:41", dtype, v)), repeatHeads(values, group)), $.call("157:81", dtype, q));
    const shown = [raw, capped, scores, weights][a.qk_matmul_output_mode];
    return [$.test(flat, "159:13") ? joinHeads(y) : y, keys, values, $.call("159:52", cast, shown, $.call("159:64", dtype, q))];
  },
{"name":"Attention","path":"src/ops/formulas/attention.formula.ts","line":108,"column":14});

/** A float mask in the scores' element type; a bool mask as it is. */
function floatMask(mask: Num, type: "f32" | "f64"): Num {
  return $.call("165:10", dtype, mask) === "bool" ? mask : $.call("165:42", cast, mask, type);
}

/** Pairs of features rotated by position-dependent angles (Su et al. 2021). */
export const RotaryEmbedding = formula(
  {
    inputs: { x: "float", cos_cache: "float", sin_cache: "float", position_ids: optional(["i64"]) },
    attrs: { interleaved: int(0), num_heads: maybe("int"), rotary_embedding_dim: int(0) },
  },
  ({ x, cos_cache, sin_cache, position_ids, interleaved, num_heads, rotary_embedding_dim }) => {
    const flat = $.eq($.call("175:18", rank, x) , 3, "175:26");
    if ($.test(flat, "176:9") && $.test($.eq((num_heads ?? 0) , 0, "176:34"), "176:17")) $.call("176:41", refuse, "RotaryEmbedding on rank 3 needs num_heads");
    const heads = $.test(flat, "177:19") ? splitHeads(x, num_heads ?? 1) : x;
    const [batch, count, length, depth] = $.call("178:43", shape, heads);
    const rotated = $.test($.gt(rotary_embedding_dim , 0, "179:42"), "179:21") ? rotary_embedding_dim : depth;
    const half = $.call("180:18", floorDiv, rotated, 2);
    const angle = (cache: Num) => {
      const rows = position_ids === undefined ? cache : $.call("182:57", gather, cache, position_ids, 0);
      return $.call("183:14", unsqueeze, $.call("183:24", slice, rows, [{ axis: 2, start: 0, size: half }]), [1]);
    };
    const [cos, sin] = [angle(cos_cache), angle(sin_cache)];
    const turning = $.call("186:21", slice, heads, [{ axis: 3, start: 0, size: rotated }]);
    const pairs = $.test($.eq(interleaved , 1, "187:31"), "187:19") ? $.call("187:39", reshape, turning, [batch, count, length, half, 2]) : $.call("187:91", reshape, turning, [batch, count, length, 2, half]);
    const axis = $.test($.eq(interleaved , 1, "188:30"), "188:18") ? 4 : 3;
    const part = (i: number) => $.call("189:33", squeeze, $.call("189:41", slice, pairs, [{ axis, start: i, size: 1 }]), [axis]);
    const [a, b] = [part(0), part(1)];
    const turned = $.call("191:20", reshape, $.call("191:28", stack, [$.sub($.mul(cos , a, "191:39") , $.mul(sin , b, "191:49"), "191:43"), $.add($.mul(sin , a, "191:58") , $.mul(cos , b, "191:68"), "191:62")], axis), $.call("191:81", shape, turning));
    const rest = $.call("192:18", slice, heads, [{ axis: 3, start: rotated, size: $.sub(depth , rotated, "192:71") }]);
    const y = $.test($.call("193:15", isFixed, rotated), "193:15") && $.test($.call("193:35", isFixed, depth), "193:35") && $.test($.eq(rotated , depth, "193:61"), "193:53") ? turned : $.call("193:82", concat, [turned, rest], 3);
    return $.test(flat, "194:12") ? joinHeads(y) : y;
  },
{"name":"RotaryEmbedding","path":"src/ops/formulas/attention.formula.ts","line":169,"column":14});

/** One step of [B, S, H, D] as [B, H, D]. */
function stepOf(x: Num, t: number): Num {
  return $.call("200:10", squeeze, $.call("200:18", slice, x, [{ axis: 1, start: t, size: 1 }]), [1]);
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
    const [batch, length, width] = $.call("227:36", shape, query);
    if (!$.test($.call("228:10", isFixed, length), "228:10")) $.call("228:27", refuse, "LinearAttention needs a sequence length known when compiling", "Fix it with --dim or --shape.");
    const [readers, heads] = [q_num_heads ?? 1, kv_num_heads ?? 1];
    const depth = $.call("230:19", floorDiv, width, readers);
    const split = (x: Num, n: number) => $.call("231:42", cast, $.call("231:47", reshape, x, [batch, length, n, $.call("231:77", floorDiv, $.call("231:86", shape, x)[2], n)]), "f32");
    const [q, k, v] = [split(query, readers), split(key, heads), split(value, heads)];
    const [gate, rate] = [decay === undefined ? undefined : split(decay, heads), beta === undefined ? undefined : splitRate(beta, heads)];
    const factor = $.test($.eq(scale , 0, "234:26"), "234:20") ? $.div(1 , $.call("234:38", sqrt, $.call("234:43", asTensor, depth, "f32")), "234:36") : scale;
    const stateDims = [batch, heads, depth, $.call("235:45", shape, v)[3]];
    let state = past_state === undefined ? $.call("236:44", full, stateDims, 0, "f32") : $.call("236:72", cast, past_state, "f32");
    const outputs: Num[] = [];
    for (let t = 0; $.test($.lt(t , length, "238:23"), "238:21"); t++) {
      if (gate !== undefined && (update_rule === "gated" || update_rule === "gated_delta"))
        state = $.mul(state , $.call("240:25", exp, $.call("240:29", unsqueeze, stepOf(gate, t), [3])), "240:23");
      const column = $.call("241:22", unsqueeze, stepOf(k, t), [3]);
      let written = $.call("242:21", unsqueeze, stepOf(v, t), [2]);
      if (update_rule === "delta" || update_rule === "gated_delta") {
        const missing = $.sub(written , $.call("244:35", matmul, $.call("244:42", transpose, column, [0, 1, 3, 2]), state), "244:33");
        written = rate === undefined ? missing : $.mul(missing , $.call("245:60", unsqueeze, stepOf(rate, t), [2]), "245:58");
      }
      state = $.add(state , $.mul(column , written, "247:30"), "247:21");
      const read = $.call("248:20", matmul, $.call("248:27", unsqueeze, stepOf(q, t), [2]), repeatHeads(state, $.div(readers , heads, "248:84")));
      outputs.push($.call("249:20", reshape, $.mul(read , factor, "249:33"), [batch, 1, readers, $.call("249:63", shape, v)[3]]));
    }
    const y = $.call("251:15", concat, outputs, 1);
    return [$.call("252:13", cast, $.call("252:18", reshape, y, [batch, length, $.mul($.call("252:45", shape, v)[3] , readers, "252:57")]), $.call("252:70", dtype, query)), $.call("252:85", cast, state, $.call("252:97", dtype, query))];
  },
{"name":"LinearAttention","path":"src/ops/formulas/attention.formula.ts","line":207,"column":14});

/** The write strength, one a head or one for all. */
function splitRate(beta: Num, heads: number): Num {
  const [batch, length, width] = $.call("258:34", shape, beta);
  const n = $.test($.call("259:13", isFixed, width), "259:13") && $.test($.eq(width , 1, "259:37"), "259:31") ? 1 : heads;
  return $.call("260:10", cast, $.call("260:15", reshape, beta, [batch, length, n, $.call("260:48", floorDiv, width, n)]), "f32");
}

/** Depthwise causal convolution over time, whose last kernel - 1 inputs are carried as state. */
export const CausalConvWithState = formula(
  {
    inputs: { x: "float", weight: "float", bias: optional("float"), past_state: optional("float") },
    attrs: { activation: text("none", "silu", "swish") },
    outputs: 2,
  },
  ({ x, weight, bias, past_state, activation }) => {
    const [batch, channels] = $.call("271:31", shape, x);
    const before = $.sub($.call("272:20", shape, weight)[2] , 1, "272:37");
    if (!$.test($.call("273:10", isFixed, channels), "273:10")) $.call("273:29", refuse, "CausalConvWithState needs a channel count known when compiling");
    const past = past_state === undefined ? $.call("274:45", full, [batch, channels, before], 0, $.call("274:80", dtype, x)) : past_state;
    const padded = $.call("275:20", concat, [past, x], 2);
    const y = $.call("276:15", conv, padded, weight, { strides: [1], dilations: [1], pads: [0, 0], group: channels });
    const biased = bias === undefined ? y : $.add(y , $.call("277:49", unsqueeze, bias, [0, 2]), "277:47");
    const active = activation === "none" ? biased : $.mul(biased , ($.div(1 , ($.add(1 , $.call("278:72", exp, $.neg(biased, "278:76")), "278:70")), "278:65")), "278:60");
    const state = $.call("279:19", slice, padded, [{ axis: 2, start: $.sub($.call("279:52", shape, padded)[2] , before, "279:69"), size: before }]);
    return [active, state];
  },
{"name":"CausalConvWithState","path":"src/ops/formulas/attention.formula.ts","line":264,"column":14});

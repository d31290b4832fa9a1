/* Generated from attention.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/attention.formula.ts"); /** Attention and what stands beside it: rotary embeddings, linear attention, causal convolution with state. */
import {
  asTensor,
  assumeEqual,
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
  const [batch, length, width] = $.call("43:34", shape, x);
  return $.call("44:10", transpose, $.call("44:20", reshape, x, [batch, length, heads, $.call("44:54", floorDiv, width, heads)]), [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H * D]. */
function joinHeads(x: Num): Num {
  const [batch, heads, length, depth] = $.call("49:41", shape, x);
  return $.call("50:10", reshape, $.call("50:18", transpose, x, [0, 2, 1, 3]), [batch, length, $.mul(heads , depth, "50:68")]);
}

/** Every head of [B, H, S, D] `times` times in a row. */
function repeatHeads(x: Num, times: Num): Num {
  const [batch, heads, length, depth] = $.call("55:41", shape, x);
  if ($.test($.call("56:7", isFixed, times), "56:7") && $.test($.eq(times , 1, "56:31"), "56:25")) return x;
  return $.call("57:10", reshape, $.call("57:18", expand, $.call("57:25", unsqueeze, x, [2]), [batch, heads, times, length, depth]), [batch, $.mul(heads , times, "57:97"), length, depth]);
}

interface MaskOptions {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
}

/** A mask of [.., Sq, Skv] where true may be seen, as something to add: 0 or -infinity; shorter masks hide the rest. */
function maskBias(mask: Num, q: Num, total: Num): Num {
  const type = $.call("68:16", dtype, q);
  const bias = $.call("69:16", dtype, mask) === "bool" ? $.call("69:41", where, mask, $.call("69:53", full, [], 0, type), $.call("69:72", full, [], $.neg(Infinity, "69:81"), type)) : mask;
  const dims = $.call("70:16", shape, bias);
  const last = dims[$.sub(dims.length , 1, "71:33")];
  if ($.test($.call("72:7", isFixed, last), "72:7") && $.test($.call("72:24", isFixed, total), "72:24") && $.test($.eq(last , total, "72:47"), "72:42")) return bias;
  if ($.test($.call("73:7", isFixed, last), "73:7") && $.test($.eq(last , 1, "73:29"), "73:24")) return bias;
  const none = dims.map(() => 0);
  return $.call("75:10", pad, bias, none, [...none.slice(1), $.sub(total , last, "75:51")], $.neg(Infinity, "75:60"));
}

/** Adds up everything that hides keys; undefined when nothing does. */
function attentionBias(q: Num, total: Num, past: Num, mask: Num | undefined, lengths: Num | undefined, o: MaskOptions): Num | undefined {
  const type = $.call("80:16", dtype, q);
  const length = $.call("81:18", shape, q)[2];
  const hide = (seen: boolean) => $.call("82:35", where, seen, $.call("82:47", full, [], 0, type), $.call("82:66", full, [], $.neg(Infinity, "82:75"), type));
  const parts: Num[] = mask === undefined ? [] : [maskBias(mask, q, total)];
  const grid = [1, 1, length, total];
  const column = () => $.call("85:24", iota, grid, 3, "i64");
  const perBatch = (v: Num) => $.call("86:32", unsqueeze, v, [1, 2, 3]);
  // The last query stands at the last key that counts.
  const offset = lengths === undefined ? past : perBatch($.sub(lengths , $.call("88:68", asTensor, length, "i64"), "88:66"));
  const position = () => $.add($.call("89:26", iota, grid, 2, "i64") , offset, "89:47");
  if ($.test($.eq(o.is_causal , 1, "90:19"), "90:7")) parts.push(hide($.le(column() , position(), "90:51")));
  if ($.test($.ge(o.left_window_size , 0, "91:26"), "91:7")) parts.push(hide($.ge(column() , $.sub(position() , o.left_window_size, "91:71"), "91:57")));
  if ($.test($.ge(o.right_window_size , 0, "92:27"), "92:7")) parts.push(hide($.le(column() , $.add(position() , o.right_window_size, "92:72"), "92:58")));
  if (lengths !== undefined) parts.push(hide($.lt(column() , perBatch(lengths), "93:55")));
  return $.test($.eq(parts.length , 0, "94:23"), "94:10") ? undefined : parts.reduce((a, b) => $.add(a , b, "94:68"));
}

/** softmax along the last axis; a row in which everything is hidden gives zeros. */
function attentionWeights(scores: Num, bias: Num | undefined): Num {
  const top = $.call("99:15", max, scores, -1);
  const e = $.call("100:13", exp, $.sub(scores , $.call("100:26", where, $.eq(top , $.neg(Infinity, "100:40"), "100:36"), 0, top), "100:24"));
  const weights = $.div(e , $.call("101:23", sum, e, -1), "101:21");
  return bias === undefined ? weights : $.call("102:41", where, $.eq($.call("102:47", max, bias, -1) , $.neg(Infinity, "102:65"), "102:61"), 0, weights);
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
    const flat = $.eq($.call("134:18", rank, q) , 3, "134:26");
    if ($.test(flat, "135:9") && (a.q_num_heads === undefined || a.kv_num_heads === undefined))
      $.call("136:7", refuse, "Attention on rank 3 needs q_num_heads and kv_num_heads");
    const heads = (x: Num, n: number | undefined) => ($.test($.eq($.call("137:55", rank, x) , 3, "137:63"), "137:55") ? splitHeads(x, n ?? 1) : x);
    const queries = heads(q, a.q_num_heads);
    const keys = past_key === undefined ? heads(k, a.kv_num_heads) : $.call("139:70", concat, [past_key, heads(k, a.kv_num_heads)], 2);
    const values = past_value === undefined ? heads(v, a.kv_num_heads) : $.call("140:74", concat, [past_value, heads(v, a.kv_num_heads)], 2);
    const [, queryHeads, , depth] = $.call("141:37", shape, queries);
    const group = $.call("142:19", floorDiv, queryHeads, $.call("142:40", shape, keys)[1]);
    const wide = $.call("143:18", dtype, q) === "f64" ? "f64" : "f32";
    const factor = scale === undefined ? $.div(1 , $.call("144:46", sqrt, $.call("144:51", asTensor, depth, wide)), "144:44") : scale;
    const raw = $.mul($.call("145:17", cast, $.call("145:22", matmul, queries, $.call("145:38", transpose, repeatHeads(keys, group), [0, 1, 3, 2])), wide) , factor, "145:96");
    const capped = $.test($.gt(softcap , 0, "146:28"), "146:20") ? $.mul(softcap , $.call("146:44", tanh, $.div(raw , softcap, "146:53")), "146:42") : raw;
    const past = past_key === undefined ? 0 : $.call("147:47", shape, past_key)[2];
    const bias = attentionBias(
      raw,
      $.call("150:7", shape, keys)[2],
      past,
      attn_mask === undefined ? undefined : floatMask(attn_mask, wide),
      nonpad_kv_seqlen,
      a,
    );
    const scores = bias === undefined ? capped : $.add(capped , bias, "156:57");
    const weights = attentionWeights(scores, bias);
    const y = $.call("158:15", cast, $.call("158:20", matmul, $.call("158:27", cast, weights, $.call("158:41", dtype, v)), repeatHeads(values, group)), $.call("158:81", dtype, q));
    const shown = [raw, capped, scores, weights][a.qk_matmul_output_mode];
    return [$.test(flat, "160:13") ? joinHeads(y) : y, keys, values, $.call("160:52", cast, shown, $.call("160:64", dtype, q))];
  },
{"name":"Attention","path":"src/ops/formulas/attention.formula.ts","line":109,"column":14});

/** A float mask in the scores' element type; a bool mask as it is. */
function floatMask(mask: Num, type: "f32" | "f64"): Num {
  return $.call("166:10", dtype, mask) === "bool" ? mask : $.call("166:42", cast, mask, type);
}

/** Pairs of features rotated by position-dependent angles (Su et al. 2021). */
export const RotaryEmbedding = formula(
  {
    inputs: { x: "float", cos_cache: "float", sin_cache: "float", position_ids: optional(["i64"]) },
    attrs: { interleaved: int(0), num_heads: maybe("int"), rotary_embedding_dim: int(0) },
  },
  ({ x, cos_cache, sin_cache, position_ids, interleaved, num_heads, rotary_embedding_dim }) => {
    const flat = $.eq($.call("176:18", rank, x) , 3, "176:26");
    if ($.test(flat, "177:9") && $.test($.eq((num_heads ?? 0) , 0, "177:34"), "177:17")) $.call("177:41", refuse, "RotaryEmbedding on rank 3 needs num_heads");
    const heads = $.test(flat, "178:19") ? splitHeads(x, num_heads ?? 1) : x;
    const [batch, count, length, depth] = $.call("179:43", shape, heads);
    const rotated = $.test($.gt(rotary_embedding_dim , 0, "180:42"), "180:21") ? rotary_embedding_dim : depth;
    const half = $.call("181:18", floorDiv, rotated, 2);
    const angle = (cache: Num) => {
      const rows = position_ids === undefined ? cache : $.call("183:57", gather, cache, position_ids, 0);
      return $.call("184:14", unsqueeze, $.call("184:24", slice, rows, [{ axis: 2, start: 0, size: half }]), [1]);
    };
    const [cos, sin] = [angle(cos_cache), angle(sin_cache)];
    const turning = $.call("187:21", slice, heads, [{ axis: 3, start: 0, size: rotated }]);
    const pairs = $.test($.eq(interleaved , 1, "188:31"), "188:19") ? $.call("188:39", reshape, turning, [batch, count, length, half, 2]) : $.call("188:91", reshape, turning, [batch, count, length, 2, half]);
    const axis = $.test($.eq(interleaved , 1, "189:30"), "189:18") ? 4 : 3;
    const part = (i: number) => $.call("190:33", squeeze, $.call("190:41", slice, pairs, [{ axis, start: i, size: 1 }]), [axis]);
    const [a, b] = [part(0), part(1)];
    const turned = $.call("192:20", reshape, $.call("192:28", stack, [$.sub($.mul(cos , a, "192:39") , $.mul(sin , b, "192:49"), "192:43"), $.add($.mul(sin , a, "192:58") , $.mul(cos , b, "192:68"), "192:62")], axis), $.call("192:81", shape, turning));
    const rest = $.call("193:18", slice, heads, [{ axis: 3, start: rotated, size: $.sub(depth , rotated, "193:71") }]);
    const y = $.test($.call("194:15", isFixed, rotated), "194:15") && $.test($.call("194:35", isFixed, depth), "194:35") && $.test($.eq(rotated , depth, "194:61"), "194:53") ? turned : $.call("194:82", concat, [turned, rest], 3);
    return $.test(flat, "195:12") ? joinHeads(y) : y;
  },
{"name":"RotaryEmbedding","path":"src/ops/formulas/attention.formula.ts","line":170,"column":14});

/** One step of [B, S, H, D] as [B, H, D]. */
function stepOf(x: Num, t: number): Num {
  return $.call("201:10", squeeze, $.call("201:18", slice, x, [{ axis: 1, start: t, size: 1 }]), [1]);
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
    const [batch, length, width] = $.call("228:36", shape, query);
    if (!$.test($.call("229:10", isFixed, length), "229:10")) $.call("229:27", refuse, "LinearAttention needs a sequence length known when compiling", "Fix it with --dim or --shape.");
    const [readers, heads] = [q_num_heads ?? 1, kv_num_heads ?? 1];
    const depth = $.call("231:19", floorDiv, width, readers);
    const split = (x: Num, n: number) => $.call("232:42", cast, $.call("232:47", reshape, x, [batch, length, n, $.call("232:77", floorDiv, $.call("232:86", shape, x)[2], n)]), "f32");
    const [q, k, v] = [split(query, readers), split(key, heads), split(value, heads)];
    const [gate, rate] = [decay === undefined ? undefined : split(decay, heads), beta === undefined ? undefined : splitRate(beta, heads)];
    const factor = $.test($.eq(scale , 0, "235:26"), "235:20") ? $.div(1 , $.call("235:38", sqrt, $.call("235:43", asTensor, depth, "f32")), "235:36") : scale;
    const stateDims = [batch, heads, depth, $.call("236:45", shape, v)[3]];
    let state = past_state === undefined ? $.call("237:44", full, stateDims, 0, "f32") : $.call("237:72", cast, past_state, "f32");
    const outputs: Num[] = [];
    for (let t = 0; $.test($.lt(t , length, "239:23"), "239:21"); t++) {
      if (gate !== undefined && (update_rule === "gated" || update_rule === "gated_delta"))
        state = $.mul(state , $.call("241:25", exp, $.call("241:29", unsqueeze, stepOf(gate, t), [3])), "241:23");
      const column = $.call("242:22", unsqueeze, stepOf(k, t), [3]);
      let written = $.call("243:21", unsqueeze, stepOf(v, t), [2]);
      if (update_rule === "delta" || update_rule === "gated_delta") {
        const missing = $.sub(written , $.call("245:35", matmul, $.call("245:42", transpose, column, [0, 1, 3, 2]), state), "245:33");
        written = rate === undefined ? missing : $.mul(missing , $.call("246:60", unsqueeze, stepOf(rate, t), [2]), "246:58");
      }
      state = $.add(state , $.mul(column , written, "248:30"), "248:21");
      const read = $.call("249:20", matmul, $.call("249:27", unsqueeze, stepOf(q, t), [2]), repeatHeads(state, $.div(readers , heads, "249:84")));
      outputs.push($.call("250:20", reshape, $.mul(read , factor, "250:33"), [batch, 1, readers, $.call("250:63", shape, v)[3]]));
    }
    const y = $.call("252:15", concat, outputs, 1);
    return [$.call("253:13", cast, $.call("253:18", reshape, y, [batch, length, $.mul($.call("253:45", shape, v)[3] , readers, "253:57")]), $.call("253:70", dtype, query)), $.call("253:85", cast, state, $.call("253:97", dtype, query))];
  },
{"name":"LinearAttention","path":"src/ops/formulas/attention.formula.ts","line":208,"column":14});

/** The write strength, one a head or one for all. */
function splitRate(beta: Num, heads: number): Num {
  const [batch, length, width] = $.call("259:34", shape, beta);
  const n = $.test($.call("260:13", isFixed, width), "260:13") && $.test($.eq(width , 1, "260:37"), "260:31") ? 1 : heads;
  $.call("261:3", assumeEqual, width, n, "one write strength a head");
  return $.call("262:10", cast, $.call("262:15", reshape, beta, [batch, length, n, 1]), "f32");
}

/** Depthwise causal convolution over time, whose last kernel - 1 inputs are carried as state. */
export const CausalConvWithState = formula(
  {
    inputs: { x: "float", weight: "float", bias: optional("float"), past_state: optional("float") },
    attrs: { activation: text("none", "silu", "swish") },
    outputs: 2,
  },
  ({ x, weight, bias, past_state, activation }) => {
    const [batch, channels] = $.call("273:31", shape, x);
    const before = $.sub($.call("274:20", shape, weight)[2] , 1, "274:37");
    if (!$.test($.call("275:10", isFixed, channels), "275:10")) $.call("275:29", refuse, "CausalConvWithState needs a channel count known when compiling");
    const past = past_state === undefined ? $.call("276:45", full, [batch, channels, before], 0, $.call("276:80", dtype, x)) : past_state;
    const padded = $.call("277:20", concat, [past, x], 2);
    const y = $.call("278:15", conv, padded, weight, { strides: [1], dilations: [1], pads: [0, 0], group: channels });
    const biased = bias === undefined ? y : $.add(y , $.call("279:49", unsqueeze, bias, [0, 2]), "279:47");
    const active = activation === "none" ? biased : $.mul(biased , ($.div(1 , ($.add(1 , $.call("280:72", exp, $.neg(biased, "280:76")), "280:70")), "280:65")), "280:60");
    const state = $.call("281:19", slice, padded, [{ axis: 2, start: $.sub($.call("281:52", shape, padded)[2] , before, "281:69"), size: before }]);
    return [active, state];
  },
{"name":"CausalConvWithState","path":"src/ops/formulas/attention.formula.ts","line":266,"column":14});

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
  const [batch, length, width] = $.call("44:34", shape, x);
  return $.call("45:10", transpose, $.call("45:20", reshape, x, [batch, length, heads, $.call("45:54", floorDiv, width, heads)]), [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H * D]. */
function joinHeads(x: Num): Num {
  const [batch, heads, length, depth] = $.call("50:41", shape, x);
  return $.call("51:10", reshape, $.call("51:18", transpose, x, [0, 2, 1, 3]), [batch, length, $.mul(heads , depth, "51:68")]);
}

/** Every head of [B, H, S, D] `times` times in a row. */
function repeatHeads(x: Num, times: Num): Num {
  const [batch, heads, length, depth] = $.call("56:41", shape, x);
  if ($.test($.call("57:7", isFixed, times), "57:7") && $.test($.eq(times , 1, "57:31"), "57:25")) return x;
  return $.call("58:10", reshape, $.call("58:18", expand, $.call("58:25", unsqueeze, x, [2]), [batch, heads, times, length, depth]), [batch, $.mul(heads , times, "58:97"), length, depth]);
}

interface MaskOptions {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
}

/** A mask of [.., Sq, Skv] where true may be seen, as something to add: 0 or -infinity; shorter masks hide the rest. */
function maskBias(mask: Num, q: Num, total: Num): Num {
  const type = $.call("69:16", dtype, q);
  const bias = $.call("70:16", dtype, mask) === "bool" ? $.call("70:41", where, mask, $.call("70:53", full, [], 0, type), $.call("70:72", full, [], $.neg(Infinity, "70:81"), type)) : mask;
  const dims = $.call("71:16", shape, bias);
  const last = dims[$.sub(dims.length , 1, "72:33")];
  if ($.test($.call("73:7", isFixed, last), "73:7") && $.test($.call("73:24", isFixed, total), "73:24") && $.test($.eq(last , total, "73:47"), "73:42")) return bias;
  if ($.test($.call("74:7", isFixed, last), "74:7") && $.test($.eq(last , 1, "74:29"), "74:24")) return bias;
  const none = dims.map(() => 0);
  return $.call("76:10", pad, bias, none, [...none.slice(1), $.sub(total , last, "76:51")], $.neg(Infinity, "76:60"));
}

/** Adds up everything that hides keys; undefined when nothing does. */
function attentionBias(q: Num, total: Num, past: Num, mask: Num | undefined, lengths: Num | undefined, o: MaskOptions): Num | undefined {
  const type = $.call("81:16", dtype, q);
  const length = $.call("82:18", shape, q)[2];
  const hide = (seen: boolean) => $.call("83:35", where, seen, $.call("83:47", full, [], 0, type), $.call("83:66", full, [], $.neg(Infinity, "83:75"), type));
  const parts: Num[] = mask === undefined ? [] : [maskBias(mask, q, total)];
  const grid = [1, 1, length, total];
  const column = () => $.call("86:24", iota, grid, 3, "i64");
  const perBatch = (v: Num) => $.call("87:32", unsqueeze, v, [1, 2, 3]);
  // The last query stands at the last key that counts.
  const offset = lengths === undefined ? past : perBatch($.sub(lengths , $.call("89:68", asTensor, length, "i64"), "89:66"));
  const position = () => $.add($.call("90:26", iota, grid, 2, "i64") , offset, "90:47");
  if ($.test($.eq(o.is_causal , 1, "91:19"), "91:7")) parts.push(hide($.le(column() , position(), "91:51")));
  if ($.test($.ge(o.left_window_size , 0, "92:26"), "92:7")) parts.push(hide($.ge(column() , $.sub(position() , o.left_window_size, "92:71"), "92:57")));
  if ($.test($.ge(o.right_window_size , 0, "93:27"), "93:7")) parts.push(hide($.le(column() , $.add(position() , o.right_window_size, "93:72"), "93:58")));
  if (lengths !== undefined) parts.push(hide($.lt(column() , perBatch(lengths), "94:55")));
  return $.test($.eq(parts.length , 0, "95:23"), "95:10") ? undefined : parts.reduce((a, b) => $.add(a , b, "95:68"));
}

/** softmax along the last axis; a row in which everything is hidden gives zeros. */
function attentionWeights(scores: Num, bias: Num | undefined): Num {
  const top = $.call("100:15", max, scores, -1);
  const e = $.call("101:13", exp, $.sub(scores , $.call("101:26", where, $.eq(top , $.neg(Infinity, "101:40"), "101:36"), 0, top), "101:24"));
  const weights = $.div(e , $.call("102:23", sum, e, -1), "102:21");
  return bias === undefined ? weights : $.call("103:41", where, $.eq($.call("103:47", max, bias, -1) , $.neg(Infinity, "103:65"), "103:61"), 0, weights);
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
    const flat = $.eq($.call("135:18", rank, q) , 3, "135:26");
    if ($.test(flat, "136:9") && (a.q_num_heads === undefined || a.kv_num_heads === undefined))
      $.call("137:7", refuse, "Attention on rank 3 needs q_num_heads and kv_num_heads");
    const heads = (x: Num, n: number | undefined) => ($.test($.eq($.call("138:55", rank, x) , 3, "138:63"), "138:55") ? splitHeads(x, n ?? 1) : x);
    const queries = heads(q, a.q_num_heads);
    const keys = past_key === undefined ? heads(k, a.kv_num_heads) : $.call("140:70", concat, [past_key, heads(k, a.kv_num_heads)], 2);
    const values = past_value === undefined ? heads(v, a.kv_num_heads) : $.call("141:74", concat, [past_value, heads(v, a.kv_num_heads)], 2);
    const [, queryHeads, , depth] = $.call("142:37", shape, queries);
    const group = $.call("143:19", floorDiv, queryHeads, $.call("143:40", shape, keys)[1]);
    const wide = $.call("144:18", dtype, q) === "f64" ? "f64" : "f32";
    const factor = scale === undefined ? $.div(1 , $.call("145:46", sqrt, $.call("145:51", asTensor, depth, wide)), "145:44") : scale;
    const raw = $.mul($.call("146:17", cast, $.call("146:22", matmul, queries, $.call("146:38", transpose, repeatHeads(keys, group), [0, 1, 3, 2])), wide) , factor, "146:96");
    const capped = $.test($.gt(softcap , 0, "147:28"), "147:20") ? $.mul(softcap , $.call("147:44", tanh, $.div(raw , softcap, "147:53")), "147:42") : raw;
    const past = past_key === undefined ? 0 : $.call("148:47", shape, past_key)[2];
    const bias = attentionBias(
      raw,
      $.call("151:7", shape, keys)[2],
      past,
      attn_mask === undefined ? undefined : floatMask(attn_mask, wide),
      nonpad_kv_seqlen,
      a,
    );
    const scores = bias === undefined ? capped : $.add(capped , bias, "157:57");
    const weights = attentionWeights(scores, bias);
    const y = $.call("159:15", cast, $.call("159:20", matmul, $.call("159:27", cast, weights, $.call("159:41", dtype, v)), repeatHeads(values, group)), $.call("159:81", dtype, q));
    const shown = [raw, capped, scores, weights][a.qk_matmul_output_mode];
    return [$.test(flat, "161:13") ? joinHeads(y) : y, keys, values, $.call("161:52", cast, shown, $.call("161:64", dtype, q))];
  },
{"name":"Attention","path":"src/ops/formulas/attention.formula.ts","line":110,"column":14});

/** A float mask in the scores' element type; a bool mask as it is. */
function floatMask(mask: Num, type: "f32" | "f64"): Num {
  return $.call("167:10", dtype, mask) === "bool" ? mask : $.call("167:42", cast, mask, type);
}

/** Pairs of features rotated by position-dependent angles (Su et al. 2021). */
export const RotaryEmbedding = formula(
  {
    inputs: { x: "float", cos_cache: "float", sin_cache: "float", position_ids: optional(["i64"]) },
    attrs: { interleaved: int(0), num_heads: maybe("int"), rotary_embedding_dim: int(0) },
  },
  ({ x, cos_cache, sin_cache, position_ids, interleaved, num_heads, rotary_embedding_dim }) => {
    const flat = $.eq($.call("177:18", rank, x) , 3, "177:26");
    if ($.test(flat, "178:9") && $.test($.eq((num_heads ?? 0) , 0, "178:34"), "178:17")) $.call("178:41", refuse, "RotaryEmbedding on rank 3 needs num_heads");
    const heads = $.test(flat, "179:19") ? splitHeads(x, num_heads ?? 1) : x;
    const [batch, count, length, depth] = $.call("180:43", shape, heads);
    const rotated = $.test($.eq(rotary_embedding_dim , 0, "181:42"), "181:21") ? depth : rotary_embedding_dim;
    const half = $.call("182:18", floorDiv, rotated, 2);
    const angle = (cache: Num) => {
      const rows = position_ids === undefined ? cache : $.call("184:57", gather, cache, position_ids, 0);
      return $.call("185:14", unsqueeze, $.call("185:24", slice, rows, [{ axis: 2, start: 0, size: half }]), [1]);
    };
    const [cos, sin] = [angle(cos_cache), angle(sin_cache)];
    const turning = $.call("188:21", slice, heads, [{ axis: 3, start: 0, size: rotated }]);
    const pairs = $.test($.eq(interleaved , 1, "189:31"), "189:19") ? $.call("189:39", reshape, turning, [batch, count, length, half, 2]) : $.call("189:91", reshape, turning, [batch, count, length, 2, half]);
    const axis = $.test($.eq(interleaved , 1, "190:30"), "190:18") ? 4 : 3;
    const part = (i: number) => $.call("191:33", squeeze, $.call("191:41", slice, pairs, [{ axis, start: i, size: 1 }]), [axis]);
    const [a, b] = [part(0), part(1)];
    const turned = $.call("193:20", reshape, $.call("193:28", stack, [$.sub($.mul(cos , a, "193:39") , $.mul(sin , b, "193:49"), "193:43"), $.add($.mul(sin , a, "193:58") , $.mul(cos , b, "193:68"), "193:62")], axis), $.call("193:81", shape, turning));
    const rest = $.call("194:18", slice, heads, [{ axis: 3, start: rotated, size: $.sub(depth , rotated, "194:71") }]);
    const y = $.test($.call("195:15", isFixed, rotated), "195:15") && $.test($.call("195:35", isFixed, depth), "195:35") && $.test($.eq(rotated , depth, "195:61"), "195:53") ? turned : $.call("195:82", concat, [turned, rest], 3);
    return $.test(flat, "196:12") ? joinHeads(y) : y;
  },
{"name":"RotaryEmbedding","path":"src/ops/formulas/attention.formula.ts","line":171,"column":14});

/** One step of [B, S, H, D] as [B, H, D]. */
function stepOf(x: Num, t: number): Num {
  return $.call("202:10", squeeze, $.call("202:18", slice, x, [{ axis: 1, start: t, size: 1 }]), [1]);
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
    const [batch, length, width] = $.call("229:36", shape, query);
    if (!$.test($.call("230:10", isFixed, length), "230:10")) $.call("230:27", refuseOpen, "LinearAttention's sequence length", [length]);
    const [readers, heads] = [q_num_heads ?? 1, kv_num_heads ?? 1];
    const depth = $.call("232:19", floorDiv, width, readers);
    const split = (x: Num, n: number) => $.call("233:42", cast, $.call("233:47", reshape, x, [batch, length, n, $.call("233:77", floorDiv, $.call("233:86", shape, x)[2], n)]), "f32");
    const [q, k, v] = [split(query, readers), split(key, heads), split(value, heads)];
    const [gate, rate] = [decay === undefined ? undefined : split(decay, heads), beta === undefined ? undefined : splitRate(beta, heads)];
    const factor = $.test($.eq(scale , 0, "236:26"), "236:20") ? $.div(1 , $.call("236:38", sqrt, $.call("236:43", asTensor, depth, "f32")), "236:36") : scale;
    const stateDims = [batch, heads, depth, $.call("237:45", shape, v)[3]];
    let state = past_state === undefined ? $.call("238:44", full, stateDims, 0, "f32") : $.call("238:72", cast, past_state, "f32");
    const outputs: Num[] = [];
    for (let t = 0; $.test($.lt(t , length, "240:23"), "240:21"); t++) {
      if (gate !== undefined && (update_rule === "gated" || update_rule === "gated_delta"))
        state = $.mul(state , $.call("242:25", exp, $.call("242:29", unsqueeze, stepOf(gate, t), [3])), "242:23");
      const column = $.call("243:22", unsqueeze, stepOf(k, t), [3]);
      let written = $.call("244:21", unsqueeze, stepOf(v, t), [2]);
      if (update_rule === "delta" || update_rule === "gated_delta") {
        const missing = $.sub(written , $.call("246:35", matmul, $.call("246:42", transpose, column, [0, 1, 3, 2]), state), "246:33");
        written = rate === undefined ? missing : $.mul(missing , $.call("247:60", unsqueeze, stepOf(rate, t), [2]), "247:58");
      }
      state = $.add(state , $.mul(column , written, "249:30"), "249:21");
      const read = $.call("250:20", matmul, $.call("250:27", unsqueeze, stepOf(q, t), [2]), repeatHeads(state, $.div(readers , heads, "250:84")));
      outputs.push($.call("251:20", reshape, $.mul(read , factor, "251:33"), [batch, 1, readers, $.call("251:63", shape, v)[3]]));
    }
    const y = $.call("253:15", concat, outputs, 1);
    return [$.call("254:13", cast, $.call("254:18", reshape, y, [batch, length, $.mul($.call("254:45", shape, v)[3] , readers, "254:57")]), $.call("254:70", dtype, query)), $.call("254:85", cast, state, $.call("254:97", dtype, query))];
  },
{"name":"LinearAttention","path":"src/ops/formulas/attention.formula.ts","line":209,"column":14});

/** The write strength, one a head or one for all. */
function splitRate(beta: Num, heads: number): Num {
  const [batch, length, width] = $.call("260:34", shape, beta);
  const n = $.test($.call("261:13", isFixed, width), "261:13") && $.test($.eq(width , 1, "261:37"), "261:31") ? 1 : heads;
  $.call("262:3", assumeEqual, width, n, "one write strength a head");
  return $.call("263:10", cast, $.call("263:15", reshape, beta, [batch, length, n, 1]), "f32");
}

/** Depthwise causal convolution over time, whose last kernel - 1 inputs are carried as state. */
export const CausalConvWithState = formula(
  {
    inputs: { x: "float", weight: "float", bias: optional("float"), past_state: optional("float") },
    attrs: { activation: text("none", "silu", "swish") },
    outputs: 2,
  },
  ({ x, weight, bias, past_state, activation }) => {
    const [batch, channels] = $.call("274:31", shape, x);
    const before = $.sub($.call("275:20", shape, weight)[2] , 1, "275:37");
    if (!$.test($.call("276:10", isFixed, channels), "276:10")) $.call("276:29", refuseOpen, "CausalConvWithState's channel count", [channels]);
    const past = past_state === undefined ? $.call("277:45", full, [batch, channels, before], 0, $.call("277:80", dtype, x)) : past_state;
    const padded = $.call("278:20", concat, [past, x], 2);
    const y = $.call("279:15", conv, padded, weight, { strides: [1], dilations: [1], pads: [0, 0], group: channels });
    const biased = bias === undefined ? y : $.add(y , $.call("280:49", unsqueeze, bias, [0, 2]), "280:47");
    const active = activation === "none" ? biased : $.mul(biased , ($.div(1 , ($.add(1 , $.call("281:72", exp, $.neg(biased, "281:76")), "281:70")), "281:65")), "281:60");
    const state = $.call("282:19", slice, padded, [{ axis: 2, start: $.sub($.call("282:52", shape, padded)[2] , before, "282:69"), size: before }]);
    return [active, state];
  },
{"name":"CausalConvWithState","path":"src/ops/formulas/attention.formula.ts","line":267,"column":14});

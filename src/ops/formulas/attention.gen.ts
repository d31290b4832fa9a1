/* Generated from attention.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/attention.formula.ts"); /** Attention and what stands beside it: rotary embeddings, linear attention, causal convolution with state. */
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
  const [batch, length, width] = $.call("45:34", shape, x);
  return $.call("46:10", transpose, $.call("46:20", reshape, x, [batch, length, heads, $.call("46:54", floorDiv, width, heads)]), [0, 2, 1, 3]);
}

/** [B, H, S, D] as [B, S, H * D]. */
function joinHeads(x: Num): Num {
  const [batch, heads, length, depth] = $.call("51:41", shape, x);
  return $.call("52:10", reshape, $.call("52:18", transpose, x, [0, 2, 1, 3]), [batch, length, $.mul(heads , depth, "52:68")]);
}

/** Every head of [B, H, S, D] `times` times in a row. */
function repeatHeads(x: Num, times: Num): Num {
  const [batch, heads, length, depth] = $.call("57:41", shape, x);
  if ($.test($.call("58:7", isFixed, times), "58:7") && $.test($.eq(times , 1, "58:31"), "58:25")) return x;
  return $.call("59:10", reshape, $.call("59:18", expand, $.call("59:25", unsqueeze, x, [2]), [batch, heads, times, length, depth]), [batch, $.mul(heads , times, "59:97"), length, depth]);
}

interface MaskOptions {
  readonly is_causal: number;
  readonly left_window_size: number;
  readonly right_window_size: number;
}

/** A mask of [.., Sq, Skv] where true may be seen, as something to add: 0 or -infinity; shorter masks hide the rest. */
function maskBias(mask: Num, q: Num, total: Num): Num {
  const type = $.call("70:16", dtype, q);
  const bias = $.call("71:16", dtype, mask) === "bool" ? $.call("71:41", where, mask, $.call("71:53", full, [], 0, type), $.call("71:72", full, [], $.neg(Infinity, "71:81"), type)) : mask;
  const dims = $.call("72:16", shape, bias);
  const last = dims[$.sub(dims.length , 1, "73:33")];
  if ($.test($.call("74:7", isFixed, last), "74:7") && $.test($.call("74:24", isFixed, total), "74:24") && $.test($.eq(last , total, "74:47"), "74:42")) return bias;
  if ($.test($.call("75:7", isFixed, last), "75:7") && $.test($.eq(last , 1, "75:29"), "75:24")) return bias;
  const none = dims.map(() => 0);
  return $.call("77:10", pad, bias, none, [...none.slice(1), $.sub(total , last, "77:51")], $.neg(Infinity, "77:60"));
}

/** Adds up everything that hides keys; undefined when nothing does. */
function attentionBias(q: Num, total: Num, past: Num, mask: Num | undefined, lengths: Num | undefined, o: MaskOptions): Num | undefined {
  const type = $.call("82:16", dtype, q);
  const length = $.call("83:18", shape, q)[2];
  const hide = (seen: boolean) => $.call("84:35", where, seen, $.call("84:47", full, [], 0, type), $.call("84:66", full, [], $.neg(Infinity, "84:75"), type));
  const parts: Num[] = mask === undefined ? [] : [$.call("85:51", assumeStretches, maskBias(mask, q, total), q, "attn_mask")];
  const grid = [1, 1, length, total];
  const column = () => $.call("87:24", iota, grid, 3, "i64");
  const perBatch = (v: Num) => $.call("88:32", assumeStretches, $.call("88:48", unsqueeze, v, [1, 2, 3]), q, "nonpad_kv_seqlen");
  // The last query stands at the last key that counts.
  const offset = lengths === undefined ? past : perBatch($.sub(lengths , $.call("90:68", asTensor, length, "i64"), "90:66"));
  const position = () => $.add($.call("91:26", iota, grid, 2, "i64") , offset, "91:47");
  if ($.test($.eq(o.is_causal , 1, "92:19"), "92:7")) parts.push(hide($.le(column() , position(), "92:51")));
  if ($.test($.ge(o.left_window_size , 0, "93:26"), "93:7")) parts.push(hide($.ge(column() , $.sub(position() , o.left_window_size, "93:71"), "93:57")));
  if ($.test($.ge(o.right_window_size , 0, "94:27"), "94:7")) parts.push(hide($.le(column() , $.add(position() , o.right_window_size, "94:72"), "94:58")));
  if (lengths !== undefined) parts.push(hide($.lt(column() , perBatch(lengths), "95:55")));
  return $.test($.eq(parts.length , 0, "96:23"), "96:10") ? undefined : parts.reduce((a, b) => $.add(a , b, "96:68"));
}

/** softmax along the last axis; a row in which everything is hidden gives zeros. */
function attentionWeights(scores: Num, bias: Num | undefined): Num {
  const top = $.call("101:15", max, scores, -1);
  const e = $.call("102:13", exp, $.sub(scores , $.call("102:26", where, $.eq(top , $.neg(Infinity, "102:40"), "102:36"), 0, top), "102:24"));
  const weights = $.div(e , $.call("103:23", sum, e, -1), "103:21");
  return bias === undefined ? weights : $.call("104:41", where, $.eq($.call("104:47", max, bias, -1) , $.neg(Infinity, "104:65"), "104:61"), 0, weights);
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
    const flat = $.eq($.call("136:18", rank, q) , 3, "136:26");
    if ($.test(flat, "137:9") && (a.q_num_heads === undefined || a.kv_num_heads === undefined))
      $.call("138:7", refuse, "Attention on rank 3 needs q_num_heads and kv_num_heads");
    const heads = (x: Num, n: number | undefined) => ($.test($.eq($.call("139:55", rank, x) , 3, "139:63"), "139:55") ? splitHeads(x, n ?? 1) : x);
    const queries = heads(q, a.q_num_heads);
    const keys = past_key === undefined ? heads(k, a.kv_num_heads) : $.call("141:70", concat, [past_key, heads(k, a.kv_num_heads)], 2);
    const values = past_value === undefined ? heads(v, a.kv_num_heads) : $.call("142:74", concat, [past_value, heads(v, a.kv_num_heads)], 2);
    const [, queryHeads, , depth] = $.call("143:37", shape, queries);
    const group = $.call("144:19", floorDiv, queryHeads, $.call("144:40", shape, keys)[1]);
    const wide = $.call("145:18", dtype, q) === "f64" ? "f64" : "f32";
    const factor = scale === undefined ? $.div(1 , $.call("146:46", sqrt, $.call("146:51", asTensor, depth, wide)), "146:44") : scale;
    const raw = $.mul($.call("147:17", cast, $.call("147:22", matmul, queries, $.call("147:38", transpose, repeatHeads(keys, group), [0, 1, 3, 2])), wide) , factor, "147:96");
    const capped = $.test($.gt(softcap , 0, "148:28"), "148:20") ? $.mul(softcap , $.call("148:44", tanh, $.div(raw , softcap, "148:53")), "148:42") : raw;
    const past = past_key === undefined ? 0 : $.call("149:47", shape, past_key)[2];
    const bias = attentionBias(
      raw,
      $.call("152:7", shape, keys)[2],
      past,
      attn_mask === undefined ? undefined : floatMask(attn_mask, wide),
      nonpad_kv_seqlen,
      a,
    );
    const scores = bias === undefined ? capped : $.add(capped , bias, "158:57");
    const weights = attentionWeights(scores, bias);
    const y = $.call("160:15", cast, $.call("160:20", matmul, $.call("160:27", cast, weights, $.call("160:41", dtype, v)), repeatHeads(values, group)), $.call("160:81", dtype, q));
    const shown = [raw, capped, scores, weights][a.qk_matmul_output_mode];
    return [$.test(flat, "162:13") ? joinHeads(y) : y, keys, values, $.call("162:52", cast, shown, $.call("162:64", dtype, q))];
  },
{"name":"Attention","path":"src/ops/formulas/attention.formula.ts","line":111,"column":14});

/** A float mask in the scores' element type; a bool mask as it is. */
function floatMask(mask: Num, type: "f32" | "f64"): Num {
  return $.call("168:10", dtype, mask) === "bool" ? mask : $.call("168:42", cast, mask, type);
}

/** Pairs of features rotated by position-dependent angles (Su et al. 2021). */
export const RotaryEmbedding = formula(
  {
    inputs: { x: "float", cos_cache: "float", sin_cache: "float", position_ids: optional(["i64"]) },
    attrs: { interleaved: int(0), num_heads: maybe("int"), rotary_embedding_dim: int(0) },
  },
  ({ x, cos_cache, sin_cache, position_ids, interleaved, num_heads, rotary_embedding_dim }) => {
    const flat = $.eq($.call("178:18", rank, x) , 3, "178:26");
    if ($.test(flat, "179:9") && $.test($.eq((num_heads ?? 0) , 0, "179:34"), "179:17")) $.call("179:41", refuse, "RotaryEmbedding on rank 3 needs num_heads");
    const heads = $.test(flat, "180:19") ? splitHeads(x, num_heads ?? 1) : x;
    const [batch, count, length, depth] = $.call("181:43", shape, heads);
    const rotated = $.test($.eq(rotary_embedding_dim , 0, "182:42"), "182:21") ? depth : rotary_embedding_dim;
    const half = $.call("183:18", floorDiv, rotated, 2);
    const angle = (cache: Num) => {
      const rows = position_ids === undefined ? cache : $.call("185:57", gather, cache, position_ids, 0);
      return $.call("186:14", unsqueeze, $.call("186:24", slice, rows, [{ axis: 2, start: 0, size: half }]), [1]);
    };
    const [cos, sin] = [angle(cos_cache), angle(sin_cache)];
    const turning = $.call("189:21", slice, heads, [{ axis: 3, start: 0, size: rotated }]);
    const pairs = $.test($.eq(interleaved , 1, "190:31"), "190:19") ? $.call("190:39", reshape, turning, [batch, count, length, half, 2]) : $.call("190:91", reshape, turning, [batch, count, length, 2, half]);
    const axis = $.test($.eq(interleaved , 1, "191:30"), "191:18") ? 4 : 3;
    const part = (i: number) => $.call("192:33", squeeze, $.call("192:41", slice, pairs, [{ axis, start: i, size: 1 }]), [axis]);
    const [a, b] = [part(0), part(1)];
    const turned = $.call("194:20", reshape, $.call("194:28", stack, [$.sub($.mul(cos , a, "194:39") , $.mul(sin , b, "194:49"), "194:43"), $.add($.mul(sin , a, "194:58") , $.mul(cos , b, "194:68"), "194:62")], axis), $.call("194:81", shape, turning));
    const rest = $.call("195:18", slice, heads, [{ axis: 3, start: rotated, size: $.sub(depth , rotated, "195:71") }]);
    const y = $.test($.call("196:15", isFixed, rotated), "196:15") && $.test($.call("196:35", isFixed, depth), "196:35") && $.test($.eq(rotated , depth, "196:61"), "196:53") ? turned : $.call("196:82", concat, [turned, rest], 3);
    return $.test(flat, "197:12") ? joinHeads(y) : y;
  },
{"name":"RotaryEmbedding","path":"src/ops/formulas/attention.formula.ts","line":172,"column":14});

/** One step of [B, S, H, D] as [B, H, D]. */
function stepOf(x: Num, t: number): Num {
  return $.call("203:10", squeeze, $.call("203:18", slice, x, [{ axis: 1, start: t, size: 1 }]), [1]);
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
    const [batch, length, width] = $.call("230:36", shape, query);
    if (!$.test($.call("231:10", isFixed, length), "231:10")) $.call("231:27", refuseOpen, "LinearAttention's sequence length", [length]);
    const [readers, heads] = [q_num_heads ?? 1, kv_num_heads ?? 1];
    const depth = $.call("233:19", floorDiv, width, readers);
    const split = (x: Num, n: number) => $.call("234:42", cast, $.call("234:47", reshape, x, [batch, length, n, $.call("234:77", floorDiv, $.call("234:86", shape, x)[2], n)]), "f32");
    const [q, k, v] = [split(query, readers), split(key, heads), split(value, heads)];
    const [gate, rate] = [decay === undefined ? undefined : split(decay, heads), beta === undefined ? undefined : splitRate(beta, heads)];
    const factor = $.test($.eq(scale , 0, "237:26"), "237:20") ? $.div(1 , $.call("237:38", sqrt, $.call("237:43", asTensor, depth, "f32")), "237:36") : scale;
    const stateDims = [batch, heads, depth, $.call("238:45", shape, v)[3]];
    let state = past_state === undefined ? $.call("239:44", full, stateDims, 0, "f32") : $.call("239:72", cast, past_state, "f32");
    const outputs: Num[] = [];
    for (let t = 0; $.test($.lt(t , length, "241:23"), "241:21"); t++) {
      if (gate !== undefined && (update_rule === "gated" || update_rule === "gated_delta"))
        state = $.mul(state , $.call("243:25", exp, $.call("243:29", unsqueeze, stepOf(gate, t), [3])), "243:23");
      const column = $.call("244:22", unsqueeze, stepOf(k, t), [3]);
      let written = $.call("245:21", unsqueeze, stepOf(v, t), [2]);
      if (update_rule === "delta" || update_rule === "gated_delta") {
        const missing = $.sub(written , $.call("247:35", matmul, $.call("247:42", transpose, column, [0, 1, 3, 2]), state), "247:33");
        written = rate === undefined ? missing : $.mul(missing , $.call("248:60", unsqueeze, stepOf(rate, t), [2]), "248:58");
      }
      state = $.add(state , $.mul(column , written, "250:30"), "250:21");
      const read = $.call("251:20", matmul, $.call("251:27", unsqueeze, stepOf(q, t), [2]), repeatHeads(state, $.div(readers , heads, "251:84")));
      outputs.push($.call("252:20", reshape, $.mul(read , factor, "252:33"), [batch, 1, readers, $.call("252:63", shape, v)[3]]));
    }
    const y = $.call("254:15", concat, outputs, 1);
    return [$.call("255:13", cast, $.call("255:18", reshape, y, [batch, length, $.mul($.call("255:45", shape, v)[3] , readers, "255:57")]), $.call("255:70", dtype, query)), $.call("255:85", cast, state, $.call("255:97", dtype, query))];
  },
{"name":"LinearAttention","path":"src/ops/formulas/attention.formula.ts","line":210,"column":14});

/** The write strength, one a head or one for all. */
function splitRate(beta: Num, heads: number): Num {
  const [batch, length, width] = $.call("261:34", shape, beta);
  const n = $.test($.call("262:13", isFixed, width), "262:13") && $.test($.eq(width , 1, "262:37"), "262:31") ? 1 : heads;
  $.call("263:3", assumeEqual, width, n, "one write strength a head");
  return $.call("264:10", cast, $.call("264:15", reshape, beta, [batch, length, n, 1]), "f32");
}

/** Depthwise causal convolution over time, whose last kernel - 1 inputs are carried as state. */
export const CausalConvWithState = formula(
  {
    inputs: { x: "float", weight: "float", bias: optional("float"), past_state: optional("float") },
    attrs: { activation: text("none", "silu", "swish") },
    outputs: 2,
  },
  ({ x, weight, bias, past_state, activation }) => {
    const [batch, channels] = $.call("275:31", shape, x);
    const before = $.sub($.call("276:20", shape, weight)[2] , 1, "276:37");
    if (!$.test($.call("277:10", isFixed, channels), "277:10")) $.call("277:29", refuseOpen, "CausalConvWithState's channel count", [channels]);
    const past = past_state === undefined ? $.call("278:45", full, [batch, channels, before], 0, $.call("278:80", dtype, x)) : past_state;
    const padded = $.call("279:20", concat, [past, x], 2);
    const y = $.call("280:15", conv, padded, weight, { strides: [1], dilations: [1], pads: [0, 0], group: channels });
    const biased = bias === undefined ? y : $.add(y , $.call("281:49", unsqueeze, bias, [0, 2]), "281:47");
    const active = activation === "none" ? biased : $.mul(biased , ($.div(1 , ($.add(1 , $.call("282:72", exp, $.neg(biased, "282:76")), "282:70")), "282:65")), "282:60");
    const state = $.call("283:19", slice, padded, [{ axis: 2, start: $.sub($.call("283:52", shape, padded)[2] , before, "283:69"), size: before }]);
    return [active, state];
  },
{"name":"CausalConvWithState","path":"src/ops/formulas/attention.formula.ts","line":268,"column":14});

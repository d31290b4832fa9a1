/* Generated from recurrent.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/recurrent.formula.ts"); /**
 * RNN, GRU and LSTM, unrolled over time steps: their number must be known when compiling. Shorter sequences of a batch
 * keep their last state and give zeros beyond it.
 */
import {
  abs,
  cast,
  dtype,
  exp,
  expand,
  formula,
  full,
  gatherElements,
  int,
  iota,
  isFixed,
  log,
  matmul,
  maximum,
  maybe,
  minimum,
  optional,
  promiseOutputs,
  refuse,
  refuseOpen,
  required,
  reshape,
  shape,
  slice,
  squeeze,
  stack,
  tanh,
  text,
  transpose,
  where,
  type Num,
} from "../lang.js";

type Activation = (x: Num) => Num;

function sigmoid(x: Num): Num {
  return $.div(1 , ($.add(1 , $.call("42:19", exp, $.neg(x, "42:23")), "42:17")), "42:12");
}

/** An activation by the standard's name, with its parameters or their defaults. */
function activation(name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "tanh":
      return (x) => $.call("49:21", tanh, x);
    case "sigmoid":
      return sigmoid;
    case "relu":
      return (x) => $.call("53:21", maximum, x, 0);
    case "affine":
      return (x) => $.add($.mul(x , (alpha ?? 1), "55:23") , (beta ?? 0), "55:38");
    case "leakyrelu":
      return (x) => $.call("57:21", where, $.lt(x , 0, "57:29"), $.mul(x , (alpha ?? 0.01), "57:36"), x);
    case "thresholdedrelu":
      return (x) => $.call("59:21", where, $.gt(x , (alpha ?? 1), "59:29"), x, 0);
    case "scaledtanh":
      return (x) => $.mul((alpha ?? 1) , $.call("61:36", tanh, $.mul(x , (beta ?? 1), "61:43")), "61:34");
    case "hardsigmoid":
      return (x) => $.call("63:21", maximum, $.call("63:29", minimum, $.add($.mul(x , (alpha ?? 0.2), "63:39") , (beta ?? 0.5), "63:56"), 1), 0);
    case "elu":
      return (x) => $.call("65:21", where, $.lt(x , 0, "65:29"), $.mul((alpha ?? 1) , ($.sub($.call("65:50", exp, x) , 1, "65:57")), "65:47"), x);
    case "softsign":
      return (x) => $.div(x , ($.add(1 , $.call("67:30", abs, x), "67:28")), "67:23");
    case "softplus":
      return (x) => $.add($.call("69:21", maximum, x, 0) , $.call("69:37", log, $.add(1 , $.call("69:45", exp, $.neg($.call("69:50", abs, x), "69:49")), "69:43")), "69:35");
    default:
      return $.call("71:14", refuse, `no recurrent activation is called "${name}"`);
  }
}

interface Recurrent {
  readonly activation_alpha: number[] | undefined;
  readonly activation_beta: number[] | undefined;
  readonly activations: string[] | undefined;
  readonly clip: number | undefined;
  readonly direction: string;
  readonly hidden_size: number;
  readonly layout: number;
}

const attrs = {
  activation_alpha: maybe("floats"),
  activation_beta: maybe("floats"),
  activations: maybe("texts"),
  clip: maybe("float"),
  direction: text("forward", "reverse", "bidirectional"),
  hidden_size: required("int"),
  layout: int(0),
};

/** Row d of [D, ...], without its first axis. */
function directionOf(t: Num, d: number): Num {
  return $.call("97:10", squeeze, $.call("97:18", slice, t, [{ axis: 0, start: d, size: 1 }]), [0]);
}

/** Columns of gate i of [B, n * H]; rows and vectors likewise on their last axis. */
function gate(t: Num, i: number, hidden: number): Num {
  return $.call("102:10", slice, t, [{ axis: -1, start: $.mul(i , hidden, "102:41"), size: hidden }]);
}

/** What one direction computes with: its activations in order, and clipping. */
interface Direction {
  readonly f: readonly Activation[];
  readonly clip: (x: Num) => Num;
}

function directionTools(a: Recurrent, defaults: readonly string[], d: number): Direction {
  const names = a.activations === undefined ? defaults : a.activations.slice($.mul(d , defaults.length, "112:80"), $.mul(($.add(d , 1, "112:102")) , defaults.length, "112:107"));
  const f = names.map((n, i) => activation(n, a.activation_alpha?.[$.add($.mul(d , defaults.length, "113:70") , i, "113:88")], a.activation_beta?.[$.add($.mul(d , defaults.length, "113:116") , i, "113:134")]));
  const bound = a.clip;
  return { f, clip: bound === undefined ? (x) => x : (x) => $.call("115:61", maximum, $.call("115:69", minimum, x, bound), $.neg(bound, "115:88")) };
}

/** [T, B, I] with each batch entry's own first `lengths` steps reversed. */
function reversed(x: Num, lengths: Num | undefined): Num {
  const dims = $.call("120:16", shape, x);
  const step = $.call("121:16", iota, [dims[0], dims[1], 1], 0, "i64");
  const count = lengths === undefined ? dims[0] : $.call("122:51", reshape, lengths, [1, dims[1], 1]);
  const source = lengths === undefined ? $.sub($.sub(count , 1, "123:48") , step, "123:52") : $.call("123:61", where, $.lt(step , count, "123:72"), $.sub($.sub(count , 1, "123:87") , step, "123:91"), step);
  return $.call("124:10", gatherElements, x, $.call("124:28", expand, source, dims), 0);
}

type State = readonly Num[];

/** Runs a cell over [T, B, I]; returns every step's hidden state and the last states. */
function unroll(x: Num, first: State, lengths: Num | undefined, cell: (x: Num, s: State) => State): { all: Num; last: State } {
  const [steps, batch] = $.call("131:26", shape, x);
  if (!$.test($.call("132:8", isFixed, steps), "132:8")) $.call("132:24", refuseOpen, "a recurrent layer's sequence length", [steps]);
  const hidden: Num[] = [];
  let state = first;
  for (let t = 0; $.test($.lt(t , steps, "135:21"), "135:19"); t++) {
    const next = cell(directionOf(x, t), state);
    const live = lengths === undefined ? undefined : $.gt($.call("137:54", reshape, lengths, [batch, 1]) , t, "137:83");
    const old = state;
    state = live === undefined ? next : next.map((v, i) => $.call("139:60", where, live, v, old[i]));
    hidden.push(live === undefined ? next[0] : $.call("140:48", where, live, next[0], 0));
  }
  return { all: $.call("142:17", stack, hidden, 0), last: state };
}

interface Operands {
  readonly x: Num;
  readonly lengths: Num | undefined;
  /** Initial states as given, [D, B, H] (or [B, D, H] with layout 1), or undefined for zeros. */
  readonly initial: readonly (Num | undefined)[];
}

/** Y, then the last state(s), in the layout asked for. */
function recur(
  a: Recurrent,
  defaults: readonly string[],
  o: Operands,
  cellOf: (d: number, tools: Direction) => (x: Num, s: State) => State,
): Num[] {
  const x = $.test($.eq(a.layout , 1, "159:22"), "159:13") ? $.call("159:30", transpose, o.x, [1, 0, 2]) : o.x;
  const lengths = o.lengths;
  const [steps, batch] = $.call("161:26", shape, x);
  const backwards = a.direction === "bidirectional" ? [false, true] : [a.direction === "reverse"];
  const stateDims = $.test($.eq(a.layout , 1, "163:30"), "163:21") ? [batch, backwards.length, a.hidden_size] : [backwards.length, batch, a.hidden_size];
  $.call("164:3", promiseOutputs, [
    {
      dims: $.test($.eq(a.layout , 1, "166:22"), "166:13") ? [batch, steps, backwards.length, a.hidden_size] : [steps, backwards.length, batch, a.hidden_size],
      type: $.call("167:13", dtype, x),
    },
    ...o.initial.map(() => ({ dims: stateDims, type: $.call("169:54", dtype, x) })),
  ]);
  const runs = backwards.map((back, d) => {
    const first = o.initial.map((s) =>
      s === undefined ? $.call("173:25", full, [batch, a.hidden_size], 0, $.call("173:57", dtype, x)) : directionOf($.test($.eq(a.layout , 1, "173:90"), "173:81") ? $.call("173:98", transpose, s, [1, 0, 2]) : s, d),
    );
    const { all, last } = unroll($.test(back, "175:34") ? reversed(x, lengths) : x, first, lengths, cellOf(d, directionTools(a, defaults, d)));
    return { all: $.test(back, "176:19") ? reversed(all, lengths) : all, last };
  });
  const y = $.call("178:13", stack, 
    runs.map((r) => r.all),
    1,
  );
  const states = o.initial.map((_, i) =>
    $.call("183:5", stack, 
      runs.map((r) => r.last[i]),
      0,
    ),
  );
  return $.test($.eq(a.layout , 1, "188:19"), "188:10") ? [$.call("188:28", transpose, y, [2, 0, 1, 3]), ...states.map((s) => $.call("188:77", transpose, s, [1, 0, 2]))] : [y, ...states];
}

/** x W' of every gate at once. */
function project(x: Num, w: Num, d: number): Num {
  return $.call("193:10", matmul, x, directionOf(w, d), { transB: true });
}

/** Both biases of a direction, [n * H] each; zeros when absent. */
function biases(b: Num | undefined, d: number, gates: number, hidden: number): Num[] {
  if (b === undefined) return [];
  const row = directionOf(b, d);
  return [
    $.call("201:5", slice, row, [{ axis: 0, start: 0, size: $.mul(gates , hidden, "201:50") }]),
    $.call("202:5", slice, row, [{ axis: 0, start: $.mul(gates , hidden, "202:41"), size: $.mul(gates , hidden, "202:63") }]),
  ];
}

const inputs = {
  x: "float",
  w: "float",
  r: "float",
  b: optional("float"),
  sequence_lens: optional(["i32"]),
  initial_h: optional("float"),
} as const;

export const RNN = formula({ inputs, attrs, outputs: 2 }, ({ x, w, r, b, sequence_lens, initial_h, ...a }) =>
  recur(a, ["Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
    const bias = biases(b, d, 1, a.hidden_size);
    const sum = $.add(project(input, w, d) , project(h, r, d), "218:38");
    return [f[0](clip(bias.reduce((s, v) => $.add(s , v, "219:47"), sum)))];
  }),
{"name":"RNN","path":"src/ops/formulas/recurrent.formula.ts","line":215,"column":14});

function lengthsOf(lens: Num | undefined): Num | undefined {
  return lens === undefined ? undefined : $.call("224:43", cast, lens, "i64");
}

export const GRU = formula(
  { inputs, attrs: { ...attrs, linear_before_reset: int(0) }, outputs: 2 },
  ({ x, w, r, b, sequence_lens, initial_h, linear_before_reset, ...a }) =>
    recur(a, ["Sigmoid", "Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
      const n = a.hidden_size;
      const bias = biases(b, d, 3, n);
      const own = $.test($.gt(bias.length , 0, "233:31"), "233:19") ? $.add(project(input, w, d) , bias[0], "233:58") : project(input, w, d);
      const recurrent = (t: Num, i: number) => {
        const rows = $.call("235:22", slice, directionOf(r, d), [{ axis: 0, start: $.mul(i , n, "235:68"), size: n }]);
        const product = $.call("236:25", matmul, t, rows, { transB: true });
        return $.test($.gt(bias.length , 0, "237:28"), "237:16") ? $.add(product , gate(bias[1], i, n), "237:42") : product;
      };
      const update = f[0](clip($.add(gate(own, 0, n) , recurrent(h, 0), "239:48")));
      const reset = f[0](clip($.add(gate(own, 1, n) , recurrent(h, 1), "240:47")));
      const memory = $.test($.eq(linear_before_reset , 0, "241:42"), "241:22") ? recurrent($.mul(reset , h, "241:66"), 2) : $.mul(reset , recurrent(h, 2), "241:82");
      const candidate = f[1](clip($.add(gate(own, 2, n) , memory, "242:51")));
      return [$.add($.mul(($.sub(1 , update, "243:18")) , candidate, "243:28") , $.mul(update , h, "243:49"), "243:40")];
    }),
{"name":"GRU","path":"src/ops/formulas/recurrent.formula.ts","line":227,"column":14});

/** Gates in the standard's order: input, output, forget, cell; peepholes for the first three. */
export const LSTM = formula(
  { inputs: { ...inputs, initial_c: optional("float"), p: optional("float") }, attrs: { ...attrs, input_forget: int(0) }, outputs: 3 },
  ({ x, w, r, b, sequence_lens, initial_h, initial_c, p, input_forget, ...a }) =>
    recur(
      a,
      ["Sigmoid", "Tanh", "Tanh"],
      { x, lengths: lengthsOf(sequence_lens), initial: [initial_h, initial_c] },
      (d, { f, clip }) =>
        (input, [h, c]) => {
          const n = a.hidden_size;
          const all = biases(b, d, 4, n).reduce((s, v) => $.add(s , v, "258:61"), $.add(project(input, w, d) , project(h, r, d), "258:87"));
          const peep = (i: number, state: Num) =>
            p === undefined ? gate(all, i, n) : $.add(gate(all, i, n) , $.mul(gate(directionOf(p, d), i, n) , state, "260:97"), "260:65");
          const inGate = f[0](clip(peep(0, c)));
          const forget = $.test($.eq(input_forget , 1, "262:39"), "262:26") ? $.sub(1 , inGate, "262:49") : f[0](clip(peep(2, c)));
          const cell = $.add($.mul(forget , c, "263:31") , $.mul(inGate , f[1](clip(gate(all, 3, n))), "263:44"), "263:35");
          const out = f[0](clip(peep(1, cell)));
          return [$.mul(out , f[2](cell), "265:23"), cell];
        },
    ),
{"name":"LSTM","path":"src/ops/formulas/recurrent.formula.ts","line":248,"column":14});

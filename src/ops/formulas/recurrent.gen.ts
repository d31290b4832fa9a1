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
  refuse,
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
  return $.div(1 , ($.add(1 , $.call("40:19", exp, $.neg(x, "40:23")), "40:17")), "40:12");
}

/** An activation by the standard's name, with its parameters or their defaults. */
function activation(name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "tanh":
      return (x) => $.call("47:21", tanh, x);
    case "sigmoid":
      return sigmoid;
    case "relu":
      return (x) => $.call("51:21", maximum, x, 0);
    case "affine":
      return (x) => $.add($.mul(x , (alpha ?? 1), "53:23") , (beta ?? 0), "53:38");
    case "leakyrelu":
      return (x) => $.call("55:21", where, $.lt(x , 0, "55:29"), $.mul(x , (alpha ?? 0.01), "55:36"), x);
    case "thresholdedrelu":
      return (x) => $.call("57:21", where, $.gt(x , (alpha ?? 1), "57:29"), x, 0);
    case "scaledtanh":
      return (x) => $.mul((alpha ?? 1) , $.call("59:36", tanh, $.mul(x , (beta ?? 1), "59:43")), "59:34");
    case "hardsigmoid":
      return (x) => $.call("61:21", maximum, $.call("61:29", minimum, $.add($.mul(x , (alpha ?? 0.2), "61:39") , (beta ?? 0.5), "61:56"), 1), 0);
    case "elu":
      return (x) => $.call("63:21", where, $.lt(x , 0, "63:29"), $.mul((alpha ?? 1) , ($.sub($.call("63:50", exp, x) , 1, "63:57")), "63:47"), x);
    case "softsign":
      return (x) => $.div(x , ($.add(1 , $.call("65:30", abs, x), "65:28")), "65:23");
    case "softplus":
      return (x) => $.add($.call("67:21", maximum, x, 0) , $.call("67:37", log, $.add(1 , $.call("67:45", exp, $.neg($.call("67:50", abs, x), "67:49")), "67:43")), "67:35");
    default:
      return $.call("69:14", refuse, `no recurrent activation is called "${name}"`);
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
  return $.call("95:10", squeeze, $.call("95:18", slice, t, [{ axis: 0, start: d, size: 1 }]), [0]);
}

/** Columns of gate i of [B, n * H]; rows and vectors likewise on their last axis. */
function gate(t: Num, i: number, hidden: number): Num {
  return $.call("100:10", slice, t, [{ axis: -1, start: $.mul(i , hidden, "100:41"), size: hidden }]);
}

/** What one direction computes with: its activations in order, and clipping. */
interface Direction {
  readonly f: readonly Activation[];
  readonly clip: (x: Num) => Num;
}

function directionTools(a: Recurrent, defaults: readonly string[], d: number): Direction {
  const names = a.activations === undefined ? defaults : a.activations.slice($.mul(d , defaults.length, "110:80"), $.mul(($.add(d , 1, "110:102")) , defaults.length, "110:107"));
  const f = names.map((n, i) => activation(n, a.activation_alpha?.[$.add($.mul(d , defaults.length, "111:70") , i, "111:88")], a.activation_beta?.[$.add($.mul(d , defaults.length, "111:116") , i, "111:134")]));
  const bound = a.clip;
  return { f, clip: bound === undefined ? (x) => x : (x) => $.call("113:61", maximum, $.call("113:69", minimum, x, bound), $.neg(bound, "113:88")) };
}

/** [T, B, I] with each batch entry's own first `lengths` steps reversed. */
function reversed(x: Num, lengths: Num | undefined): Num {
  const dims = $.call("118:16", shape, x);
  const step = $.call("119:16", iota, [dims[0], dims[1], 1], 0, "i64");
  const count = lengths === undefined ? dims[0] : $.call("120:51", reshape, lengths, [1, dims[1], 1]);
  const source = lengths === undefined ? $.sub($.sub(count , 1, "121:48") , step, "121:52") : $.call("121:61", where, $.lt(step , count, "121:72"), $.sub($.sub(count , 1, "121:87") , step, "121:91"), step);
  return $.call("122:10", gatherElements, x, $.call("122:28", expand, source, dims), 0);
}

type State = readonly Num[];

/** Runs a cell over [T, B, I]; returns every step's hidden state and the last states. */
function unroll(x: Num, first: State, lengths: Num | undefined, cell: (x: Num, s: State) => State): { all: Num; last: State } {
  const [steps, batch] = $.call("129:26", shape, x);
  if (!$.test($.call("130:8", isFixed, steps), "130:8")) $.call("130:24", refuse, "a recurrent layer needs a sequence length known when compiling", "Fix it with --dim or --shape.");
  const hidden: Num[] = [];
  let state = first;
  for (let t = 0; $.test($.lt(t , steps, "133:21"), "133:19"); t++) {
    const next = cell(directionOf(x, t), state);
    const live = lengths === undefined ? undefined : $.gt($.call("135:54", reshape, lengths, [batch, 1]) , t, "135:83");
    const old = state;
    state = live === undefined ? next : next.map((v, i) => $.call("137:60", where, live, v, old[i]));
    hidden.push(live === undefined ? next[0] : $.call("138:48", where, live, next[0], 0));
  }
  return { all: $.call("140:17", stack, hidden, 0), last: state };
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
  const x = $.test($.eq(a.layout , 1, "157:22"), "157:13") ? $.call("157:30", transpose, o.x, [1, 0, 2]) : o.x;
  const lengths = o.lengths;
  const batch = $.call("159:17", shape, x)[1];
  const backwards = a.direction === "bidirectional" ? [false, true] : [a.direction === "reverse"];
  const runs = backwards.map((back, d) => {
    const first = o.initial.map((s) =>
      s === undefined ? $.call("163:25", full, [batch, a.hidden_size], 0, $.call("163:57", dtype, x)) : directionOf($.test($.eq(a.layout , 1, "163:90"), "163:81") ? $.call("163:98", transpose, s, [1, 0, 2]) : s, d),
    );
    const { all, last } = unroll($.test(back, "165:34") ? reversed(x, lengths) : x, first, lengths, cellOf(d, directionTools(a, defaults, d)));
    return { all: $.test(back, "166:19") ? reversed(all, lengths) : all, last };
  });
  const y = $.call("168:13", stack, 
    runs.map((r) => r.all),
    1,
  );
  const states = o.initial.map((_, i) =>
    $.call("173:5", stack, 
      runs.map((r) => r.last[i]),
      0,
    ),
  );
  return $.test($.eq(a.layout , 1, "178:19"), "178:10") ? [$.call("178:28", transpose, y, [2, 0, 1, 3]), ...states.map((s) => $.call("178:77", transpose, s, [1, 0, 2]))] : [y, ...states];
}

/** x W' of every gate at once. */
function project(x: Num, w: Num, d: number): Num {
  return $.call("183:10", matmul, x, directionOf(w, d), { transB: true });
}

/** Both biases of a direction, [n * H] each; zeros when absent. */
function biases(b: Num | undefined, d: number, gates: number, hidden: number): Num[] {
  if (b === undefined) return [];
  const row = directionOf(b, d);
  return [
    $.call("191:5", slice, row, [{ axis: 0, start: 0, size: $.mul(gates , hidden, "191:50") }]),
    $.call("192:5", slice, row, [{ axis: 0, start: $.mul(gates , hidden, "192:41"), size: $.mul(gates , hidden, "192:63") }]),
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
    const sum = $.add(project(input, w, d) , project(h, r, d), "208:38");
    return [f[0](clip(bias.reduce((s, v) => $.add(s , v, "209:47"), sum)))];
  }),
{"name":"RNN","path":"src/ops/formulas/recurrent.formula.ts","line":205,"column":14});

function lengthsOf(lens: Num | undefined): Num | undefined {
  return lens === undefined ? undefined : $.call("214:43", cast, lens, "i64");
}

export const GRU = formula(
  { inputs, attrs: { ...attrs, linear_before_reset: int(0) }, outputs: 2 },
  ({ x, w, r, b, sequence_lens, initial_h, linear_before_reset, ...a }) =>
    recur(a, ["Sigmoid", "Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
      const n = a.hidden_size;
      const bias = biases(b, d, 3, n);
      const own = $.test($.gt(bias.length , 0, "223:31"), "223:19") ? $.add(project(input, w, d) , bias[0], "223:58") : project(input, w, d);
      const recurrent = (t: Num, i: number) => {
        const rows = $.call("225:22", slice, directionOf(r, d), [{ axis: 0, start: $.mul(i , n, "225:68"), size: n }]);
        const product = $.call("226:25", matmul, t, rows, { transB: true });
        return $.test($.gt(bias.length , 0, "227:28"), "227:16") ? $.add(product , gate(bias[1], i, n), "227:42") : product;
      };
      const update = f[0](clip($.add(gate(own, 0, n) , recurrent(h, 0), "229:48")));
      const reset = f[0](clip($.add(gate(own, 1, n) , recurrent(h, 1), "230:47")));
      const memory = $.test($.eq(linear_before_reset , 0, "231:42"), "231:22") ? recurrent($.mul(reset , h, "231:66"), 2) : $.mul(reset , recurrent(h, 2), "231:82");
      const candidate = f[1](clip($.add(gate(own, 2, n) , memory, "232:51")));
      return [$.add($.mul(($.sub(1 , update, "233:18")) , candidate, "233:28") , $.mul(update , h, "233:49"), "233:40")];
    }),
{"name":"GRU","path":"src/ops/formulas/recurrent.formula.ts","line":217,"column":14});

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
          const all = biases(b, d, 4, n).reduce((s, v) => $.add(s , v, "248:61"), $.add(project(input, w, d) , project(h, r, d), "248:87"));
          const peep = (i: number, state: Num) =>
            p === undefined ? gate(all, i, n) : $.add(gate(all, i, n) , $.mul(gate(directionOf(p, d), i, n) , state, "250:97"), "250:65");
          const inGate = f[0](clip(peep(0, c)));
          const forget = $.test($.eq(input_forget , 1, "252:39"), "252:26") ? $.sub(1 , inGate, "252:49") : f[0](clip(peep(2, c)));
          const cell = $.add($.mul(forget , c, "253:31") , $.mul(inGate , f[1](clip(gate(all, 3, n))), "253:44"), "253:35");
          const out = f[0](clip(peep(1, cell)));
          return [$.mul(out , f[2](cell), "255:23"), cell];
        },
    ),
{"name":"LSTM","path":"src/ops/formulas/recurrent.formula.ts","line":238,"column":14});

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
  return $.div(1 , ($.add(1 , $.call("41:19", exp, $.neg(x, "41:23")), "41:17")), "41:12");
}

/** An activation by the standard's name, with its parameters or their defaults. */
function activation(name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "tanh":
      return (x) => $.call("48:21", tanh, x);
    case "sigmoid":
      return sigmoid;
    case "relu":
      return (x) => $.call("52:21", maximum, x, 0);
    case "affine":
      return (x) => $.add($.mul(x , (alpha ?? 1), "54:23") , (beta ?? 0), "54:38");
    case "leakyrelu":
      return (x) => $.call("56:21", where, $.lt(x , 0, "56:29"), $.mul(x , (alpha ?? 0.01), "56:36"), x);
    case "thresholdedrelu":
      return (x) => $.call("58:21", where, $.gt(x , (alpha ?? 1), "58:29"), x, 0);
    case "scaledtanh":
      return (x) => $.mul((alpha ?? 1) , $.call("60:36", tanh, $.mul(x , (beta ?? 1), "60:43")), "60:34");
    case "hardsigmoid":
      return (x) => $.call("62:21", maximum, $.call("62:29", minimum, $.add($.mul(x , (alpha ?? 0.2), "62:39") , (beta ?? 0.5), "62:56"), 1), 0);
    case "elu":
      return (x) => $.call("64:21", where, $.lt(x , 0, "64:29"), $.mul((alpha ?? 1) , ($.sub($.call("64:50", exp, x) , 1, "64:57")), "64:47"), x);
    case "softsign":
      return (x) => $.div(x , ($.add(1 , $.call("66:30", abs, x), "66:28")), "66:23");
    case "softplus":
      return (x) => $.add($.call("68:21", maximum, x, 0) , $.call("68:37", log, $.add(1 , $.call("68:45", exp, $.neg($.call("68:50", abs, x), "68:49")), "68:43")), "68:35");
    default:
      return $.call("70:14", refuse, `no recurrent activation is called "${name}"`);
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
  return $.call("96:10", squeeze, $.call("96:18", slice, t, [{ axis: 0, start: d, size: 1 }]), [0]);
}

/** Columns of gate i of [B, n * H]; rows and vectors likewise on their last axis. */
function gate(t: Num, i: number, hidden: number): Num {
  return $.call("101:10", slice, t, [{ axis: -1, start: $.mul(i , hidden, "101:41"), size: hidden }]);
}

/** What one direction computes with: its activations in order, and clipping. */
interface Direction {
  readonly f: readonly Activation[];
  readonly clip: (x: Num) => Num;
}

function directionTools(a: Recurrent, defaults: readonly string[], d: number): Direction {
  const names = a.activations === undefined ? defaults : a.activations.slice($.mul(d , defaults.length, "111:80"), $.mul(($.add(d , 1, "111:102")) , defaults.length, "111:107"));
  const f = names.map((n, i) => activation(n, a.activation_alpha?.[$.add($.mul(d , defaults.length, "112:70") , i, "112:88")], a.activation_beta?.[$.add($.mul(d , defaults.length, "112:116") , i, "112:134")]));
  const bound = a.clip;
  return { f, clip: bound === undefined ? (x) => x : (x) => $.call("114:61", maximum, $.call("114:69", minimum, x, bound), $.neg(bound, "114:88")) };
}

/** [T, B, I] with each batch entry's own first `lengths` steps reversed. */
function reversed(x: Num, lengths: Num | undefined): Num {
  const dims = $.call("119:16", shape, x);
  const step = $.call("120:16", iota, [dims[0], dims[1], 1], 0, "i64");
  const count = lengths === undefined ? dims[0] : $.call("121:51", reshape, lengths, [1, dims[1], 1]);
  const source = lengths === undefined ? $.sub($.sub(count , 1, "122:48") , step, "122:52") : $.call("122:61", where, $.lt(step , count, "122:72"), $.sub($.sub(count , 1, "122:87") , step, "122:91"), step);
  return $.call("123:10", gatherElements, x, $.call("123:28", expand, source, dims), 0);
}

type State = readonly Num[];

/** Runs a cell over [T, B, I]; returns every step's hidden state and the last states. */
function unroll(x: Num, first: State, lengths: Num | undefined, cell: (x: Num, s: State) => State): { all: Num; last: State } {
  const [steps, batch] = $.call("130:26", shape, x);
  if (!$.test($.call("131:8", isFixed, steps), "131:8")) $.call("131:24", refuseOpen, "a recurrent layer's sequence length", [steps]);
  const hidden: Num[] = [];
  let state = first;
  for (let t = 0; $.test($.lt(t , steps, "134:21"), "134:19"); t++) {
    const next = cell(directionOf(x, t), state);
    const live = lengths === undefined ? undefined : $.gt($.call("136:54", reshape, lengths, [batch, 1]) , t, "136:83");
    const old = state;
    state = live === undefined ? next : next.map((v, i) => $.call("138:60", where, live, v, old[i]));
    hidden.push(live === undefined ? next[0] : $.call("139:48", where, live, next[0], 0));
  }
  return { all: $.call("141:17", stack, hidden, 0), last: state };
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
  const x = $.test($.eq(a.layout , 1, "158:22"), "158:13") ? $.call("158:30", transpose, o.x, [1, 0, 2]) : o.x;
  const lengths = o.lengths;
  const batch = $.call("160:17", shape, x)[1];
  const backwards = a.direction === "bidirectional" ? [false, true] : [a.direction === "reverse"];
  const runs = backwards.map((back, d) => {
    const first = o.initial.map((s) =>
      s === undefined ? $.call("164:25", full, [batch, a.hidden_size], 0, $.call("164:57", dtype, x)) : directionOf($.test($.eq(a.layout , 1, "164:90"), "164:81") ? $.call("164:98", transpose, s, [1, 0, 2]) : s, d),
    );
    const { all, last } = unroll($.test(back, "166:34") ? reversed(x, lengths) : x, first, lengths, cellOf(d, directionTools(a, defaults, d)));
    return { all: $.test(back, "167:19") ? reversed(all, lengths) : all, last };
  });
  const y = $.call("169:13", stack, 
    runs.map((r) => r.all),
    1,
  );
  const states = o.initial.map((_, i) =>
    $.call("174:5", stack, 
      runs.map((r) => r.last[i]),
      0,
    ),
  );
  return $.test($.eq(a.layout , 1, "179:19"), "179:10") ? [$.call("179:28", transpose, y, [2, 0, 1, 3]), ...states.map((s) => $.call("179:77", transpose, s, [1, 0, 2]))] : [y, ...states];
}

/** x W' of every gate at once. */
function project(x: Num, w: Num, d: number): Num {
  return $.call("184:10", matmul, x, directionOf(w, d), { transB: true });
}

/** Both biases of a direction, [n * H] each; zeros when absent. */
function biases(b: Num | undefined, d: number, gates: number, hidden: number): Num[] {
  if (b === undefined) return [];
  const row = directionOf(b, d);
  return [
    $.call("192:5", slice, row, [{ axis: 0, start: 0, size: $.mul(gates , hidden, "192:50") }]),
    $.call("193:5", slice, row, [{ axis: 0, start: $.mul(gates , hidden, "193:41"), size: $.mul(gates , hidden, "193:63") }]),
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
    const sum = $.add(project(input, w, d) , project(h, r, d), "209:38");
    return [f[0](clip(bias.reduce((s, v) => $.add(s , v, "210:47"), sum)))];
  }),
{"name":"RNN","path":"src/ops/formulas/recurrent.formula.ts","line":206,"column":14});

function lengthsOf(lens: Num | undefined): Num | undefined {
  return lens === undefined ? undefined : $.call("215:43", cast, lens, "i64");
}

export const GRU = formula(
  { inputs, attrs: { ...attrs, linear_before_reset: int(0) }, outputs: 2 },
  ({ x, w, r, b, sequence_lens, initial_h, linear_before_reset, ...a }) =>
    recur(a, ["Sigmoid", "Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
      const n = a.hidden_size;
      const bias = biases(b, d, 3, n);
      const own = $.test($.gt(bias.length , 0, "224:31"), "224:19") ? $.add(project(input, w, d) , bias[0], "224:58") : project(input, w, d);
      const recurrent = (t: Num, i: number) => {
        const rows = $.call("226:22", slice, directionOf(r, d), [{ axis: 0, start: $.mul(i , n, "226:68"), size: n }]);
        const product = $.call("227:25", matmul, t, rows, { transB: true });
        return $.test($.gt(bias.length , 0, "228:28"), "228:16") ? $.add(product , gate(bias[1], i, n), "228:42") : product;
      };
      const update = f[0](clip($.add(gate(own, 0, n) , recurrent(h, 0), "230:48")));
      const reset = f[0](clip($.add(gate(own, 1, n) , recurrent(h, 1), "231:47")));
      const memory = $.test($.eq(linear_before_reset , 0, "232:42"), "232:22") ? recurrent($.mul(reset , h, "232:66"), 2) : $.mul(reset , recurrent(h, 2), "232:82");
      const candidate = f[1](clip($.add(gate(own, 2, n) , memory, "233:51")));
      return [$.add($.mul(($.sub(1 , update, "234:18")) , candidate, "234:28") , $.mul(update , h, "234:49"), "234:40")];
    }),
{"name":"GRU","path":"src/ops/formulas/recurrent.formula.ts","line":218,"column":14});

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
          const all = biases(b, d, 4, n).reduce((s, v) => $.add(s , v, "249:61"), $.add(project(input, w, d) , project(h, r, d), "249:87"));
          const peep = (i: number, state: Num) =>
            p === undefined ? gate(all, i, n) : $.add(gate(all, i, n) , $.mul(gate(directionOf(p, d), i, n) , state, "251:97"), "251:65");
          const inGate = f[0](clip(peep(0, c)));
          const forget = $.test($.eq(input_forget , 1, "253:39"), "253:26") ? $.sub(1 , inGate, "253:49") : f[0](clip(peep(2, c)));
          const cell = $.add($.mul(forget , c, "254:31") , $.mul(inGate , f[1](clip(gate(all, 3, n))), "254:44"), "254:35");
          const out = f[0](clip(peep(1, cell)));
          return [$.mul(out , f[2](cell), "256:23"), cell];
        },
    ),
{"name":"LSTM","path":"src/ops/formulas/recurrent.formula.ts","line":239,"column":14});

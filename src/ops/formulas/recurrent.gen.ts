/* Generated from recurrent.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/recurrent.formula.ts"); /**
 * RNN, GRU and LSTM, unrolled over time steps: their number must be known when compiling. Shorter sequences of a batch
 * keep their last state and give zeros beyond it.
 */
import {
  abs,
  assumeEqual,
  cast,
  dtype,
  exp,
  expm1,
  expand,
  formula,
  full,
  gatherElements,
  int,
  iota,
  isFixed,
  log1p,
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
import { is } from "./axes.gen.js";

type Activation = (x: Num) => Num;

function sigmoid(x: Num): Num {
  return $.div(1 , ($.add(1 , $.call("45:19", exp, $.neg(x, "45:23")), "45:17")), "45:12");
}

/** An activation by the standard's name, with its parameters or their defaults. */
function activation(name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "tanh":
      return (x) => $.call("52:21", tanh, x);
    case "sigmoid":
      return sigmoid;
    case "relu":
      return (x) => $.call("56:21", maximum, x, 0);
    case "affine":
      return (x) => $.add($.mul(x , (alpha ?? 1), "58:23") , (beta ?? 0), "58:38");
    case "leakyrelu":
      return (x) => $.call("60:21", where, $.lt(x , 0, "60:29"), $.mul(x , (alpha ?? 0.01), "60:36"), x);
    case "thresholdedrelu":
      return (x) => $.call("62:21", where, $.gt(x , (alpha ?? 1), "62:29"), x, 0);
    case "scaledtanh":
      return (x) => $.mul((alpha ?? 1) , $.call("64:36", tanh, $.mul(x , (beta ?? 1), "64:43")), "64:34");
    case "hardsigmoid":
      return (x) => $.call("66:21", maximum, $.call("66:29", minimum, $.add($.mul(x , (alpha ?? 0.2), "66:39") , (beta ?? 0.5), "66:56"), 1), 0);
    case "elu":
      return (x) => $.call("68:21", where, $.lt(x , 0, "68:29"), $.mul((alpha ?? 1) , $.call("68:49", expm1, x), "68:47"), x);
    case "softsign":
      return (x) => $.div(x , ($.add(1 , $.call("70:30", abs, x), "70:28")), "70:23");
    case "softplus":
      return (x) => $.add($.call("72:21", maximum, x, 0) , $.call("72:37", log1p, $.call("72:43", exp, $.neg($.call("72:48", abs, x), "72:47"))), "72:35");
    default:
      return $.call("74:14", refuse, `no recurrent activation is called "${name}"`);
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
  return $.call("100:10", squeeze, $.call("100:18", slice, t, [{ axis: 0, start: d, size: 1 }]), [0]);
}

/** Columns of gate i of [B, n * H]; rows and vectors likewise on their last axis. */
function gate(t: Num, i: number, hidden: number): Num {
  return $.call("105:10", slice, t, [{ axis: -1, start: $.mul(i , hidden, "105:41"), size: hidden }]);
}

/** What one direction computes with: its activations in order, and clipping. */
interface Direction {
  readonly f: readonly Activation[];
  readonly clip: (x: Num) => Num;
}

/** Activations that take an alpha, and those that take a beta too. */
const withAlpha = ["affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"];
const withBeta = ["affine", "scaledtanh", "hardsigmoid"];

/** Of all directions, in order: each takes the next of the given parameters that its kind has. */
function activationsOf(names: readonly string[], alphas: readonly number[], betas: readonly number[]): Activation[] {
  const takers = (kinds: readonly string[], until: number) => names.slice(0, until).filter((n) => kinds.includes(n.toLowerCase())).length;
  const next = (given: readonly number[], kinds: readonly string[], i: number) =>
    $.test(kinds.includes(names[i].toLowerCase()), "122:5") ? given[takers(kinds, i)] : undefined;
  return names.map((n, i) => activation(n, next(alphas, withAlpha, i), next(betas, withBeta, i)));
}

function directionTools(a: Recurrent, defaults: readonly string[], d: number): Direction {
  const names = a.activations ?? ($.test($.eq(d , 0, "127:37"), "127:35") ? defaults : [...defaults, ...defaults]);
  const all = activationsOf(names, a.activation_alpha ?? [], a.activation_beta ?? []);
  const f = all.slice($.mul(d , defaults.length, "129:25"), $.mul(($.add(d , 1, "129:47")) , defaults.length, "129:52"));
  const bound = a.clip;
  return { f, clip: bound === undefined ? (x) => x : (x) => $.call("131:61", maximum, $.call("131:69", minimum, x, bound), $.neg(bound, "131:88")) };
}

/** [T, B, I] with each batch entry's own first `lengths` steps reversed. */
function reversed(x: Num, lengths: Num | undefined): Num {
  const dims = $.call("136:16", shape, x);
  const step = $.call("137:16", iota, [dims[0], dims[1], 1], 0, "i64");
  const count = lengths === undefined ? dims[0] : $.call("138:51", reshape, lengths, [1, dims[1], 1]);
  const source = lengths === undefined ? $.sub($.sub(count , 1, "139:48") , step, "139:52") : $.call("139:61", where, $.lt(step , count, "139:72"), $.sub($.sub(count , 1, "139:87") , step, "139:91"), step);
  return $.call("140:10", gatherElements, x, $.call("140:28", expand, source, dims), 0);
}

type State = readonly Num[];

/** Runs a cell over [T, B, I]; returns every step's hidden state and the last states. */
function unroll(x: Num, first: State, lengths: Num | undefined, cell: (x: Num, s: State) => State): { all: Num; last: State } {
  const [steps, batch] = $.call("147:26", shape, x);
  if (!$.test($.call("148:8", isFixed, steps), "148:8")) $.call("148:24", refuseOpen, "a recurrent layer's sequence length", [steps]);
  const hidden: Num[] = [];
  let state = first;
  for (let t = 0; $.test($.lt(t , steps, "151:21"), "151:19"); t++) {
    const next = cell(directionOf(x, t), state);
    const live = lengths === undefined ? undefined : $.gt($.call("153:54", reshape, lengths, [batch, 1]) , t, "153:83");
    const old = state;
    state = live === undefined ? next : next.map((v, i) => $.call("155:60", where, live, v, old[i]));
    hidden.push(live === undefined ? next[0] : $.call("156:48", where, live, next[0], 0));
  }
  return { all: $.call("158:17", stack, hidden, 0), last: state };
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
  const x = $.test($.eq(a.layout , 1, "175:22"), "175:13") ? $.call("175:30", transpose, o.x, [1, 0, 2]) : o.x;
  const lengths = o.lengths;
  const [steps, batch] = $.call("177:26", shape, x);
  if ($.test(is(steps, 0), "178:7")) $.call("178:21", refuse, "the sequence of a recurrent layer has no step");
  for (const s of o.initial)
    if (s !== undefined) $.call("180:26", assumeEqual, batch, $.call("180:45", shape, s)[$.test($.eq(a.layout , 1, "180:63"), "180:54") ? 0 : 1], "an initial state has as many batch entries as the input");
  const backwards = a.direction === "bidirectional" ? [false, true] : [a.direction === "reverse"];
  const stateDims = $.test($.eq(a.layout , 1, "182:30"), "182:21") ? [batch, backwards.length, a.hidden_size] : [backwards.length, batch, a.hidden_size];
  $.call("183:3", promiseOutputs, [
    {
      dims: $.test($.eq(a.layout , 1, "185:22"), "185:13") ? [batch, steps, backwards.length, a.hidden_size] : [steps, backwards.length, batch, a.hidden_size],
      type: $.call("186:13", dtype, x),
    },
    ...o.initial.map(() => ({ dims: stateDims, type: $.call("188:54", dtype, x) })),
  ]);
  const runs = backwards.map((back, d) => {
    const first = o.initial.map((s) =>
      s === undefined ? $.call("192:25", full, [batch, a.hidden_size], 0, $.call("192:57", dtype, x)) : directionOf($.test($.eq(a.layout , 1, "192:90"), "192:81") ? $.call("192:98", transpose, s, [1, 0, 2]) : s, d),
    );
    const { all, last } = unroll($.test(back, "194:34") ? reversed(x, lengths) : x, first, lengths, cellOf(d, directionTools(a, defaults, d)));
    return { all: $.test(back, "195:19") ? reversed(all, lengths) : all, last };
  });
  const y = $.call("197:13", stack, 
    runs.map((r) => r.all),
    1,
  );
  const states = o.initial.map((_, i) =>
    $.call("202:5", stack, 
      runs.map((r) => r.last[i]),
      0,
    ),
  );
  return $.test($.eq(a.layout , 1, "207:19"), "207:10") ? [$.call("207:28", transpose, y, [2, 0, 1, 3]), ...states.map((s) => $.call("207:77", transpose, s, [1, 0, 2]))] : [y, ...states];
}

/** x W' of every gate at once. */
function project(x: Num, w: Num, d: number): Num {
  return $.call("212:10", matmul, x, directionOf(w, d), { transB: true });
}

/** Both biases of a direction, [n * H] each; zeros when absent. */
function biases(b: Num | undefined, d: number, gates: number, hidden: number): Num[] {
  if (b === undefined) return [];
  const row = directionOf(b, d);
  return [
    $.call("220:5", slice, row, [{ axis: 0, start: 0, size: $.mul(gates , hidden, "220:50") }]),
    $.call("221:5", slice, row, [{ axis: 0, start: $.mul(gates , hidden, "221:41"), size: $.mul(gates , hidden, "221:63") }]),
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
    const sum = $.add(project(input, w, d) , project(h, r, d), "237:38");
    return [f[0](clip(bias.reduce((s, v) => $.add(s , v, "238:47"), sum)))];
  }),
{"name":"RNN","path":"src/ops/formulas/recurrent.formula.ts","line":234,"column":14});

function lengthsOf(lens: Num | undefined): Num | undefined {
  return lens === undefined ? undefined : $.call("243:43", cast, lens, "i64");
}

export const GRU = formula(
  { inputs, attrs: { ...attrs, linear_before_reset: int(0) }, outputs: 2 },
  ({ x, w, r, b, sequence_lens, initial_h, linear_before_reset, ...a }) =>
    recur(a, ["Sigmoid", "Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
      const n = a.hidden_size;
      const bias = biases(b, d, 3, n);
      const own = $.test($.gt(bias.length , 0, "252:31"), "252:19") ? $.add(project(input, w, d) , bias[0], "252:58") : project(input, w, d);
      const recurrent = (t: Num, i: number) => {
        const rows = $.call("254:22", slice, directionOf(r, d), [{ axis: 0, start: $.mul(i , n, "254:68"), size: n }]);
        const product = $.call("255:25", matmul, t, rows, { transB: true });
        return $.test($.gt(bias.length , 0, "256:28"), "256:16") ? $.add(product , gate(bias[1], i, n), "256:42") : product;
      };
      const update = f[0](clip($.add(gate(own, 0, n) , recurrent(h, 0), "258:48")));
      const reset = f[0](clip($.add(gate(own, 1, n) , recurrent(h, 1), "259:47")));
      const memory = $.test($.eq(linear_before_reset , 0, "260:42"), "260:22") ? recurrent($.mul(reset , h, "260:66"), 2) : $.mul(reset , recurrent(h, 2), "260:82");
      const candidate = f[1](clip($.add(gate(own, 2, n) , memory, "261:51")));
      return [$.add($.mul(($.sub(1 , update, "262:18")) , candidate, "262:28") , $.mul(update , h, "262:49"), "262:40")];
    }),
{"name":"GRU","path":"src/ops/formulas/recurrent.formula.ts","line":246,"column":14});

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
          const all = biases(b, d, 4, n).reduce((s, v) => $.add(s , v, "277:61"), $.add(project(input, w, d) , project(h, r, d), "277:87"));
          const peep = (i: number, state: Num) =>
            p === undefined ? gate(all, i, n) : $.add(gate(all, i, n) , $.mul(gate(directionOf(p, d), i, n) , state, "279:97"), "279:65");
          const inGate = f[0](clip(peep(0, c)));
          const forget = $.test($.eq(input_forget , 1, "281:39"), "281:26") ? $.sub(1 , inGate, "281:49") : f[0](clip(peep(2, c)));
          const cell = $.add($.mul(forget , c, "282:31") , $.mul(inGate , f[1](clip(gate(all, 3, n))), "282:44"), "282:35");
          const out = f[0](clip(peep(1, cell)));
          return [$.mul(out , f[2](cell), "284:23"), cell];
        },
    ),
{"name":"LSTM","path":"src/ops/formulas/recurrent.formula.ts","line":267,"column":14});

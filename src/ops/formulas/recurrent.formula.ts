/**
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
import { is } from "./axes.formula.js";

type Activation = (x: Num) => Num;

function sigmoid(x: Num): Num {
  return 1 / (1 + exp(-x));
}

/** An activation by the standard's name, with its parameters or their defaults. */
function activation(name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "tanh":
      return (x) => tanh(x);
    case "sigmoid":
      return sigmoid;
    case "relu":
      return (x) => maximum(x, 0);
    case "affine":
      return (x) => x * (alpha ?? 1) + (beta ?? 0);
    case "leakyrelu":
      return (x) => where(x < 0, x * (alpha ?? 0.01), x);
    case "thresholdedrelu":
      return (x) => where(x > (alpha ?? 1), x, 0);
    case "scaledtanh":
      return (x) => (alpha ?? 1) * tanh(x * (beta ?? 1));
    case "hardsigmoid":
      return (x) => maximum(minimum(x * (alpha ?? 0.2) + (beta ?? 0.5), 1), 0);
    case "elu":
      return (x) => where(x < 0, (alpha ?? 1) * expm1(x), x);
    case "softsign":
      return (x) => x / (1 + abs(x));
    case "softplus":
      return (x) => maximum(x, 0) + log1p(exp(-abs(x)));
    default:
      return refuse(`no recurrent activation is called "${name}"`);
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
  return squeeze(slice(t, [{ axis: 0, start: d, size: 1 }]), [0]);
}

/** Columns of gate i of [B, n * H]; rows and vectors likewise on their last axis. */
function gate(t: Num, i: number, hidden: number): Num {
  return slice(t, [{ axis: -1, start: i * hidden, size: hidden }]);
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
    kinds.includes(names[i].toLowerCase()) ? given[takers(kinds, i)] : undefined;
  return names.map((n, i) => activation(n, next(alphas, withAlpha, i), next(betas, withBeta, i)));
}

function directionTools(a: Recurrent, defaults: readonly string[], d: number): Direction {
  const names = a.activations ?? (d === 0 ? defaults : [...defaults, ...defaults]);
  const all = activationsOf(names, a.activation_alpha ?? [], a.activation_beta ?? []);
  const f = all.slice(d * defaults.length, (d + 1) * defaults.length);
  const bound = a.clip;
  return { f, clip: bound === undefined ? (x) => x : (x) => maximum(minimum(x, bound), -bound) };
}

/** [T, B, I] with each batch entry's own first `lengths` steps reversed. */
function reversed(x: Num, lengths: Num | undefined): Num {
  const dims = shape(x);
  const step = iota([dims[0], dims[1], 1], 0, "i64");
  const count = lengths === undefined ? dims[0] : reshape(lengths, [1, dims[1], 1]);
  const source = lengths === undefined ? count - 1 - step : where(step < count, count - 1 - step, step);
  return gatherElements(x, expand(source, dims), 0);
}

type State = readonly Num[];

/** Runs a cell over [T, B, I]; returns every step's hidden state and the last states. */
function unroll(x: Num, first: State, lengths: Num | undefined, cell: (x: Num, s: State) => State): { all: Num; last: State } {
  const [steps, batch] = shape(x);
  if (!isFixed(steps)) refuseOpen("a recurrent layer's sequence length", [steps]);
  const hidden: Num[] = [];
  let state = first;
  for (let t = 0; t < steps; t++) {
    const next = cell(directionOf(x, t), state);
    const live = lengths === undefined ? undefined : reshape(lengths, [batch, 1]) > t;
    const old = state;
    state = live === undefined ? next : next.map((v, i) => where(live, v, old[i]));
    hidden.push(live === undefined ? next[0] : where(live, next[0], 0));
  }
  return { all: stack(hidden, 0), last: state };
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
  const x = a.layout === 1 ? transpose(o.x, [1, 0, 2]) : o.x;
  const lengths = o.lengths;
  const [steps, batch] = shape(x);
  if (is(steps, 0)) refuse("the sequence of a recurrent layer has no step");
  for (const s of o.initial)
    if (s !== undefined) assumeEqual(batch, shape(s)[a.layout === 1 ? 0 : 1], "an initial state has as many batch entries as the input");
  const backwards = a.direction === "bidirectional" ? [false, true] : [a.direction === "reverse"];
  const stateDims = a.layout === 1 ? [batch, backwards.length, a.hidden_size] : [backwards.length, batch, a.hidden_size];
  promiseOutputs([
    {
      dims: a.layout === 1 ? [batch, steps, backwards.length, a.hidden_size] : [steps, backwards.length, batch, a.hidden_size],
      type: dtype(x),
    },
    ...o.initial.map(() => ({ dims: stateDims, type: dtype(x) })),
  ]);
  const runs = backwards.map((back, d) => {
    const first = o.initial.map((s) =>
      s === undefined ? full([batch, a.hidden_size], 0, dtype(x)) : directionOf(a.layout === 1 ? transpose(s, [1, 0, 2]) : s, d),
    );
    const { all, last } = unroll(back ? reversed(x, lengths) : x, first, lengths, cellOf(d, directionTools(a, defaults, d)));
    return { all: back ? reversed(all, lengths) : all, last };
  });
  const y = stack(
    runs.map((r) => r.all),
    1,
  );
  const states = o.initial.map((_, i) =>
    stack(
      runs.map((r) => r.last[i]),
      0,
    ),
  );
  return a.layout === 1 ? [transpose(y, [2, 0, 1, 3]), ...states.map((s) => transpose(s, [1, 0, 2]))] : [y, ...states];
}

/** x W' of every gate at once. */
function project(x: Num, w: Num, d: number): Num {
  return matmul(x, directionOf(w, d), { transB: true });
}

/** Both biases of a direction, [n * H] each; zeros when absent. */
function biases(b: Num | undefined, d: number, gates: number, hidden: number): Num[] {
  if (b === undefined) return [];
  const row = directionOf(b, d);
  return [
    slice(row, [{ axis: 0, start: 0, size: gates * hidden }]),
    slice(row, [{ axis: 0, start: gates * hidden, size: gates * hidden }]),
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
    const sum = project(input, w, d) + project(h, r, d);
    return [f[0](clip(bias.reduce((s, v) => s + v, sum)))];
  }),
);

function lengthsOf(lens: Num | undefined): Num | undefined {
  return lens === undefined ? undefined : cast(lens, "i64");
}

export const GRU = formula(
  { inputs, attrs: { ...attrs, linear_before_reset: int(0) }, outputs: 2 },
  ({ x, w, r, b, sequence_lens, initial_h, linear_before_reset, ...a }) =>
    recur(a, ["Sigmoid", "Tanh"], { x, lengths: lengthsOf(sequence_lens), initial: [initial_h] }, (d, { f, clip }) => (input, [h]) => {
      const n = a.hidden_size;
      const bias = biases(b, d, 3, n);
      const own = bias.length > 0 ? project(input, w, d) + bias[0] : project(input, w, d);
      const recurrent = (t: Num, i: number) => {
        const rows = slice(directionOf(r, d), [{ axis: 0, start: i * n, size: n }]);
        const product = matmul(t, rows, { transB: true });
        return bias.length > 0 ? product + gate(bias[1], i, n) : product;
      };
      const update = f[0](clip(gate(own, 0, n) + recurrent(h, 0)));
      const reset = f[0](clip(gate(own, 1, n) + recurrent(h, 1)));
      const memory = linear_before_reset === 0 ? recurrent(reset * h, 2) : reset * recurrent(h, 2);
      const candidate = f[1](clip(gate(own, 2, n) + memory));
      return [(1 - update) * candidate + update * h];
    }),
);

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
          const all = biases(b, d, 4, n).reduce((s, v) => s + v, project(input, w, d) + project(h, r, d));
          const peep = (i: number, state: Num) =>
            p === undefined ? gate(all, i, n) : gate(all, i, n) + gate(directionOf(p, d), i, n) * state;
          const inGate = f[0](clip(peep(0, c)));
          const forget = input_forget === 1 ? 1 - inGate : f[0](clip(peep(2, c)));
          const cell = forget * c + inGate * f[1](clip(gate(all, 3, n)));
          const out = f[0](clip(peep(1, cell)));
          return [out * f[2](cell), cell];
        },
    ),
);

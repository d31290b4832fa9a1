/* Generated from einsum.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/einsum.formula.ts"); /** Einsum by pairwise contraction. */
import {
  assumeEqual,
  contract,
  expand,
  formula,
  iota,
  isFixed,
  productOf,
  rank,
  refuse,
  required,
  reshape,
  shape,
  sum,
  squeeze,
  transpose,
  variadic,
  where,
  type Num,
} from "../lang.js";

/** A tensor whose axes carry labels, each at most once. */
interface Labelled {
  readonly x: Num;
  readonly labels: readonly string[];
}

/** The labels of one term; `...` stands for as many unnamed axes as the rank leaves, aligned at the right. */
function labelsOf(term: string, count: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...term];
  const hidden = $.sub($.sub(count , before.length, "33:24") , after.length, "33:40");
  return [...before, ...Array.from({ length: hidden }, (_, i) => `.${$.sub(hidden , i, "34:77")}`), ...after];
}

/** Keeps the diagonal of axes that share a label. */
function diagonal(x: Num, labels: readonly string[]): Labelled {
  const twice = labels.findIndex((l, i) => $.lt(labels.indexOf(l) , i, "39:62"));
  if ($.test($.lt(twice , 0, "40:13"), "40:7")) return { x, labels };
  const first = labels.indexOf(labels[twice]);
  $.call("42:3", assumeEqual, $.call("42:15", shape, x)[first], $.call("42:32", shape, x)[twice], `axes ${first} and ${twice} share the label ${labels[twice]} and must be equal`);
  const dims = $.call("43:16", shape, x);
  const kept = $.call("44:16", where, $.eq($.call("44:22", iota, dims, first, "i64") , $.call("44:51", iota, dims, twice, "i64"), "44:47"), x, 0);
  return diagonal(
    $.call("46:5", squeeze, $.call("46:13", sum, kept, twice), [twice]),
    labels.filter((_, i) => $.ne(i , twice, "47:31")),
  );
}

/** Sums out labels that nobody needs. */
function drop(t: Labelled, needed: (label: string) => boolean): Labelled {
  const gone = t.labels.flatMap((l, i) => ($.test(needed(l), "53:44") ? [] : [i]));
  if ($.test($.eq(gone.length , 0, "54:19"), "54:7")) return t;
  return { x: $.call("55:15", squeeze, $.call("55:23", sum, t.x, gone), gone), labels: t.labels.filter((l) => needed(l)) };
}

function arrange(t: Labelled, order: readonly string[]): Num {
  return $.call("59:10", transpose, 
    t.x,
    order.map((l) => t.labels.indexOf(l)),
  );
}

function extentOf(t: Labelled, label: string): Num {
  return $.call("66:10", shape, t.x)[t.labels.indexOf(label)];
}

/** Repeats axes of extent 1 to what the other operand has. */
function stretch(t: Labelled, other: Labelled): Labelled {
  const dims = t.labels.map((l) => {
    const own = extentOf(t, l);
    return $.test($.call("73:12", isFixed, own), "73:12") && $.test($.eq(own , 1, "73:32"), "73:28") && $.test(other.labels.includes(l), "73:41") ? extentOf(other, l) : own;
  });
  return { x: $.call("75:15", expand, t.x, dims), labels: t.labels };
}

/** One product: labels that are needed later stay, shared ones that are not are contracted. */
function product(p: Labelled, q: Labelled, needed: (label: string) => boolean): Labelled {
  const a = stretch(
    drop(p, (l) => $.test(needed(l), "81:20") || q.labels.includes(l)),
    q,
  );
  const b = stretch(
    drop(q, (l) => $.test(needed(l), "85:20") || p.labels.includes(l)),
    p,
  );
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => needed(l));
  const inner = shared.filter((l) => !$.test(needed(l), "90:39"));
  const left = a.labels.filter((l) => !$.test(shared.includes(l), "91:40"));
  const right = b.labels.filter((l) => !$.test(shared.includes(l), "92:41"));
  const count = (t: Labelled, list: readonly string[]) => $.call("93:59", productOf, list.map((l) => extentOf(t, l)));
  const rows = $.call("94:16", reshape, arrange(a, [...batch, ...left, ...inner]), [count(a, batch), count(a, left), count(a, inner)]);
  const cols = $.call("95:16", reshape, arrange(b, [...batch, ...inner, ...right]), [count(b, batch), count(b, inner), count(b, right)]);
  const dims = [...batch.map((l) => extentOf(a, l)), ...left.map((l) => extentOf(a, l)), ...right.map((l) => extentOf(b, l))];
  return { x: $.call("97:15", reshape, $.call("97:23", contract, rows, cols), dims), labels: [...batch, ...left, ...right] };
}

/** Without an arrow: the unnamed axes, then every letter met once, in alphabetical order. */
function outputLabels(target: string | undefined, terms: readonly (readonly string[])[]): string[] {
  const all = terms.flat();
  const hidden = [...new Set(all.filter((l) => l.startsWith(".")))].sort((a, b) => $.sub(Number(b.slice(1)) , Number(a.slice(1)), "103:103"));
  if (target !== undefined) {
    const [before, after] = target.split("...");
    return after === undefined ? [...target] : [...before, ...hidden, ...after];
  }
  const once = all.filter((l) => !$.test(l.startsWith("."), "108:35") && $.eq(all.indexOf(l) , all.lastIndexOf(l), "108:71"));
  return [...hidden, ...once.sort()];
}

export const Einsum = formula({ inputs: { inputs: variadic("number") }, attrs: { equation: required("text") } }, ({ inputs, equation }) => {
  const [sources, target] = equation.replace(/\s/g, "").split("->");
  const terms = sources.split(",").map((t, i) => labelsOf(t, $.call("114:62", rank, inputs[i])));
  if ($.test($.ne(terms.length , inputs.length, "115:20"), "115:7")) $.call("115:39", refuse, `the equation "${equation}" has ${terms.length} terms for ${inputs.length} operands`);
  const out = outputLabels(target, terms);
  const [first, ...rest] = inputs.map((x, i) => diagonal(x, terms[i]));
  const all = rest.reduce(
    (acc, next, i) => product(acc, next, (l) => $.test(out.includes(l), "119:49") || rest.slice($.add(i , 1, "119:81")).some((t) => t.labels.includes(l))),
    first,
  );
  return arrange(
    drop(all, (l) => out.includes(l)),
    out,
  );
}, {"name":"Einsum","path":"src/ops/formulas/einsum.formula.ts","line":112,"column":14});

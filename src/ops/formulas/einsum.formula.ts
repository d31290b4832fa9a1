/** Einsum by pairwise contraction. */
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
  const hidden = count - before.length - after.length;
  return [...before, ...Array.from({ length: hidden }, (_, i) => `.${hidden - i}`), ...after];
}

/** Keeps the diagonal of axes that share a label. */
function diagonal(x: Num, labels: readonly string[]): Labelled {
  const twice = labels.findIndex((l, i) => labels.indexOf(l) < i);
  if (twice < 0) return { x, labels };
  const first = labels.indexOf(labels[twice]);
  assumeEqual(shape(x)[first], shape(x)[twice], `axes ${first} and ${twice} share the label ${labels[twice]} and must be equal`);
  const dims = shape(x);
  const kept = where(iota(dims, first, "i64") === iota(dims, twice, "i64"), x, 0);
  return diagonal(
    squeeze(sum(kept, twice), [twice]),
    labels.filter((_, i) => i !== twice),
  );
}

/** Sums out labels that nobody needs. */
function drop(t: Labelled, needed: (label: string) => boolean): Labelled {
  const gone = t.labels.flatMap((l, i) => (needed(l) ? [] : [i]));
  if (gone.length === 0) return t;
  return { x: squeeze(sum(t.x, gone), gone), labels: t.labels.filter((l) => needed(l)) };
}

function arrange(t: Labelled, order: readonly string[]): Num {
  return transpose(
    t.x,
    order.map((l) => t.labels.indexOf(l)),
  );
}

function extentOf(t: Labelled, label: string): Num {
  return shape(t.x)[t.labels.indexOf(label)];
}

/** Repeats axes of extent 1 to what the other operand has. */
function stretch(t: Labelled, other: Labelled): Labelled {
  const dims = t.labels.map((l) => {
    const own = extentOf(t, l);
    return isFixed(own) && own === 1 && other.labels.includes(l) ? extentOf(other, l) : own;
  });
  return { x: expand(t.x, dims), labels: t.labels };
}

/** One product: labels that are needed later stay, shared ones that are not are contracted. */
function product(p: Labelled, q: Labelled, needed: (label: string) => boolean): Labelled {
  const a = stretch(
    drop(p, (l) => needed(l) || q.labels.includes(l)),
    q,
  );
  const b = stretch(
    drop(q, (l) => needed(l) || p.labels.includes(l)),
    p,
  );
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => needed(l));
  const inner = shared.filter((l) => !needed(l));
  const left = a.labels.filter((l) => !shared.includes(l));
  const right = b.labels.filter((l) => !shared.includes(l));
  const count = (t: Labelled, list: readonly string[]) => productOf(list.map((l) => extentOf(t, l)));
  const rows = reshape(arrange(a, [...batch, ...left, ...inner]), [count(a, batch), count(a, left), count(a, inner)]);
  const cols = reshape(arrange(b, [...batch, ...inner, ...right]), [count(b, batch), count(b, inner), count(b, right)]);
  const dims = [...batch.map((l) => extentOf(a, l)), ...left.map((l) => extentOf(a, l)), ...right.map((l) => extentOf(b, l))];
  return { x: reshape(contract(rows, cols), dims), labels: [...batch, ...left, ...right] };
}

/** Without an arrow: the unnamed axes, then every letter met once, in alphabetical order. */
function outputLabels(target: string | undefined, terms: readonly (readonly string[])[]): string[] {
  const all = terms.flat();
  const hidden = [...new Set(all.filter((l) => l.startsWith(".")))].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  if (target !== undefined) {
    const [before, after] = target.split("...");
    return after === undefined ? [...target] : [...before, ...hidden, ...after];
  }
  const once = all.filter((l) => !l.startsWith(".") && all.indexOf(l) === all.lastIndexOf(l));
  return [...hidden, ...once.sort()];
}

export const Einsum = formula({ inputs: { inputs: variadic("number") }, attrs: { equation: required("text") } }, ({ inputs, equation }) => {
  const [sources, target] = equation.replace(/\s/g, "").split("->");
  const terms = sources.split(",").map((t, i) => labelsOf(t, rank(inputs[i])));
  if (terms.length !== inputs.length) refuse(`the equation "${equation}" has ${terms.length} terms for ${inputs.length} operands`);
  const out = outputLabels(target, terms);
  const [first, ...rest] = inputs.map((x, i) => diagonal(x, terms[i]));
  const all = rest.reduce(
    (acc, next, i) => product(acc, next, (l) => out.includes(l) || rest.slice(i + 1).some((t) => t.labels.includes(l))),
    first,
  );
  return arrange(
    drop(all, (l) => out.includes(l)),
    out,
  );
});

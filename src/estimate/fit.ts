/**
 * Finds what serving costs from the documents of one half, by turning one figure after the other. An error counts by its
 * logarithm, and a document as much as the root of its rows, so that one odd page does not pull the rest along. How far a
 * figure may be off is told by what becomes of it when a document is left out, and by what the documents left out then miss.
 */
import { dialNames, type DialName, type Fitted } from "./bounds.js";
import { halves } from "./measured/documents.js";
import type { MeasuredDocument, MeasuredRow } from "./measured/row.js";
import { isAscend, predict, predictMiddle, uncovered } from "./predict.js";

type Middles = Readonly<Record<DialName, number>>;
type Rows = readonly MeasuredRow[];

const start: Middles = {
  "bandwidth ascend": 0.5,
  "bandwidth cuda": 0.5,
  "compute ascend": 0.4,
  "compute cuda": 0.4,
  "call vllm-ascend": 2e-5,
  "call mindie": 2e-5,
  "call chitu": 2e-5,
  "call cann-recipes": 2e-5,
  "call cuda": 1e-5,
  request: 2e-4,
  exchange: 2e-5,
  busy: 1.3,
};

const isShare = (name: DialName): boolean => /^(?:bandwidth|compute)/.test(name);
const bounded = (name: DialName, v: number): number => (isShare(name) ? Math.min(1, v) : name === "busy" ? Math.max(1, v) : v);

/** Shares of guesses that held, least and most that are told. */
function acceptedOf(rows: Rows): readonly [number, number] {
  const shares = rows.flatMap((r) => (r.accepted === undefined || typeof r.drafts !== "number" ? [] : [r.accepted / r.drafts]));
  return shares.length === 0 ? [1, 1] : [Math.min(...shares), Math.max(...shares)];
}

function asFitted(m: Middles, rows: Rows, factors?: Partial<Middles>): Fitted {
  const told = dialNames.filter((n) => factors === undefined || factors[n] !== undefined);
  const dials = Object.fromEntries(told.map((n) => [n, { at: m[n], factor: factors?.[n] ?? 1 }]));
  return { dials, accepted: acceptedOf(rows) };
}

function lossOf(documents: readonly Rows[], m: Middles, all: Rows): number {
  const f = asFitted(m, all);
  const off = (r: MeasuredRow): number => Math.abs(Math.log(predictMiddle(r, f) / r.value));
  const each = documents.map((rows) => rows.reduce((n, r) => n + off(r), 0) / Math.sqrt(rows.length));
  // A figure that no row hangs on stays where it began.
  const drift = dialNames.reduce((n, name) => n + Math.log(m[name] / start[name]) ** 2, 0);
  return each.reduce((n, x) => n + x, 0) + 0.01 * drift;
}

const strides = [2, 1.4, 1.2, 1.1, 1.05];

function middlesOf(documents: readonly Rows[], from: Middles): Middles {
  const all = documents.flat();
  let best = from;
  let loss = lossOf(documents, best, all);
  const turn = (name: DialName, factor: number): boolean => {
    const next = { ...best, [name]: bounded(name, best[name] * factor) };
    const l = lossOf(documents, next, all);
    if (l >= loss - 1e-6) return false;
    [best, loss] = [next, l];
    return true;
  };
  for (const stride of strides) while (dialNames.map((name) => turn(name, stride) || turn(name, 1 / stride)).includes(true));
  return best;
}

/** Whether some row of a document would be told otherwise if the figure were half as large again. */
function hangsOn(rows: Rows, name: DialName, m: Middles): boolean {
  const [one, other] = [m, { ...m, [name]: bounded(name, m[name] * (isShare(name) ? 1 / 1.5 : 1.5)) }].map((x) => asFitted(x, rows));
  return rows.some((r) => Math.abs(Math.log(predictMiddle(r, other) / predictMiddle(r, one))) > 0.05);
}

/** A fit without one document. */
interface Left {
  readonly rows: Rows;
  readonly others: readonly Rows[];
  readonly middles: Middles;
}

/** How far each figure moves when a document is left out, in logarithms; as far as its like where one document alone tells of it. */
function moves(documents: readonly Rows[], m: Middles, left: readonly Left[]): Partial<Record<DialName, number>> {
  const told = dialNames.filter((n) => documents.some((rows) => hangsOn(rows, n, m)));
  const own = told.map((n): [DialName, number | undefined] => {
    const still = left.filter(({ others }) => others.some((rows) => hangsOn(rows, n, m)));
    const alone = documents.filter((rows) => hangsOn(rows, n, m)).length < 2;
    return [n, alone ? undefined : Math.max(...still.map((l) => Math.abs(Math.log(l.middles[n] / m[n]))))];
  });
  const farthest = Math.max(...own.map(([, v]) => v ?? 0));
  const kindOf = (n: DialName): string => n.split(" ")[0];
  const like = (n: DialName): number => Math.max(0, ...own.filter(([o]) => kindOf(o) === kindOf(n)).map(([, v]) => v ?? 0)) || farthest;
  return Object.fromEntries(own.map(([n, v]) => [n, v ?? like(n)]));
}

/** No figure is taken to be off by more: a document alone may move one anywhere. */
const most = 2.5;

const factorsOf = (moved: Partial<Record<DialName, number>>, noise: number): Partial<Middles> =>
  Object.fromEntries(Object.entries(moved).map(([n, v]) => [n, Math.min(most, Math.exp(Math.hypot(v, noise)))]));

const isInside = (r: MeasuredRow, f: Fitted): boolean => {
  const { lo, hi } = predict(r, f);
  return r.value >= lo && r.value <= hi;
};

/** Engines and loads that the other documents do not tell of are unknown there. */
function withoutUntold(factors: Partial<Middles>, { others, middles }: Left): Partial<Middles> {
  return Object.fromEntries(Object.entries(factors).filter(([n]) => others.some((rows) => hangsOn(rows, n as DialName, middles))));
}

/** The least noise that leaves nine of ten measurements of documents left out inside, and four of five where each document counts as much. */
function noiseOf(left: readonly Left[], moved: Partial<Record<DialName, number>>): number {
  const tested = left.map((l) => ({ ...l, rows: l.rows.filter(isAscend) })).filter((l) => l.rows.length > 0);
  const all = tested.reduce((n, l) => n + l.rows.length, 0);
  for (let noise = 0.05; ; noise += 0.05) {
    const hits = tested.map((l) => {
      const f = asFitted(l.middles, l.others.flat(), withoutUntold(factorsOf(moved, noise), l));
      return l.rows.filter((r) => isInside(r, f)).length;
    });
    const shares = hits.reduce((n, h, i) => n + h / tested[i].rows.length, 0);
    const enough = hits.reduce((n, h) => n + h, 0) >= 0.9 * all && shares >= 0.8 * tested.length;
    if (enough || noise > 3) return noise;
  }
}

const rounded = (x: number): number => Number(x.toPrecision(3));

/** The whole fit, figures to three digits. */
export function fit(documents: readonly MeasuredDocument[] = halves().fitted): Fitted {
  const given = documents.map((d) => d.rows.filter((r) => uncovered(r) === undefined)).filter((rows) => rows.length > 0);
  const middles = middlesOf(given, start);
  const left = given.map((rows): Left => {
    const others = given.filter((o) => o !== rows);
    return { rows, others, middles: middlesOf(others, middles) };
  });
  const moved = moves(given, middles, left);
  const f = asFitted(middles, given.flat(), factorsOf(moved, noiseOf(left, moved)));
  return JSON.parse(JSON.stringify(f), (_, v: unknown) => (typeof v === "number" ? rounded(v) : v)) as Fitted;
}

/**
 * What is held against a difference before it is the port's fault: how far onnxruntime differs from itself with and without
 * its graph optimisations (and, where values are rounded to levels, when inputs change in their last bits: two runs tell
 * little of ties), and where it is known to differ from the standard. Asked only when an output differs.
 */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { isFloat } from "../base/dtype.js";
import { toNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import { evaluateGraph } from "../ir/evaluate/evaluate.js";
import type { Value } from "../ir/graph.js";
import { roundsToLevels } from "../ops/levels.js";
import { nodeLabel } from "../ir/record-attrs.js";
import { disputedNodes } from "./disputes.js";
import { judge, type JudgeOptions, type OutputFigures } from "./judge.js";
import type { Level } from "./reference.js";
import type { LoadedModel } from "../driver/load.js";
import type { Feed } from "./inputs.js";
import { randomSource } from "./seeded.js";

/** onnxruntime's outputs, one map a run, at a level of optimisation. */
export type Run = (feeds: readonly Feed[], level?: Level) => Promise<readonly Feed[]>;

/** Runs on nearly the same inputs. */
const mostNudges = 6;

/** Floats changed by up to two units of their last place. */
function nudged(feed: Feed, seed: number): Feed {
  const random = randomSource(seed);
  const near = (t: Tensor): Tensor =>
    t.dtype === "f32" ? { ...t, data: (t.data as Float32Array).map((x) => x * (1 + (random() - 0.5) * 2 ** -21)) } : t;
  return new Map([...feed].map(([name, t]) => [name, near(t)]));
}

/** One output over all runs: what the twin gave and what onnxruntime did. */
export interface Compared {
  readonly figures: OutputFigures;
  readonly got: readonly (Tensor | undefined)[];
  readonly want: readonly Tensor[];
  readonly options: JudgeOptions;
}

export class Doubts {
  /** What was found, to be said once whatever the number of targets. */
  readonly notes = new Map<string, Diagnostic>();
  readonly #loaded: LoadedModel;
  readonly #feeds: readonly Feed[];
  readonly #run: Run;
  #others: Promise<readonly (readonly Feed[])[]> | undefined;
  #evaluated: readonly Feed[] | undefined;

  constructor(loaded: LoadedModel, feeds: readonly Feed[], run: Run) {
    this.#loaded = loaded;
    this.#feeds = feeds;
    this.#run = run;
  }

  /** The figures of an output that differs, excused where the reference itself is in doubt by as much. */
  async weighed(compared: Compared): Promise<OutputFigures> {
    if (compared.figures.ok || compared.got.some((t) => t === undefined)) return compared.figures;
    return this.#disputed(compared) ?? (await this.#spread(compared)) ?? compared.figures;
  }

  async #spread({ figures, got, want, options }: Compared): Promise<OutputFigures | undefined> {
    this.#others ??= this.#runAgain();
    const others = (await this.#others).map((runs) => runs.map((run) => run.get(figures.name)));
    const apart = others.filter((other) => !judge(figures.name, other, want, options).ok);
    if (apart.length === 0) return undefined;
    const limit = Math.max(...apart.map((other) => distance(other, want)));
    const nearest = Math.min(...[want, ...apart].map((other) => distance(got, other as readonly Tensor[])));
    const unit = want.every((w) => isFloat(w.dtype)) ? "" : " of its elements";
    this.notes.set(`spread ${figures.name}`, spreadNote(figures.name, `${limit.toPrecision(3)}${unit}`));
    if (!(nearest <= limit)) return undefined;
    return { ...figures, ok: true, reason: `within onnxruntime's own spread, ${limit.toPrecision(3)}${unit}` };
  }

  /** What onnxruntime gives otherwise optimised, and of inputs that are nearly the same where values are rounded to levels. */
  async #runAgain(): Promise<readonly (readonly Feed[])[]> {
    const out: (readonly Feed[])[] = [];
    for (const level of ["disabled", "all"] as const) out.push(await this.#run(this.#feeds, level));
    const nudges = this.#loaded.graph.nodes.some((n) => roundsToLevels.has(n.op)) ? mostNudges : 0;
    for (let seed = 1; seed <= nudges; seed++) out.push(await this.#run(this.#feeds.map((feed) => nudged(feed, seed))));
    return out;
  }

  #disputed({ figures, got, want, options }: Compared): OutputFigures | undefined {
    const all = disputedNodes(this.#loaded.graph);
    if (all.length === 0) return undefined;
    this.#evaluated ??= this.#feeds.map((feed) => evaluated(this.#loaded, feed));
    const standard = this.#evaluated.map((run) => run.get(figures.name));
    if (standard.some((t) => t === undefined) || !judge(figures.name, got, standard as readonly Tensor[], options).ok) return undefined;
    const nodes = all.filter((n) => !n.dispute.overNaN || holdsMoreNaN(standard as readonly Tensor[], want));
    if (nodes.length === 0) return undefined;
    for (const { node, dispute } of nodes)
      this.notes.set(
        `dispute ${nodeLabel(node)}`,
        problem("reference-disputed", `${node.op} "${nodeLabel(node)}": ${dispute.what}`, {
          severity: "warning",
          location: { node: nodeLabel(node) },
          why: `The twin gives what the standard says, and onnxruntime does not: ${dispute.source}.`,
          fix: "Decide which of the two the model was trained with; Portolan follows the standard.",
        }),
      );
    return { ...figures, ok: true, reason: `disputed: the standard and onnxruntime differ at ${nodeLabel(nodes[0].node)}` };
  }
}

/** Whether a NaN stands in `a` where `b` has a number. */
function holdsMoreNaN(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.some((x, run) => {
    const other = toNumbers(b[run]);
    return toNumbers(x).some((v, i) => Number.isNaN(v) && !Number.isNaN(other[i]));
  });
}

function spreadNote(name: string, limit: string): Diagnostic {
  return problem(
    "reference-spread",
    `onnxruntime differs from itself at "${name}" otherwise optimised, or on inputs that are nearly the same, by ${limit}`,
    {
      severity: "warning",
      location: { tensor: name },
      why: "Near-ties and values that are rounded to whole numbers (quantisation, TopK, ArgMax) turn the last bit of a sum into a step.",
      fix: "Judge such an output by what it is used for; inputs nearer to real data make ties rarer.",
    },
  );
}

/** The largest difference of floats, the part of elements that differ of whole numbers; Infinity for other shapes. */
function distance(a: readonly (Tensor | undefined)[], b: readonly Tensor[]): number {
  let [most, differing, count] = [0, 0, 0];
  for (const [i, y] of b.entries()) {
    const x = a[i];
    if (!x || x.shape.join() !== y.shape.join() || x.dtype !== y.dtype) return Infinity;
    const [p, q] = [toNumbers(x), toNumbers(y)];
    count += q.length;
    q.forEach((v, k) => {
      if (p[k] === v || (Number.isNaN(p[k]) && Number.isNaN(v))) return;
      differing++;
      most = Math.max(most, Number.isNaN(p[k] - v) ? Infinity : Math.abs(p[k] - v));
    });
  }
  return b.every((t) => isFloat(t.dtype)) ? most : differing / count;
}

/** The graph's own meaning, as Portolan reads the standard, for one run. */
function evaluated({ graph, catalogue }: LoadedModel, feed: Feed): Feed {
  const inputs = new Map(graph.inputs.map((v): [Value, Tensor | undefined] => [v, feed.get(v.name)]));
  const given = new Map([...inputs].filter((e): e is [Value, Tensor] => e[1] !== undefined));
  return new Map([...evaluateGraph(graph, catalogue, given)].map(([v, t]) => [v.name, t]));
}

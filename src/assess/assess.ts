/** A loaded model and a list of chips to a report. */
import type { Steps } from "../base/steps.js";
import { byteLength, isFloat } from "../base/dtype.js";
import { elementCount } from "../base/tensor.js";
import type { ChipRow } from "../chips/row.js";
import { optimiseSteps } from "../driver/compile.js";
import type { LoadedModel } from "../driver/load.js";
import { efficiencyOf } from "../estimate/efficiency.js";
import type { ConstData, Graph, Node } from "../ir/graph.js";
import { spellType } from "../ir/text/spelling.js";
import { eachGraph } from "../ir/walk.js";
import type { Sizes } from "../program/cost.js";
import { asksOfBounds } from "./asks.js";
import { Carrier } from "./carry.js";
import { carriedNames, sharesIn } from "./coverage.js";
import { assessChip } from "./chip.js";
import { assessDocumented } from "./documented.js";
import { layerReports, type Seen } from "./layers.js";
import { performanceOf, startsOf, timedSteps, type Work } from "./performance.js";
import { over } from "../estimate/interval.js";
import { schemaVersion, type AssessedOptions, type ChipReport, type ModelReport, type PerformanceReport } from "./report.js";
import { nameOf, type AssessedChip, type AssessOptions, type Subject } from "./subject.js";
import { wired } from "./wires.js";
import { workList } from "./work.js";
import type { ChosenTarget } from "../driver/targets.js";

/** What is assessed, and what of it the report repeats. */
interface Assignment {
  readonly name: string;
  readonly sha256: string;
  readonly loaded: LoadedModel;
  readonly sizes: Sizes | undefined;
  readonly sizesAre: "given" | "chosen";
  readonly chips: readonly AssessedChip[];
  readonly baseline?: ChipRow;
  readonly options: AssessOptions;
  readonly said: AssessedOptions;
  readonly generator: string;
  readonly facts: ModelReport["facts"];
  /** Whether weights are read, and what samples gave of the layers' inputs. */
  readonly weights?: { readonly seen: Seen };
}

/** The work of a program, which stands for that of chips that have none. */
interface Like {
  readonly chip: string;
  readonly vendor: string;
  readonly work: readonly Work[];
}

export function* assessSteps(given: Assignment): Steps<ModelReport> {
  const { options, sizes, baseline } = given;
  const loaded = { ...given.loaded, graph: withWeightsUnread(given.loaded.graph) };
  const { graph } = yield* optimiseSteps(loaded, options);
  yield;
  const { nodes, wires, ends } = wired(loaded.graph);
  const { chips, likes } = yield* chipReports({ loaded, graph, nodes, sizes }, given);
  const base = baseline && baselineOf(baseline, likeFor(baseline, likes));
  const layers = given.weights && (yield* layerReports(given.loaded.graph, given.weights.seen));
  const told = nodes.map((n, i) => ({ name: nameOf(n), op: n.op, ...wires[i] }));
  const rated = withAsks(chips, likes, given, base).map((c) => withRatio(c, base));
  return {
    schemaVersion,
    kind: "model",
    generator: given.generator,
    model: describedModel(given, nodes),
    options: given.said,
    sizes: Object.fromEntries(sizes ?? []),
    sizesAre: given.sizesAre,
    nodes: told,
    ends,
    chips: rated,
    ...(baseline && base && { baseline: { chip: baseline.name, performance: base } }),
    work: workList(told, rated),
    ...(layers && { layers }),
    diagnostics: loaded.diagnostics,
    facts: given.facts,
  };
}

/** Chips with a generator first: those without borrow the steps of another's program. */
function* chipReports(
  subject: Subject,
  { chips, options }: Assignment,
): Steps<{ readonly chips: readonly ChipReport[]; readonly likes: readonly Like[] }> {
  const carrier = new Carrier();
  const likes: Like[] = [];
  const reports = new Map<AssessedChip, ChipReport>();
  for (const chip of chips) {
    if (!hasTarget(chip)) continue;
    const { report, work } = yield* assessChip(subject, chip, carrier, options);
    reports.set(chip, report);
    if (work && report.coverage?.flops === 1) likes.push({ chip: report.chip, vendor: report.vendor, work });
  }
  const all = chips.map((c) =>
    withShares(reports.get(c) ?? assessDocumented(subject, c, likeFor(c.row, likes)), subject, likeFor(c.row, likes)),
  );
  return { chips: all, likes };
}

/** Shares of operations and bytes, where a whole program of another chip tells what those of the refused nodes are. */
function withShares(report: ChipReport, { nodes }: Subject, like: Like | undefined): ChipReport {
  if (!report.coverage || report.coverage.flops !== null || !like) return report;
  const names = new Set(nodes.map(nameOf));
  const carried = carriedNames(nodes, report);
  return { ...report, coverage: { ...report.coverage, ...sharesIn(like.work, (n) => carried.has(n) || !names.has(n)) } };
}

/** With what would narrow each chip's time most, and which of the others it would change places with. */
function withAsks(
  reports: readonly ChipReport[],
  likes: readonly Like[],
  { chips, baseline }: Assignment,
  base: PerformanceReport | undefined,
): readonly ChipReport[] {
  const timed = reports.map((c) => ({ chip: c.chip, seconds: c.performance?.seconds }));
  const others = [...timed, ...(baseline && base ? [{ chip: baseline.name, seconds: base.seconds }] : [])];
  return reports.map((c, i) => {
    const { row } = chips[i];
    const like = likes.find((l) => l.chip === c.chip) ?? likeFor(row, likes);
    if (!like || !c.performance) return c;
    const machine = { row, efficiency: efficiencyOf(row) };
    return { ...c, performance: { ...c.performance, asks: asksOfBounds(like.work, machine, others.filter((o) => o.chip !== c.chip)) } }; // prettier-ignore
  });
}

/** Smaller constants may shape what is computed; larger ones of floats are weights. */
const mostRead = 1 << 16;

function withWeightsUnread(graph: Graph): Graph {
  const unread = (data: ConstData): ConstData =>
    isFloat(data.dtype) && elementCount(data.shape) > mostRead ? { ...data, load: () => data.load(), unread: true } : data;
  return { ...graph, constants: new Map([...graph.constants].map(([v, data]) => [v, unread(data)])) };
}

const hasTarget = (chip: AssessedChip): chip is AssessedChip & { readonly chosen: ChosenTarget } => chip.chosen !== undefined;

/** The leanest program of the same vendor, else of all: what an older chip lacks makes its program longer, and no other chip's. */
function likeFor({ vendor }: Pick<ChipRow, "vendor">, likes: readonly Like[]): Like | undefined {
  const own = likes.filter((l) => l.vendor === vendor);
  return (own.length > 0 ? own : likes).reduce<Like | undefined>((best, l) => (best && !isLeaner(l, best) ? best : l), undefined);
}

function isLeaner(a: Like, b: Like): boolean {
  const total = ({ work }: Like, of: (w: Work) => number): number => work.reduce((n, w) => n + of(w), 0);
  const fewer = total(a, startsOf) - total(b, startsOf);
  const bytes = (w: Work): number => w.bytesRead + w.bytesWritten;
  return fewer < 0 || (fewer === 0 && total(a, bytes) < total(b, bytes));
}

function baselineOf(row: ChipRow, like: Like | undefined): PerformanceReport | undefined {
  if (!like) return undefined;
  const machine = { row, efficiency: efficiencyOf(row) };
  return performanceOf(like.work, timedSteps(like.work, machine), machine, like.chip);
}

function withRatio(chip: ChipReport, base: PerformanceReport | undefined): ChipReport {
  const [own, other] = [chip.performance?.seconds, base?.seconds];
  return chip.performance && own && other ? { ...chip, performance: { ...chip.performance, ratio: over(other, own) } } : chip;
}

function describedModel({ name, sha256, loaded }: Assignment, nodes: readonly Node[]): ModelReport["model"] {
  const { graph, source, beside = [], speech } = loaded;
  const weights: ConstData[] = [];
  eachGraph(graph, (g) => weights.push(...g.constants.values()));
  const spelled = (v: Graph["inputs"][number]): string => `${v.name}: ${spellType(v.type)}`;
  return {
    name,
    bytes: source.size,
    sha256,
    beside: beside.map((b) => ({ name: b.name, bytes: b.size })),
    opset: speech?.opset ?? 0,
    nodes: nodes.length,
    weights: weights.length,
    weightBytes: weights.reduce((n, w) => n + byteLength(w.dtype, elementCount(w.shape)), 0),
    inputs: graph.inputs.map(spelled),
    outputs: graph.outputs.map(spelled),
  };
}

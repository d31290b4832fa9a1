/** All mutants of one target, judged, and counted as the floors are stated. */
import { chooseTarget } from "../../../src/driver/targets.js";
import { inParallel } from "../../../src/verify/twin-library.js";
import { mutationClasses, sample, type Mutant, type MutationClass, type Operator } from "./mutate.js";
import { bangOperators } from "./operators-bang.js";
import { cannOperators } from "./operators-cann.js";
import { kunlunOperators } from "./operators-kunlun.js";
import { benchOf, closeBench, judge, mutantsOfBench, type Bench, type Verdict } from "./runner.js";
import { stageSubjects, subjectsOf, type TargetName } from "./subjects.js";

export { unreached } from "./runner.js";

export const operatorsOf: Readonly<Record<TargetName, readonly Operator[]>> = {
  cann: cannOperators,
  bang: bangOperators,
  kunlun: kunlunOperators,
};

export interface TeethOptions {
  readonly root: string;
  /** At most this many mutants of a target, drawn evenly by the seed; all without it. */
  readonly most?: number;
  readonly seed?: number;
  /** Only subjects of these names. */
  readonly only?: readonly string[];
  readonly onVerdict?: (v: Verdict) => void;
}

/** Judges the mutants of a target's golden and probe kernels, in the order of files and lines. */
export async function teethOf(target: TargetName, options: TeethOptions): Promise<Verdict[]> {
  const chosen = await chooseTarget(target);
  const subjects = subjectsOf(target, options.root).filter((s) => !options.only || options.only.includes(s.name));
  const seen = new Set<string>();
  const benches: Bench[] = [];
  try {
    const stages = new Map<string, Bench>();
    for (const subject of stageSubjects(target, options.root)) {
      const bench = await benchOf(subject, chosen.target, options.root);
      benches.push(bench);
      subject.kernels.forEach((k) => stages.set(k, bench));
    }
    const all: { bench: Bench; kernel: string; mutant: Mutant }[] = [];
    for (const subject of subjects) {
      const bench = await benchOf(subject, chosen.target, options.root);
      benches.push(bench);
      all.push(...mutantsOfBench(bench, operatorsOf[target], seen).map((m) => ({ bench, ...m })));
    }
    const taken = sample(all, options.most ?? all.length, options.seed ?? 1);
    const verdicts: Verdict[] = [];
    await inParallel(taken, 2, async ({ bench, kernel, mutant }, i) => {
      verdicts[i] = await judgeTwice(bench, stages.get(kernel), kernel, mutant);
      options.onVerdict?.(verdicts[i]);
    });
    return verdicts;
  } finally {
    benches.forEach(closeBench);
  }
}

/** Where its kernel has a stage of its own, which is quick, a mutant goes there first; what survives it is run in its program. */
async function judgeTwice(bench: Bench, stage: Bench | undefined, kernel: string, mutant: Mutant): Promise<Verdict> {
  const alone = stage && (await judge(stage, kernel, mutant));
  return alone && alone.fate !== "survived" ? { ...alone, subject: bench.subject.name } : judge(bench, kernel, mutant);
}

export interface ClassCount {
  readonly kind: MutationClass | "all";
  /** Compiled, and not argued equivalent. */
  readonly mutants: number;
  readonly killed: number;
  readonly named: number;
}

/** Classes that have mutants, then all of them together. */
export function countByClass(verdicts: readonly Verdict[]): ClassCount[] {
  const counted = verdicts.filter((v) => v.fate !== "rejected" && v.fate !== "equivalent");
  const count = (kind: ClassCount["kind"], of: readonly Verdict[]): ClassCount => ({
    kind,
    mutants: of.length,
    killed: of.filter((v) => v.fate !== "survived").length,
    named: of.filter((v) => v.fate === "named").length,
  });
  const classes = mutationClasses
    .map((kind) =>
      count(
        kind,
        counted.filter((v) => v.mutant.kind === kind),
      ),
    )
    .filter((c) => c.mutants > 0);
  return [...classes, count("all", counted)];
}

/** The classes of which a violation must name most: what a rule of the chip forbids. */
export const ruled: Readonly<Record<"sync" | "bounds" | "overlap", readonly MutationClass[]>> = {
  sync: ["sync"],
  bounds: ["length", "off-by-one", "shrink", "capacity"],
  overlap: ["overlap"],
};

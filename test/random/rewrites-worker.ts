/**
 * A process that checks rewrites: `node rewrites-worker.js FROM TO` of random graphs, or `... FROM TO SET` of the cases of
 * a folder by position. One line of JSON before and after each.
 */
import { writeSync } from "node:fs";
import { print } from "../../src/ir/text/print.js";
import { readCases } from "../../src/suite/cases.js";
import { ours, theirs } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import { caseProgram } from "./case-program.js";
import { isDeadly } from "./faults.js";
import { randomProgram } from "./program.js";
import { checkPrimitiveRewrites, checkRewrites, type Subject } from "./rewrites.js";

const [from, to] = process.argv.slice(2).map(Number);
const folder = process.argv[4];
const say = (what: unknown): number => writeSync(1, `${JSON.stringify(what)}\n`);

async function tell(seed: number, name: string, subject: Subject | undefined): Promise<void> {
  if (!subject) return void say({ seed, name, passes: [], findings: [] });
  const passes = isDeadly(subject.graph, subject.symbols)
    ? []
    : [...(await checkRewrites(subject)), ...(await checkPrimitiveRewrites(subject))];
  const bad = passes.some((p) => p.fault !== undefined);
  say({ seed, name, passes, findings: [], ...(bad ? { text: print(subject.graph).slice(0, 4000) } : {}) });
}

function randomSubject(seed: number): Subject {
  const { graph, inputs, symbols } = randomProgram(seed, ours);
  const run = new BoundRun(theirs);
  run.graph(graph, inputs);
  return { graph, inputs, symbols, bound: (v) => run.bound(v) };
}

const cases = folder === undefined ? undefined : readCases(folder);
say({ seed: from, of: cases?.length });
for (let seed = from; seed < Math.min(to, cases?.length ?? to); seed++) {
  say({ seed });
  const one = cases?.[seed];
  await tell(seed, one?.name ?? `${seed}`, one ? caseProgram(one) : randomSubject(seed));
}
say({ end: true, seed: to });

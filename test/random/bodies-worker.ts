/** A process that checks programs with bodies: `node bodies-worker.js FROM TO`. One line of JSON a program, before and after. */
import { writeSync } from "node:fs";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { checkBodies } from "./check.js";
import { controlProgram } from "./control-program.js";
import { operatorsOf } from "./program.js";

const [from, to] = process.argv.slice(2).map(Number);
const say = (what: unknown): number => writeSync(1, `${JSON.stringify(what)}\n`);

for (let seed = from; seed < to; seed++) {
  say({ seed });
  const start = performance.now();
  const program = controlProgram(seed, ours);
  if (!program) continue;
  const told = await checkBodies(program);
  say({
    seed,
    chip: "",
    precision: program.precision,
    open: program.graph.symbols.length > 0,
    operators: operatorsOf(program.graph),
    ms: Math.round(performance.now() - start),
    ...told,
    schedules: [],
    primitives: [],
    ...(told.findings.length > 0 ? { text: print(program.graph) } : {}),
  });
}
say({ end: true, seed: to });

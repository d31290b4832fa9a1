/**
 * A process that checks programs: `node worker.js FROM TO`. One line of JSON a program, before and after: onnxruntime may
 * end the process, and then the last line says which program it was.
 */
import { writeSync } from "node:fs";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { check, machineName } from "./check.js";
import { machineOf, machines } from "./machines.js";
import { operatorsOf, randomProgram } from "./program.js";
import { bothSizes } from "./resized.js";

const [from, to] = process.argv.slice(2).map(Number);
const say = (what: unknown): number => writeSync(1, `${JSON.stringify(what)}\n`);

const chips = await machines();
for (let seed = from; seed < to; seed++) {
  say({ seed });
  const start = performance.now();
  const program = randomProgram(seed, ours);
  const machine = machineOf(seed, chips);
  const told = await check(program, machine);
  const [, other] = bothSizes(program);
  const again = other && (await check(other, machine));
  const sized = again?.findings.map((f) => ({ ...f, text: `at ${JSON.stringify(other.symbols)}: ${f.text}` })) ?? [];
  say({
    seed,
    chip: machineName(machine),
    precision: program.precision,
    open: program.graph.symbols.length > 0,
    operators: operatorsOf(program.graph),
    ms: Math.round(performance.now() - start),
    ...told,
    resized: other !== undefined,
    findings: [...told.findings, ...sized],
    ...(told.findings.length + sized.length > 0 ? { text: print((other ?? program).graph) } : {}),
  });
}
say({ end: true, seed: to });

/**
 * A process that runs batches on twins: `node twins-worker.js FROM TO SEEDS.json SIZE [bodies]`. Batch b takes group b / 3 of
 * the seeds to target b % 3, whose chips take turns; with `bodies` they are of programs that have such. One line of JSON before
 * and after each batch.
 */
import { readFileSync, writeSync } from "node:fs";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { machineName } from "./check.js";
import { controlProgram } from "./control-program.js";
import { chipsByTarget } from "./machines.js";
import { operatorsOf, randomProgram } from "./program.js";
import { bothSizes } from "./resized.js";
import { onTwin } from "./twins.js";

const [from, to] = process.argv.slice(2, 4).map(Number);
const seeds = JSON.parse(readFileSync(process.argv[4], "utf8")) as number[];
const size = Number(process.argv[5]);
const programsOf =
  process.argv[6] === "bodies"
    ? (seed: number) => [controlProgram(seed, ours) ?? []].flat()
    : (seed: number) => bothSizes(randomProgram(seed, ours));
const say = (what: unknown): number => writeSync(1, `${JSON.stringify(what)}\n`);

const targets = await chipsByTarget();
for (let batch = from; batch < to; batch++) {
  say({ seed: batch });
  const group = Math.floor(batch / targets.length);
  const chips = targets[batch % targets.length];
  const machine = chips[group % chips.length];
  const programs = seeds.slice(group * size, (group + 1) * size).flatMap(programsOf);
  const { results, kernels } = await onTwin(programs, machine);
  const failures = results.flatMap((r, i) =>
    r.findings.length > 0 ? [{ seed: r.seed, text: r.findings.map((f) => f.text).join("; "), graph: print(programs[i].graph) }] : [],
  );
  say({
    seed: batch,
    target: machine.target.name,
    chip: machineName(machine),
    kernels,
    programs: programs.length,
    refused: results.flatMap((r) => r.refused ?? []),
    schedules: results.flatMap((r) => r.schedules),
    calls: results.flatMap((r) => r.calls),
    operators: programs.flatMap((p) => operatorsOf(p.graph)),
    failures,
    findings: [],
  });
}
say({ end: true, seed: to });

/** `node shrink-cli.js SEED [--chip MLU370] [--folder F]`: a failing program made small, as text; in a folder also as ONNX with inputs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { print } from "../../src/ir/text/print.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { writeNpz } from "../../src/verify/npz.js";
import { ours } from "./accuracy.js";
import { check, machineName } from "./check.js";
import { machineOf, machines } from "./machines.js";
import { randomProgram } from "./program.js";
import { shrink } from "./shrink.js";

const { positionals, values } = parseArgs({ allowPositionals: true, options: { chip: { type: "string" }, folder: { type: "string" } } });
const seed = Number(positionals[0]);
const { chip, folder } = values;
const all = await machines();
const machine = all.find((m) => machineName(m) === chip) ?? machineOf(seed, all);
const program = randomProgram(seed, ours);
const { findings } = await check(program, machine);
if (findings.length === 0) {
  console.log(`seed ${seed} on ${machineName(machine)}: nothing differs`);
  process.exit(0);
}
const { kind } = findings[0];
const wanted = { reference: kind === "onnxruntime", tiles: kind !== "onnxruntime" && kind !== "evaluate" };
const small = await shrink(program, async (p) => (await check(p, machine, wanted)).findings.some((f) => f.kind === kind));
const told = await check(small, machine, wanted);
const sizes = Object.entries(small.symbols).map(([name, size]) => ` ${name}=${size}`);
console.log(`seed ${seed} on ${machineName(machine)}, ${small.precision}${sizes.join("")}\n${print(small.graph)}`);
console.log(told.findings.map((f) => `${f.kind}: ${f.text}`).join("\n"));
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "model.onnx"), Buffer.concat([...exportOnnx(small.graph)]));
  writeFileSync(join(folder, "inputs.npz"), writeNpz(new Map([...small.inputs].map(([v, t]) => [v.name, t]))));
}

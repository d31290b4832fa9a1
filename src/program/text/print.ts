/** A Program as text, kernels included: `parse.ts` reads it back. Buffers go by their number, %3. */
import { dimKey } from "../../base/dim.js";
import { condText } from "../../ir/text/print.js";
import { quote, spellFloat, spellName } from "../../ir/text/spelling.js";
import { printKernel } from "../../kernel/text/print.js";
import type { Act, CallAttr, Program, ProgramBuffer, ProgramSymbol, ProgramWeight, Step } from "../program.js";

export function printProgram(p: Program): string {
  const heads = [p.name, p.sdk].map(quote);
  const lines = [
    `program ${heads[0]} prefix ${p.prefix} for ${p.target} ${p.chip} ${heads[1]} ${p.precision}${p.allowHf32 ? " hf32" : ""} {`,
    ...indented([
      ...p.symbols.map(symbolText),
      ...p.guards.map((g) => `guard ${condText(g.when)} ${quote(g.message)}`),
      ...p.buffers.map(bufferText),
      ...p.weights.map(weightText),
      `inputs${p.inputs.map((id) => ` %${id}`).join("")}`,
      `outputs${p.outputs.map((id) => ` %${id}`).join("")}`,
      ...p.kernels.flatMap((k) => printKernel(k).trimEnd().split("\n")),
      ...p.steps.flatMap(stepLines),
    ]),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((l) => `  ${l}`);

function symbolText({ name, source, lo, hi }: ProgramSymbol): string {
  const from = source.kind === "extent" ? `extent ${source.axis} of ${quote(source.input)}` : "step";
  return `symbol ${spellName(name)} = ${from} in ${lo}..${Number.isFinite(hi) ? hi : "inf"}`;
}

function bufferText({ id, name, dtype, stored, shape, home, aliasOf }: ProgramBuffer): string {
  const type = `${dtype}${stored === dtype ? "" : ` as ${stored}`}[${shape.map(dimKey).join(", ")}]`;
  return `buffer %${id} ${quote(name)}: ${type} ${home}${aliasOf === undefined ? "" : ` of %${aliasOf}`}`;
}

function weightText({ buffer, from, pack }: ProgramWeight): string {
  return `weight %${buffer} ${pack} from ${quote(from.file)} ${from.offset} + ${from.length}`;
}

function stepLines(step: Step): readonly string[] {
  const head = `${step.op} ${quote(step.id)} from (${step.origin.map(quote).join(", ")})`;
  switch (step.op) {
    case "compute": {
      const other = step.alternate ? [`or ${actLines(step.alternate).join("\n")}`] : [];
      const alone = step.oneWay === undefined ? [] : [`one way: ${quote(step.oneWay)}`];
      return [head, ...indented([...actLines(step.act), ...other.flatMap((l) => l.split("\n")), ...alone])];
    }
    case "read":
      return [`${head} %${step.from} to %${step.to} {${step.symbols.map((s) => `${spellName(s.name)} = ${s.at}`).join(", ")}}`];
    case "write":
      return [`${head} %${step.to} = ${dimKey(step.value)}`];
    case "let":
      return [`${head} {${step.symbols.map((s) => `${spellName(s.name)} = ${dimKey(s.value)}`).join(", ")}}`];
    case "bind":
      return [`${head} {${step.pairs.map(([a, b]) => `%${a} = %${b}`).join(", ")}}`];
    case "branch":
      return [
        `${head} when ${condText(step.when)} {`,
        ...indented(step.then.flatMap(stepLines)),
        "} otherwise {",
        ...indented(step.otherwise.flatMap(stepLines)),
        "}",
      ];
    case "loop":
      return [`${head} when ${condText(step.when)} {`, ...indented(step.body.flatMap(stepLines)), "}"];
    default:
      throw step satisfies never;
  }
}

function actLines(act: Act): readonly string[] {
  const list = (ids: readonly (number | null)[]): string => `(${ids.map((id) => (id === null ? "_" : `%${id}`)).join(", ")})`;
  switch (act.op) {
    case "call": {
      const as = act.operator === act.row ? "" : ` for ${quote(act.operator)}`;
      const then = act.then === undefined ? "" : ` then ${quote(act.then)}`;
      const attrs = Object.entries(act.attrs).map(([name, a]) => `${spellName(name)}=${attrText(a)}`);
      const orders = act.orders ? ` orders (${act.orders.map((o) => (o ? `[${o.join(", ")}]` : "_")).join(", ")})` : "";
      return [`call ${quote(act.row)}${as}${then} ${list(act.inputs)} -> ${list(act.outputs)}${orders} {${attrs.join(", ")}}`];
    }
    case "launch":
      return [`launch ${spellName(act.kernel)}${list(act.buffers)} [${act.ints.map(dimKey).join(", ")}] items ${dimKey(act.parallelism)}`];
    case "copy":
      return [`copy %${act.from} to %${act.to} at ${dimKey(act.at)} bytes ${dimKey(act.bytes)}`];
    case "region":
      return ["{", ...indented(act.body.flatMap(actLines)), "}"];
    default:
      throw act satisfies never;
  }
}

/** Each kind under its name: a list without elements says what it is a list of. */
function attrText(a: CallAttr): string {
  switch (a.kind) {
    case "int":
      return `int ${a.value}`;
    case "float":
      return `float ${spellFloat(a.value)}`;
    case "text":
      return `text ${quote(a.value)}`;
    case "ints":
      return `ints [${a.value.join(", ")}]`;
    case "floats":
      return `floats [${a.value.map(spellFloat).join(", ")}]`;
    case "texts":
      return `texts [${a.value.map(quote).join(", ")}]`;
    case "dims":
      return `dims [${a.value.map(dimKey).join(", ")}]`;
    default:
      throw a satisfies never;
  }
}

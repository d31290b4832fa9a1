/** A report says of every node what compile then does: one truth, read off the same steps. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assessModel } from "../../src/api/assess.js";
import type { ChipReport, ModelReport } from "../../src/assess/report.js";
import { compile, type Compiled } from "../../src/api/compile.js";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { operator } from "./models.js";

const chips = ["Ascend310P3", "Ascend910B2", "Ascend910B4", "Ascend910_9392", "MLU370-X8", "MLU590", "R200", "P800"];
const sample = (name: string): string => join("samples", name, `${name.replaceAll("-", "_")}.onnx`);

async function reportOn(model: string | Uint8Array, dims?: ReadonlyMap<string, number>): Promise<ModelReport> {
  const { report, diagnostics } = await assessModel(model, { chips, ...(dims && { dims }) });
  if (!report) throw new Error(diagnostics.map((d) => d.message).join("\n"));
  return report;
}

/** The ways of compile's own steps, by the names of nodes. */
function kindsOf({ plan, emitted }: Compiled): ReadonlyMap<string, ReadonlySet<string>> {
  const kinds = new Map(emitted.steps.map((s) => [s.step, s.act.kind]));
  const out = new Map<string, Set<string>>();
  const visit = (steps: Compiled["plan"]["program"]["steps"]): void => {
    for (const s of steps) {
      for (const name of s.origin) out.set(name, (out.get(name) ?? new Set()).add(s.op === "compute" ? (kinds.get(s.id) ?? "") : "host"));
      if (s.op === "branch") [s.then, s.otherwise].forEach(visit);
      if (s.op === "loop") visit(s.body);
    }
  };
  visit(plan.program.steps);
  return out;
}

const spelt = { library: "call", kernel: "kernel", scalar: "scalar", copy: "copy", host: "host" } as const;

function expectAgreement(report: ModelReport, chip: ChipReport, compiled: Compiled): void {
  const kinds = kindsOf(compiled);
  report.nodes.forEach(({ name }, i) => {
    const { how } = chip.ways[chip.nodes?.[i] ?? -1];
    const own = [...(kinds.get(name) ?? [])].map((k) => spelt[k as keyof typeof spelt]);
    if (own.length === 0) expect(how, `${chip.chip} ${name}`).toBe("folded");
    else expect(own, `${chip.chip} ${name}`).toContain(how);
  });
}

test.each(["conv-net", "attention-block", "broadcast-relu"])("%s", async (name) => {
  const report = await reportOn(sample(name));
  for (const chip of report.chips) {
    const { compiled } = await compile(sample(name), { target: chip.target ?? "" });
    expect(compiled, chip.chip).toBeDefined();
    if (!compiled) continue;
    expectAgreement(report, chip, compiled);
    expect(chip.steps.map((s) => s.id)).toEqual(compiled.emitted.steps.map((s) => s.step));
    expect(["ready", "uncertain"]).toContain(chip.verdict);
  }
});

test("what compile refuses is no ready, and what it says is repeated word for word", async () => {
  const bytes = operator("Strange", { domain: "com.nobody" });
  const report = await reportOn(bytes);
  for (const chip of report.chips) {
    const { ok, diagnostics } = await compile(bytes, { target: chip.target ?? "" });
    expect(ok).toBe(false);
    expect(chip.verdict).toBe("kernels");
    expect(chip.diagnostics).toEqual(
      diagnostics.filter((d) => d.severity === "error").map(({ location, ...d }) => ({ ...d, location: { node: location?.node } })),
    );
  }
});

test("a report is the same bytes twice, and speaks of no clock and no folder", async () => {
  const text = async (): Promise<string> => JSON.stringify(await reportOn(readFileSync(sample("conv-net"))));
  const first = await text();
  expect(await text()).toBe(first);
  expect(first).not.toContain(process.cwd());
});

test.each([
  ["no node", {}],
  ["no output", { input: [info("x", [2])], node: [node("Relu", ["x"], ["y"])] }],
  ["an output that is an input", { input: [info("x", [2])], output: [info("x", [2])] }],
])("a graph of %s is as ready as compile makes it", async (_, graph) => {
  const bytes = modelBytes({ graph });
  for (const chip of (await reportOn(bytes)).chips) {
    expect((await compile(bytes, { target: chip.target ?? "" })).ok).toBe(true);
    expect(chip.verdict, chip.chip).toBe("ready");
  }
});

/**
 * Line 27: every model there is on chips of all vendors beside a card of CUDA's: seconds for all chips, and whether the report says
 * of each node what compile then does.
 */
import { frozenModels, fetchModel, models } from "../models.mjs";
import { exportedModels } from "./exports.mjs";
import { figure } from "./measure.mjs";

const chips = ["Ascend310P3", "Ascend910B2", "Ascend910B4", "Ascend910_9392", "Ascend950PR", "MLU370-X8", "MLU590", "R200", "P800"];
const ways = { library: "call", kernel: "kernel", scalar: "scalar", copy: "copy" };

export async function assessModels(api, check, { only } = {}) {
  const fetched = [...models, ...frozenModels].map(({ name, freeze = {} }) => ({
    name,
    model: fetchModel(name),
    freeze: new Map(Object.entries(freeze)),
  }));
  const exported = exportedModels().map((e) => ({ ...e, freeze: new Map() }));
  const wanted = [...fetched, ...exported].filter(({ name }) => !only || only.some((o) => name.startsWith(o)));
  let total = 0;
  for (const { name, model, freeze } of wanted) {
    const start = performance.now();
    const { report, diagnostics } = await api.assessModel(model, { chips, baseline: "A100", freeze });
    const seconds = (performance.now() - start) / 1000;
    total += seconds;
    if (!report) {
      check(figure(27, name, diagnostics[0]?.message, "a report", false));
      continue;
    }
    check(figure(27, `${name} (${report.model.nodes} nodes), seconds for ${chips.length} chips`, seconds.toFixed(1), "< 10", seconds < 10));
    for (const chip of report.chips.filter((c) => c.target)) {
      const wrong = disagreements(report, chip, await api.compile(model, { target: chip.target, freeze }));
      const what = `${name} on ${chip.chip}: ${chip.verdict}, nodes of which compile does something else`;
      check(figure(27, what, wrong.length === 0 ? "0" : wrong.slice(0, 3).join("; "), "0", wrong.length === 0));
    }
  }
  if (!only) check(figure(27, `all ${wanted.length} models, seconds`, total.toFixed(1), "< 360", total < 360));
}

function disagreements({ nodes }, chip, { ok, compiled, diagnostics }) {
  if (!ok) {
    const first = diagnostics.find((d) => d.severity === "error");
    const told = chip.diagnostics.some((d) => d.code === first.code && d.message === first.message);
    return told && ["rewrites", "kernels", "blocked", "refused"].includes(chip.verdict) ? [] : [`compile says ${first.code}`];
  }
  const kinds = kindsOf(compiled);
  return nodes.flatMap(({ name }, i) => {
    const { how } = chip.ways[chip.nodes[i]];
    const own = kinds.get(name) ?? new Set(["folded"]);
    return own.has(how) ? [] : [`${name} is ${how}, not ${[...own].join(" or ")}`];
  });
}

/** How each node is carried out, by the steps that came of it. */
function kindsOf({ plan, emitted }) {
  const texts = new Map(emitted.steps.map((s) => [s.step, s.act.kind]));
  const out = new Map();
  const visit = (steps) => {
    for (const s of steps) {
      for (const name of s.origin) out.set(name, (out.get(name) ?? new Set()).add(s.op === "compute" ? ways[texts.get(s.id)] : "host"));
      if (s.op === "branch") [s.then, s.otherwise].forEach(visit);
      if (s.op === "loop") visit(s.body);
    }
  };
  visit(plan.program.steps);
  return out;
}

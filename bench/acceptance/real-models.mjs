/**
 * Line 2: the ten real models on the twins of all chips, in fp32 and fp16, against onnxruntime; how much of the
 * generated kernels' work was scalar; and one bundle at several sizes.
 */
import { fetchModel, models } from "../models.mjs";
import { feedsFor, page, textLine } from "../inputs.mjs";

const defaults = ["cann:Ascend910B2", "bang:MLU590", "kunlun:P800"];
const others = ["cann:Ascend910_9392", "bang:MLU370", "kunlun:R200"];
const alsoOnOthers = new Set(["det", "rec", "hey_mycroft"]);

function chipsFor(name, precision) {
  const chips = [...defaults, ...(alsoOnOthers.has(name) ? others : [])];
  return precision === "fp16" ? [...chips, "cann:Ascend310P3"] : chips;
}

/** @param check collects { line, what, value, floor, ok } */
export async function realModels(api, check, { only, precisions = ["fp32", "fp16"], chips } = {}) {
  for (const { name } of models) {
    if (only && !only.includes(name)) continue;
    for (const precision of precisions) {
      const wanted = chips ?? chipsFor(name, precision);
      const inputs = feedsFor(name);
      const result = await api.verify(fetchModel(name), { target: wanted.join(","), precision, inputs });
      for (const d of result.diagnostics ?? [])
        if (d.severity === "error") check({ line: 2, what: `${name} ${precision}: ${d.code}: ${d.message}`, value: "failed", ok: false });
      for (const v of result.verdicts ?? []) judge(name, precision, v, check);
    }
  }
}

function judge(name, precision, v, check) {
  const label = `${name} ${precision} ${v.target}:${v.chip}`;
  if (v.outputs.length === 0) {
    check({
      line: 2,
      what: label,
      value: v.diagnostics
        .map((d) => `${d.code}: ${d.message}`)
        .join("; ")
        .slice(0, 300),
      ok: false,
    });
    return;
  }
  for (const o of v.outputs) {
    if (o.reason !== undefined && o.cosine === null) {
      check({ line: 2, what: label, value: `${o.name}: ${o.reason}`, ok: false });
      continue;
    }
    const error = o.maxAbs / o.range;
    const spread = o.deviation / o.range;
    const ok = precision === "fp32" ? o.cosine >= 0.99999 && error <= 1e-3 : o.cosine >= 0.999;
    check({
      line: 2,
      what: label,
      value: `cosine ${o.cosine.toFixed(7)}, max error ${error.toExponential(2)} of range, deviation ${(100 * spread).toFixed(1)} % of range`,
      ok: ok && spread > 0.01,
    });
  }
  const kinds = v.compiled.emitted.steps.map((s) => s.act.kind);
  if (kinds.includes("host")) check({ line: 2, what: `${label}: host steps`, value: kinds.filter((k) => k === "host").length, ok: false });
  const total = Object.values(v.outcome?.profile?.kernels ?? {}).reduce(
    (a, k) => ({
      moved: a.moved + k.dmaBytes / 4,
      scalar: a.scalar + k.scalarGlobal,
      lanes: a.lanes + k.lanesBusy,
      single: a.single + k.laneLoopLanes,
    }),
    { moved: 0, scalar: 0, lanes: 0, single: 0 },
  );
  const scalar = total.scalar / Math.max(1, total.moved);
  const single = total.single / Math.max(1, total.lanes + total.single);
  const text = `scalar global ${(100 * scalar).toFixed(4)} % of elements moved, lane loops ${(100 * single).toFixed(3)} % of lane work`;
  check({ line: 2, what: label, value: text, ok: scalar < 0.001 && single < 0.01 });
}

/** One det bundle serves 320x320 and 640x480; one rec bundle serves widths 320 and 333. */
export async function dynamicSizes(api, check, { chips = defaults } = {}) {
  const runs = [
    ["det", [page(320, 320, 3), page(480, 640, 4)]],
    ["rec", [textLine(48, 320, 1), textLine(48, 333, 2)]],
  ];
  for (const [name, images] of runs) {
    const inputs = images.map((t) => new Map([["x", t]]));
    const result = await api.verify(fetchModel(name), { target: chips.join(","), inputs });
    for (const d of result.diagnostics ?? [])
      if (d.severity === "error") check({ line: 2, what: `${name} dynamic: ${d.code}: ${d.message}`, value: "failed", ok: false });
    for (const v of result.verdicts ?? []) {
      const o = v.outputs[0];
      const value = o?.cosine
        ? `cosine ${o.cosine.toFixed(7)} over ${images.map((t) => t.shape.slice(2).join("x")).join(" and ")}`
        : v.diagnostics
            .map((d) => d.message)
            .join("; ")
            .slice(0, 300);
      check({ line: 2, what: `${name}: one bundle, two sizes, ${v.target}:${v.chip}`, value, ok: v.ok });
    }
  }
}

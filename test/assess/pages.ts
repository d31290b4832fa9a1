/** Reports made by hand for pages: every verdict, every way, and names that would break out if they could. */
import type { ChipReport, How, ModelReport, StepReport, WorkItem } from "../../src/assess/report.js";
import { said } from "../../src/words/words.js";

/** Ends elements, opens others, quotes, steers a terminal, and turns the direction of text. */
export const evil = `</style></script><script>alert(1)</script>"' onload='x\u001b[31m\u202e\u05d0&amp;`;

const hows: readonly How[] = ["call", "kernel", "copy", "folded", "scalar", "host", "undecided", "refused"];

function step(i: number): StepReport {
  const seconds = { lo: 1e-6 * (i + 1), hi: 2e-5 * (i + 1) };
  return {
    id: `step_${i}`,
    origin: [`n${i}`, evil],
    how: hows[i % 5],
    flops: 1e6 * i,
    bytes: 4096 + i,
    starts: 1,
    seconds,
    bound: i % 2 === 0 ? "launch" : "bandwidth",
  };
}

const memory = {
  ...{ weights: 4e9, arena: 1e6, inputs: 100, outputs: 200, state: 0, total: 4_001_000_300 },
  ...{ device: 2 ** 31, devices: 2, devicesPerCard: 2 },
  over: [{ symbol: evil, points: [1, 2, 4].map((at) => ({ at, bytes: 4e9 + 1e6 * at })) }],
};

export function chip(name: string, more: Partial<ChipReport> = {}): ChipReport {
  return {
    ...{
      chip: name,
      vendor: "Huawei",
      status: "shipping",
      target: `cann:${name}`,
      verdict: "ready",
      why: [said("verdict.ready", { n: 9 })],
      diagnostics: [],
    },
    ways: hows.map((how) => ({
      ...{ how, types: ["f16"], calls: how === "call" ? ["aclnnMatmul"] : [] },
      ...(how === "call" && { evidence: "E1" as const, sources: ["hicann/ops-nn aclnn_matmul.h (8.0)"] }),
      ...(how === "kernel" && { evidence: "E0" as const, unwitnessed: [evil], why: evil }),
      ...(how === "refused" && { why: `unsupported-op: ${evil}` }),
    })),
    nodes: Array.from({ length: 24 }, (_, i) => i % hows.length),
    coverage: { nodes: 0.75, operators: 0.5, flops: null, bytes: null },
    steps: Array.from({ length: 12 }, (_, i) => step(i)),
    memory,
    performance: {
      seconds: { lo: 1e-5, hi: 1e-3 },
      shares: { compute: 0, bandwidth: 0.4, launch: 0.6 },
      basis: "none",
      measurements: 0,
      notes: [said("performance.no-measurement", { chip: name })],
    },
    precision: [said("precision.products", { types: "f16 ×3" })],
    ...more,
  };
}

/** Of a chip for which nothing could be compiled. */
export const bare: Partial<ChipReport> = { steps: [], memory: null, performance: null, precision: [], coverage: null };

export const kernelFor = (op: string, chips: readonly string[], more: Partial<WorkItem> = {}): WorkItem => ({
  ...{
    kind: "kernel",
    mandatory: true,
    what: said("work.kernel", { op, n: 3, why: `${op} "${evil}": no meaning` }),
    chips,
    nodes: 3,
    share: null,
  },
  ...{ days: { lo: 2, hi: 15 }, basis: said("work.basis.kernel") },
  ...more,
});

export function report(more: Partial<ModelReport> = {}): ModelReport {
  const chips = [
    chip("Ascend910B2"),
    chip("Ascend910B4", { verdict: "uncertain", why: [said("verdict.unwitnessed", { n: 1, all: 9, names: evil })] }),
    chip("MLU590", { vendor: "Cambricon", verdict: "kernels", why: [said("verdict.kernels", { n: 2 })], ...bare }),
    {
      ...chip("Ascend950PR", { verdict: "documented", why: [said("verdict.documented", { chip: "Ascend950PR" })], ...bare }),
      target: undefined,
    },
    { ...chip("Nobody's", { status: "rumoured", verdict: "unknown", ways: [], ...bare }), nodes: undefined },
  ] as ChipReport[];
  return {
    ...{ schemaVersion: 2, kind: "model", generator: "portolan 0" },
    model: {
      name: `m${evil}.onnx`,
      bytes: 1000,
      sha256: "0".repeat(64),
      beside: [],
      opset: 17,
      nodes: 24,
      weights: 3,
      weightBytes: 4e9,
      inputs: [`${evil}: f32[N]`],
      outputs: ["y: f32[N]"],
    },
    options: {
      chips: chips.map((c) => c.chip),
      precision: "fp32",
      shapes: [],
      dims: [],
      freeze: [],
      variants: [],
      weights: false,
      calibration: null,
    },
    ...{ sizes: { [evil]: 4 }, sizesAre: "chosen" },
    nodes: Array.from({ length: 24 }, (_, i) => ({
      name: i === 3 ? evil : `n${i}`,
      op: i % 6 === 5 ? evil : `Op${i % 6}`,
      reads: [i - 1],
    })),
    ends: [23],
    chips,
    work: [
      kernelFor("Odd", ["MLU590"]),
      { ...kernelFor("Odd", ["Ascend910B4"]), kind: "proof", mandatory: false, what: said("work.proof", { count: 1, names: evil }) },
    ],
    layers: [
      { name: evil, op: "MatMul", largest: 3, halves: 70, eightBits: null, input: null, risks: [said("layer.eight-bits", { value: 12 })] },
    ],
    variants: [
      { what: "precision=fp16", diagnostics: [], chips: [{ chip: "Ascend910B2", verdict: "ready", nodes: 1, bytes: 2e9, seconds: null }] },
    ],
    diagnostics: [{ code: "odd", severity: "warning", message: evil }],
    facts: { newest: "2026-11-29", expires: "2027-05-28" },
    ...more,
  } as ModelReport;
}

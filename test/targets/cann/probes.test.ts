/**
 * The six probe kernels, written by hand, on the twin against plain arithmetic; then the same kernels broken in one
 * place each, which the twin must catch under the rule that was broken.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat } from "../../../src/base/float-formats.js";
import type { TensorData } from "../../../src/base/tensor.js";
import { build, hasCompiler, root, type KernelText, type Program } from "./twin.js";

interface Probe {
  readonly file: string;
  readonly name: string;
  readonly blocks: number;
  readonly inputs: readonly TensorData[];
  readonly outputs: readonly TensorData[];
  readonly ints: readonly number[];
  /** Largest difference, relative to 1 or to the value. */
  readonly tolerance: number;
}

let seed = 7;
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 1073741824 - 1;
const floats = (n: number) => Float32Array.from({ length: n }, random);
const halves = (n: number) => Uint16Array.from({ length: n }, () => encodeFloat("f16", random()));
const wide = (x: Uint16Array) => Float64Array.from(x, (v) => decodeFloat("f16", v));

function addProbe(): Probe {
  const [rows, cols] = [67, 131];
  const [a, b] = [floats(rows * cols), floats(cols)];
  const y = a.map((x, i) => Math.max(0, Math.fround(x + b[i % cols])));
  return { file: "add.cpp", name: "probe_add", blocks: 48, inputs: [a, b], outputs: [y], ints: [rows, cols], tolerance: 0 };
}

function softmaxProbe(): Probe {
  const [rows, cols] = [40, 6625];
  const x = floats(rows * cols);
  const y = new Float32Array(x.length);
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * cols, (r + 1) * cols);
    const top = row.reduce((m, v) => Math.max(m, v));
    const e = Float64Array.from(row, (v) => Math.exp(v - top));
    const sum = e.reduce((s, v) => s + v);
    e.forEach((v, c) => (y[r * cols + c] = v / sum));
  }
  return { file: "softmax.cpp", name: "probe_softmax", blocks: 40, inputs: [x], outputs: [y], ints: [rows, cols], tolerance: 1e-5 };
}

function transposeProbe(type: "f32" | "f16"): Probe {
  const [rows, cols] = [67, 131];
  const x = type === "f32" ? floats(rows * cols) : halves(rows * cols);
  const y = x.slice();
  x.forEach((v, i) => (y[(i % cols) * rows + Math.floor(i / cols)] = v));
  const file = type === "f32" ? "transpose.cpp" : "transpose-half.cpp";
  return { file, name: `probe_transpose_${type}`, blocks: 9, inputs: [x], outputs: [y], ints: [rows, cols], tolerance: 0 };
}

function whereProbe(): Probe {
  const n = 5003;
  const c = Uint8Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : 1));
  const [x, z] = [floats(n), floats(n)];
  z.forEach((_, i) => i % 7 === 0 && (z[i] = i % 2 ? Infinity : -Infinity));
  const m = c.map((v, i) => (v && x[i] > 0 ? 1 : 0));
  const y = x.map((v, i) => (m[i] ? v : z[i]));
  return { file: "where.cpp", name: "probe_where", blocks: 2, inputs: [c, x, z], outputs: [y, m], ints: [n], tolerance: 0 };
}

function sumProbe(): Probe {
  const x = floats(1_000_000);
  const y = Float32Array.of(x.reduce((s, v) => s + v, 0));
  return { file: "sum.cpp", name: "probe_sum", blocks: 1, inputs: [x], outputs: [y], ints: [x.length], tolerance: 1e-3 };
}

function layernormProbe(): Probe {
  const [rows, cols] = [13, 120];
  const [x, g, b] = [halves(rows * cols), halves(cols), halves(cols)];
  const [xs, gs, bs] = [x, g, b].map(wide);
  const y = new Uint16Array(x.length);
  for (let r = 0; r < rows; r++) {
    const row = xs.subarray(r * cols, (r + 1) * cols);
    const mean = row.reduce((s, v) => s + v) / cols;
    const deviation = Math.sqrt(row.reduce((s, v) => s + (v - mean) ** 2, 0) / cols + 1e-5);
    row.forEach((v, c) => (y[r * cols + c] = encodeFloat("f16", ((v - mean) / deviation) * gs[c] + bs[c])));
  }
  return {
    file: "layernorm.cpp",
    name: "probe_layernorm",
    blocks: 13,
    inputs: [x, g, b],
    outputs: [y],
    ints: [rows, cols],
    tolerance: 2e-3,
  };
}

const probes = [addProbe(), softmaxProbe(), transposeProbe("f32"), transposeProbe("f16"), whereProbe(), sumProbe(), layernormProbe()];
const textOf = (probe: Probe) => readFileSync(join(root, "test/targets/cann/probes", probe.file), "utf8");

/** One change to a probe's text, and the rules of which the twin must name one. */
interface Mutant {
  readonly probe: string;
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly rules: readonly string[];
}

const mutants: readonly Mutant[] = [
  {
    probe: "probe_add",
    what: "no barrier between dependent instructions",
    from: "    PipeBarrier<PIPE_V>();\n",
    to: "",
    rules: ["in-flight-read"],
  },
  { probe: "probe_add", what: "a wait without its set", from: "  SetFlag<HardEvent::MTE2_V>(0);\n", to: "", rules: ["event"] },
  {
    probe: "probe_add",
    what: "a set without its wait",
    from: "  WaitFlag<HardEvent::MTE2_V>(0);\n",
    to: "",
    rules: ["in-flight-read", "event"],
  },
  {
    probe: "probe_add",
    what: "a row too many",
    from: "begin + perCore < rows ? begin + perCore : rows;",
    to: "begin + perCore;",
    rules: ["out-of-bounds"],
  },
  {
    probe: "probe_add",
    what: "cores overlap by a row",
    from: "const int32_t end = begin + perCore <",
    to: "const int32_t end = begin + perCore + 1 > rows ? rows : begin + perCore + 1 <",
    rules: ["race", "out-of-bounds"],
  },
  { probe: "probe_add", what: "a misaligned operand", from: "Relu(z, z, cols)", to: "Relu(z[1], z[1], cols)", rules: ["misaligned"] },
  {
    probe: "probe_add",
    what: "more lanes than were loaded",
    from: "Relu(z, z, cols)",
    to: "Relu(z, z, kTile + 1)",
    rules: ["out-of-bounds"],
  },
  {
    probe: "probe_add",
    what: "lanes of which nothing wrote any",
    from: "Relu(z, z, cols);",
    to: "Relu(z, z, cols);\n    Relu(z[1024], z[1024], 64);",
    rules: ["uninitialised-read"],
  },
  { probe: "probe_add", what: "buffers beyond the unified buffer", from: "kTile = 2048", to: "kTile = 20480", rules: ["capacity"] },
  { probe: "probe_add", what: "a queue's buffer never given back", from: "    in.FreeTensor(x);\n", to: "", rules: ["event", "leak"] },
  {
    probe: "probe_add",
    what: "a tensor used after it was given back",
    from: "    Add(z, x, row, cols);",
    to: "    in.FreeTensor(x);\n    Add(z, x, row, cols);",
    rules: ["use-after-free"],
  },
  { probe: "probe_add", what: "the store reads what nothing wrote", from: "    Relu(z, z, cols);\n", to: "", rules: [] },
  {
    probe: "probe_add",
    what: "copies go the other way",
    from: "DataCopyPad(yGm[r * cols], z, {1, bytes, 0, 0, 0});",
    to: "DataCopyPad(z, yGm[r * cols], {1, bytes, 0, 0, 0}, {false, 0, 0, 0.0f});",
    rules: ["uninitialised-read", "in-flight-read"],
  },
  {
    probe: "probe_add",
    what: "a shorter copy in",
    from: "aGm[r * cols], {1, bytes, 0",
    to: "aGm[r * cols], {1, bytes - 4, 0",
    rules: ["uninitialised-read"],
  },
  {
    probe: "probe_add",
    what: "two Adds of partly overlapping ranges",
    from: "Add(z, x, row, cols)",
    to: "Add(z[8], z, row, cols)",
    rules: ["dma-rule", "uninitialised-read"],
  },
  {
    probe: "probe_softmax",
    what: "the scalar reads before the vector unit is done",
    from: "    Sync<HardEvent::V_S>();\n    const float top",
    to: "    const float top",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_softmax",
    what: "no barrier after Exp",
    from: "    Exp(e, e, cols);\n    PipeBarrier<PIPE_V>();\n",
    to: "    Exp(e, e, cols);\n",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_softmax",
    what: "a reduction over lanes nothing wrote",
    from: "ReduceSum(value, e, work, cols)",
    to: "ReduceSum(value, e, work, cols + 8)",
    rules: ["uninitialised-read"],
  },
  {
    probe: "probe_softmax",
    what: "too little workspace",
    from: "InitBuffer(workBuffer, 2048)",
    to: "InitBuffer(workBuffer, 64)",
    rules: ["out-of-bounds"],
  },
  {
    probe: "probe_transpose_f32",
    what: "an offset past the tile",
    from: "pitch * sizeof(T)), rows);",
    to: "pitch * sizeof(T) * 2), rows);",
    rules: ["out-of-bounds", "uninitialised-read"],
  },
  {
    probe: "probe_transpose_f32",
    what: "offsets between elements",
    from: "static_cast<uint32_t>(c * sizeof(T))",
    to: "static_cast<uint32_t>(c * sizeof(T) + 2)",
    rules: ["misaligned", "out-of-bounds"],
  },
  {
    probe: "probe_where",
    what: "compared lanes that are no whole repeat",
    from: "CMPMODE::GT, kTile)",
    to: "CMPMODE::GT, count)",
    rules: ["dma-rule"],
  },
  {
    probe: "probe_where",
    what: "a tile begins while the one before, in the queue's other buffer, is at work",
    from: "    PipeBarrier<PIPE_V>();  // halves and bits of the tile before\n",
    to: "",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_where",
    what: "a conversion that does not exist",
    from: "Cast(halves, cs, RoundMode::CAST_NONE",
    to: "Cast(halves, cs, RoundMode::CAST_TRUNC",
    rules: ["dma-rule"],
  },
  {
    probe: "probe_sum",
    what: "no barrier between the sums",
    from: "    PipeBarrier<PIPE_V>();\n    Add",
    to: "    Add",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_sum",
    what: "the store does not wait for the sum",
    from: "  SetFlag<HardEvent::V_MTE3>(0);\n  WaitFlag<HardEvent::V_MTE3>(0);\n",
    to: "",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_sum",
    what: "sums that start from nothing",
    from: "  Duplicate(sums, 0.0f, kTile);\n",
    to: "",
    rules: ["uninitialised-read"],
  },
  {
    probe: "probe_layernorm",
    what: "the scalar unit is not waited for",
    from: "  Sync<HardEvent::MTE2_V>();\n",
    to: "",
    rules: ["in-flight-read"],
  },
  {
    probe: "probe_layernorm",
    what: "more event ids than there are",
    from: "pipe.InitBuffer(in, 2,",
    to: "pipe.InitBuffer(in, 9,",
    rules: ["event"],
  },
];

const toKernel = (probe: Probe, text = textOf(probe), suffix = ""): KernelText => ({
  name: probe.name + suffix,
  text: text.replaceAll(probe.name, probe.name + suffix),
  pointers: probe.inputs.length + probe.outputs.length,
  ints: probe.ints.length,
});

const run = (program: Program, probe: Probe, suffix = "") =>
  program.run(
    probe.name + suffix,
    probe.blocks,
    [...probe.inputs.map((data) => ({ data })), ...probe.outputs.map((data) => ({ data, output: true }))],
    probe.ints,
  );

function worstOf(probe: Probe, outputs: readonly Uint8Array[]): number {
  let worst = 0;
  probe.outputs.forEach((want, k) => {
    const bytes = outputs[probe.inputs.length + k].slice().buffer;
    const got =
      want instanceof Float32Array
        ? new Float32Array(bytes)
        : want instanceof Uint16Array
          ? wide(new Uint16Array(bytes))
          : new Uint8Array(bytes);
    const expected = want instanceof Uint16Array ? wide(want) : (want as Float32Array | Uint8Array);
    expected.forEach(
      (w, i) => Object.is(got[i], w) || (worst = Math.max(worst, got[i] === w ? 0 : Math.abs(got[i] - w) / Math.max(1, Math.abs(w)))),
    );
  });
  return worst;
}

/** The sum of rows as their greater one, and every block doing the work of all. */
const add = addProbe();
const greater = toKernel(add, textOf(add).replace("Add(z, x, row, cols)", "Max(z, x, row, cols)"), "_greater");
const whole = toKernel(add, textOf(add).replace("begin + perCore < rows ? begin + perCore : rows", "rows"), "_whole");
const variants = [greater, whole];

describe.skipIf(!hasCompiler())("probe kernels", () => {
  let program: Program;
  beforeAll(() => {
    const broken = mutants.map((m, i) => {
      const probe = probes.find((p) => p.name === m.probe) as Probe;
      const text = textOf(probe);
      expect(text, m.what).toContain(m.from);
      return toKernel(
        probe,
        text.replace(m.from, () => m.to),
        `_m${i}`,
      );
    });
    program = build([...probes.map((p) => toKernel(p)), ...broken, ...variants], ["-Wno-unused-variable", "-Wno-unused-but-set-variable"]);
  });
  afterAll(() => program?.dispose());

  test.each(probes.map((p) => [p.name, p] as const))("%s computes what it says", (_, probe) => {
    const got = run(program, probe);
    expect(got.violation).toBeUndefined();
    expect(got.status).toBe(0);
    expect(worstOf(probe, got.outputs)).toBeLessThanOrEqual(probe.tolerance);
  });

  test.each(mutants.map((m, i) => [`${m.probe}: ${m.what}`, m, i] as const))("%s", (_, mutant, i) => {
    const probe = probes.find((p) => p.name === mutant.probe) as Probe;
    const got = run(program, probe, `_m${i}`);
    if (mutant.rules.length > 0) expect(mutant.rules).toContain(got.violation?.violation);
    else expect(got.status === 0 ? worstOf(probe, got.outputs) : Infinity).toBeGreaterThan(probe.tolerance);
    if (got.violation && got.violation.violation !== "race") expect(got.violation.line).toBeGreaterThanOrEqual(0);
  });

  test("what Max makes of NaN is not documented: the twin gives the other operand", () => {
    const [a, b] = add.inputs as readonly Float32Array[];
    const holed = a.map((x, i) => (i % 5 === 0 ? NaN : x));
    const want = holed.map((x, i) => Math.max(0, Number.isNaN(x) ? b[i % b.length] : Math.max(x, b[i % b.length])));
    const probe = { ...add, inputs: [holed, b], outputs: [want] };
    expect(worstOf(probe, run(program, probe, "_greater").outputs)).toBe(0);
  });

  test("PORTOLAN_TWIN=one-block: one block has the share of all", () => {
    expect(run(program, add, "_whole").violation?.violation).toBe("race");
    process.env.PORTOLAN_TWIN = "one-block";
    try {
      expect(worstOf(add, run(program, add, "_whole").outputs)).toBe(0);
    } finally {
      delete process.env.PORTOLAN_TWIN;
    }
  });
});

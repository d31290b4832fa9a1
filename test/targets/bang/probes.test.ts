/**
 * Kernels written by hand in BANG C, as an engineer would, run on the twin; then the same kernels with one mistake each,
 * which the twin must name.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeFloats, encodeFloats } from "../../../src/base/float-formats.js";
import { floats, runCases, single, type Bytes, type Outcome } from "./harness.js";
const source = (probe: string) => readFileSync(`test/targets/bang/probes/${probe}.mlu`, "utf8");
const wave = (n: number, scale = 3) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.7) * scale);

interface Probe {
  readonly file: string;
  readonly kernel: string;
  readonly buffers: readonly (Bytes | number)[];
  readonly ints: readonly number[];
  readonly tasks: number;
  readonly check: (o: Outcome) => void;
}

const near = (got: Float32Array, want: ArrayLike<number>, tolerance: number) => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++)
    if (!(got[i] === want[i] || Math.abs(got[i] - want[i]) <= tolerance * Math.max(1, Math.abs(want[i]))))
      expect.fail(`[${i}] is ${got[i]}, expected ${want[i]}`);
};

const left = wave(100003);
const right = wave(100003, 2).map((v, i) => (i % 2 === 0 ? v : -v));
const a = wave(7 * 133);
const b = wave(133, 5);
const rows = wave(40 * 6625);
const square = wave(67 * 131);
const squareHalves = new Uint16Array(encodeFloats("f16", [...square]));
const halves = Uint16Array.from(encodeFloats("f16", [...wave(13 * 120)]) as Uint16Array);
const chosen = Uint8Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? 0 : 1));
const x = wave(5000);
const infinite = new Float32Array(5000).fill(Infinity);
const long = Float32Array.from({ length: 1000000 }, (_, i) => (i % 7) - 2.5);

function softmaxOf(m: Float32Array, width: number): Float32Array {
  const out = new Float32Array(m.length);
  for (let r = 0; r < m.length; r += width) {
    const row = m.subarray(r, r + width);
    const top = row.reduce((p, q) => Math.max(p, q), -Infinity);
    const sum = row.reduce((p, q) => p + Math.exp(q - top), 0);
    row.forEach((v, i) => (out[r + i] = Math.exp(v - top) / sum));
  }
  return out;
}

function turned<T extends Float32Array | Uint16Array>(m: T, height: number, width: number): T {
  return m.map((_, i) => m[(i % height) * width + Math.floor(i / height)]) as T;
}

function normed(m: ArrayLike<number>, width: number): number[] {
  const out: number[] = [];
  for (let r = 0; r < m.length; r += width) {
    const row = Array.from({ length: width }, (_, i) => m[r + i]);
    const mean = row.reduce((p, q) => p + q, 0) / width;
    const variance = row.reduce((p, q) => p + (q - mean) ** 2, 0) / width;
    out.push(...row.map((v) => (v - mean) / Math.sqrt(variance + 1e-5)));
  }
  return out;
}

const shorts = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer);

const probes: Readonly<Record<string, Probe>> = {
  relu: {
    file: "relu-add",
    kernel: "relu_add",
    buffers: [left, right, left.byteLength],
    ints: [left.length],
    tasks: 32,
    check: (o) =>
      near(
        floats(o.buffers[2]),
        left.map((v, i) => Math.max(0, v + right[i])),
        1e-6,
      ),
  },
  broadcast: {
    file: "broadcast-add",
    kernel: "broadcast_add",
    buffers: [a, b, a.byteLength],
    ints: [7],
    tasks: 2,
    check: (o) =>
      near(
        floats(o.buffers[2]),
        a.map((v, i) => v + b[i % 133]),
        1e-6,
      ),
  },
  softmax: {
    file: "softmax",
    kernel: "softmax",
    buffers: [rows, rows.byteLength],
    ints: [40],
    tasks: 16,
    check: (o) => near(floats(o.buffers[1]), softmaxOf(rows, 6625), 1e-5),
  },
  transpose32: {
    file: "transpose",
    kernel: "transpose_f32",
    buffers: [square, square.byteLength],
    ints: [],
    tasks: 4,
    check: (o) => near(floats(o.buffers[1]), turned(square, 67, 131), 0),
  },
  transpose16: {
    file: "transpose",
    kernel: "transpose_f16",
    buffers: [squareHalves, squareHalves.byteLength],
    ints: [],
    tasks: 1,
    check: (o) => expect(shorts(o.buffers[1])).toEqual(turned(squareHalves, 67, 131)),
  },
  where: {
    file: "where",
    kernel: "where",
    buffers: [x, infinite, chosen, 20000, 5000],
    ints: [5000],
    tasks: 3,
    check: (o) => {
      near(
        floats(o.buffers[3]),
        x.map((v, i) => (v > 0 && chosen[i] ? v : Infinity)),
        0,
      );
      expect(o.buffers[4]).toEqual(Uint8Array.from(chosen, (c, i) => (x[i] > 0 ? c : 0)));
    },
  },
  sum: {
    file: "sum",
    kernel: "sum",
    buffers: [long, 128, 4],
    ints: [1000000],
    tasks: 32,
    check: (o) => near(floats(o.buffers[2]), [long.reduce((p, q) => p + q, 0)], 1e-5),
  },
  layernorm: {
    file: "layernorm",
    kernel: "layernorm",
    buffers: [halves, halves.byteLength],
    ints: [13],
    tasks: 8,
    check: (o) => near(Float32Array.from(decodeFloats("f16", shorts(o.buffers[1]))), normed(decodeFloats("f16", halves), 120), 2e-3),
  },
};

test("six probe kernels and the ping-pong one give their numbers", () => {
  const list = Object.values(probes);
  const outcomes = runCases(list.map((p) => single(p.kernel, p.kernel, source(p.file), p.buffers, p.ints, p.tasks)));
  list.forEach((p, k) => {
    expect(outcomes[k].stderr, p.kernel).toBe("");
    p.check(outcomes[k]);
    expect(outcomes[k].profile.scalarGlobal, p.kernel).toBe(0);
  });
});

/** One mistake each: what is replaced, by what, and the rule that must catch it. */
const mutants: readonly (readonly [probe: keyof typeof probes, from: string, to: string, rule: string])[] = [
  ["relu", "    __sync();\n", "", "in-flight-read"],
  [
    "relu",
    "__memcpy_async(y + i * tile, y_nram[i % 2], count * 4, NRAM2GDRAM);",
    "__memcpy_async(y + i * tile, y_nram[(i + 1) % 2], count * 4, NRAM2GDRAM);",
    "uninitialised-read",
  ],
  [
    "relu",
    "__memcpy_async(a_nram[i % 2], a + i * tile, count * 4, GDRAM2NRAM);",
    "__memcpy_async(a_nram[i % 2], a + i * tile, tile * 4, GDRAM2NRAM);",
    "out-of-bounds",
  ],
  [
    "relu",
    "__memcpy_async(a_nram[i % 2], a + i * tile, count * 4, GDRAM2NRAM);",
    "__memcpy_async((char*)a_nram[i % 2] + 2, a + i * tile, count * 4, GDRAM2NRAM);",
    "uninitialised-read",
  ],
  ["relu", "__bang_add(y_nram[i % 2], a_nram[i % 2]", "__bang_add(y_nram[i % 2], (float*)((char*)a_nram[i % 2] + 2)", "misaligned"],
  ["relu", "tiles * (taskId + 1) / taskDim;", "tiles * (taskId + 1) / taskDim + 1;", "dma-rule"],
  ["relu", "constexpr int32_t tile = 4096;", "constexpr int32_t tile = 40960;", "capacity"],
  ["relu", "NRAM2GDRAM);", "GDRAM2NRAM);", "out-of-bounds"],
  [
    "relu",
    "__bang_write_value(b_nram[i % 2], count, 0.0f);",
    "__bang_write_value(b_nram[i % 2], 2 * tile + 1 - count, 0.0f);",
    "out-of-bounds",
  ],
  ["broadcast", "__memcpy(b_nram, b, cols * 4, GDRAM2NRAM);", "(void)b;", "uninitialised-read"],
  ["broadcast", "count * pitch, pitch);", "count * pitch, pitch - 1);", "vector-rule"],
  ["broadcast", "NRAM2GDRAM, cols * 4, pitch * 4, count - 1);", "NRAM2GDRAM, cols * 4, cols * 4, count - 1);", "uninitialised-read"],
  ["broadcast", "__memcpy(y + first * cols, y_nram, cols * 4,", "__memcpy(y + first * cols, y_nram, pitch * 4,", "dma-rule"],
  ["softmax", "__bang_write_value(row + 6624, group, -__builtin_inff());", "", "uninitialised-read"],
  ["softmax", "__bang_reduce_sum(part, part, group);", "__bang_reduce_sum(part, part, 31);", "vector-rule"],
  ["softmax", "__nram__ float part[group];", "__nram__ float part[group - 8];", "out-of-bounds"],
  ["transpose32", "__bang_transpose(out, in, height, width);", "__bang_transpose(in, in, height, width);", "overlap"],
  [
    "transpose32",
    "__memcpy(y, out, height * width * sizeof(T), NRAM2GDRAM);",
    "__memcpy(y, x, height * width * sizeof(T), NRAM2GDRAM);",
    "wrong-space",
  ],
  ["where", "__memcpy(bytes, c + first, count, GDRAM2NRAM);", "(void)c;", "uninitialised-read"],
  ["where", "t += taskDim", "t += 1", "race"],
  ["sum", "parts + taskId", "parts", "race"],
  ["sum", "__bang_write_value(acc, 32, 0.0f);", "", "uninitialised-read"],
  ["layernorm", "__bang_float2half_rn(in, row, cols);", "__bang_float2half_rn(in, row, 2 * padded);", "out-of-bounds"],
  [
    "layernorm",
    "__memcpy(in, x + r * cols, cols * 2, GDRAM2NRAM);",
    "__memcpy_async(in, x + r * cols, cols * 2, GDRAM2NRAM);",
    "in-flight-read",
  ],
];

test("each mistake is caught by the rule it breaks", () => {
  const failures: string[] = [];
  const made = mutants.map(([name, from, to, rule], k) => {
    const probe = probes[name];
    const text = source(probe.file);
    if (!text.includes(from)) failures.push(`mutant ${k} finds nothing to change`);
    const kernel = `m${k}_${probe.kernel}`;
    // Every mutant gets names of its own, so that all compile as one program.
    const renamed = text
      .replace(from, to)
      .replace(
        /\b(relu_add|broadcast_add|softmax|transpose(?:_f\d\d)?|where|sum(?:_parts|_whole)?|layernorm|row_mean)(_launch)?\b(?=[(<])/g,
        `m${k}_$1$2`,
      );
    return { case: single(kernel, kernel, renamed, probe.buffers, probe.ints, probe.tasks), rule };
  });
  const outcomes = runCases(made.map((m) => m.case));
  made.forEach(({ rule }, k) => {
    const got = outcomes[k].violation?.violation ?? `status ${outcomes[k].status}`;
    if (got !== rule) failures.push(`mutant ${k} (${mutants[k][2]}): ${got}, expected ${rule}: ${outcomes[k].violation?.detail ?? ""}`);
  });
  expect(failures).toEqual([]);
});

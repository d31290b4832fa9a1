/** Kernels as others write them, not in our manner: the twin takes them as they are. And mistakes that such kernels make. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat } from "../../../src/base/float-formats.js";
import { buildTwin, floats, runCases, single, type Case, type Outcome } from "./harness.js";

const folder = "test/targets/bang/foreign";
const source = (name: string) => readFileSync(join(folder, `${name}.mlu`), "utf8");
const foreign = (name: string, buffers: Case["buffers"], ints: readonly number[], work = 1): Case =>
  single(name, name, source(name), buffers, ints, work);

/** Repeatable numbers in (-1, 1), of which halves are exact. */
const numbers = (n: number, seed: number) => Float32Array.from({ length: n }, (_, i) => ((((i + seed) * 7919) % 2039) - 1019) / 1024);
const halves = (x: Float32Array) => Uint16Array.from(x, (v) => encodeFloat("f16", v));
const bfloats = (x: Float32Array) => Uint16Array.from(x, (v) => encodeFloat("bf16", v));
const ofHalves = (b: Uint8Array) =>
  Array.from(new Uint16Array(b.buffer, b.byteOffset, b.byteLength / 2), (bits) => decodeFloat("f16", bits));
const words = (b: Uint8Array) => [...new Int32Array(b.buffer, b.byteOffset, b.byteLength / 4)];
const close = (got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) => {
  expect(got.length).toBe(wanted.length);
  const worst = Array.from(wanted, (w, i) => Math.abs(got[i] - w) / Math.max(1, Math.abs(w))).reduce((a, b) => Math.max(a, b), 0);
  expect(worst).toBeLessThanOrEqual(tolerance);
};
const product = (a: Float32Array, b: Float32Array, m: number, k: number, n: number) =>
  Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[Math.floor(at / n) * k + i] * b[(at % n) * k + i];
    return sum;
  });

const pairs = [...Array.from({ length: 16 }, (_, i) => (i * 7) % 4), ...Array.from({ length: 16 }, (_, i) => (i * 5) % 3)];
/** Their sums are exact in bf16. */
const eighths = Float32Array.from({ length: 512 }, (_, i) => (((i * 13) % 9) - 4) / 8);
const someNans = Float32Array.from({ length: 64 }, (_, i) => (i === 7 || i === 40 ? Number.NaN : i === 9 ? Infinity : i));
const summands: Case["buffers"] = [
  Int32Array.from(pairs),
  eighths,
  new Float32Array(384),
  BigInt64Array.from(pairs, BigInt),
  bfloats(eighths),
  new Uint16Array(384),
  halves(someNans),
  256,
  264,
];

interface Check {
  readonly case: Case;
  readonly holds: (o: Outcome) => void;
}

const x = numbers(4096, 3);
const z = numbers(4096, 11);
const which = Uint32Array.from({ length: 256 }, (_, i) => (i * 5) % 16);
const order = Uint32Array.from([3, 0, 5, 1, 4, 2], (r) => r * 128);
const image = Float32Array.from({ length: 3 * 4 * 64 }, (_, i) => (((i * 13) % 41) - 20) / 16);
const filter = Int8Array.from({ length: 64 * 4 * 64 }, (_, i) => ((i * 29) % 63) - 31);
const longer = numbers(6144, 17);
const many = numbers(512 * 256, 29);
const members150 = Int32Array.from({ length: 150 }, (_, i) => i * 3);
const members = Int32Array.from({ length: 64 }, (_, i) => (i * i) % 7);
const plane = Float32Array.from({ length: 120 }, (_, i) => (((i * 71) % 127) - 60) / 8);
const signed = Int32Array.from({ length: 64 }, (_, i) => ((i * 37) % 101) - 50);

const checks: readonly Check[] = [
  {
    case: foreign("old_names", [halves(x.subarray(0, 2000)), 4000], [2000], 3),
    holds: (o) => {
      const wanted = Array.from(x.subarray(0, 2000), (v) => Math.max(1 / (1 + Math.exp(-(2 * v + 0.5))), Math.exp(v)));
      close(ofHalves(o.buffers[1]), wanted, 2e-3);
    },
  },
  {
    case: foreign("pipeline", [halves(x.subarray(0, 3001)), 6002, x.subarray(0, 3001), 12004], [3001], 2),
    holds: (o) => {
      const wanted = Array.from(x.subarray(0, 3001), (v) => 9 * v * v);
      close(ofHalves(o.buffers[1]), wanted, 1e-3);
      close(floats(o.buffers[3]), wanted, 1e-6);
    },
  },
  {
    case: foreign("through_sram", [x.subarray(0, 3072).slice(), 3072 * 4], [1], 3),
    holds: (o) =>
      close(
        floats(o.buffers[1]),
        Array.from(x.subarray(0, 3072), (v, i) => v + (Math.floor(i / 256) % 4)),
        1e-6,
      ),
  },
  {
    case: foreign("weights", [x.slice(0, 160), z.slice(0, 4096), 2560, 2560], []),
    holds: (o) => {
      const wanted = product(x, z, 5, 32, 128);
      close(floats(o.buffers[2]), wanted, 1e-5);
      close(floats(o.buffers[3]), wanted, 1e-5);
    },
  },
  {
    case: foreign("fixed_point", [halves(image), filter, 2 * 3 * 64 * 2], [3, 4]),
    holds: (o) => {
      const wanted = Array.from({ length: 2 * 3 * 64 }, (_, at) => {
        const [c, px] = [at % 64, Math.floor(at / 64)];
        const [row, col] = [Math.floor(px / 3), px % 3];
        let sum = 0;
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 2; j++)
            for (let d = 0; d < 64; d++) sum += image[((row + i) * 4 + col + j) * 64 + d] * 16 * filter[((c * 2 + i) * 2 + j) * 64 + d];
        return sum / 1024;
      });
      close(ofHalves(o.buffers[2]), wanted, 1e-3);
    },
  },
  {
    case: foreign("softmax_union", [x.subarray(0, 4096), 4096 * 4, Float32Array.from([0, -100, 0, 0])], [4096]),
    holds: (o) => {
      const sum = x.reduce((a, v) => a + Math.exp(v), 0);
      close(
        floats(o.buffers[1]),
        Array.from(x, (v) => Math.exp(v) / sum),
        1e-6,
      );
    },
  },
  {
    case: foreign(
      "greedy",
      [Float32Array.from({ length: 200 }, (_, i) => ((i * 73) % 199) + 1), new Float32Array(4), 256, new Int32Array(4)],
      [200],
    ),
    holds: (o) => {
      let left = Array.from({ length: 200 }, (_, i) => ((i * 73) % 199) + 1);
      const wanted = Array.from({ length: 4 }, () => {
        const most = Math.max(...left);
        const at = left.indexOf(most);
        const below = (v: number) => v < most * 0.75;
        const [first, last, rest] = [left.findIndex(below), left.findLastIndex(below), left.filter(below)];
        left = [...rest, ...Array<number>(200 - rest.length).fill(-1)];
        return { most, at, first, last, count: rest.length };
      });
      expect([...floats(o.buffers[1])]).toEqual(wanted.map((w) => w.most));
      const found = words(o.buffers[2]);
      expect([0, 8, 16].map((from) => found.slice(from, from + 4))).toEqual([
        wanted.map((w) => w.at),
        wanted.map((w) => w.first),
        wanted.map((w) => w.last),
      ]);
      expect(words(o.buffers[3])).toEqual(wanted.map((w) => w.count));
    },
  },
  {
    case: foreign("fused", [x.slice(0, 256), z.slice(0, 256), which, 4096], []),
    holds: (o) => {
      const got = floats(o.buffers[3]);
      close(
        got.subarray(0, 256),
        x.subarray(0, 256).map((v, i) => v * z[i] + z[i]),
        1e-6,
      );
      close(
        got.subarray(256, 512),
        x.subarray(0, 256).map((v, i) => (v - z[i % 64]) * 0.5),
        1e-6,
      );
      close(
        got.subarray(512, 768),
        x.subarray(0, 256).map((v, i) => Math.max(v + 3, z[i % 64]) + z[64 + which[i]]),
        1e-6,
      );
      close(
        got.subarray(768),
        x.subarray(0, 256).map((v) => Math.min(Math.abs(v), v)),
        0,
      );
    },
  },
  {
    case: foreign("constants", [Float32Array.from(numbers(60, 5), (v) => v * 3), 240], [60]),
    holds: (o) => {
      const bent = Array.from(numbers(60, 5), (v) => v * 3).map((v) => (Math.abs(v) > 1 ? Math.exp(-v) : Math.min(v, 0.25)));
      const each = bent.map((v, i) => v / 2 ** (i % 4) + 30 * ((i % 4) + 1));
      close(floats(o.buffers[1]), [each.reduce((a, b) => a + b, 0), ...each.slice(1)], 1e-5);
    },
  },
  {
    case: foreign("rows_by_index", [x.slice(0, 192), order, 768, 768], []),
    holds: (o) => {
      const row = (r: number) => [...x.subarray(r * 32, r * 32 + 32)];
      const halfOf = (r: number) => [...row(r).slice(0, 16), ...Array<number>(16).fill(-1)];
      expect([...floats(o.buffers[2])]).toEqual([0, 1, 2, 3, 4, 5].flatMap(halfOf));
      const gathered = Array.from(order, (b) => [...row(b / 128).slice(0, 16), ...row(b / 128).slice(0, 16)]);
      expect([...floats(o.buffers[3])]).toEqual([0, 2, 4, 1, 3, 5].flatMap((r) => gathered[r]));
    },
  },
  {
    case: foreign("histogram", [members, new Int32Array(9), 256], [64], 4),
    holds: (o) => {
      const count = (v: number, upTo = 64) => members.slice(0, upTo).filter((m) => m === v).length;
      expect(words(o.buffers[1])).toEqual([...[0, 1, 2, 3, 4, 5, 6, 7].map((v) => count(v)), 16]);
      expect(words(o.buffers[2])).toEqual(Array.from(members, (v, i) => count(v, i)));
    },
  },
  {
    case: foreign("two_clusters", [longer, longer.length * 4], []),
    holds: (o) =>
      close(
        floats(o.buffers[1]),
        longer.map((v, i) => v + Math.floor(i / 2048)),
        1e-6,
      ),
  },
  {
    case: foreign("implicit", [halves(x.subarray(0, 150)), bfloats(x.subarray(0, 150)), members150, 600, 600], [150]),
    holds: (o) => {
      const wanted = (read: (v: number) => number, second: number) =>
        Array.from(x.subarray(0, 150), (v, i) =>
          i > 0 ? read(v) + (members150[i] | 16) : Math.max(read(v), Math.abs(read(v)) < 0.5 ? 0.5 : read(v)) + second + 0.25,
        );
      const asBfloat = (v: number) => decodeFloat("bf16", encodeFloat("bf16", v));
      // The kernel reads the second number's bits as a bfloat16 whatever they are.
      close(
        floats(o.buffers[3]),
        wanted((v) => v, decodeFloat("bf16", encodeFloat("f16", x[1]))),
        1e-6,
      );
      close(floats(o.buffers[4]), wanted(asBfloat, asBfloat(x[1])), 1e-6);
    },
  },
  {
    case: foreign("beside", [x.slice(0, 512), 2048, 384], []),
    holds: (o) => {
      close(
        floats(o.buffers[1]),
        x.slice(0, 512).map((v) => 30 * v),
        1e-6,
      );
      expect(ofHalves(o.buffers[2].slice(0, 128))).toEqual(Array<number>(64).fill(7));
      expect([...floats(o.buffers[2].slice(128))]).toEqual(Array<number>(64).fill(7));
    },
  },
  {
    case: foreign("bits", [x.slice(0, 64), z.slice(0, 64), 384, new Float32Array(64), 268, 768], []),
    holds: (o) => {
      const above = [...x.slice(0, 64)].map((v, i) => v > z[i]);
      const chosen = [...x.slice(0, 64)].filter((_, i) => above[i]);
      expect([...floats(o.buffers[2])].slice(0, chosen.length)).toEqual(chosen);
      expect([...floats(o.buffers[2])].slice(64)).toEqual([...z.slice(0, 64)].filter((_, i) => i % 2 === 0));
      const row = (i: number) => (above[i] ? [...x.subarray(i * 8, i * 8 + 8)] : Array<number>(8).fill(0));
      expect([...floats(o.buffers[3])]).toEqual([7, 6, 5, 4, 3, 2, 1, 0].flatMap(row));
      const counted = words(o.buffers[4]);
      expect(counted.slice(0, 64)).toEqual([...x.slice(0, 64)].map((v) => (v < 0 ? 1 : 0x80000001 | 0)));
      expect(counted.slice(64)).toEqual([2, 255, chosen.length]);
      const at = (h: number, w: number) => x[h * 16 + w];
      const turned = (height: number, width: number, from: (h: number, w: number) => number) =>
        Array.from({ length: 64 }, (_, i) => from(Math.floor(i / width), i % width)).slice(0, height * width);
      expect([...floats(o.buffers[5])]).toEqual([
        ...turned(16, 4, (h, w) => at(3 - w, h)),
        ...turned(4, 16, (h, w) => at(3 - h, 15 - w)),
        ...turned(16, 4, (h, w) => at(w, 15 - h)),
      ]);
    },
  },
  {
    case: foreign("sums_by_index", summands, [], 3),
    holds: (o) => {
      const sums = (by: number) => {
        const out = Array<number>(384).fill(0);
        for (let i = 0; i < 512; i++) out[(pairs[i >> 5] * 3 + pairs[16 + (i >> 5)]) * 32 + (i % 32)] += by * eighths[i];
        return out;
      };
      expect([...floats(o.buffers[2])]).toEqual(sums(2));
      expect(Array.from(new Uint16Array(o.buffers[5].slice().buffer), (v) => decodeFloat("bf16", v))).toEqual(sums(0.5));
      expect([...floats(o.buffers[7])]).toEqual(Array.from({ length: 64 }, (_, i) => eighths[i - (i % 16) + 15 - (i % 16)]));
      expect(words(o.buffers[8])).toEqual([...Array<number>(32).fill(1), ...Array<number>(32).fill(0), 2, 61]);
    },
  },
  {
    case: foreign("toward_zero", [Float32Array.from({ length: 64 }, (_, i) => i * 1.3), 256], []),
    holds: (o) => expect([...floats(o.buffers[1])]).toEqual(Array.from({ length: 64 }, (_, i) => Math.floor(Math.fround(i * 1.3)))),
  },
  {
    case: foreign("in_order", [x, 16384], [8]),
    holds: (o) =>
      close(
        floats(o.buffers[1]),
        x.map((v) => v + v),
        0,
      ),
  },
  {
    case: foreign("device_library", [x.slice(0, 64), signed, 768, 1024, 128, new Int32Array(1), 16], []),
    holds: (o) => {
      const [few, whole] = [x.slice(0, 64), words(o.buffers[3])];
      const sines = Array.from(few, (v) => Math.log2(1 / (Math.sin(v) + 2)));
      const kept = Array.from(few, (v) => (v > 0.25 ? v / 2 : 0));
      // Two halves of 2.
      const pair = new Float32Array(Uint32Array.of(0x40004000).buffer)[0];
      const filled = Array.from({ length: 64 }, (_, i) => (i < 32 ? Infinity : i < 40 && i % 2 === 0 ? 4 : i < 48 ? 1.5 : pair));
      expect([...floats(o.buffers[2])].slice(128)).toEqual(filled);
      close(floats(o.buffers[2]).slice(0, 128), [...sines, ...kept], 1e-6);
      expect(whole.slice(0, 64)).toEqual([...signed].map((k) => Math.trunc(k / 7) + 0));
      expect(whole.slice(64, 128)).toEqual([...signed].map((k) => Math.trunc(k / -3) + 0));
      expect(whole.slice(128, 192)).toEqual([...signed].map((k) => (k >>> 0) % 5));
      expect(whole.slice(192)).toEqual([...signed].map((k) => (k >= 0 && k < 4 ? 20 : 10)));
      expect(ofHalves(o.buffers[4])).toEqual([...few]);
      expect(words(o.buffers[5])).toEqual([1]);
      expect(words(o.buffers[6])).toEqual([-2 + 20 + 300 + 3000, 2048, 0x7fffffff, Math.floor(1024 * Math.SQRT2)]);
    },
  },
  {
    case: foreign("padded", [plane, halves(plane), new Float32Array(61), new Uint16Array(36), new Int32Array(62)], []),
    holds: (o) => {
      const channel = (c: number) => Array.from({ length: 6 }, (_, p) => plane[p * 20 + c]);
      const most = Array.from({ length: 20 }, (_, c) => Math.max(...channel(c)));
      const where = most.map((m, c) => channel(c).indexOf(m));
      const [first, y] = [[...plane.subarray(0, 20)], [...floats(o.buffers[2])]];
      expect(y.slice(0, 20)).toEqual(most);
      expect(y.slice(20, 60)).toEqual(first.flatMap((v) => [Math.max(v, 0), 0]));
      expect(y[60]).toBe(0.75);
      const halved = new Uint16Array(o.buffers[3].slice().buffer);
      expect(Array.from(halved.subarray(0, 20), (v) => decodeFloat("f16", v))).toEqual(most);
      const one = [0, 0x3f80];
      expect([...halved.subarray(20)]).toEqual([halves(plane)[0], ...one, ...one, ...one, ...one, ...halves(plane).subarray(9, 16)]);
      const found = words(o.buffers[4]);
      expect(found.slice(0, 20)).toEqual(where);
      expect([...new Uint16Array(o.buffers[4].slice(80, 120).buffer)]).toEqual(where);
      const least = first.map((v) => Math.min(Math.trunc(v), 0) + 0);
      expect(found.slice(40, 60)).toEqual(least.map((v, i) => (i === 1 ? Math.max(v, 0) : v)));
      expect(found.slice(60)).toEqual([plane.subarray(0, 64).indexOf(Math.min(...plane.subarray(0, 64))), 0]);
    },
  },
  {
    case: foreign("all_weights", [x.slice(0, 2048), many, 4096], []),
    holds: (o) => {
      const lanes = Float32Array.from(many, (_, at) => {
        const [c, k] = [Math.floor(at / 512), at % 512];
        return many[(4 * (c % 64) + Math.floor(c / 64)) * 512 + k];
      });
      close(floats(o.buffers[2]), product(x, lanes, 4, 512, 256), 1e-4);
    },
  },
];

/** A union task of one cluster over x (1,024 floats) and y. */
function union(name: string, body: string, kind = "cnrtFuncTypeUnion1"): Case {
  const text = `#include <bang.h>
__mlu_global__ void ${name}(const float* x, float* y) {
  __nram__ float part[256];
  ${body}
}
extern "C" int ${name}_launch(cnrtQueue_t queue, int, void* x, void* y) {
  cnrtDim3_t dim = {4, 1, 1};
  ${name}<<<dim, ${kind}, queue>>>((const float*)x, (float*)y);
  return 0;
}
`;
  return single(name, name, text, [x.slice(0, 1024), new Float32Array(1024)], [], 1);
}

const shared = "__mlu_shared__ float stage[1024];";
const take =
  "if (__is_ipu()) { __memcpy(part, stage + coreId * 256, 1024, SRAM2NRAM); __memcpy(y + coreId * 256, part, 1024, NRAM2GDRAM); }";
const mistakes: readonly (readonly [rule: string, wrong: Case])[] = [
  // Loads of SRAM are the memory core's: a core that is alone in issuing one brings nothing.
  [
    "uninitialised-read",
    union("core_loads_sram", `${shared} if (coreId == 0) __memcpy(stage, x, 4096, GDRAM2SRAM); __sync_cluster(); ${take}`),
  ],
  [
    "race",
    union(
      "nobody_waits",
      `${shared} __memcpy(stage, x, 4096, GDRAM2SRAM); __sync_cluster(); if (__is_ipu()) { __memcpy(part, x, 1024, GDRAM2NRAM); __memcpy(stage + (coreId + 1) % 4 * 256, part, 1024, NRAM2SRAM); } ${take}`,
    ),
  ],
  [
    "divergent-barrier",
    union(
      "leaves_early",
      `if (__is_mpu()) return; __sync_cluster(); __memcpy(part, x, 64, GDRAM2NRAM); __memcpy(y + coreId * 256, part, 64, NRAM2GDRAM);`,
    ),
  ],
  ["wrong-space", union("no_cluster", `${shared} stage[0] = 1.0f; __memcpy(y, stage, 4, SRAM2GDRAM);`, "cnrtFuncTypeBlock")],
  [
    "wrong-space",
    union(
      "weights_in_nram",
      "__nram__ float w[64 * 16]; __bang_write_zero(w, 1024); __bang_write_zero(part, 256); __bang_matmul(part, part + 128, w, 1, 16, 64);",
      "cnrtFuncTypeBlock",
    ),
  ],
  [
    "vector-rule",
    union(
      "short_channel",
      "__nram__ float b[64 * 16]; __wram__ float w[64 * 16]; __bang_write_zero(b, 1024); __bang_write_zero(part, 256); __memcpy(w, b, 4096, NRAM2WRAM); __bang_matmul(part, part + 128, w, 1, 15, 64);",
      "cnrtFuncTypeBlock",
    ),
  ],
  [
    "uninitialised-read",
    union(
      "half_the_weights",
      "__nram__ float b[64 * 16]; __wram__ float w[64 * 32]; __bang_write_zero(b, 1024); __bang_write_zero(part, 256); __memcpy(w, b, 4096, NRAM2WRAM); __bang_matmul(part, part + 128, w, 1, 32, 64);",
      "cnrtFuncTypeBlock",
    ),
  ],
  [
    "wrong-space",
    union(
      "scalar_in_wram",
      "__wram__ float w[4096]; __nram__ float b[4096]; __bang_write_zero(b, 4096); __memcpy(w, b, 16384, NRAM2WRAM); y[0] = w[1];",
      "cnrtFuncTypeBlock",
    ),
  ],
  [
    "race",
    union(
      "counts_without_atomics",
      "if (__is_ipu()) { part[0] = 1.0f; __sync(); __bang_atomic_reduce_add(y, part, 1); __memcpy(part, y, 4, GDRAM2NRAM); __memcpy(y + 1, part, 4, NRAM2GDRAM); }",
    ),
  ],
  [
    "in-flight-read",
    union(
      "added_too_early",
      "__bang_write_zero(part, 64); __sync(); __bang_atomic_reduce_add_async(y, part, 64); __bang_add_scalar(part, part, 1.0f, 64); __sync();",
      "cnrtFuncTypeBlock",
    ),
  ],
  [
    "in-flight-read",
    union("ends_in_flight", "__memcpy(part, x, 64, GDRAM2NRAM); __memcpy_async(y, part, 64, NRAM2GDRAM);", "cnrtFuncTypeBlock"),
  ],
  // The other way round a store may leave before the load it takes from has come.
  [
    "in-flight-read",
    union(
      "store_after_load",
      "__memcpy_async(part, x, 64, GDRAM2NRAM); __memcpy_async(y, part, 64, NRAM2GDRAM); __sync();",
      "cnrtFuncTypeBlock",
    ),
  ],
  ["library-argument", union("not_four", "", "cnrtFuncTypeUnion2")],
  // An int is wider than the halves that it is to fill.
  ["out-of-bounds", union("fills_too_wide", "__nram__ half narrow[256]; __bang_write_value(narrow, 256, 0);", "cnrtFuncTypeBlock")],
  // A channel behind a pixel's last may be nobody's, but not one that is written at one pixel alone.
  [
    "uninitialised-read",
    union("pools_half_written", "__bang_write_zero(part, 8); __bang_sumpool(part + 128, part, 4, 2, 2, 2, 2, 1, 1);", "cnrtFuncTypeBlock"),
  ],
  [
    "undocumented",
    union(
      "index_in_what",
      "__bang_write_zero(part, 16); __bang_maxpool_index((uint32_t*)part + 128, part, 4, 2, 2, 1, 2, 1, 1);",
      "cnrtFuncTypeBlock",
    ),
  ],
  ["undocumented", union("one_for_many", "__bang_atomic_add(part, y, 1.0f, 2);", "cnrtFuncTypeBlock")],
  ["overlap", union("shifts_up", "__bang_write_zero(part, 256); __memcpy(part + 1, part, 400, NRAM2NRAM);", "cnrtFuncTypeBlock")],
  [
    "uninitialised-read",
    union(
      "bits_of_nobody",
      "__nram__ uint32_t places[8]; __bang_write_value(places, 8, 0u); __bang_write_zero(part, 5); __bang_write_zero(part + 128, 8); __bang_ge_bitindex(part + 64, part, part + 128, 8); __sync(); __scatter(y, part + 128, places, part + 64, 4, NRAM2GDRAM, 4, 6);",
      "cnrtFuncTypeBlock",
    ),
  ],
  ["out-of-bounds", union("fills_apart", "__nramset(part, 1, 1.0f, 64, 16);", "cnrtFuncTypeBlock")],
];

describe("kernels of others", () => {
  let outcomes: Outcome[];
  beforeAll(() => {
    outcomes = runCases([...checks.map((c) => c.case), ...mistakes.map(([, wrong]) => wrong)], {}, { ofOthers: true });
  }, 180_000);

  test.each(checks.map((c, k) => [c.case.name, k] as const))("%s", (_, k) => {
    expect(outcomes[k].stderr).toBe("");
    checks[k].holds(outcomes[k]);
  });
  test.each(mistakes.map(([rule, wrong], k) => [wrong.name, rule, k] as const))("%s: %s", (_, rule, k) => {
    expect(outcomes[checks.length + k].violation?.violation).toBe(rule);
  });
});

test("a whole program with its host part", () => {
  const { library, prepare } = buildTwin();
  const work = mkdtempSync(join(tmpdir(), "bang-program-"));
  const [prepared, program] = [join(work, "main.cpp"), join(work, "main")];
  execFileSync(prepare, ["bang", join(folder, "whole_program.mlu"), prepared]);
  execFileSync("g++", ["-std=c++17", "-Itargets/bang/twin/include", "-Itargets/common/twin", prepared, library, "-pthread", "-o", program]);
  const { status, stdout, stderr } = spawnSync(program, [], { encoding: "utf8", timeout: 20_000 });
  expect([status, stdout, stderr]).toEqual([0, "0 wrong\n", ""]);
});

test("a conversion of what nobody wrote is let pass where lenient, but not its result", () => {
  const converted = (name: string, count: number) =>
    union(
      name,
      `__bang_float2int32_tz((int*)part, part, 64, 0); __bang_write_zero(part, ${count}); __memcpy(y + taskId * 256, part, 256, NRAM2GDRAM);`,
      "cnrtFuncTypeBlock",
    );
  const both = [converted("written_anew", 64), converted("half_written_anew", 32)];
  expect(runCases(both, {}, { ofOthers: true }).map((o) => o.violation?.line)).toEqual([4, 4]);
  const [anew, half] = runCases(both, { PORTOLAN_TWIN: "lenient" }, { ofOthers: true });
  expect([anew.stderr, half.violation?.violation]).toEqual(["", "uninitialised-read"]);
}, 60_000);

test("a copy onto itself keeps the order of its segments where lenient", () => {
  const shifted = (name: string, to: number, from: number) =>
    union(
      name,
      `if (taskId) return; __memcpy(part, x, 1024, GDRAM2NRAM); __memcpy(part + ${to}, part + ${from}, 4, NRAM2NRAM, 4, 4, 99); __memcpy(y, part, 1024, NRAM2GDRAM);`,
      "cnrtFuncTypeBlock",
    );
  const both = [shifted("down", 0, 1), shifted("up", 1, 0)];
  expect(runCases(both, {}, { ofOthers: true }).map((o) => o.violation?.violation)).toEqual(["overlap", "overlap"]);
  const [down, up] = runCases(both, { PORTOLAN_TWIN: "lenient" }, { ofOthers: true });
  expect([...floats(down.buffers[1]).subarray(0, 256)]).toEqual([...x.subarray(1, 101), ...x.subarray(100, 256)]);
  expect(up.violation?.violation).toBe("overlap");
}, 60_000);

test("a memory core that is sent nowhere stores what the first core stores", () => {
  const each = [foreign("everybody_stores", [new Int32Array(5)], [])];
  const [strict] = runCases(each, {}, { ofOthers: true });
  expect(strict.violation?.violation).toBe("race");
  const [idle] = runCases(each, { PORTOLAN_TWIN: "idle-memory-cores" }, { ofOthers: true });
  expect([idle.stderr, words(idle.buffers[0])]).toEqual(["", [0, 1, 4, 9, 14]]);
}, 60_000);

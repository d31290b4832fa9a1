/** The hand-written probe kernels as programs: buffers, sizes and launches, and a main for each target's runtime. */
import type { TargetName } from "./subjects.js";

export interface ProbeBuffer {
  readonly type: "f32" | "f16" | "u8";
  readonly count: number;
  /** Saved at the end; others are filled with seeded values in [-1, 1), bytes with 0 or 1. */
  readonly output?: boolean;
  /** Neither filled nor saved: a workspace of the kernels. */
  readonly scratch?: boolean;
}

export interface Probe {
  readonly file: string;
  readonly kernel: string;
  readonly buffers: readonly ProbeBuffer[];
  readonly ints: readonly number[];
  /** Other sizes, which the same buffers hold, for a second run on values from -100 to 100. */
  readonly also?: readonly number[];
  /** Blocks, tasks or work items, as the launcher takes them. */
  readonly work: number;
  /** Elements from row to row of what is filled: rows have peaks at their ends then, and a NaN, in two more runs. */
  readonly period?: number;
}

const f32 = (count: number): ProbeBuffer => ({ type: "f32", count });
const f16 = (count: number): ProbeBuffer => ({ type: "f16", count });
const u8 = (count: number): ProbeBuffer => ({ type: "u8", count });
const out = (b: ProbeBuffer): ProbeBuffer => ({ ...b, output: true });

const cells = 67 * 131;
const wide = 6 * 6625;

const cann: readonly Probe[] = [
  { file: "add.cpp", kernel: "probe_add", buffers: [f32(cells), f32(131), out(f32(cells))], ints: [67, 131], also: [61, 131], work: 16 },
  {
    file: "layernorm.cpp",
    kernel: "probe_layernorm",
    buffers: [f16(1560), f16(120), f16(120), out(f16(1560))],
    ints: [13, 120],
    also: [11, 104],
    work: 6,
  },
  {
    file: "softmax.cpp",
    kernel: "probe_softmax",
    buffers: [f32(wide), out(f32(wide))],
    ints: [6, 6625],
    also: [6, 6001],
    work: 3,
    period: 6625,
  },
  { file: "sum.cpp", kernel: "probe_sum", buffers: [f32(30001), out(f32(1))], ints: [30001], also: [29003], work: 1 },
  {
    file: "transpose-half.cpp",
    kernel: "probe_transpose_f16",
    buffers: [f16(cells), out(f16(cells))],
    ints: [67, 131],
    also: [61, 113],
    work: 4,
  },
  {
    file: "transpose.cpp",
    kernel: "probe_transpose_f32",
    buffers: [f32(cells), out(f32(cells))],
    ints: [67, 131],
    also: [61, 113],
    work: 4,
  },
  {
    file: "where.cpp",
    kernel: "probe_where",
    buffers: [u8(9003), f32(9003), f32(9003), out(f32(9003)), out(u8(9003))],
    ints: [9003],
    also: [8191],
    work: 2,
  },
];

const bang: readonly Probe[] = [
  {
    file: "broadcast-add.mlu",
    kernel: "broadcast_add",
    buffers: [f32(7 * 133), f32(133), out(f32(7 * 133))],
    ints: [7],
    also: [5],
    work: 2,
  },
  { file: "layernorm.mlu", kernel: "layernorm", buffers: [f16(1560), out(f16(1560))], ints: [13], also: [11], work: 4 },
  { file: "relu-add.mlu", kernel: "relu_add", buffers: [f32(50003), f32(50003), out(f32(50003))], ints: [50003], also: [40009], work: 4 },
  { file: "softmax.mlu", kernel: "softmax", buffers: [f32(wide), out(f32(wide))], ints: [6], also: [5], work: 3, period: 6625 },
  {
    file: "sum.mlu",
    kernel: "sum",
    buffers: [f32(100001), { ...f32(32), scratch: true }, out(f32(1))],
    ints: [100001],
    also: [90001],
    work: 8,
  },
  { file: "transpose.mlu", kernel: "transpose_f32", buffers: [f32(cells), out(f32(cells))], ints: [], work: 4 },
  {
    file: "where.mlu",
    kernel: "where",
    buffers: [f32(9003), f32(9003), u8(9003), out(f32(9003)), out(u8(9003))],
    ints: [9003],
    also: [8001],
    work: 3,
  },
];

const kunlun: readonly Probe[] = [
  {
    file: "add_row.xpu",
    kernel: "add_row",
    buffers: [f32(3001 * 37), f32(37), out(f32(3001 * 37))],
    ints: [3001, 37, 48, 6],
    also: [2999, 35, 48, 6],
    work: 167,
  },
  {
    file: "layernorm.xpu",
    kernel: "layernorm",
    buffers: [f16(130 * 120), f16(120), f16(120), out(f16(130 * 120))],
    ints: [130, 120],
    also: [130, 105],
    work: 130,
  },
  {
    file: "softmax.xpu",
    kernel: "softmax",
    buffers: [f32(70 * 2053), out(f32(70 * 2053))],
    ints: [70, 2053],
    also: [70, 1999],
    work: 64,
    period: 2053,
  },
  {
    file: "sum.xpu",
    kernel: "sum",
    buffers: [f32(200001), { ...f32(4), scratch: true }, out(f32(1))],
    ints: [200001],
    also: [190007],
    work: 4,
  },
  {
    file: "transpose.xpu",
    kernel: "transpose_f32",
    buffers: [f32(67 * 1311), out(f32(67 * 1311))],
    ints: [67, 1311],
    also: [61, 1301],
    work: 64,
  },
  {
    file: "transpose_half.xpu",
    kernel: "transpose_f16",
    buffers: [f16(67 * 1311), out(f16(67 * 1311))],
    ints: [67, 1311],
    also: [61, 1301],
    work: 64,
  },
  {
    file: "where_positive.xpu",
    kernel: "where_positive",
    buffers: [f32(20003), f32(20003), u8(20003), out(f32(20003)), out(u8(20003))],
    ints: [20003, 79],
    also: [19001, 75],
    work: 64,
  },
];

/**
 * Generated kernels launched by themselves, by file, at tile sizes for which the goldens would need inputs of thousands of
 * rows: a kernel means the same at every size of its tiles.
 */
type Launched = Omit<Probe, "file">;

const weights: Launched = {
  kernel: "attention_block_weights",
  buffers: [f32(45 * 8), out(f32(45 * 8))],
  // Columns, rows, columns and pitch of a tile, its rows, tiles down, tiles along.
  ints: [45, 8, 16, 16, 3, 3, 3],
  also: [29, 8, 8, 8, 4, 2, 4],
  work: 2,
  period: 45,
};

/** Rows, columns and pitch of a tile, its rows, tiles along, tiles in all: a row of values is added to each row. */
const geluOfSum: Launched = {
  kernel: "attention_block_gelu",
  buffers: [f32(21 * 64), f32(64), out(f32(21 * 64))],
  ints: [21, 24, 32, 5, 3, 15],
  also: [19, 40, 40, 4, 2, 10],
  work: 2,
  period: 64,
};

/** Elements, elements and pitch of a tile, tiles in all: the product before it has added the row. */
const gelu: Launched = {
  kernel: "attention_block_gelu",
  buffers: [f32(21 * 64), out(f32(21 * 64))],
  ints: [1344, 24, 24, 56],
  also: [1216, 40, 40, 31],
  work: 2,
  period: 64,
};

/** Columns, columns and pitch of a tile, its rows, tiles along, pitch of a turned tile, tiles in all: of 32 rows. */
const heads: Launched = {
  kernel: "attention_block_k_heads",
  buffers: [f32(21 * 32), out(f32(21 * 32))],
  ints: [21, 12, 16, 8, 2, 8, 8],
  also: [19, 16, 16, 24, 2, 24, 4],
  work: 2,
  period: 32,
};

/** Rows, columns and pitch of a tile, its rows, tiles along, pitch of a turned tile, tiles in all: a row is added before it turns. */
const headsOfSum: Launched = {
  kernel: "attention_block_k_heads",
  buffers: [f32(21 * 32), f32(32), out(f32(21 * 32))],
  ints: [21, 12, 16, 8, 3, 8, 9],
  also: [19, 20, 24, 16, 2, 16, 4],
  work: 2,
  period: 32,
};

/** None of Kunlun's, whose pitches are whole vectors of 64 bytes. */
const attention: Readonly<Partial<Record<TargetName, { readonly extension: string; readonly stages: readonly Launched[] }>>> = {
  cann: { extension: "cpp", stages: [weights, gelu, heads] },
  bang: { extension: "mlu", stages: [weights, geluOfSum, headsOfSum] },
};

export interface Stage extends Probe {
  /** The sample it is a kernel of. */
  readonly golden: string;
}

export function stagesOf(target: TargetName): readonly Stage[] {
  const { extension = "", stages = [] } = attention[target] ?? {};
  return stages.map((stage) => ({ ...stage, golden: "attention-block", file: `${stage.kernel}.${extension}` }));
}

export function probesOf(target: TargetName): readonly Probe[] {
  return { cann, bang, kunlun }[target];
}

const runtimes: Readonly<Record<TargetName, string>> = {
  cann: `#include "acl/acl.h"
static aclrtStream queue;
static void open() { aclInit(nullptr); aclrtSetDevice(0); aclrtCreateStream(&queue); }
static void* room(size_t bytes) { void* p = nullptr; return aclrtMalloc(&p, bytes, ACL_MEM_MALLOC_HUGE_FIRST) ? nullptr : p; }
static void put(void* p, const void* from, size_t bytes) { if (aclrtMemcpy(p, bytes, from, bytes, ACL_MEMCPY_HOST_TO_DEVICE)) exit(4); }
static void get(void* to, void* p, size_t bytes) { if (aclrtMemcpy(to, bytes, p, bytes, ACL_MEMCPY_DEVICE_TO_HOST)) exit(5); }
static void done() { if (aclrtSynchronizeStream(queue)) exit(6); }
static void drop(void* p) { aclrtFree(p); }
static void quit() {}`,
  bang: `#include "cnrt.h"
static cnrtQueue_t queue;
static void open() { if (cnrtQueueCreate(&queue)) exit(3); }
static void* room(size_t bytes) { void* p = nullptr; return cnrtMalloc(&p, bytes) ? nullptr : p; }
static void put(void* p, const void* from, size_t bytes) { if (cnrtMemcpyAsync_V2(p, (void*)from, bytes, queue, cnrtMemcpyHostToDev)) exit(4); }
static void get(void* to, void* p, size_t bytes) { if (cnrtMemcpyAsync_V2(to, p, bytes, queue, cnrtMemcpyDevToHost)) exit(5); cnrtQueueSync(queue); }
static void done() { if (cnrtQueueSync(queue)) exit(6); }
static void drop(void* p) { cnrtFree(p); }
static void quit() { cnrtQueueDestroy(queue); }`,
  kunlun: `#include "xpu/runtime.h"
static void* queue = nullptr;
static void open() {}
static void* room(size_t bytes) { void* p = nullptr; return xpu_malloc(&p, bytes) ? nullptr : p; }
static void put(void* p, const void* from, size_t bytes) { if (xpu_memcpy(p, from, bytes, XPU_HOST_TO_DEVICE)) exit(4); }
static void get(void* to, void* p, size_t bytes) { if (xpu_memcpy(to, p, bytes, XPU_DEVICE_TO_HOST)) exit(5); }
static void done() { if (xpu_wait(nullptr)) exit(6); }
static void drop(void* p) { xpu_free(p); }
static void quit() {}`,
};

const bytesOf = ({ type, count }: ProbeBuffer): number => count * { f32: 4, f16: 2, u8: 1 }[type];

/** A program that fills the buffers, launches once and writes the outputs one after another to the file it is given. */
export function mainOf(target: TargetName, probe: Probe): string {
  const pointers = probe.buffers.map((_, i) => `b[${i}]`);
  const ints = probe.ints.map((_, i) => `sizes[${i}]`);
  const sizesOf = (of: readonly number[]): string => `{${[...of, 0].join(", ")}}`;
  const types = [...probe.buffers.map(() => "void*"), ...probe.ints.map(() => "int32_t")].join(", ");
  const launch = target === "cann" ? `aclrtlaunch_${probe.kernel}` : `${probe.kernel}_launch`;
  const declaration =
    target === "cann" ? `extern "C" uint32_t ${launch}(uint32_t, void*, ${types});` : `extern "C" int ${launch}(void*, int, ${types});`;
  const args = target === "cann" ? [probe.work, "queue", ...pointers, ...ints] : ["queue", probe.work, ...pointers, ...ints];
  return `#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <vector>
${runtimes[target]}
${declaration}
static uint32_t seed = 12345;
static float reach = 1;  // of floats: wide values in the second run
static int run = 0;  // 2: peaks at the ends of rows and a lowest value inside, 3: NaN at the end of one row and the begin of the next
static const size_t period = ${probe.period ?? 0};
static float special(size_t i, float x) {
  const size_t at = period ? i % (2 * period) : 0;
  if (run == 2 && (at + 1 == period || at == period)) return 1000;
  if (run == 2 && at == period / 2) return -__builtin_inff();
  return run == 3 && (i + 1 == period || i == period) ? __builtin_nanf("") : x;
}
static float uniform() { seed = seed * 1664525u + 1013904223u; return (float)(seed >> 8) / 8388608.0f - 1.0f; }
// Halves of eleven bits between 2^-5 and 1, of both signs.
static uint16_t half_bits() { uniform(); return (uint16_t)(((seed >> 16) & 0x8000u) | ((10u + (seed >> 28) % 5u) << 10) | ((seed >> 8) & 0x3ffu)); }
static void fill(void* p, char type, size_t count) {
  std::vector<char> bytes(count * 4);
  for (size_t i = 0; i < count; i++) {
    if (type == 'f') ((float*)bytes.data())[i] = special(i, reach * uniform());
    if (type == 'h') ((uint16_t*)bytes.data())[i] = half_bits();
    if (type == 'b') bytes[i] = uniform() > -0.3f;
  }
  put(p, bytes.data(), count * (type == 'f' ? 4 : type == 'h' ? 2 : 1));
}
static const int32_t runs[2][${probe.ints.length + 1}] = {${sizesOf(probe.ints)}, ${sizesOf(probe.also ?? probe.ints)}};
int main(int argc, char** argv) {
  if (argc > 2) run = atoi(argv[2]);
  const int32_t* sizes = runs[run == 1];
  if (run == 1) reach = 100;
  open();
  void* b[] = {${probe.buffers.map((x) => `room(${bytesOf(x)})`).join(", ")}};
${probe.buffers.map((x, i) => (x.output || x.scratch ? "" : `  fill(b[${i}], '${{ f32: "f", f16: "h", u8: "b" }[x.type]}', ${x.count});\n`)).join("")}  if (${launch}(${args.join(", ")})) return 7;
  done();
  FILE* file = fopen(argv[1], "wb");
  if (!file) return 8;
  std::vector<char> bytes;
${probe.buffers.map((x, i) => (x.output ? `  bytes.resize(${bytesOf(x)}); get(bytes.data(), b[${i}], bytes.size()); fwrite(bytes.data(), 1, bytes.size(), file);\n` : "")).join("")}  fclose(file);
  for (void* p : b) drop(p);
  quit();
  return 0;
}
`;
}

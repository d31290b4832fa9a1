/** What the twin's CNNL refuses, leaves open or computes in half, and how the runtime tells whose error a number is. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildTwin } from "./harness.js";

const program = String.raw`
#include <stdio.h>
#include <string.h>
#include "portolan_cnnl.h"
#include "portolan_mlu.h"
using namespace portolan::bang;
static cnrtQueue_t queue;
static cnnlHandle_t handle;
template <class T, int n>
static void* upload(const T (&from)[n]) {
  void* p = nullptr;
  cnrtMalloc(&p, sizeof from);
  cnrtMemcpyAsync_V2(p, const_cast<T*>(from), sizeof from, queue, cnrtMemcpyHostToDev);
  return p;
}
template <class T>
static float first(void* p) {
  T x{};
  cnrtMemcpyAsync_V2(&x, p, sizeof x, queue, cnrtMemcpyDevToHost);
  return (float)x;
}
static void* room(size_t bytes) {
  void* p = nullptr;
  cnrtMalloc(&p, bytes);
  return p;
}
// y = a b over one row of five, in halves or another type of two bytes.
static int product(cnnlDataType_t type, bool on_chip, void* a, void* b, void* y) {
  Tensor ad, bd, yd;
  PTL_CNNL(ad.set(CNNL_LAYOUT_ARRAY, type, {1, 5}));
  PTL_CNNL(bd.set(CNNL_LAYOUT_ARRAY, type, {5, 1}));
  PTL_CNNL(yd.set(CNNL_LAYOUT_ARRAY, type, {1, 1}));
  MatMul matmul;
  MatMulAlgo algo;
  MatMulHeuristic heuristic;
  Quantize quant;
  PTL_CNNL(matmul.create());
  PTL_CNNL(algo.create());
  PTL_CNNL(heuristic.create());
  PTL_CNNL(quant.create());
  PTL_CNNL(cnnlSetQuantizeExDescriptorQuantSchemeAndDtype(quant, CNNL_QUANTIZE_NONE, CNNL_DTYPE_FLOAT));
  const int32_t compute = CNNL_DTYPE_FLOAT;
  const cnnlQuantizeExDescriptor_t in_float = quant;
  PTL_CNNL(cnnlSetMatMulDescAttr(matmul, CNNL_MATMUL_DESC_COMPUTE_TYPE, &compute, sizeof compute));
  if (on_chip) PTL_CNNL(cnnlSetMatMulDescAttr(matmul, CNNL_MATMUL_D_QUANT, &in_float, sizeof in_float));
  int found = 0;
  size_t bytes = 0;
  PTL_CNNL(cnnlGetMatMulAlgoHeuristic(handle, matmul, ad, bd, yd, yd, nullptr, 1, heuristic.address(), &found));
  PTL_CNNL(cnnlGetMatMulHeuristicResult(heuristic, algo, &bytes));
  const float alpha = 1, beta = 0;
  PTL_CNNL(cnnlMatMul_v2(handle, matmul, algo, &alpha, ad, a, bd, b, &beta, yd, y, room(bytes), bytes, yd, y));
  return 0;
}
// Pools a column of five.
static int pool(cnnlPoolingMode_t mode, cnnlNanPropagation_t nan, int dilation, bool table, cnnlDataType_t type, void* x, void* y) {
  Tensor xd, yd;
  PTL_CNNL(xd.set(CNNL_LAYOUT_NHWC, type, {1, 5, 1, 1}));
  PTL_CNNL(yd.set(CNNL_LAYOUT_NHWC, type, {1, dilation == 1 ? 1 : 3, 1, 1}));
  Pooling d;
  PTL_CNNL(d.create());
  PTL_CNNL(cnnlSetPooling2dDescriptor_v2(d, mode, nan, dilation == 1 ? 5 : 2, 1, 0, 0, 0, 0, 1, 1, dilation, 1, false));
  size_t bytes = 0;
  PoolingTable extra;
  PTL_CNNL(cnnlGetPoolingWorkspaceSize_v2(handle, d, xd, yd, &bytes));
  PTL_CNNL(cnnlGetPoolingExtraInputSize(handle, mode, 1, 1, &extra.bytes));
  void* workspace = room(extra.behind(bytes));
  const portolan::Run r = {queue, nullptr, nullptr, handle, nullptr};
  if (table) PTL_TRY(extra.fill(r, handle, d, xd, yd, workspace, bytes));
  PTL_CNNL(cnnlPoolingForward_v2(handle, d, nullptr, xd, x, nullptr, extra.at, yd, y, workspace, bytes));
  return 0;
}
static void say(const char* name, int status, float value) {
  printf("%s|%d|%g|%s\n", name, status, value, status ? portolan::device::error_text(status) : "");
}
int main() {
  portolan::device::open(0);
  cnrtQueueCreate(&queue);
  cnnlCreate(&handle);
  cnnlSetQueue(handle, queue);
  const _Float16 halves[] = {2048, 1, 1, 1, 1}, ones[] = {1, 1, 1, 1, 1};
  const float marked[] = {1, 2, __builtin_nanf(""), 4, 3};
  void *a = upload(halves), *b = upload(ones), *x = upload(marked), *y = room(64);
  int s = product(CNNL_DTYPE_HALF, false, a, b, y);
  say("half product", s, first<_Float16>(y));
  s = product(CNNL_DTYPE_HALF, true, a, b, y);
  say("half product in float", s, first<_Float16>(y));
  say("bf16 product", product(CNNL_DTYPE_BFLOAT16, false, a, b, y), 0);
  say("bf16 product in float", product(CNNL_DTYPE_BFLOAT16, true, a, b, y), 0);
  s = pool(CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, CNNL_NOT_PROPAGATE_NAN, 1, true, CNNL_DTYPE_HALF, a, y);
  say("half average", s, first<_Float16>(y));
  say("no table", pool(CNNL_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, CNNL_NOT_PROPAGATE_NAN, 1, false, CNNL_DTYPE_HALF, a, y), 0);
  say("dilated", pool(CNNL_POOLING_MAX, CNNL_NOT_PROPAGATE_NAN, 2, true, CNNL_DTYPE_FLOAT, x, y), 0);
  say("propagate", pool(CNNL_POOLING_MAX, CNNL_PROPAGATE_NAN, 1, true, CNNL_DTYPE_FLOAT, x, y), 0);
  s = pool(CNNL_POOLING_MAX, CNNL_NOT_PROPAGATE_NAN, 1, true, CNNL_DTYPE_FLOAT, x, y);
  say("nan", s, first<float>(y));
  void* refused = nullptr;
  say("cnrt", cnrtMalloc(&refused, 0), 0);
  say("tasks", 0, tasks(100));
  say("few tasks", 0, tasks(5));
  say("no tasks", 0, tasks(0));
  return 0;  // calls were refused: what is left is no leak
}
`;

interface Said {
  readonly status: number;
  readonly value: number;
  readonly text: string;
}

const said = new Map<string, Said>();
let stderr = "";

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "bang-rules-"));
  const main = join(folder, "main.cpp");
  writeFileSync(main, program);
  const { library } = buildTwin();
  const includes = ["include", ".", "../../common/twin", "../../common/runtime", "../runtime"].map((f) => `-Itargets/bang/twin/${f}`);
  const sources = [main, "targets/bang/runtime/device.cpp", library];
  execFileSync("g++", ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", ...includes, ...sources, "-o", join(folder, "main")], {
    stdio: "inherit",
  });
  const done = spawnSync(join(folder, "main"), { encoding: "utf8", env: { ...process.env, PORTOLAN_MLU_CLUSTERS: "3" } });
  stderr = done.stderr;
  for (const line of done.stdout.trim().split("\n")) {
    const [name, status, value, text] = line.split("|");
    said.set(name, { status: Number(status), value: Number(value), text });
  }
}, 300_000);

const notSupported = 1_000_007;

test("a product of halves sums in half unless its result is FLOAT on chip", () => {
  expect(said.get("half product")).toMatchObject({ status: 0, value: 2048 });
  expect(said.get("half product in float")).toMatchObject({ status: 0, value: 2052 });
});

test("a product of bfloat16 needs a result that is FLOAT on chip", () => {
  expect(said.get("bf16 product")?.status).toBe(notSupported);
  expect(said.get("bf16 product in float")?.status).toBe(0);
});

test("an average of halves sums in half, and reads the table that the library filled on the host", () => {
  expect(said.get("half average")).toMatchObject({ status: 0, value: 409.5 });
  expect(said.get("no table")?.text).toMatch(/extra input/);
});

test("pooling takes no dilation and passes no NaN on; what a NaN gives is left open, and said", () => {
  expect(said.get("dilated")?.status).toBe(notSupported);
  expect(said.get("propagate")?.status).toBe(notSupported);
  expect(said.get("nan")?.value).toBeLessThan(-1e18);
  expect(stderr).toContain('{"unspecified":"cnnlPoolingForward_v2"');
});

test("an error's text comes from the library that failed", () => {
  expect(said.get("dilated")?.text).toMatch(/^CNNL status 7: cnnlPoolingForward_v2: /);
  expect(said.get("cnrt")).toMatchObject({ status: 100_006, text: expect.stringMatching(/^CNRT error 100006: /) as string });
});

test("a launch has as many tasks as there is work, and no more than the card has cores", () => {
  expect(["tasks", "few tasks", "no tasks"].map((name) => said.get(name)?.value)).toEqual([12, 5, 0]);
});

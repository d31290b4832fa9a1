/** The twin runs kernels written as the chip's own people write them, and stops those that read an instruction as we once did. */
import { describe, expect, test } from "vitest";
import { buildProgram, preparedBy, root, run } from "./twin.js";
import { byteFold, converting, decaying, formerFold, formerReading, nanCount, pickOne, witnessFold } from "./witness-style.js";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const host = (declaration: string, body: string): string => `
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <vector>
#include "xpu/runtime.h"
extern "C" int ${declaration};
template <class T> static T* device(const std::vector<T>& v) {
  void* p = nullptr;
  xpu_malloc(&p, v.size() * sizeof(T));
  xpu_memcpy(p, v.data(), v.size() * sizeof(T), XPU_HOST_TO_DEVICE);
  return static_cast<T*>(p);
}
template <class T> static std::vector<T> back(T* p, size_t n) {
  std::vector<T> v(n);
  xpu_memcpy(v.data(), p, n * sizeof(T), XPU_DEVICE_TO_HOST);
  xpu_free(p);
  return v;
}
int main() {${body}}
`;

const sums = host(
  "row_sum_launch(void*, void*, void*, int, int)",
  `
  const int rows = 100, cols = 160;
  std::vector<float> x(rows * cols);
  for (int i = 0; i < rows * cols; i++) x[i] = (float)(i * 37 % 101);
  float *dx = device(x), *dy = device(std::vector<float>(rows));
  if (int s = row_sum_launch(nullptr, dx, dy, rows, cols)) return s;
  const auto y = back(dy, rows);
  xpu_free(dx);
  int wrong = 0;
  for (int r = 0; r < rows; r++) {
    float want = 0;
    for (int c = 0; c < cols; c++) want += x[r * cols + c];
    wrong += y[r] != want;
  }
  printf("%d", wrong);
  return 0;`,
);

describe("a lane fold", () => {
  test("as witnesses write it sums each row", () => {
    const done = run(buildProgram({ row_sum: witnessFold }, { "main.cpp": sums }));
    expect([done.stderr, done.status, done.stdout]).toEqual(["", 0, "0"]);
  });
  test("as witnesses write it is wrong in every row on a twin that counts lanes", () => {
    const include = `#include "xpu/kernel/xtdk_math.h"\n`;
    const former = witnessFold.replace(include, include + formerReading);
    expect(run(buildProgram({ row_sum: former }, { "main.cpp": sums })).stdout).toBe("100");
  });
  test("by lanes is stopped: its amounts are no whole bytes", () => {
    const done = run(buildProgram({ row_sum: formerFold }, { "main.cpp": sums }));
    expect(done.violation?.violation).toBe("register-shift");
    expect(done.violation?.line).toBeGreaterThan(0);
  });
  test("by bytes is wrong in every row", () => {
    expect(run(buildProgram({ row_sum: byteFold }, { "main.cpp": sums })).stdout).toBe("100");
  });
});

describe("a comparison's mask", () => {
  const counts = host(
    "has_nan_launch(void*, void*, void*, int)",
    `
  for (int nan = 0; nan < 2; nan++) {
    std::vector<float> x(64, 1.0f);
    if (nan) x[37] = NAN;
    float* dx = device(x);
    int* dy = device(std::vector<int>(1));
    if (int s = has_nan_launch(nullptr, dx, dy, 64)) return s;
    printf("%d", back(dy, 1)[0]);
    xpu_free(dx);
  }
  return 0;`,
  );
  test("is a number once it is masked", () => {
    expect(run(buildProgram({ has_nan: nanCount(true) }, { "main.cpp": counts })).stdout).toBe("01");
  });
  test("is none as it comes: what lies above the lanes is not zero", () => {
    expect(run(buildProgram({ has_nan: nanCount(false) }, { "main.cpp": counts })).stdout).toBe("11");
  });
});

describe("pointers", () => {
  const picks = host(
    "pick_launch(void*, void*, void*, void*, int)",
    `
  const int n = 40;
  std::vector<float> x(n);
  std::vector<int> at(n);
  for (int i = 0; i < n; i++) x[i] = (float)i, at[i] = (i * 7) % n;
  float *dx = device(x), *dy = device(std::vector<float>(n));
  int* da = device(at);
  if (int s = pick_launch(nullptr, dx, da, dy, n)) return s;
  const auto y = back(dy, n);
  xpu_free(dx);
  xpu_free(da);
  int wrong = 0;
  for (int i = 0; i < n; i++) wrong += y[i] != x[at[i]];
  printf("%d", wrong);
  return 0;`,
  );
  test("that say where they point reach global memory, and a local variable takes its element", () => {
    const done = run(buildProgram({ pick: pickOne("__global_ptr__ ") }, { "main.cpp": picks }));
    expect([done.stderr, done.stdout]).toEqual(["", "0"]);
  });
  test("without a qualifier point into local memory in a __device__ function", () => {
    const done = run(buildProgram({ pick: pickOne("") }, { "main.cpp": picks }));
    expect(done.violation?.violation).toBe("wrong-space");
    expect(done.violation?.detail).toContain("without a qualifier");
  });
  test("of the bundle's own helpers are checked in the same way", () => {
    const folder = mkdtempSync(join(tmpdir(), "portolan-kunlun-header-"));
    const header = readFileSync(join(root, "targets/kunlun/runtime/portolan_xpu.h"), "utf8").replaceAll(
      " PTL_LINE_PARAMETER)",
      ", int line = __builtin_LINE())",
    );
    const prepared = preparedBy(header).replace(/^#line.*$/gm, "");
    expect(prepared).toContain("local_pointer");
    writeFileSync(join(folder, "portolan_xpu.h"), prepared);
    const kernel = pickOne("__global_ptr__ ")
      .replace(/static __device__ float element[^}]*}/, "")
      .replace("element(x + k)", "gm_get<float>(x + k)")
      .replace(/#include "xpu\/kernel\/cluster_simd.h"\n/, '#include "portolan_xpu.h"\n');
    const done = run(buildProgram({ pick: kernel }, { "main.cpp": picks }, { flags: [`-I${folder}`] }));
    expect([done.stderr, done.stdout]).toEqual(["", "0"]);
  });
});

test("arrays decay, their elements change in place, and a scope's array gives its bytes back", () => {
  const body = `
  const int n = 500;
  std::vector<float> x(n);
  for (int i = 0; i < n; i++) x[i] = (float)i;
  float *dx = device(x), *dy = device(std::vector<float>(n));
  if (int s = decays_launch(nullptr, dx, dy, n)) return s;
  const auto y = back(dy, n);
  xpu_free(dx);
  int wrong = (y[0] != 2) + (y[1] != 0);
  for (int i = 2; i < n; i++) wrong += y[i] != 2.0f * i;
  printf("%d", wrong);
  return 0;`;
  const done = run(buildProgram({ decays: decaying }, { "main.cpp": host("decays_launch(void*, void*, void*, int)", body) }));
  expect([done.stderr, done.stdout]).toEqual(["", "0"]);
});

describe("a float becomes an integer", () => {
  const converts = (value: string): string =>
    host(
      "converts_launch(void*, void*, void*, int)",
      `
  float* dx = device(std::vector<float>(16, ${value}));
  int* dy = device(std::vector<int>(16));
  if (int s = converts_launch(nullptr, dx, dy, 16)) return s;
  printf("%d", back(dy, 16)[3]);
  xpu_free(dx);
  return 0;`,
    );
  test("where every reading agrees", () => {
    expect(run(buildProgram({ converts: converting }, { "main.cpp": converts("-2097152.75f") })).stdout).toBe("-2097152");
  });
  test.each(["NAN", "INFINITY", "3e9f", "-3e9f", "4194304.5f"])("%s is taken by no card's document", (value) => {
    expect(run(buildProgram({ converts: converting }, { "main.cpp": converts(value) })).violation?.violation).toBe("float-to-int");
  });
});

test("memory that is never released is told at the program's end", () => {
  const body = `
  void* p = nullptr;
  xpu_malloc(&p, 64);
  return 0;`;
  const done = run(buildProgram({}, { "main.cpp": host("unused()", body) }));
  expect([done.status, done.violation?.violation]).toEqual([86, "leak"]);
});

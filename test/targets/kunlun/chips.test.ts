/** What differs from chip to chip, and what the language leaves to the vendor: half types, headers, overloads, subnormals, limits. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat } from "../../../src/base/float-formats.js";
import { argumentsFit } from "../../../src/kernel/caps.js";
import { planUnits } from "../../../src/kernel/group/group.js";
import type { Kernel } from "../../../src/kernel/tile.js";
import { chips, profiles } from "../../../targets/kunlun/caps.js";
import { cmake } from "../../../targets/kunlun/cmake.js";
import { printKernel } from "../../../targets/kunlun/print.js";
import { sketches } from "./sketches.js";
import { buildProgram, root, run } from "./twin.js";

function kernelsOf(name: keyof typeof sketches, chip: keyof typeof chips): Kernel[] {
  const options = { caps: chips[chip].caps, isLibrary: () => false, ranges: () => undefined, prefix: "k_" };
  return planUnits(sketches[name](), options).flatMap((u) => (u.kind === "kernels" ? u.kernels.map((k) => k.kernel) : []));
}

const nothing = { "main.cpp": "int main() { return 0; }" };
const text = (kernel: Kernel, chip: keyof typeof chips): string => printKernel(kernel, chips[chip]).text;

/** What the twin's headers say to a translation unit. */
function compiles(source: string, flags: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), "portolan-kunlun-unit-"));
  writeFileSync(join(folder, "unit.cpp"), source);
  const include = ["targets/kunlun/twin/include", "targets/common/twin", "targets/kunlun/runtime"].map((f) => `-I${join(root, f)}`);
  const args = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", ...flags, ...include, join(folder, "unit.cpp")];
  return spawnSync("g++", args, { encoding: "utf8" }).stderr;
}

describe("headers", () => {
  test("cluster_simd.h alone is not enough on XPU3, and is on XPU2", () => {
    const unit = `#include "xpu/kernel/cluster_simd.h"\n`;
    expect(compiles(unit, ["-D__XPU3__"])).toContain("include xpu/kernel/cluster.h before it");
    expect(compiles(unit, ["-D__XPU2__"])).toBe("");
  });
  test("XPUStream is the runtime's, not the kernel headers'", () => {
    const use = "XPUStream stream = nullptr;\nint main() { return stream != nullptr; }\n";
    expect(compiles(`#include "xpu/kernel/cluster.h"\n${use}`)).toContain("XPUStream");
    expect(compiles(`#include "xpu/runtime.h"\n#include "xpu/kernel/cluster.h"\n${use}`)).toBe("");
  });
  test("the bundle's header stands alone on both", () => {
    for (const chip of ["-D__XPU2__", "-D__XPU3__"])
      expect(compiles(`#include "portolan_xpu.h"\n`, [chip, "-Wno-unused-function"])).toBe("");
  });
});

describe("halves", () => {
  const unit = (body: string): string => `#include "xpu/runtime.h"\n#include "xpu/kernel/cluster.h"\n${body}\n`;
  test("convert explicitly on XPU3, take a short for bits and no int", () => {
    expect(compiles(unit("float f(float16 h) { return (float)h; }\nfloat16 g(float x) { return (float16)x; }"))).toBe("");
    expect(compiles(unit("float f(float16 h) { return h; }"))).toContain("error");
    expect(compiles(unit("float16 f(int i) { return (float16)i; }"))).toContain("deleted");
    expect(compiles(unit("bfloat16 f(int i) { return (bfloat16)i; }"))).toContain("ambiguous");
    expect(compiles(unit("static_assert(sizeof(float16((short)1)) == 2);"))).toBe("");
  });
  test("convert to nothing on XPU2", () => {
    expect(compiles(unit("float f(float16 h) { return (float)h; }"), ["-D__XPU2__"])).toContain("error");
    expect(compiles(unit("float f(bfloat16 h) { return (float)h; }"), ["-D__XPU2__"])).toContain("error");
  });

  test("by their bits are every half, and every rounding of a float is the nearest", () => {
    const floats = [
      65504,
      65519.99,
      65520,
      1e30,
      5.9e-8,
      2.98e-8,
      2.99e-8,
      6.1e-5,
      1.0004882,
      1.0014648,
      -0,
      3.4e38,
      -1e-40,
      Infinity,
      NaN,
    ].map(Math.fround);
    const spelt = floats.map((f) =>
      Number.isNaN(f) ? '__builtin_nanf("")' : f === Infinity ? "__builtin_inff()" : Object.is(f, -0) ? "-0.0f" : `${f.toExponential(9)}f`,
    );
    const main = `
#include <stdio.h>
#include "portolan_xpu.h"
int main() {
  for (unsigned b = 0; b < 65536; b++) printf("%d %d\\n", bits_of_float(widen(half_of_bits<float16>(b))), bits_of_float(widen(half_of_bits<bfloat16>(b))));
  const float some[] = {${spelt.join(", ")}};
  for (float f : some) printf("%u %u\\n", (unsigned)bits_of(narrow_float16(f)), (unsigned)bits_of(narrow_bfloat16(f)));
  return 0;
}`;
    const lines = run(buildProgram({}, { "main.cpp": main }, { flags: ["-Wno-unused-function"] }))
      .stdout.trim()
      .split("\n");
    const word = new DataView(new ArrayBuffer(4));
    const floatOf = (bits: string): number => (word.setInt32(0, Number(bits)), word.getFloat32(0));
    for (let b = 0; b < 65536; b++) {
      const [f16, bf16] = lines[b].split(" ").map(floatOf);
      if (!Object.is(f16, decodeFloat("f16", b)) || !Object.is(bf16, decodeFloat("bf16", b))) expect.fail(`${b}: ${f16}, ${bf16}`);
    }
    floats.forEach((f, i) => {
      const [f16, bf16] = lines[65536 + i].split(" ").map(Number);
      expect([decodeFloat("f16", f16), decodeFloat("bf16", bf16)], `${f}`).toEqual([
        decodeFloat("f16", encodeFloat("f16", f)),
        decodeFloat("bf16", encodeFloat("bf16", f)),
      ]);
    });
  });

  test("of kernels are read and written without a conversion of theirs: the same text serves both chips", () => {
    const names = Object.keys(sketches).filter((n) => /half|halves|bfloat16/.test(n));
    expect(names.length).toBeGreaterThan(2);
    const kernels = names.flatMap((n, i) => kernelsOf(n, "R200").map((k) => ({ ...k, name: `k${i}_${k.name}` })));
    for (const k of kernels) expect(text(k, "R200"), k.name).toContain("--xpu-arch=xpu2");
    buildProgram(Object.fromEntries(kernels.map((k) => [k.name, text(k, "R200")])), nothing);
  });
});

describe("shapes handed to XDNN", () => {
  const call = (shape: string): string => `
#include "xpu/xdnn.h"
int f(baidu::xpu::api::Context* ctx, const float* x, float* y) {
  return baidu::xpu::api::softmax<float>(ctx, x, y, ${shape}, 1) + baidu::xpu::api::transpose<float>(ctx, x, y, ${shape}, ${shape});
}`;
  test.each([1, 2, 3])("by their type fit the overloads of every SDK (%i of them)", (overloads) => {
    expect(compiles(call("std::vector<int64_t>{2, 3}"), [`-DPORTOLAN_XDNN_OVERLOADS=${overloads}`])).toBe("");
  });
  test("as bare braces do not", () => {
    expect(compiles(call("{2, 3}"), ["-DPORTOLAN_XDNN_OVERLOADS=2"])).toContain("ambiguous");
    expect(compiles(call("{2, 3}"), ["-DPORTOLAN_XDNN_OVERLOADS=3"])).toBe("");
  });
});

test("float data is multiplied as float16 under XRE 5 alone", () => {
  const main = `
#include <stdio.h>
#include <vector>
#include "core.h"
#include "xblas/cublasLt.h"
using namespace baidu::xpu;
int main() {
  api::Context* ctx = api::create_context();
  void* p[3];
  std::vector<float> ones(4, 1.0f);
  for (void*& q : p) xpu_malloc(&q, 16), xpu_memcpy(q, ones.data(), 16, XPU_HOST_TO_DEVICE);
  float *x = (float*)p[0], *w = (float*)p[1], *y = (float*)p[2];
  printf("%d ", api::fc_batched<float, float, float, float16>(ctx, 1, false, false, 2, 2, 2, 1.0f, x, 4, w, 4, 0.0f, y, 4, nullptr, nullptr));
  printf("%d", xblas::fc_batched<float, float, float, float16, float, 0>(ctx, 1, false, false, 2, 2, 2, 1.0f, x, 4, w, 4, 0.0f, y, 4, nullptr, nullptr));
  for (void* q : p) xpu_free(q);
  api::destroy_context(ctx);
  return 0;
}`;
  expect(run(buildProgram({}, { "main.cpp": main })).stdout).toBe("1 0");
});

test("what the library's documents leave open is told, and has a value nobody can take for a result", () => {
  const main = `
#include <math.h>
#include <stdio.h>
#include <vector>
#include "xpu/xdnn.h"
using namespace baidu::xpu;
int main() {
  api::Context* ctx = api::create_context();
  std::vector<float> image(16, 1.0f), out(4);
  image[5] = NAN;
  void *x, *y;
  xpu_malloc(&x, 64), xpu_malloc(&y, 16), xpu_memcpy(x, image.data(), 64, XPU_HOST_TO_DEVICE);
  const std::vector<int64_t> two = {2, 2}, none = {0, 0};
  const int s = api::max_pool2d<float>(ctx, (float*)x, (float*)y, (int*)nullptr, 1, 1, 4, 4, two, two, none, true);
  xpu_memcpy(out.data(), y, 16, XPU_DEVICE_TO_HOST);
  xpu_free(x), xpu_free(y);
  api::destroy_context(ctx);
  printf("%d %d %d", s, out[0] < -1e18f, out[3] == 1.0f);
  return 0;
}`;
  const done = run(buildProgram({}, { "main.cpp": main }));
  expect(done.stdout).toBe("0 1 1");
  expect(done.stderr).toContain('{"unspecified":"max_pool2d"');
});

test("subnormals are kept or flushed, as the twin is asked", () => {
  const kernel = `#include "portolan_xpu.h"
__global__ void halve(const float* x, float* y) {
  if (core_id() != 0 || cluster_id() != 0) return;
  __simd__ float t[16];
  GM2LM(x, t, 64);
  vstore_lm_float32x16(t, svmul_float32x16(0.5f, vload_lm_float32x16(t)));
  mfence_lm();
  LM2GM(t, y, 64);
}
extern "C" int halve_launch(void* stream, void* x, void* y) { return halve<<<1, 64, (XPUStream)stream>>>((const float*)x, (float*)y); }
`;
  const main = `
#include <stdio.h>
#include <vector>
#include "xpu/runtime.h"
extern "C" int halve_launch(void*, void*, void*);
int main() {
  std::vector<float> v(16, 1.17549435e-38f);
  void *x, *y;
  xpu_malloc(&x, 64), xpu_malloc(&y, 64), xpu_memcpy(x, v.data(), 64, XPU_HOST_TO_DEVICE);
  if (int s = halve_launch(nullptr, x, y)) return s;
  xpu_memcpy(v.data(), y, 64, XPU_DEVICE_TO_HOST);
  xpu_free(x), xpu_free(y);
  printf("%d", v[5] != 0);
  return 0;
}`;
  const program = buildProgram({ halve: kernel }, { "main.cpp": main }, { flags: ["-Wno-unused-function"] });
  expect([run(program).stdout, run(program, [], { PORTOLAN_FLUSH_SUBNORMALS: "1" }).stdout]).toEqual(["1", "0"]);
});

describe("limits", () => {
  test("arguments are counted in bytes: 8 a pointer, 4 an int, 512 in all", () => {
    const { caps } = chips.P800;
    expect([argumentsFit(caps, 64, 0), argumentsFit(caps, 64, 1), argumentsFit(caps, 40, 48), argumentsFit(caps, 40, 49)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
  test("a tile in shared memory is refused: its copies and fences are others", () => {
    const [kernel] = kernelsOf("relu of a sum", "P800");
    const shared = { ...kernel, tiles: kernel.tiles.map((t) => ({ ...t, space: "shared" as const })) };
    expect(() => printKernel(shared, chips.P800)).toThrow(/shared/);
  });
  test("R200 takes 4 GB at once at most, in the bundle too", () => {
    const make = (chip: keyof typeof chips) => cmake({ prefix: "m", chip: chips[chip], kernels: ["kernels/k.xpu"] });
    expect(make("R200")).toContain("PORTOLAN_LARGEST_ALLOCATION=4294967296");
    expect(make("P800")).not.toContain("PORTOLAN_LARGEST_ALLOCATION");
    expect(readFileSync(join(root, "targets/kunlun/runtime/device.cpp"), "utf8")).toContain("bytes > PORTOLAN_LARGEST_ALLOCATION");
  });
  test("each chip builds as its tools do, and names the profile its code is for", () => {
    const make = (chip: keyof typeof chips) => cmake({ prefix: "m", chip: chips[chip], kernels: ["kernels/k.xpu"] });
    expect([chips.P800.profile, chips.R200.profile]).toEqual([profiles.xre5, profiles.xre4]);
    expect(make("P800")).toMatch(/-mllvm -fix-mfence=all[^]*-c "[^"]*k.xpu" -o[^]*xpu_blas xpu_dnn/);
    expect(make("R200")).toMatch(/Unverified[^]*--basename k -c "[^"]*k.xpu" WORKING_DIRECTORY[^]*k.device.bin.o/);
    expect(make("R200")).not.toMatch(/-mllvm|xpu_blas/);
  });
});

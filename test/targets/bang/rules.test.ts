/** What the twin refuses in NRAM between the scalar unit and the others, plain accesses, and forms that nobody else uses. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { instructions, type InstructionName } from "../../../targets/bang/instructions.js";
import { buildTwin, floats, runCases, single, type Case } from "./harness.js";

/** A kernel of one task over x (64 floats) and y (64 floats), both in NRAM as `a` and `b`, a loaded, b stored at the end. */
function kernel(name: string, body: string, before = "", after = ""): Case {
  const source = `#include <bang.h>
${before}
__mlu_global__ void ${name}(float* x, float* y) {
  __nram__ float a[64];
  __nram__ float b[64];
  __nram__ int32_t c[64];
  __bang_write_value(c, 64, 0);
  __memcpy(a, x, 256, GDRAM2NRAM);
  ${body}
  __memcpy(y, b, 256, NRAM2GDRAM);
  ${after}
}
extern "C" int ${name}_launch(void* queue, int32_t tasks, void* x, void* y) {
  const cnrtDim3_t dim = {(uint32_t)tasks, 1, 1};
  ${name}<<<dim, cnrtFuncTypeBlock, (cnrtQueue_t)queue>>>((float*)x, (float*)y);
  return cnrtGetLastError();
}
`;
  const x = Float32Array.from({ length: 64 }, (_, i) => (i === 3 ? Number.NaN : i === 5 ? 1e20 : i - 7.5));
  return single(name, name, source, [x, 256], [], 1);
}

const halfMask =
  "__nram__ float m[64]; __memcpy(m, x, 128, GDRAM2NRAM); __bang_gt_scalar(m, m, 0.0f, 64); __bang_add(b, a, a, 64); __bang_filter(b, a, m, 64); __bang_add(b, a, a, 64);";

const cases: readonly (readonly [name: string, body: string, rule: string | undefined])[] = [
  ["vector_then_scalar", "__bang_add(b, a, a, 64); b[0] = __load_nram(b) + 1.0f;", "in-flight-read"],
  ["vector_sync_scalar", "__bang_add(b, a, a, 64); __sync_compute(); b[0] = b[1] + 1.0f; __sync_compute();", undefined],
  ["plain_read", "__bang_add(b, a, a, 64); const float v = b[7]; __sync(); b[0] = v; __sync();", "in-flight-read"],
  ["plain_then_vector", "b[0] = 2.0f; __bang_add(b, a, a, 64);", "in-flight-read"],
  ["added_then_vector", "a[3] += 2.0f; __bang_add(b, a, a, 64);", "in-flight-read"],
  ["added_sync_vector", "a[3] += 2.0f; __sync(); __bang_add(b, a, a, 64);", undefined],
  ["plain_then_copy", "for (int i = 0; i < 64; i++) b[i] = a[i];", "in-flight-read"],
  ["plain_sync_copy", "for (int i = 0; i < 64; i++) b[i] = a[i]; __sync();", undefined],
  ["plain_bounds", "volatile int at = 64; __bang_add(b, a, a, 64); __sync(); b[at] = 1.0f; __sync();", "out-of-bounds"],
  ["plain_poison", "b[0] = b[1]; __bang_add(b, a, a, 64);", "uninitialised-read"],
  ["plain_in_flight", "__memcpy_async(b, x, 256, GDRAM2NRAM); b[0] = 1.0f; __sync();", "in-flight-read"],
  ["through_pointer", "__bang_add(b, a, a, 64); float* p = b + 3; *p = 1.0f; __sync();", "in-flight-read"],
  ["plain_global", "__bang_add(b, a, a, 64); volatile int at = 64; x[at] = 1.0f;", "out-of-bounds"],
  ["unknown_assembly", '__bang_add(b, a, a, 64); asm volatile("nap 7;");', "undocumented"],
  ["assembly_not_taken", '__bang_add(b, a, a, 64); if (taskDim > 4) asm volatile("nap 7;");', undefined],
  ["ends_of_mask", halfMask, "uninitialised-read"],
  ["largest_in_two", "__bang_add(b, a, a, 64); __nram__ float largest[2]; __bang_argmax(largest, b, 64);", "out-of-bounds"],
  ["stride_0", "__memcpy(b, x, 4, GDRAM2NRAM, 4, 0, 63);", "dma-rule"],
  ["stride_0_inside", "__memcpy(b, a, 4, NRAM2NRAM, 4, 0, 63);", undefined],
  ["half_of_all", "__nram__ float rest[100000]; __bang_write_value(rest, 100000, 1.0f); __bang_add(b, a, rest, 64);", undefined],
  ["decays", "first(b, a); __bang_add(b, a, a, 64);", undefined],
];

const template = "template <typename T> __mlu_func__ void first(T* to, const T* from) { __bang_move(to, from, sizeof(T)); }";

test("the scalar unit and the others wait for each other, and plain accesses are seen wherever they are made", () => {
  const outcomes = runCases(cases.map(([name, body]) => kernel(name, body, name === "decays" ? template : "")));
  const got = cases.map(([name], k) => [
    name,
    outcomes[k].status === 0 ? undefined : (outcomes[k].violation?.violation ?? outcomes[k].stderr),
  ]);
  expect(got).toEqual(cases.map(([name, , rule]) => [name, rule]));
});

test("floats without an integer of theirs give DEADBEEF", () => {
  const body = "__bang_float2int32_tz(c, a, 64, 0); __bang_int322float_rn(b, c, 64, 0);";
  const [out] = runCases([kernel("poison", body)]);
  expect([...floats(out.buffers[1]).subarray(2, 7)]).toEqual([
    -5,
    Math.fround(0xdeadbeef - 2 ** 32),
    -3,
    Math.fround(0xdeadbeef - 2 ** 32),
    -1,
  ]);
});

test("a program that ends well has given everything back, and one that did not ends", () => {
  const { library } = buildTwin();
  const folder = mkdtempSync(join(tmpdir(), "bang-leak-"));
  const [source, program] = [join(folder, "main.cpp"), join(folder, "main")];
  writeFileSync(source, '#include "cnrt.h"\nint main(int n, char**) { void* p = 0; cnrtMalloc(&p, 8); return n > 1 ? cnrtFree(p) : 0; }\n');
  execFileSync("g++", ["-std=c++17", "-Itargets/bang/twin/include", "-Itargets/common/twin", source, library, "-pthread", "-o", program]);
  expect(spawnSync(program, ["free"]).status).toBe(0);
  const left = spawnSync(program, [], { encoding: "utf8", timeout: 20_000 });
  expect([left.status, left.stderr]).toEqual([86, expect.stringContaining('"leak"')]);
});

test("PORTOLAN_TWIN: subnormal numbers flushed, and kernels that leave units to the compiler let pass", () => {
  const small = kernel("small", "__bang_mul_scalar(b, a, 1e-30f, 64); __bang_mul_scalar(b, b, 1e-12f, 64);");
  const loose = kernel("loose", "__bang_add(b, a, a, 64); b[0] = b[1];");
  const counted = kernel(
    "counted",
    "__bang_add(b, a, a, 64); __nram__ float largest[2]; __bang_argmax(largest, b, 64); b[0] = largest[0];",
  );
  const [kept] = runCases([small]);
  const [flushed, passed] = runCases([small, loose], { PORTOLAN_TWIN: "flush-to-zero,lenient-scalar" });
  expect(floats(kept.buffers[1])[20]).toBeGreaterThan(0);
  expect(floats(flushed.buffers[1])[20]).toBe(0);
  expect(passed.status).toBe(0);
  const leaving = kernel("leaving", "__bang_add(b, a, a, 64); __sync();", "", "__memcpy_async(y, b, 256, NRAM2GDRAM);");
  const masked = kernel("masked", halfMask);
  const chosen = kernel("chosen", halfMask.replace("__bang_add", "__bang_not(m, m, 64); __bang_add"));
  const lenient = runCases([loose, counted, leaving, masked, chosen], { PORTOLAN_TWIN: "lenient" });
  expect(lenient.map((o) => o.violation?.violation)).toEqual([undefined, undefined, undefined, undefined, "uninitialised-read"]);
});

test.each([["a strided __bang_move", "__bang_move(b, a, 4, 4, 8, 31);"]])("%s does not build", (_, body) => {
  const folder = mkdtempSync(join(tmpdir(), "bang-refused-"));
  const source = join(folder, "k.cpp");
  writeFileSync(source, `#include <bang.h>\nvoid k(float* a, float* b) { ${body} }\n`);
  const compile = () =>
    execFileSync("g++", ["-std=c++17", "-Itargets/bang/twin/include", "-Itargets/common/twin", "-fsyntax-only", source], { stdio: "pipe" });
  expect(compile).toThrow();
});

test("our own kernels give bitwise instructions the int8_t that the newer compiler wants", () => {
  const types = ["__bang_band", "__bang_bor", "__bang_bxor", "__bang_bnot"].map((name) => instructions[name as InstructionName].types);
  expect(types).toEqual(Array(4).fill(["int8_t"]));
  const kernels = readdirSync("samples", { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".mlu"));
  expect(kernels.length).toBeGreaterThan(0);
  for (const f of kernels) expect(readFileSync(join("samples", f), "utf8")).not.toContain("(char*)");
});

/** Kernels the schedules make, printed, built with the twin and run: their numbers are the primitives' own. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { DType } from "../../../src/base/dtype.js";
import { decodeFloats, isPackedFloat } from "../../../src/base/float-formats.js";
import { evaluateDim } from "../../../src/base/dim.js";
import { allocate, elementCount, type Tensor, type TensorData } from "../../../src/base/tensor.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import { rankedType, type Graph, type Value } from "../../../src/ir/graph.js";
import { planUnits, type Unit } from "../../../src/kernel/group/group.js";
import { chips } from "../../../targets/kunlun/caps.js";
import { intrinsics } from "../../../targets/kunlun/intrinsics.js";
import { printKernel } from "../../../targets/kunlun/print.js";
import { randomTensor } from "../../kernel/plan-helpers.js";
import { sketches } from "./sketches.js";
import { buildProgram, run } from "./twin.js";

const chip = chips.P800;
const cases = Object.entries(sketches).map(([name, make]) => ({ name, graph: make() }));

interface Prepared {
  readonly text: string;
  readonly kernels: Readonly<Record<string, string>>;
  readonly files: readonly { readonly index: number; readonly data: TensorData }[];
  readonly outputs: readonly { readonly index: number; readonly value: Value; readonly want: Tensor }[];
}

function bytes(data: TensorData): Uint8Array {
  const view = data as Float32Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Seeded values; unsigned words reach over their whole range. */
function inputFor(dtype: DType, shape: readonly number[], seed: number): Tensor {
  const made = randomTensor(dtype, shape, seed);
  if (made.data instanceof Uint32Array) made.data.forEach((x, i, all) => (all[i] = Math.imul(x + 1, 0x9e3779b9 >>> (7 * (i % 5))) >>> 0));
  return made;
}

/** C++ of one case: buffers by number, launches in order. */
function prepare(graph: Graph, at: number): Prepared {
  const shape = (v: Value) => (rankedType(v)?.shape ?? []).map((d) => evaluateDim(d, {}));
  const dtype = (v: Value) => rankedType(v)?.dtype ?? "f32";
  const inputs = new Map(graph.inputs.map((v, i) => [v, inputFor(dtype(v), shape(v), i + 1)]));
  const want = evaluateGraph(graph, new Map(), inputs);
  const units = planUnits(graph, { caps: chip.caps, isLibrary: () => false, ranges: () => undefined, prefix: `k${at}_` });
  const numbers = new Map<Value, number>();
  const root = new Map<Value, Value>();
  const number = (v: Value): number => {
    const of = root.get(v) ?? v;
    const had = numbers.get(of);
    if (had !== undefined) return had;
    numbers.set(of, numbers.size);
    return numbers.size - 1;
  };
  const lines: string[] = [];
  const kernels: Record<string, string> = {};
  for (const u of units) emitUnit(u, { number, root, lines, kernels });
  const files = [...inputs, ...[...graph.constants].map(([v, c]): [Value, Tensor] => [v, c.load()])].map(([v, t]) => ({
    index: number(v),
    data: t.data,
  }));
  const outputs = graph.outputs.map((value) => ({ index: number(value), value, want: want.get(value) as Tensor }));
  const sizes = [...numbers].map(([v]) => Math.max(1, elementCount(shape(v)) * bytes(allocate(dtype(v), 1)).byteLength));
  const text = [
    `static int case_${at}(const char* folder) {`,
    `  Buffers b(folder, ${at}, {${sizes.join(", ")}});`,
    ...lines,
    "  return b.save();",
    "}",
  ].join("\n");
  return { text, kernels, files, outputs };
}

interface Emission {
  readonly number: (v: Value) => number;
  readonly root: Map<Value, Value>;
  readonly lines: string[];
  readonly kernels: Record<string, string>;
}

function emitUnit(u: Unit, { number, root, lines, kernels }: Emission): void {
  if (u.kind === "node") throw new Error(`${u.node.op} has no kernel`);
  if (u.kind === "alias") {
    root.set(u.value, root.get(u.of) ?? u.of);
    return;
  }
  for (const { kernel, bind } of u.kernels) {
    const printed = printKernel(kernel, chip);
    kernels[kernel.name] = printed.text;
    expect(printed.uses.every((name) => name in intrinsics)).toBe(true);
    lines.push(`  ${printed.declaration.replace('extern "C" ', "")}`);
    const args = ["nullptr", `${evaluateDim(kernel.parallelism, {})}`, ...kernel.buffers.map((b) => `b.at(${number(bind[b.name])})`)];
    const taken = kernel.ints.filter((i) => printed.ints.includes(i.name));
    const ints = taken.map((i) => `${evaluateDim(i.value, {})}`);
    lines.push(`  if (const int s = ${kernel.name}_launch(${[...args, ...ints].join(", ")})) return s;`);
  }
}

const support = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <vector>
#include "xpu/runtime.h"
struct Buffers {
  std::string stem;
  std::vector<size_t> bytes;
  std::vector<void*> p;
  Buffers(const char* folder, int n, std::vector<size_t> sizes) : stem(std::string(folder) + "/" + std::to_string(n) + "."), bytes(sizes), p(sizes.size()) {
    for (size_t i = 0; i < p.size(); i++) {
      xpu_malloc(&p[i], bytes[i]);
      FILE* f = fopen((stem + std::to_string(i) + ".in").c_str(), "rb");
      if (!f) continue;
      std::vector<char> host(bytes[i]);
      const size_t got = fread(host.data(), 1, bytes[i], f);
      fclose(f);
      if (got) xpu_memcpy(p[i], host.data(), got, XPU_HOST_TO_DEVICE);
    }
  }
  ~Buffers() { for (void* x : p) xpu_free(x); }
  void* at(size_t i) { return p[i]; }
  int save() {
    for (size_t i = 0; i < p.size(); i++) {
      std::vector<char> host(bytes[i]);
      xpu_memcpy(host.data(), p[i], bytes[i], XPU_DEVICE_TO_HOST);
      FILE* f = fopen((stem + std::to_string(i) + ".out").c_str(), "wb");
      if (!f) return 1;
      fwrite(host.data(), 1, bytes[i], f);
      fclose(f);
    }
    return 0;
  }
};
`;

describe("printed kernels on the twin", () => {
  const prepared: Prepared[] = [];
  let program = "";
  const folder = mkdtempSync(join(tmpdir(), "portolan-kunlun-data-"));

  beforeAll(() => {
    cases.forEach(({ graph }, i) => prepared.push(prepare(graph, i)));
    const kernels = Object.assign({}, ...prepared.map((p) => p.kernels)) as Record<string, string>;
    const declared = prepared.map((p) => p.text.replaceAll(/^ {2}int (k\d+_\w+_launch)\(/gm, "  extern int $1("));
    const externs = prepared.flatMap((p) => [...p.text.matchAll(/^ {2}(int k\d+_\w+_launch\(.*\);)$/gm)].map((m) => `extern "C" ${m[1]}`));
    const bodies = declared.map((t) => t.replaceAll(/^ {2}extern int k\d+_\w+_launch\(.*\);\n/gm, ""));
    const table = prepared.map((_, i) => `case_${i}`).join(", ");
    const main = `int main(int, char** v) { int (*const all[])(const char*) = {${table}}; return all[atoi(v[2])](v[1]); }`;
    for (const [i, p] of prepared.entries()) for (const f of p.files) writeFileSync(join(folder, `${i}.${f.index}.in`), bytes(f.data));
    program = buildProgram(kernels, { "main.cpp": [support, ...externs, ...bodies, main].join("\n") });
  }, 300_000);

  // The second time as a chip that flushes subnormals, of which no document speaks.
  const ways = cases.flatMap(({ name }, i) => ["0", "1"].map((flush) => [name, flush, i] as const));
  test.each(ways)("%s (flushing: %s)", (_, flush, i) => {
    const done = run(program, [folder, `${i}`], { PORTOLAN_FLUSH_SUBNORMALS: flush });
    expect(done.stderr).toBe("");
    expect(done.status).toBe(0);
    for (const o of prepared[i].outputs) same(readFileSync(join(folder, `${i}.${o.index}.out`)), o.want, o.value.name);
  });
});

function same(raw: Buffer, want: Tensor, name: string): void {
  const got = allocate(want.dtype, elementCount(want.shape));
  bytes(got).set(raw.subarray(0, bytes(got).length));
  const numbers = (d: TensorData): ArrayLike<number | bigint> =>
    isPackedFloat(want.dtype) ? decodeFloats(want.dtype, d as Uint16Array) : (d as Float32Array);
  const [a, b] = [numbers(got), numbers(want.data)];
  const tolerance = want.dtype === "bf16" ? 1.6e-2 : want.dtype === "f16" ? 2e-3 : want.dtype === "f32" ? 2e-5 : 0;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i], b[i]];
    const near =
      Object.is(x, y) || x === y || (tolerance > 0 && Math.abs(Number(x) - Number(y)) <= tolerance * Math.max(1, Math.abs(Number(y))));
    if (!near) expect.fail(`${name}[${i}] is ${x}, expected ${y}`);
  }
}

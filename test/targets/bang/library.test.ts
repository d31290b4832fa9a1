/** Library rows: the emitted calls run on the twin's CNNL and give the numbers of the primitives they stand for. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tensor } from "../../../src/base/tensor.js";
import { constData, makeGraph, tensorValue } from "../../../src/ir/build.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import type { Attr, Node, Value } from "../../../src/ir/graph.js";
import type { Emitted } from "../../../src/claim/target.js";
import { chips } from "../../../targets/bang/caps.js";
import { rows } from "../../../targets/bang/lower.js";
import { randomTensor, Sketch } from "../../kernel/plan-helpers.js";
import { buildTwin } from "./harness.js";

interface Call {
  readonly name: string;
  readonly emitted: Emitted;
  readonly inputs: readonly Tensor[];
  readonly expected: Tensor;
}

const ints = (...value: readonly number[]): Attr => ({ kind: "ints", value: value.map(BigInt) });
const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });

function transposed(t: Tensor, perm: readonly number[] | undefined): Tensor {
  if (!perm) return t;
  const v = tensorValue("x", t.dtype, t.shape);
  const s = new Sketch();
  s.constants.set(v, constData(t));
  return evaluate(s, s.apply("transpose", [v], { perm: [...perm] }), new Map());
}

function evaluate(s: Sketch, out: Value, inputs: ReadonlyMap<Value, Tensor>): Tensor {
  const graph = makeGraph({ inputs: s.inputs, outputs: [out], nodes: s.nodes, constants: s.constants });
  return evaluateGraph(graph, new Map(), inputs).get(out) as Tensor;
}

/** An ONNX node over random inputs of these shapes, and what primitives say its result is. */
function call(
  name: string,
  op: string,
  shapes: readonly (readonly number[])[],
  attrs: Record<string, Attr>,
  mean: (s: Sketch, inputs: Value[]) => Value,
): Call {
  const s = new Sketch();
  const values = shapes.map((shape) => s.input("f32", shape));
  const given = shapes.map((shape, i) => randomTensor("f32", shape, i + 1));
  const result = evaluate(s, mean(s, values), new Map(values.map((v, i) => [v, given[i]])));
  const y = tensorValue("y", "f32", result.shape);
  const node: Node = { op, inputs: values, outputs: [y], attrs, origin: [name] };
  const row = rows.find((r) => r.op === op);
  if (!row) throw new Error(`no row for ${op}`);
  expect(row.accepts?.(node, chips.MLU590, () => undefined) ?? true).toBe(true);
  const layout = row.layout?.(node);
  const inputs = given.map((t, i) => transposed(t, layout?.inputs[i]));
  const expected = transposed(result, layout?.outputs[0]);
  // The node as legalisation leaves it: another name, operands in the call's layouts.
  const laid = inputs.map((t, i) => tensorValue(`x${i}`, t.dtype, t.shape));
  const claimed: Node = { ...node, op: `bang::${op}`, inputs: laid, outputs: [tensorValue("y", expected.dtype, expected.shape)] };
  const emitted = row.emit({
    node: claimed,
    inputs: inputs.map((t, i) => ({ dtype: t.dtype, shape: t.shape, ptr: `r.ptr(${i})` })),
    outputs: [{ dtype: expected.dtype, shape: expected.shape, ptr: `r.ptr(${inputs.length})` }],
    dim: (d) => `${d as number}`,
    chip: chips.MLU590,
    allowHf32: false,
  });
  return { name, emitted, inputs, expected };
}

const spread = (s: Sketch, x: Value, shape: readonly number[], at: readonly number[]) =>
  s.apply("expand", [s.apply("reshape", [x], { shape: [...at] })], { shape: [...shape] });

const calls: readonly Call[] = [
  call(
    "matmul",
    "MatMul",
    [
      [17, 33],
      [33, 29],
    ],
    {},
    (s, [a, b]) => s.apply("contract", [a, b], { transa: 0, transb: 0, acc: "f32" }),
  ),
  call(
    "batched",
    "MatMul",
    [
      [3, 5, 7],
      [3, 7, 6],
    ],
    {},
    (s, [a, b]) => s.apply("contract", [a, b], { transa: 0, transb: 0, acc: "f32" }),
  ),
  call(
    "shared",
    "MatMul",
    [
      [2, 3, 5, 7],
      [7, 6],
    ],
    {},
    (s, [a, b]) => s.apply("contract", [a, b], { transa: 0, transb: 0, acc: "f32" }),
  ),
  call("gemm", "Gemm", [[9, 12], [20, 12], [20]], { transB: int(1) }, (s, [a, b, c]) =>
    s.apply("add", [s.apply("contract", [a, b], { transa: 0, transb: 1, acc: "f32" }), spread(s, c, [9, 20], [1, 20])]),
  ),
  ...[
    { name: "conv", x: [2, 6, 11, 13], w: [8, 6, 3, 3], group: 1, strides: [2, 1], pads: [1, 0, 1, 2], dilations: [1, 2] },
    { name: "grouped", x: [1, 8, 9, 9], w: [12, 4, 3, 2], group: 2, strides: [1, 2], pads: [0, 1, 1, 0], dilations: [1, 1] },
    { name: "depthwise", x: [2, 10, 9, 8], w: [10, 1, 3, 3], group: 10, strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
  ].map(({ name, x, w, group, ...win }) =>
    call(
      name,
      "Conv",
      [x, w, [w[0]]],
      { group: int(group), strides: ints(...win.strides), pads: ints(...win.pads), dilations: ints(...win.dilations) },
      (s, [a, k, b]) => {
        const y = s.apply("conv", [a, k], { ...win, group, acc: "f32" });
        const shape = (y.type.kind === "tensor" ? y.type.shape : []) as number[];
        return s.apply("add", [y, spread(s, b, shape, [1, w[0], 1, 1])]);
      },
    ),
  ),
  call(
    "conv1d",
    "Conv",
    [
      [2, 4, 30],
      [6, 4, 5],
    ],
    { strides: ints(2), pads: ints(2, 1), dilations: ints(1) },
    (s, [a, k]) => s.apply("conv", [a, k], { strides: [2], pads: [2, 1], dilations: [1], group: 1, acc: "f32" }),
  ),
  call(
    "transposed",
    "ConvTranspose",
    [[1, 6, 5, 7], [6, 4, 3, 3], [4]],
    { strides: ints(2, 2), pads: ints(1, 1, 1, 1), dilations: ints(1, 1) },
    (s, [a, k, b]) => {
      const y = s.apply("convtranspose", [a, k], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        dilations: [1, 1],
        outputpadding: [0, 0],
        group: 1,
        acc: "f32",
      });
      const shape = (y.type.kind === "tensor" ? y.type.shape : []) as number[];
      return s.apply("add", [y, spread(s, b, shape, [1, 4, 1, 1])]);
    },
  ),
  call("maxpool", "MaxPool", [[1, 3, 8, 9]], { kernel_shape: ints(2, 3), strides: ints(2, 2), pads: ints(0, 0, 0, 0) }, (s, [x]) =>
    windows(s, x, "max"),
  ),
  call("avgpool", "AveragePool", [[1, 3, 8, 9]], { kernel_shape: ints(2, 3), strides: ints(2, 2), pads: ints(0, 0, 0, 0) }, (s, [x]) => {
    const sum = windows(s, x, "sum");
    const shape = (sum.type.kind === "tensor" ? sum.type.shape : []) as number[];
    return s.apply("div", [sum, s.scalar(6, shape)]);
  }),
  call("global", "GlobalAveragePool", [[2, 3, 4, 5]], {}, (s, [x]) =>
    s.apply("div", [s.apply("reduce", [x], { fn: "sum", axes: [2, 3] }), s.scalar(20, [2, 3, 1, 1])]),
  ),
  call(
    "add",
    "Add",
    [
      [2, 3, 4],
      [3, 1],
    ],
    {},
    (s, [a, b]) => s.apply("add", [a, spread(s, b, [2, 3, 4], [1, 3, 1])]),
  ),
  call("relu", "Relu", [[5, 7]], {}, (s, [x]) => s.apply("max", [x, s.scalar(0, [5, 7])])),
  call("transpose", "Transpose", [[3, 4, 5]], { perm: ints(2, 0, 1) }, (s, [x]) => s.apply("transpose", [x], { perm: [2, 0, 1] })),
  call("softmax", "Softmax", [[3, 4, 5]], { axis: int(1) }, (s, [x]) => {
    const e = s.apply("exp", [x]);
    return s.apply("div", [e, s.apply("expand", [s.apply("reduce", [e], { fn: "sum", axes: [1] })], { shape: [3, 4, 5] })]);
  }),
];

/** Windows of 2 x 3 with stride 2, reduced. */
function windows(s: Sketch, x: Value, fn: "max" | "sum"): Value {
  const w = s.apply("window", [x], { axes: [2, 3], sizes: [2, 3], strides: [2, 2], dilations: [1, 1] });
  const shape = (w.type.kind === "tensor" ? w.type.shape : []) as number[];
  return s.apply("reshape", [s.apply("reduce", [w], { fn, axes: [4, 5] })], { shape: shape.slice(0, 4) });
}

const preamble = `
#include <stdio.h>
#include <stdlib.h>
#include <vector>
#include "portolan_cnnl.h"
int portolan::device::copy_in(void* to, const void* from, size_t bytes, Stream s) {
  return cnrtMemcpyAsync_V2(to, const_cast<void*>(from), bytes, static_cast<cnrtQueue_t>(s), cnrtMemcpyHostToDev);
}
int portolan::device::synchronize(Stream s) { return cnrtQueueSync(static_cast<cnrtQueue_t>(s)); }
void* portolan::Run::workspace(size_t bytes) const {
  static void* block = nullptr;
  if (block) cnrtFree(block);
  block = nullptr;
  if (bytes) cnrtMalloc(&block, bytes);
  return block;
}
static void load(void* to, size_t bytes, const char* path, cnrtQueue_t queue) {
  std::vector<char> data(bytes);
  FILE* f = fopen(path, "rb");
  if (!f || fread(data.data(), 1, bytes, f) != bytes) exit(9);
  fclose(f);
  if (cnrtMemcpyAsync_V2(to, data.data(), bytes, queue, cnrtMemcpyHostToDev)) exit(8);
}
static void save(void* from, size_t bytes, const char* path, cnrtQueue_t queue) {
  std::vector<char> data(bytes);
  if (cnrtMemcpyAsync_V2(data.data(), from, bytes, queue, cnrtMemcpyDevToHost)) exit(8);
  FILE* f = fopen(path, "wb");
  if (!f || fwrite(data.data(), 1, bytes, f) != bytes) exit(9);
  fclose(f);
}
`;

function bytes(t: Tensor): Uint8Array {
  const d = t.data as Float32Array;
  return new Uint8Array(d.buffer, d.byteOffset, d.byteLength);
}

function program(folder: string): string {
  const steps = calls.map(
    (c) => `static int step_${c.name}(const portolan::Run& r) {\n${c.emitted.lines.map((l) => `  ${l}`).join("\n")}\n  return 0;\n}`,
  );
  const cases = calls.map((c, k) => {
    const all = [...c.inputs, c.expected];
    const file = (i: number, end: string) => JSON.stringify(join(folder, `${k}-${i}.${end}`));
    return `    case ${k}: {
      void* p[${all.length}];
${all.map((t, i) => `      if (cnrtMalloc(&p[${i}], ${bytes(t).byteLength})) return 8;`).join("\n")}
${c.inputs.map((t, i) => `      load(p[${i}], ${bytes(t).byteLength}, ${file(i, "in")}, queue);`).join("\n")}
      const portolan::Run run = {queue, p, nullptr, handle, nullptr};
      status = step_${c.name}(run);
      if (!status) save(p[${c.inputs.length}], ${bytes(c.expected).byteLength}, ${file(c.inputs.length, "out")}, queue);
      for (void* each : p) cnrtFree(each);
      break;
    }`;
  });
  return [
    preamble,
    ...steps,
    `int main(int, char** argv) {
  cnrtQueue_t queue;
  cnnlHandle_t handle;
  if (cnrtQueueCreate(&queue) || cnnlCreate(&handle) || cnnlSetQueue(handle, queue)) return 6;
  int status = 5;
  switch (atoi(argv[1])) {`,
    ...cases,
    `  }
  if (status) fprintf(stderr, "%s\\n", cnnlGetErrorString((cnnlStatus_t)status));
  cnnlDestroy(handle);
  portolan::Run{queue, nullptr, nullptr, handle, nullptr}.workspace(0);
  cnrtQueueDestroy(queue);
  return status;
}`,
  ].join("\n");
}

test("every library row gives its primitive's numbers", () => {
  const folder = mkdtempSync(join(tmpdir(), "bang-library-"));
  calls.forEach((c, k) => c.inputs.forEach((t, i) => writeFileSync(join(folder, `${k}-${i}.in`), bytes(t))));
  writeFileSync(join(folder, "main.cpp"), program(folder));
  const { library } = buildTwin();
  const includes = ["-Itargets/bang/twin/include", "-Itargets/common/runtime", "-Itargets/bang/runtime"];
  execFileSync(
    "g++",
    ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", ...includes, join(folder, "main.cpp"), library, "-o", join(folder, "main")],
    { stdio: "inherit" },
  );
  const failures: string[] = [];
  calls.forEach((c, k) => {
    const { status, stderr } = spawnSync(join(folder, "main"), [`${k}`], { encoding: "utf8" });
    if (status !== 0) return failures.push(`${c.name}: status ${status} ${stderr}`);
    const out = readFileSync(join(folder, `${k}-${c.inputs.length}.out`));
    const got = new Float32Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.byteLength));
    const want = c.expected.data as Float32Array;
    const worst = want.reduce((w, x, i) => Math.max(w, Math.abs(x - got[i])), 0);
    if (!(worst < 1e-4)) failures.push(`${c.name}: off by ${worst}`);
  });
  expect(failures).toEqual([]);
});

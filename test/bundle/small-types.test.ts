/**
 * Inputs and outputs of 2, 4 and 8 bits that kernels do not store: every pattern comes back from the twins of all targets, and every
 * cast gives what the standard's numbers are. Arrays share bytes in the C interface, and what the device holds is a wider type.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dtypes, infoOf, isFloat, type DType } from "../../src/base/dtype.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { allocate, elementCount, type Tensor } from "../../src/base/tensor.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { packageRoot } from "../../src/host/package.js";
import { run } from "../../src/host/toolchain.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { outputTypes } from "../../src/verify/arrays.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { compileText } from "../plan/compile-text.js";

const home = mkdtempSync(join(tmpdir(), "portolan-small-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const small = (Object.keys(dtypes) as DType[]).filter((d) => infoOf(d).held !== undefined);

/** All patterns of a type, or as many of them as there is room for, over and over. */
function patterns(dtype: DType, shape: readonly number[]): Tensor {
  const { bits, kind } = infoOf(dtype);
  const data = allocate(dtype, elementCount(shape)) as Uint8Array;
  const sign = kind === "int" ? 2 ** (bits - 1) : 0;
  data.forEach((_, i) => (data[i] = ((i % 2 ** bits) ^ sign) - sign));
  return { dtype, shape, data };
}

/** A small float's numbers, what lies between each two of them and just beside that, and what every format loses. */
function floatsFor(dtype: DType): number[] {
  const values = [...toNumbers(patterns(dtype, [256]))].filter(Number.isFinite).sort((a, b) => a - b);
  const between = values.slice(1).map((x, i) => (x + values[i]) / 2);
  const beside = between.flatMap((x) => [x * (1 + 2 ** -22), x * (1 - 2 ** -22)]);
  const most = values[values.length - 1];
  const beyond = [most * 1.03, most * 1.5, -most * 1.2, 3e38, 1e-42, -1e-42, 0, -0, NaN, Infinity, -Infinity];
  return [...values, ...between, ...beside, ...beyond].map(Math.fround);
}

const wholes = [...Array.from({ length: 321 }, (_, i) => (i - 160) / 4), 1e6, -1e6, 70000.5];

/** Casts to a type and what reads it back, of an input of all its patterns and of numbers that it has to round. */
function linesOf(d: DType): string[] {
  const rounded = isFloat(d) ? floatsFor(d) : wholes;
  const to = dtypes[d].onnx;
  const lines = [
    `same_${d} = Identity(x_${d}: ${d}[n,${2 ** dtypes[d].bits + 1}])`,
    `real_${d} = Cast(x_${d}, to=1)`,
    `one_${d} = Reshape(s_${d}: ${d}[], k_${d}: i64[1]{1})`,
    `cast_${d} = Cast(f_${d}: f32[${rounded.length}], to=${to})`,
  ];
  if (!isFloat(d)) return [...lines, `level_${d} = QuantizeLinear(f_${d}, t_${d}: f32[]{0.5}, z_${d}: ${d}[]{1})`, `whole_${d} = Cast(w_${d}: i32[${wholes.length}], to=${to})`]; // prettier-ignore
  return [...lines, `lost_${d} = Cast(f_${d}, to=${to}, saturate=0)`];
}

function feedOf(n: number): Map<string, Tensor> {
  const feed = new Map<string, Tensor>();
  for (const d of small) {
    const rounded = isFloat(d) ? floatsFor(d) : wholes;
    feed.set(`x_${d}`, patterns(d, [n, 2 ** dtypes[d].bits + 1]));
    feed.set(`s_${d}`, patterns(d, []));
    if (!isFloat(d)) feed.set(`w_${d}`, fromNumbers("i32", [wholes.length], wholes));
    feed.set(`f_${d}`, fromNumbers("f32", [rounded.length], rounded));
  }
  return feed;
}

/** Built once a target: an evaluation of the outputs of the program on arrays. */
async function programOf(text: string, name: string): Promise<(feed: ReadonlyMap<string, Tensor>) => Promise<ReadonlyMap<string, Tensor>>> {
  const output = mkdtempSync(join(home, `${name}-`));
  const compiled = await compileText(text, { target: name, output, force: true, withTwin: false });
  const { target } = await chooseTarget(name);
  const built = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}));
  return async (feed) => {
    const done = await runBundle(built, feed, { weights: output, typeOf: outputTypes(compiled.plan.program) });
    expect([done.error, done.violation]).toEqual([undefined, undefined]);
    return done.outputs ?? new Map();
  };
}

/** The same by the arithmetic of primitives and of `float-formats`. */
function evaluated(text: string, feed: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const { graph } = inferGraph(parse(text), catalogue);
  const fixed = setDims(graph, new Map(graph.symbols.map((s) => [s.name, feed.get("x_u4")?.shape[0] ?? 0])));
  const values = evaluateGraph(fixed, catalogue, new Map(fixed.inputs.map((v) => [v, feed.get(v.name) as Tensor])));
  return new Map(fixed.outputs.map((v) => [v.name, values.get(v) as Tensor]));
}

/** Type, shape and patterns, with the standard's one for every NaN. */
function spelt(t: Tensor | undefined): unknown {
  if (!t) return undefined;
  const numbers = toNumbers(t);
  const nan = isFloat(t.dtype) ? Number(fromNumbers(t.dtype, [1], [NaN]).data[0]) : 0;
  return [t.dtype, t.shape, Array.from(t.data as Uint8Array, (x, i) => (Number.isNaN(numbers[i]) ? nan : x))];
}

/** Eight bytes of levels in, a byte behind the last out, and a run on device arrays. */
const caller = `#include <cstdio>
#include "model.h"
int main() {
  model_model* model;
  model_context* context;
  char error[256];
  if (model_load(".", 0, &model, error, sizeof error) || model_create(model, &context)) return 1;
  const unsigned char levels[8] = {0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE};
  unsigned char out[9] = {0, 0, 0, 0, 0, 0, 0, 0xFF, 0xCD};
  const void* in[] = {levels};
  void* to[] = {out};
  printf("%d:", model_run(context, nullptr, in, to, 0));
  for (const unsigned byte : out) printf(" %02X", byte);
  const int status = model_run(context, nullptr, in, to, 1);
  printf("\\n%d: %s\\n", status, model_error(context));
  model_destroy(context);
  model_unload(model);
}
`;

test("the C interface has ONNX's own bytes, and no device arrays of them", { timeout: 600_000 }, async () => {
  const output = mkdtempSync(join(home, "c-"));
  const compiled = await compileText("y = Identity(x: u4[3,5])", { target: "bang", output, force: true, withTwin: false });
  const header = compiled.bundle.files.find((f) => f.path === "model.h");
  expect(Buffer.concat([...(header?.bytes() ?? [])]).toString()).toContain(
    'input 0: uint4[3, 5] "x", two a byte, the first in the low bits; host arrays alone: the device holds uint8',
  );
  writeFileSync(join(output, "main.cpp"), caller);
  const { target } = await chooseTarget("bang");
  const done = await run(await buildBundle(output, target, await twinLibrary(target, packageRoot, {})), [], { cwd: output });
  expect(done.stdout.split("\n")).toEqual([
    "0: 10 32 54 76 98 BA DC 0E CD",
    '-1: "x" is uint4, and uint8 on the device: pass host pointers, or make that its type in the model',
    "",
  ]);
});

test("arrays of bytes serve too, and a byte that is no such number is refused", { timeout: 600_000 }, async () => {
  const output = mkdtempSync(join(home, "bytes-"));
  await compileText("y = Identity(x: i4[3])", { target: "bang", output, force: true, withTwin: false });
  const { target } = await chooseTarget("bang");
  const built = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}));
  const give = (...bytes: readonly number[]) =>
    runBundle(built, new Map([["x", { dtype: "u8", shape: [3], data: Uint8Array.from(bytes) }]]), { weights: output });
  expect((await give(7, 8, 0xff)).outputs?.get("y")?.data).toEqual(Uint8Array.of(7, 0xf8, 0xff));
  expect((await give(7, 0x18, 0)).error).toMatch('input "x": element 1 is no int4 (status -5)');
});

describe.each(["cann", "bang", "kunlun"])("%s", (name) => {
  test("every pattern comes back, and casts give the standard's numbers", { timeout: 600_000 }, async () => {
    const text = small.flatMap(linesOf).join("\n");
    const give = await programOf(text, name);
    for (const n of [3, 1, 0]) {
      const feed = feedOf(n);
      const [got, want] = [await give(feed), evaluated(text, feed)];
      expect([...got.keys()].sort()).toEqual([...want.keys()].sort());
      for (const [output, t] of want) expect([output, spelt(got.get(output))]).toEqual([output, spelt(t)]);
    }
  });

  test("in both branches of an If, and given out as it came", { timeout: 600_000 }, async () => {
    const text = `z = Identity(x: i4[3,5])
      k = Neg(f: f32[3,5])
      y = If(c: bool[], then_branch=graph a() -> (t) {
        t: i4[3,5] = Identity(x)
      }, else_branch=graph b() -> (u) {
        u: i4[3,5] = Cast(k, to=22)
      })`;
    const give = await programOf(text, name);
    const x = patterns("i4", [3, 5]);
    const f = fromNumbers(
      "f32",
      [3, 5],
      [...x.data].map((v) => Number(v) / 2),
    );
    for (const c of [0, 1]) {
      const got = await give(new Map([["c", fromNumbers("bool", [], [c])], ["x", x], ["f", f]])); // prettier-ignore
      expect(spelt(got.get("y"))).toEqual(
        spelt(
          c === 1
            ? x
            : fromNumbers(
                "i4",
                [3, 5],
                toNumbers(f).map((v) => -v),
              ),
        ),
      );
      expect(spelt(got.get("z"))).toEqual(spelt(x));
    }
  });
});

/** What one vendor calls a scale is not another's: the differences that must not be mixed up, on asymmetric data. */
import { expect, test } from "vitest";
import { gridOf } from "../../../src/quant/formats/grid.js";
import { quantise } from "../../../src/quant/formats/quantise.js";
import { ascendQuant, dynamicQuant, dynamicQuant310p, type AscendQuantMode } from "../../../src/quant/formats/vendor/ascend-quantise.js";
import { ascendQuantOperands, quantBias } from "../../../src/quant/formats/vendor/ascend-scale.js";
import { cnnlOf, cnnlQuantise } from "../../../src/quant/formats/vendor/cnnl.js";
import { kunlunMaxOf, kunlunQuantise, quant2d } from "../../../src/quant/formats/vendor/kunlun.js";
import { tmoQuantise } from "../../../src/quant/formats/vendor/tmo.js";
import { values } from "./exact.js";

const plain: AscendQuantMode = { roundMode: "round", sqrtMode: false, bits: 8 };

const x = Float32Array.of(3.1, -5.2, 0.4, -0.7);

test("the scale that a dynamic quantiser returns is absmax / 127 on Ascend and absmax on Kunlun", () => {
  expect(dynamicQuant(x, 4, 8).scales[0]).toBeCloseTo(5.2 / 127, 7);
  expect([...quant2d(x, 4).max]).toEqual([Math.fround(5.2)]);
});

test("-128 is a level of Ascend and Cambricon, and never one of Kunlun", () => {
  const wide = Float32Array.of(-1000, 100);
  expect([...ascendQuant(wide, Float32Array.of(1), undefined, plain)]).toEqual([-128, 100]);
  expect([...tmoQuantise(wide, Float32Array.of(1))]).toEqual([-128, 100]);
  expect([...quant2d(wide, 2).levels]).toEqual([-127, 13]);
});

test("an odd zero point turns ties round where it is added before rounding", () => {
  const ties = Float32Array.of(0.5, 1.5, -0.5);
  const zeros = Int32Array.of(1);
  expect([...quantise(ties, { shape: [3] }, { scales: Float32Array.of(1), zeros }, gridOf("i8"))]).toEqual([1, 3, 1]);
  expect([...ascendQuant(ties, Float32Array.of(1), Float32Array.of(1), plain)]).toEqual([2, 2, 0]);
  expect([...cnnlQuantise(ties, { position: 0, scale: 1, offset: 1 }, 8, "even")]).toEqual([2, 2, 0]);
});

test("one ONNX scale is a reciprocal, a reciprocal over a power of two, or a maximum: the levels agree", () => {
  const scale = Math.fround(0.0391);
  const data = values(3000, 81).filter((v) => Math.abs(v) < scale * 126);
  const onnx = [...quantise(data, { shape: [data.length] }, { scales: Float32Array.of(scale) }, gridOf("i8"))];
  const others = [
    ascendQuant(data, Float32Array.of(ascendQuantOperands(scale, 0, "f32").value.scale), undefined, plain),
    tmoQuantise(data, Float32Array.of(1 / scale)),
    cnnlQuantise(data, cnnlOf(scale, 0).value, 8, "even"),
    kunlunQuantise(data, kunlunMaxOf(scale, 0, "i8").value, "i8"),
  ];
  for (const levels of others) expect(onnx.filter((v, i) => v !== levels[i]).length).toBeLessThan(3);
  expect([...ascendQuant(data, Float32Array.of(scale), undefined, plain)]).not.toEqual(onnx);
});

test("a zero point of the activations is folded into Ascend's int32 bias", () => {
  const [w, x] = [Int8Array.of(3, -4, 100, -128, 7, 0), Int8Array.of(-9, 127, -128)];
  const bias = quantBias(w, 3, -11, Float32Array.of(0.5, 0.25), Float32Array.of(10, -3.1));
  const centred = [0, 3].map((n) => [0, 1, 2].reduce((sum, k) => sum + (x[k] + 11) * w[n + k], 0));
  const plainSums = [0, 3].map((n) => [0, 1, 2].reduce((sum, k) => sum + x[k] * w[n + k], 0));
  expect(plainSums.map((s, n) => s + bias[n])).toEqual([centred[0] + 20, centred[1] - 12]);
  expect([...quantBias(w, 3, 1, Float32Array.of(1, 1))]).toEqual([-99, 121]);
});

test("the last bit of a half decides differently on 310P", () => {
  const row = Float32Array.of(127, 1.5, 4.5, -6.5);
  expect([...dynamicQuant(row, 4, 8).levels]).toEqual([127, 2, 4, -6]);
  expect([...dynamicQuant310p(row, 4).levels]).toEqual([127, 2, 5, -7]);
  expect([...quant2d(row, 4).levels]).toEqual([127, 2, 4, -6]);
});

/** Pictures as samples: the numbers that a model gets, pixel by pixel, and what is refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import jpeg from "jpeg-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import type { Graph } from "../../../src/ir/graph.js";
import { parse } from "../../../src/ir/text/parse.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import type { Preprocessing } from "../../../src/quant/calibrate/images.js";
import { samplesIn } from "../../../src/quant/calibrate/samples.js";

const graphOf = (text: string): Graph => inferGraph(parse(text), catalogue).graph;
const colour = graphOf("y = Relu(x: f32[1,3,2,2])");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-images-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A picture by its bytes, row by row. */
function png(name: string, width: number, channels: number, data: readonly number[], depth: 8 | 16 = 8): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  const bytes = depth === 8 ? Uint8Array.from(data) : Uint16Array.from(data);
  writeFileSync(path, encode({ width, height: data.length / (width * channels), channels, depth, data: bytes }));
  return path;
}

const four = [255, 0, 51, 0, 102, 255, 10, 20, 30, 255, 255, 255];

async function numbers(path: string, how: Preprocessing = {}, graph = colour): Promise<{ shape: readonly number[]; data: number[] }> {
  const [{ shape, data }] = [...(await samplesIn(path, graph, how)).load(0).values()];
  return { shape, data: Array.from(data as Float32Array, (x) => Number(x.toFixed(4))) };
}

test("planes of red, green and blue, from 0 to 1", async () => {
  const { shape, data } = await numbers(png("a.png", 2, 3, four));
  expect(shape).toEqual([1, 3, 2, 2]);
  expect(data).toEqual([1, 0, 0.0392, 1, 0, 0.4, 0.0784, 1, 0.2, 1, 0.1176, 1]);
});

test("the order of channels, where they lie, and their mean and deviation", async () => {
  const path = png("a.png", 2, 3, four);
  const graph = graphOf("y = Relu(x: f32[1,2,2,3])");
  const bgr = await numbers(path, { order: "BGR", layout: "NHWC", scale: 1 }, graph);
  expect([bgr.shape, bgr.data.slice(0, 6)]).toEqual([
    [1, 2, 2, 3],
    [51, 0, 255, 255, 102, 0],
  ]);
  const { data } = await numbers(path, { mean: [0.5, 0, 0.2], std: [0.5, 1, 2] });
  expect([data[0], data[4], data[8], data[9]]).toEqual([1, 0, 0, 0.4]);
  expect((await numbers(path, { mean: [0.5], std: [0.5] })).data.slice(0, 3)).toEqual([1, -1, -0.9216]);
});

test("resized between the centres of pixels, cut from the middle", async () => {
  const row = png("row.png", 4, 1, [0, 100, 200, 40]);
  const grey = graphOf("y = Relu(x: f32[1,1,h,w])");
  expect((await numbers(row, { scale: 1, resize: [1, 2] }, grey)).data).toEqual([50, 120]);
  expect((await numbers(row, { scale: 1, resize: [1, 8] }, grey)).data).toEqual([0, 25, 75, 125, 175, 160, 80, 40]);
  expect((await numbers(row, { scale: 1, crop: [1, 2] }, grey)).data).toEqual([100, 200]);
  const tall = png("tall.png", 1, 1, [0, 10, 20, 30]);
  expect((await numbers(tall, { scale: 1, resize: 2 }, grey)).shape).toEqual([1, 1, 8, 2]);
});

test("grey, transparent, deep and JPEG pictures", async () => {
  expect((await numbers(png("grey.png", 2, 1, [0, 51, 102, 255]))).data.slice(0, 8)).toEqual([0, 0.2, 0.4, 1, 0, 0.2, 0.4, 1]);
  expect((await numbers(png("alpha.png", 1, 4, [255, 0, 51, 7]), { resize: [2, 2] })).data.slice(8)).toEqual([0.2, 0.2, 0.2, 0.2]);
  const deep = png("deep.png", 2, 1, [0, 13107, 26214, 65535], 16);
  const grey = graphOf("y = Relu(x: f32[1,1,2,2])");
  expect((await numbers(deep, {}, grey)).data).toEqual([0, 0.2, 0.4, 1]);
  expect((await numbers(png("a.png", 2, 3, four), { scale: 1 }, grey)).data[0]).toBeCloseTo(0.299 * 255 + 0.114 * 51, 3);
  const path = join(folder, "flat.jpg");
  const flat = Buffer.from(Array.from({ length: 64 }, () => [200, 100, 50, 255]).flat());
  writeFileSync(path, jpeg.encode({ width: 8, height: 8, data: flat }, 100).data);
  const { data } = await numbers(path, { scale: 1 });
  for (const [c, want] of [200, 100, 50].entries()) expect(Math.abs(data[c * 4] - want)).toBeLessThanOrEqual(2);
});

test("an input of integers gets the bytes themselves", async () => {
  const path = png("a.png", 2, 3, four);
  const bytes = graphOf("y = Cast(x: u8[1,2,2,3], to=1)");
  expect((await numbers(path, { layout: "NHWC" }, bytes)).data).toEqual(four);
  const signed = graphOf("y = Cast(x: i8[1,2,2,3], to=1)");
  expect((await numbers(path, { layout: "NHWC", mean: [128] }, signed)).data.slice(0, 3)).toEqual([127, -128, -77]);
});

test("grey of one, two and four bits a pixel", async () => {
  const grey = graphOf("y = Relu(x: f32[1,1,2,3])");
  for (const depth of [1, 2, 4] as const) {
    const path = join(folder, `grey${depth}.png`);
    const most = 2 ** depth - 1;
    const rows = depth === 1 ? [0b10100000, 0b01000000] : depth === 2 ? [0b11001100, 0b00110000] : [0xf0, 0xf0, 0x0f, 0x00];
    writeFileSync(path, encode({ width: 3, height: 2, channels: 1, depth, data: Uint8Array.from(rows) }));
    expect([most > 0, (await numbers(path, {}, grey)).data]).toEqual([true, [1, 0, 1, 0, 1, 0]]);
  }
});

test("a folder is read in the order of names, folders of its own too", async () => {
  png("set/b.png", 2, 3, four);
  png("set/a/z.png", 2, 3, new Array<number>(12).fill(255));
  const samples = await samplesIn(join(folder, "set"), colour, {});
  expect([samples.count, [...samples.load(0).values()][0].data[5]]).toEqual([2, 1]);
});

const refused =
  (path: () => string, how: Preprocessing | undefined, graph = colour) =>
  async (): Promise<unknown> =>
    (await samplesIn(path(), graph, how)).load(0);

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    "nothing that says what becomes of them",
    refused(() => join(png("only/a.png", 2, 3, four), ".."), undefined),
    /nothing says how they become inputs/,
  ],
  ["a folder without any", refused(() => mkdtempSync(join(folder, "none-")), {}), /holds no .png or .jpg file/],
  ["a damaged one", refused(() => { writeFileSync(join(folder, "bad.png"), "no"); return join(folder, "bad.png"); }, {}), /bad.png" cannot be read/], // prettier-ignore
  ["less than is cut out", refused(() => png("a.png", 2, 3, four), { crop: 5 }), /5x5 cannot be cut from 2x2/],
  ["another size than the model takes", refused(() => png("a.png", 2, 3, four), { resize: [3, 3] }), /f32\[1,3,3,3\]|\[1,3,2,2\]/],
  ["a model of two inputs", refused(() => png("a.png", 2, 3, four), {}, graphOf("y = Add(a: f32[1,3,2,2], b: f32[1,3,2,2])")), /2 inputs/],
  ["an input of two axes", refused(() => png("a.png", 2, 3, four), {}, graphOf("y = Relu(x: f32[2,2])")), /2 axes, not four/],
  [
    "means of three channels for one",
    refused(() => png("a.png", 2, 3, four), { mean: [0, 0, 0] }, graphOf("y = Relu(x: f32[1,1,2,2])")),
    /3 numbers/,
  ],
  ["five channels", refused(() => png("a.png", 2, 3, four), {}, graphOf("y = Relu(x: f32[1,5,2,2])")), /5 channels/],
])("%s is refused", async (_, work, message) => {
  await expect(work()).rejects.toThrow(message);
});

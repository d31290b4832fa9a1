/** Samples: files and folders of them, one at a time, and what is said of those that do not fit. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromNumbers } from "../../../src/base/float-formats.js";
import { elementCount, type Tensor } from "../../../src/base/tensor.js";
import { parse } from "../../../src/ir/text/parse.js";
import { givenSamples, samplesIn, seededSamples } from "../../../src/quant/calibrate/samples.js";
import { writeNpz } from "../../../src/verify/npz.js";

const graph = parse("y = Add(a: f32[2,n], b: f32[2,n])");
const rising = (shape: readonly number[], from: number): Tensor =>
  fromNumbers(
    "f32",
    shape,
    Array.from({ length: elementCount(shape) }, (_, i) => from + i),
  );
const pair = (from: number, n: number): Map<string, Tensor> =>
  new Map([
    ["a", rising([2, n], from)],
    ["b", rising([2, n], from + 100)],
  ]);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-samples-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: Uint8Array | ReadonlyMap<string, Tensor>): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content instanceof Uint8Array ? content : writeNpz(content));
  return path;
}

describe("files", () => {
  test("a folder of .npz files is read in the order of their names, each at its own sizes", async () => {
    put("set/b.npz", pair(10, 3));
    put("set/a.npz", pair(0, 5));
    const samples = await samplesIn(join(folder, "set"), graph);
    expect(samples.count).toBe(2);
    expect([0, 1].map((i) => samples.load(i).get("a"))).toEqual([rising([2, 5], 0), rising([2, 3], 10)]);
  });

  test("an array of one axis more holds samples along it; an array without serves all", async () => {
    const path = put(
      "stacked.npz",
      new Map([
        ["a", rising([3, 2, 4], 0)],
        ["b", rising([2, 4], 50)],
      ]),
    );
    const samples = await samplesIn(path, graph);
    expect(samples.count).toBe(3);
    expect([...samples.load(2).values()]).toEqual([rising([2, 4], 16), rising([2, 4], 50)]);
  });

  test("arrays that are no inputs, labels say, are left out", async () => {
    const samples = await samplesIn(put("labels.npz", pair(0, 3).set("labels", rising([3], 0))), graph);
    expect([...samples.load(0).keys()]).toEqual(["a", "b"]);
  });

  test("a .npy whose first axis runs fastest is its transpose, and a row of it a column", async () => {
    const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }".padEnd(117) + "\n";
    const body = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);
    const bytes = Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0), Buffer.from(header), body]);
    const samples = await samplesIn(put("turned.npy", bytes), parse("y = Neg(a: f32[2])"));
    expect(samples.count).toBe(3);
    expect([0, 2].map((i) => [...(samples.load(i).get("a")?.data as Float32Array)])).toEqual([[0, 3], [2, 5]]); // prettier-ignore
  });

  test("a large file is read row by row", async () => {
    const big = rising([3, 1 << 20], 0);
    const samples = await samplesIn(put("big.npz", new Map([["a", big]])), parse(`y = Neg(a: f32[${1 << 20}])`));
    expect(samples.load(1).get("a")?.data.slice(0, 2)).toEqual(Float32Array.of(1 << 20, (1 << 20) + 1));
  });

  test("the same files have the same key, others another", async () => {
    const [one, two] = [put("k1/x.npz", pair(0, 3)), put("k2/x.npz", pair(0, 40))];
    const key = async (path: string): Promise<string> => (await samplesIn(path, graph)).key;
    expect(await key(one)).toBe(await key(one));
    expect(await key(one)).not.toBe(await key(two));
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["a file that is not there", () => samplesIn(join(folder, "none.npz"), graph), /cannot be read: there is no such file/],
  ["a damaged file", () => samplesIn(put("bad.npz", Uint8Array.of(1, 2, 3)), graph), /bad.npz" cannot be read/],
  ["an empty folder", () => samplesIn(mkdtempSync(join(folder, "empty-")), graph), /there are no samples/],
  ["an empty list", () => givenSamples(graph, []), /there are no samples/],
  [
    "a missing input",
    async () => (await samplesIn(put("m.npz", new Map([["a", rising([2, 3], 0)]])), graph)).load(0),
    /no array for input "b"/,
  ],
  ["another rank", () => givenSamples(graph, [pair(0, 3).set("b", rising([6], 0))]).load(0), /sample 0: input "b" is f32\[2,n\]/],
  ["unequal extents of one name", () => givenSamples(graph, [pair(0, 3).set("b", rising([2, 4], 0))]).load(0), /f32\[2,4\]/],
  [
    "a stack that is shorter than another",
    async () => (await samplesIn(put("short.npz", new Map([["a", rising([3, 2, 4], 0)], ["b", rising([2, 2, 4], 0)]])), graph)).load(2), // prettier-ignore
    /short.npz" holds 3 samples of "a" and 2 of "b"/,
  ],
])("%s is refused with its place", async (_, work, message) => {
  const refused = expect(async () => work()).rejects;
  await refused.toThrow(/bad-calibration/);
  await refused.toThrow(message);
});

test("seeds that follow each other give other arrays, the same each time", () => {
  const [samples, again] = [
    seededSamples(parse("y = Relu(x: f32[7])"), { seed: 3, count: 2 }),
    seededSamples(parse("y = Relu(x: f32[7])"), { seed: 3, count: 2 }),
  ];
  expect(samples.load(0)).toEqual(again.load(0));
  expect(samples.load(0)).not.toEqual(samples.load(1));
});

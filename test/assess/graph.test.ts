/** The drawn graph: branches, joins and gaps of the model itself, layers that repeat once, boxes that do not overlap. */
import { expect, test } from "vitest";
import { assessModel } from "../../src/api/assess.js";
import { levelsOf, type Item, type Level } from "../../src/assess/page/levels.js";
import type { How, ModelReport, NodeReport } from "../../src/assess/report.js";
import { layered } from "../../src/report/layered.js";
import { graphAttr, info, modelBytes, node } from "../onnx/build-model.js";
import { report } from "./pages.js";

/** Of nodes given as operator and what they read. */
function drawn(nodes: readonly (readonly [op: string, ...reads: number[]])[], hows: (op: string) => How = () => "kernel"): Level {
  const told = nodes.map(([op, ...reads], i): NodeReport => ({ name: `n${i}`, op, reads }));
  const model = { ...report().model, inputs: ["x: f32[4]"], outputs: ["y: f32[4]"] };
  return levelsOf(report({ model, nodes: told, ends: [nodes.length - 1] }) as ModelReport, told.map((n) => hows(n.op))); // prettier-ignore
}

const spelt = (item: Item): string =>
  item.is === "work" ? `${item.gap ?? "box"} ${item.nodes.join()}` : item.is === "frame" ? `frame ${item.times}` : item.is;

const wiresOf = ({ items, wires }: Level): string[] => wires.map(([a, b]) => `${spelt(items[a])} > ${spelt(items[b])}`).sort();

test("a branch and its join are drawn, and a chain is one box", () => {
  const level = drawn([
    ["Conv", -1],
    ["Relu", 0],
    ["Conv", 1],
    ["Relu", 2],
    ["Add", 1, 3],
  ]);
  expect(wiresOf(level)).toEqual(["box 0,1 > box 2,3", "box 0,1 > box 4", "box 2,3 > box 4", "box 4 > out", "in > box 0,1"]);
});

test("a gap in a chain keeps a box of its own", () => {
  const level = drawn(
    [
      ["Relu", -1],
      ["Odd", 0],
      ["Relu", 1],
    ],
    (op) => (op === "Odd" ? "refused" : "kernel"),
  );
  expect(wiresOf(level)).toEqual(["box 0 > refused 1", "box 2 > out", "in > box 0", "refused 1 > box 2"]);
});

test("what needs no step is passed over, and how large a tensor is joins nothing", () => {
  const level = drawn(
    [
      ["Relu", -1],
      ["Shape", 0],
      ["Identity", 0],
      ["Neg", 2],
      ["Reshape", 3, 1],
    ],
    (op) => (op === "Shape" || op === "Identity" ? "folded" : "kernel"),
  );
  expect(wiresOf(level)).toEqual(["box 0,3,4 > out", "in > box 0,3,4"]);
});

test("layers that repeat stand in one frame, with the branches of one", () => {
  const layers = Array.from({ length: 6 }, (_, i): [string, ...number[]][] => [
    ["MatMul", 4 * i - 1],
    ["Relu", 4 * i],
    ["MatMul", 4 * i + 1],
    ["Add", 4 * i - 1, 4 * i + 2],
  ]);
  const level = drawn(layers.flat());
  expect(wiresOf(level)).toEqual(["frame 6 > out", "in > frame 6"]);
  const frame = level.items.find((i) => i.is === "frame");
  const chain = Array.from({ length: 24 }, (_, i) => i)
    .filter((i) => i % 4 !== 3)
    .join();
  const joins = "3,7,11,15,19,23";
  expect(frame && wiresOf(frame.level)).toEqual([
    `box ${chain} > box ${joins}`,
    `box ${joins} > out`,
    `in > box ${chain}`,
    `in > box ${joins}`,
  ]);
});

test("however tangled a graph is, what is drawn can be taken in, and no wire leads back", () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  const nodes = Array.from({ length: 3000 }, (_, i): [string, ...number[]] => [`Op${random(50)}`, random(i + 1) - 1, random(i + 1) - 1]);
  const level = drawn(nodes, (op) => (op.endsWith("7") ? "refused" : "kernel"));
  expect(level.items.length).toBeLessThanOrEqual(80);
  expect(level.wires.every(([a, b]) => a < b)).toBe(true);
  const told = level.items.flatMap((i) => (i.is === "work" ? i.nodes : []));
  expect(new Set(told).size).toBe(3000);
});

test("boxes do not overlap, and wires go down", () => {
  const sizes = Array.from({ length: 40 }, (_, i) => ({ w: 40 + (i % 5) * 20, h: 20 + (i % 3) * 15 }));
  const wires = sizes.flatMap((_, i): [number, number][] => (i === 0 ? [] : [[Math.floor(i / 3), i], [i >> 2, i]])).filter(([a, b]) => a < b); // prettier-ignore
  const { corners, lines, w, h } = layered(sizes, wires);
  corners.forEach((a, i) => {
    expect(a.x >= 0 && a.x + sizes[i].w <= w + 1 && a.y + sizes[i].h <= h + 1).toBe(true);
    corners.slice(i + 1).forEach((b, j) => {
      const other = sizes[i + 1 + j];
      const isApart = a.x + sizes[i].w <= b.x || b.x + other.w <= a.x || a.y + sizes[i].h <= b.y || b.y + other.h <= a.y;
      expect(isApart, `${i} and ${i + 1 + j}`).toBe(true);
    });
  });
  for (const line of lines) expect(line.every((p, i) => i === 0 || p.y >= line[i - 1].y)).toBe(true);
});

test("a report says what each node reads, through bodies too", async () => {
  const body = (op: string) => ({ name: op, node: [{ ...node(op, ["a"], [`of${op}`]), name: op }], output: [info(`of${op}`, [2])] });
  const choice = [graphAttr("then_branch", body("Relu")), graphAttr("else_branch", body("Neg"))];
  const graph = {
    input: [info("x", [2]), info("c", [], 9)],
    output: [info("y", [2])],
    node: [
      { ...node("Abs", ["x"], ["a"]), name: "Abs" },
      { ...node("If", ["c"], ["y"], choice), name: "If" },
    ],
  };
  const { report: made } = await assessModel(modelBytes({ graph }), { chips: ["Ascend910B2"] });
  expect(made?.nodes).toEqual([
    { name: "Abs", op: "Abs", reads: [-1] },
    { name: "Relu", op: "Relu", reads: [0], within: [3, 0] },
    { name: "Neg", op: "Neg", reads: [0], within: [3, 1] },
    { name: "If", op: "If", reads: [-2, 1, 2] },
  ]);
  expect(made?.ends).toEqual([3]);
});

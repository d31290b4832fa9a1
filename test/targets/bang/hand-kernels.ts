/** Kernels written by hand in the tile IR, with the lowered forms the printer is given. */
import { add, min, mul, symbol } from "../../../src/base/dim.js";
import type { Expr, Kernel } from "../../../src/kernel/tile.js";
import type { LoweredKernel } from "../../../targets/bang/print.js";

const n = symbol("n");
const tiles = symbol("tiles");
const t = symbol("t");
const size = 4096;
const count = min(size, add(n, mul(-1, size, t)));

const tile = (name: string): Expr => ({ op: "tile", type: "f32", tile: name, as: "full" });
const sum: Expr = { op: "fn", type: "f32", fn: "add", args: [tile("a"), tile("b")] };
const relu: Expr = { op: "fn", type: "f32", fn: "max", args: [sum, { op: "const", type: "f32", value: 0 }] };
const region = (buffer: string) => ({ buffer, offset: mul(size, t), dims: [{ size: count, stride: 1 }] });

/** y = relu(a + b) over n floats in tiles of 4096. */
export const reluAdd: Kernel = {
  name: "relu_add",
  origin: ["/Add", "/Relu"],
  summary: "y = relu(a + b)",
  schedule: "pointwise",
  buffers: [
    { name: "x0", type: "f32", access: "read", elements: n },
    { name: "x1", type: "f32", access: "read", elements: n },
    { name: "y2", type: "f32", access: "write", elements: n },
  ],
  ints: [
    { name: "n", value: symbol("N") },
    { name: "tiles", value: symbol("T") },
  ],
  tiles: ["a", "b", "y"].map((name) => ({ name, type: "f32", capacity: size, pitch: size, space: "local" })),
  body: [
    {
      op: "pipeline",
      index: "t",
      count: tiles,
      over: "cores",
      load: [
        { op: "load", from: region("x0"), to: "a" },
        { op: "load", from: region("x1"), to: "b" },
      ],
      compute: [{ op: "map", mode: "vector", rows: 1, cols: count, out: [{ tile: "y", value: relu }] }],
      store: [{ op: "store", from: "y", to: region("y2") }],
    },
  ],
  parallelism: tiles,
};

export const reluAddLowered: LoweredKernel = {
  slots: [{ form: "lanes", capacity: size }],
  constants: [],
  map: (s) => ({
    rows: s.rows,
    cols: s.cols,
    pitch: size,
    blocks: [
      {
        over: "full",
        each: "tile",
        body: [
          { op: "fill", dst: { kind: "scratch", slot: 0, type: "f32", as: "full" }, value: { kind: "const", type: "f32", value: 0 } },
          {
            op: "apply",
            fn: "add",
            type: "f32",
            dst: { kind: "tile", tile: "y", type: "f32", as: "full" },
            args: [
              { kind: "tile", tile: "a", type: "f32", as: "full" },
              { kind: "tile", tile: "b", type: "f32", as: "full" },
            ],
          },
          {
            op: "apply",
            fn: "max",
            type: "f32",
            dst: { kind: "tile", tile: "y", type: "f32", as: "full" },
            args: [
              { kind: "tile", tile: "y", type: "f32", as: "full" },
              { kind: "scratch", slot: 0, type: "f32", as: "full" },
            ],
          },
        ],
      },
    ],
  }),
  reduce: () => undefined,
};

import { add, ceilDiv, min, mul, roundUp, sub, symbol, type Dim } from "../../../src/base/dim.js";
import type { Expr, Kernel, Region, Stmt } from "../../../src/kernel/tile.js";

export const sym = symbol;

export function tile(name: string, as: "full" | "row" | "col" | "scalar" = "full", type: "f32" | "f16" | "i32" | "u8" = "f32"): Expr {
  return { op: "tile", type, tile: name, as };
}
export function f32(value: number): Expr {
  return { op: "const", type: "f32", value };
}
export function fn(name: Extract<Expr, { op: "fn" }>["fn"], ...args: readonly Expr[]): Expr {
  return { op: "fn", type: args[0].type, fn: name, args };
}
export function cast(type: Expr["type"], x: Expr): Expr {
  return { op: "cast", type, round: "rint", overflow: "wrap", args: [x] };
}
export function region(buffer: string, offset: Dim, rows: Dim, stride: Dim, cols: Dim): Region {
  return {
    buffer,
    offset,
    dims: [
      { size: rows, stride },
      { size: cols, stride: 1 },
    ],
  };
}

/** y = sqrt(|a|), an element at a time. */
export function scalarRoot(): Kernel {
  const kernel = addRelu();
  const value = fn("sqrt", fn("abs", tile("a")));
  const body = kernel.body.map((s) =>
    s.op === "pipeline"
      ? { ...s, compute: s.compute.map((c) => (c.op === "map" ? { ...c, mode: "scalar" as const, out: [{ ...c.out[0], value }] } : c)) }
      : s,
  );
  return { ...kernel, name: "scalar_root", summary: "y = sqrt(|a|)", body };
}

/** y = relu(a + b) over n elements. */
export function addRelu(type: "f32" | "f16" = "f32"): Kernel {
  const n = sym("n");
  const lanes = 2048;
  const at = mul(sym("t"), lanes);
  const lets: Stmt[] = [
    { op: "let", name: "base", value: at },
    { op: "let", name: "count", value: min(lanes, sub(n, sym("base"))) },
  ];
  const here = (buffer: string) => region(buffer, sym("base"), 1, 0, sym("count"));
  const wide = (name: string) => (type === "f32" ? tile(name) : cast("f32", tile(name, "full", type)));
  const value = fn("max", fn("add", wide("a"), wide("b")), f32(0));
  return {
    name: `add_relu_${type}`,
    origin: ["/add", "/relu"],
    summary: "y = relu(a + b)",
    schedule: "pointwise",
    buffers: ["a", "b", "y"].map((name) => ({ name, type, access: name === "y" ? "write" : "read", elements: n })),
    ints: [{ name: "n", value: n }],
    tiles: ["a", "b", "y"].map((name) => ({ name, type, capacity: lanes, pitch: lanes, space: "local" })),
    parallelism: ceilDiv(n, lanes),
    body: [
      {
        op: "pipeline",
        index: "t",
        count: ceilDiv(n, lanes),
        over: "cores",
        load: [...lets, { op: "load", from: here("a"), to: "a" }, { op: "load", from: here("b"), to: "b" }],
        compute: [
          ...lets,
          {
            op: "map",
            mode: "vector",
            rows: 1,
            cols: sym("count"),
            out: [{ tile: "y", value: type === "f32" ? value : cast(type, value) }],
          },
        ],
        store: [...lets, { op: "store", from: "y", to: here("y") }],
      },
    ],
  };
}

/** Softmax over rows that fit the scratchpad. */
export function softmax(): Kernel {
  const [rows, cols] = [sym("rows"), sym("cols")];
  const pitch = sym("pitch");
  const here = (buffer: string) => region(buffer, mul(sym("t"), cols), 1, cols, cols);
  const one = (name: string, capacity: number) => ({ name, type: "f32" as const, capacity, pitch: 1, space: "local" as const });
  const full = (name: string) => ({ name, type: "f32" as const, capacity: 7168, pitch, space: "local" as const });
  const shifted = fn("exp", fn("sub", tile("x"), tile("top", "col")));
  return {
    name: "softmax_rows",
    origin: ["/softmax"],
    summary: "y = softmax(x)",
    schedule: "rowreduce",
    buffers: ["x", "y"].map((name) => ({ name, type: "f32", access: name === "y" ? "write" : "read", elements: mul(rows, cols) })),
    ints: [
      { name: "rows", value: rows },
      { name: "cols", value: cols },
      { name: "pitch", value: roundUp(cols, 8) },
    ],
    tiles: [full("x"), full("e"), full("y"), one("top", 64), one("sum", 64)],
    parallelism: rows,
    body: [
      {
        op: "pipeline",
        index: "t",
        count: rows,
        over: "cores",
        load: [{ op: "load", from: here("x"), to: "x" }],
        compute: [
          { op: "reduce", out: "top", fn: "max", value: tile("x"), rows: 1, cols, along: "cols", carry: false },
          { op: "map", mode: "vector", rows: 1, cols, out: [{ tile: "e", value: shifted }] },
          { op: "reduce", out: "sum", fn: "sum", value: tile("e"), rows: 1, cols, along: "cols", carry: false },
          { op: "map", mode: "vector", rows: 1, cols, out: [{ tile: "y", value: fn("div", tile("e"), tile("sum", "col")) }] },
        ],
        store: [{ op: "store", from: "y", to: here("y") }],
      },
    ],
  };
}

/** The greatest (or least) of each row of a and b together, all rows in one tile. */
export function extremeOfRows(of: "max" | "min"): Kernel {
  const [rows, cols] = [sym("rows"), sym("cols")];
  const whole = (buffer: string) => region(buffer, 0, rows, cols, cols);
  const reduce = (name: string, carry: boolean): Stmt => {
    return { op: "reduce", out: "y", fn: of, value: tile(name), rows, cols, along: "cols", carry };
  };
  const full = (name: string) => ({ name, type: "f32" as const, capacity: 8192, pitch: 8, space: "local" as const });
  return {
    name: `${of}_of_rows`,
    origin: [`/${of}`],
    summary: `y = ${of}(a, b)`,
    schedule: "rowreduce",
    buffers: [
      ...["a", "b"].map((name) => ({ name, type: "f32" as const, access: "read" as const, elements: mul(rows, cols) })),
      { name: "y", type: "f32", access: "write", elements: rows },
    ],
    ints: [
      { name: "rows", value: rows },
      { name: "cols", value: cols },
    ],
    tiles: [full("a"), full("b"), { name: "y", type: "f32", capacity: 1024, pitch: 1, space: "local" }],
    parallelism: 1,
    body: [
      {
        op: "pipeline",
        index: "t",
        count: 1,
        over: "cores",
        load: ["a", "b"].map((name): Stmt => ({ op: "load", from: whole(name), to: name })),
        compute: [reduce("a", false), reduce("b", true)],
        store: [{ op: "store", from: "y", to: region("y", 0, 1, 0, rows) }],
      },
    ],
  };
}

export { add };

/**
 * Kernels as other people write them run on the twin as they are, and give the numbers that TypeScript computes; broken ones are
 * stopped by the rule they break. The kernels are ours (foreign/*.xpu), in the styles of those who have the chip.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat } from "../../../src/base/float-formats.js";
import { buildProgram, root, run, type TwinRun } from "./twin.js";

const folder = join(root, "test/targets/kunlun/foreign");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const names = readdirSync(folder)
  .filter((f) => f.endsWith(".xpu"))
  .map((f) => f.slice(0, -4));
const options = { flags: ["-w"], beside: { "kernel_common.h": read("kernel_common.h") } };
const host = { "host.cpp": read("host.cpp") };

type Half = "f16" | "bf16";
type Data = Float32Array | Int32Array | BigInt64Array | Uint16Array | Int8Array | Uint8Array;

const halves = (type: Half, values: readonly number[]): Uint16Array => Uint16Array.from(values, (v) => encodeFloat(type, v));
const wide = (type: Half, bits: Uint16Array): number[] => Array.from(bits, (b) => decodeFloat(type, b));
/** Rounded to a float, or to a half and back. */
const f = Math.fround;
const rounded = (type: Half, v: number): number => decodeFloat(type, encodeFloat(type, f(v)));
const range = <T>(n: number, each: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => each(i));
/** Numbers that look like data and are the same in each run. */
const noise = (n: number, seed = 1): number[] => range(n, (i) => f((((i * 2654435761 + seed * 40503) >>> 7) % 2001) / 250 - 4));

interface Call {
  readonly buffers: readonly Data[];
  readonly ints?: readonly number[];
  readonly floats?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a kernel; gives its buffers afterwards. */
function launch(program: string, name: string, { buffers, ints = [], floats = [], env }: Call): TwinRun & { buffers: Buffer[] } {
  const work = mkdtempSync(join(tmpdir(), "portolan-foreign-"));
  const bytes = buffers.map((b) => Buffer.from(b.buffer, b.byteOffset, b.byteLength));
  const sized = bytes.flatMap((b) => [Buffer.from(Uint32Array.of(b.length).buffer), b]);
  const head = Buffer.from(Uint32Array.of(buffers.length, ints.length, floats.length).buffer);
  const numbers = [Buffer.from(Int32Array.from(ints).buffer), Buffer.from(Float32Array.from(floats).buffer)];
  writeFileSync(join(work, "in"), Buffer.concat([head, ...sized, ...numbers]));
  const done = run(program, [name, join(work, "in"), join(work, "out")], env);
  if (done.status !== 0) return { ...done, buffers: [] };
  const out = readFileSync(join(work, "out"));
  let at = 0;
  return { ...done, buffers: bytes.map((b) => out.subarray(at, (at += b.length))) };
}

const floatsOf = (b: Buffer): number[] => range(b.length / 4, (i) => b.readFloatLE(4 * i));
const intsOf = (b: Buffer): number[] => range(b.length / 4, (i) => b.readInt32LE(4 * i));
const longsOf = (b: Buffer): number[] => range(b.length / 8, (i) => Number(b.readBigInt64LE(8 * i)));
const halvesOf = (b: Buffer): Uint16Array => Uint16Array.from(range(b.length / 2, (i) => b.readUInt16LE(2 * i)));

function close(got: readonly number[], want: readonly number[], most: number): void {
  expect(got.length).toBe(want.length);
  got.forEach((g, i) => {
    if (!(Math.abs(g - want[i]) <= most)) expect.fail(`${i}: ${g} for ${want[i]}`);
  });
}

const tardyLens = range(20, (r) => (r === 19 ? 31 : (r * 7) % 41));
const tardyScales = range(20, (r) => 0.5 + r / 4);
/** Twenty rows of forty. */
const tardy: Call = {
  buffers: [Int32Array.from(tardyLens), Float32Array.from(tardyScales), Float32Array.from(noise(800, 47)), new Float32Array(800)],
  ints: [20, 40],
};

describe("kernels of others", { timeout: 60_000 }, () => {
  let program = "";
  beforeAll(() => {
    program = buildProgram(Object.fromEntries(names.map((n) => [n, read(`${n}.xpu`)])), host, options);
  }, 240_000);

  const ran = (name: string, call: Call): Buffer[] => {
    const done = launch(program, name, call);
    expect([done.stderr, done.status]).toEqual(["", 0]);
    return done.buffers;
  };

  test.each(["f32", "f16", "bf16"] as const)("strided: arrays as long as the tensor has dimensions, %s", (type) => {
    const [rows, cols] = [37, 29];
    const values = noise(rows * cols);
    const x = type === "f32" ? Float32Array.from(values) : halves(type, values);
    const y = type === "f32" ? new Float32Array(rows * cols) : new Uint16Array(rows * cols);
    const shape = BigInt64Array.of(29n, 37n);
    const strides = BigInt64Array.of(1n, 29n);
    const [, out] = ran("strided", {
      buffers: [x, y, shape, strides],
      ints: [2, rows * cols, ["f32", "f16", "bf16"].indexOf(type)],
      floats: [0.75, 0.5],
    });
    const got = type === "f32" ? floatsOf(out) : wide(type, halvesOf(out));
    const from = type === "f32" ? values : wide(type, x as Uint16Array);
    const want = range(rows * cols, (i) => from[(i % rows) * cols + Math.floor(i / rows)]);
    close(
      got,
      want.map((v) => (type === "f32" ? f(f(v * 0.75) + 0.5) : rounded(type, f(v * 0.75) + 0.5))),
      0,
    );
  });

  test.each([0, 1])("softmax of rows in shared memory (halves: %i)", (half) => {
    const [rows, cols] = [7, 150];
    const values = noise(rows * cols, 3);
    const x = half ? halves("f16", values) : Float32Array.from(values);
    const [, out] = ran("softmax", {
      buffers: [x, half ? new Uint16Array(rows * cols) : new Float32Array(rows * cols)],
      ints: [rows, cols, half],
    });
    const from = half ? wide("f16", x as Uint16Array) : values;
    const want = range(rows, (r) => {
      const row = from.slice(r * cols, (r + 1) * cols);
      const e = row.map((v) => Math.exp(v - Math.max(...row)));
      const sum = e.reduce((a, b) => a + b);
      return e.map((v) => v / sum);
    }).flat();
    close(half ? wide("f16", halvesOf(out)) : floatsOf(out), want, half ? 2e-5 : 1e-7);
  });

  test("argmax by folds of a register, whatever the row's tail", () => {
    const [rows, cols] = [90, 203];
    const values = noise(rows * cols, 5);
    const [, out] = ran("argmax", { buffers: [Float32Array.from(values), new Int32Array(rows)], ints: [rows, cols] });
    const want = range(rows, (r) => {
      const row = values.slice(r * cols, (r + 1) * cols);
      return row.indexOf(Math.max(...row));
    });
    expect(intsOf(out)).toEqual(want);
  });

  test.each(["f16", "bf16"] as const)("layernorm of long rows by cluster_reduce_sum, %s", (type) => {
    const [rows, cols] = [3, 5000];
    const x = halves(type, noise(rows * cols, 7));
    const [, out] = ran("layernorm", {
      buffers: [x, new Uint16Array(rows * cols)],
      ints: [rows, cols, type === "bf16" ? 1 : 0],
      floats: [1e-5],
    });
    const from = wide(type, x);
    const want = range(rows, (r) => {
      const row = from.slice(r * cols, (r + 1) * cols);
      const mean = row.reduce((a, b) => a + b) / cols;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / cols;
      return row.map((v) => (v - mean) / Math.sqrt(variance + 1e-5));
    }).flat();
    close(wide(type, halvesOf(out)), want, type === "bf16" ? 0.017 : 0.002);
  });

  test("histogram by load and store of a word, tried again", () => {
    const [n, bins] = [1000, 40];
    const at = range(n, (i) => (i * i + 3 * i) % bins);
    const weights = range(n, (i) => (i % 16) / 4);
    const [, , counts, sums] = ran("histogram", {
      buffers: [Int32Array.from(at), Float32Array.from(weights), new Int32Array(bins), new Float32Array(bins)],
      ints: [n, bins],
    });
    const of = (b: number): number[] => weights.filter((_, i) => at[i] === b);
    expect(intsOf(counts)).toEqual(range(bins, (b) => of(b).length));
    expect(floatsOf(sums)).toEqual(range(bins, (b) => of(b).reduce((x, y) => x + y, 0)));
  });

  test("a value and its index under the cluster's lock", () => {
    const values = noise(500, 11);
    const [, best, total] = ran("running_best", {
      buffers: [Float32Array.from(values), new Int32Array(2), new BigInt64Array(1)],
      ints: [500],
    });
    const most = Math.max(...values);
    expect([best.readFloatLE(0), best.readInt32LE(4)]).toEqual([most, values.indexOf(most)]);
    expect(longsOf(total)).toEqual([values.reduce((a, v) => a + Math.trunc(f(v * 8)), 0)]);
  });

  test("rows of a table by ids that the scalar unit reads in global memory", () => {
    const [count, rows, dim] = [70, 20, 1500];
    const table = halves("bf16", noise(rows * dim, 13));
    const ids = range(count, (i) => (i * 7) % 24);
    const banned = [3, 11];
    const [, , , out, used] = ran("embedding", {
      buffers: [
        table,
        BigInt64Array.from(ids.map(BigInt)),
        BigInt64Array.from(banned.map(BigInt)),
        new Uint16Array(count * dim),
        new Int32Array(count),
      ],
      ints: [count, rows, dim, banned.length],
    });
    const known = (id: number): boolean => id < rows && !banned.includes(id);
    const want = ids.flatMap((id) => (known(id) ? Array.from(table.subarray(id * dim, (id + 1) * dim)) : range(dim, () => 0)));
    expect(Array.from(halvesOf(out))).toEqual(want);
    expect(intsOf(used)).toEqual(ids.map((id) => (known(id) ? 1 : -1)));
  });

  test.each([0, 1])("halves of one kind to the other (from bfloat16: %i)", (bfloat) => {
    const [rows, cols, stride] = [9, 30, 40];
    const [from, to]: [Half, Half] = bfloat ? ["bf16", "f16"] : ["f16", "bf16"];
    const x = halves(from, noise(rows * stride, 17));
    const [, out] = ran("convert", { buffers: [x, new Uint16Array(rows * stride)], ints: [rows, cols, stride, bfloat] });
    const want = wide(from, x).map((v, i) => {
      if (i % stride >= cols) return 0;
      const h = rounded(to, v);
      return bfloat && h > 2 ? rounded(to, rounded(to, h * 0.5) + 1) : h;
    });
    close(wide(to, halvesOf(out)), want, 0);
  });

  test("a running sum over a group's memory and the cluster's", () => {
    const x = range(1003, (i) => ((i * 37) % 19) - 9);
    const [, out] = ran("scan", { buffers: [Int32Array.from(x), new Int32Array(x.length)], ints: [x.length] });
    let sum = 0;
    expect(intsOf(out)).toEqual(x.map((v) => (sum += v)));
  });

  test("tiles turned in shared memory, 16 bits and flags of a byte", () => {
    const [rows, cols] = [100, 150];
    const x = Uint16Array.from(range(rows * cols, (i) => (i * 31) % 65521));
    const [, out] = ran("transpose", { buffers: [x, new Uint16Array(rows * cols)], ints: [rows, cols] });
    expect(Array.from(halvesOf(out))).toEqual(range(rows * cols, (i) => x[(i % rows) * cols + Math.floor(i / rows)]));
  });

  test.each(["f32", "f16", "bf16"] as const)("NaN replaced by a masked selection of whole registers, %s", (type) => {
    const n = 5011;
    const values = noise(n, 19).map((v, i) => (i % 7 === 3 ? NaN : v));
    const x = type === "f32" ? Float32Array.from(values) : halves(type, values);
    const bits = type === "f32" ? new Int32Array(Float32Array.of(-2.5).buffer)[0] : encodeFloat(type, -2.5);
    const [, out] = ran("clamp_nan", {
      buffers: [x, type === "f32" ? new Float32Array(n) : new Uint16Array(n)],
      ints: [n, type === "f32" ? 4 : 2, ["f32", "f16", "bf16"].indexOf(type), bits],
    });
    const from = type === "f32" ? values : wide(type, x as Uint16Array);
    expect(type === "f32" ? floatsOf(out) : wide(type, halvesOf(out))).toEqual(from.map((v) => (Number.isNaN(v) ? -2.5 : v)));
  });

  test.each([0, 1])("int8 by channel, eight bits by inline assembly (halves: %i)", (half) => {
    const [m, n] = [20, 700];
    const values = noise(m * n, 23);
    const scale = range(n, (c) => f(0.5 + (c % 9) / 2));
    const x = half ? halves("f16", values) : Float32Array.from(values);
    const [, , out] = ran("quantise", { buffers: [x, Float32Array.from(scale), new Int8Array(m * n)], ints: [m, n, half] });
    const even = (v: number): number => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
    const from = half ? wide("f16", x as Uint16Array) : values;
    const want = from.map((v, i) => even(Math.min(127, Math.max(-128, f(f(127 / scale[i % n]) * v)))));
    expect(range(m * n, (i) => out.readInt8(i))).toEqual(want.map((v) => v + 0));
  });

  test("the three largest, in raw memory read under any type", () => {
    const [rows, cols] = [3, 9000];
    const x = halves(
      "f16",
      noise(rows * cols, 29).map((v, i) => v + (i % 4096) / 1024),
    );
    const [, ids, values] = ran("top_k", { buffers: [x, new BigInt64Array(rows * 3), new Uint16Array(rows * 3)], ints: [rows, cols] });
    const from = wide("f16", x);
    const want = range(rows, (r) => {
      const order = range(cols, (c) => c).sort((a, b) => from[r * cols + b] - from[r * cols + a] || a - b);
      return order.slice(0, 3);
    });
    expect(longsOf(ids)).toEqual(want.flat());
    expect(wide("f16", halvesOf(values))).toEqual(want.flatMap((w, r) => w.map((c) => from[r * cols + c])));
  });

  test.each(["f16 to f32", "bf16 to f16", "int64"])("rows moved and cast through group memory, %s", (what) => {
    const [rows, dim] = [50, 1100];
    const map = range(rows, (r) => (r * 7) % rows);
    const kind = ["f16 to f32", "bf16 to f16", "int64"].indexOf(what);
    const values = noise(rows * dim, 31);
    const x = kind === 2 ? BigInt64Array.from(values.map((v) => BigInt(Math.round(v * 1e12)))) : halves(kind ? "bf16" : "f16", values);
    const y = kind === 2 ? new BigInt64Array(rows * dim) : kind ? new Uint16Array(rows * dim) : new Float32Array(rows * dim);
    const [, out] = ran("move_rows", { buffers: [x, y, Int32Array.from(map)], ints: [rows, dim, kind] });
    const got = kind === 2 ? longsOf(out) : kind ? wide("f16", halvesOf(out)) : floatsOf(out);
    const from = kind === 2 ? Array.from(x as BigInt64Array, Number) : wide(kind ? "bf16" : "f16", x as Uint16Array);
    const want = new Array<number>(rows * dim);
    map.forEach((to, r) => range(dim, (c) => (want[to * dim + c] = from[r * dim + c])));
    close(got, kind === 1 ? want.map((v) => rounded("f16", v)) : want, 0);
  });

  const hasty = (n: number): Call => ({
    buffers: [halves("f16", noise(n, 37)), Int32Array.from(range(n, (i) => i % 3)), new Uint16Array(n), new Int32Array(1)],
    ints: [n],
    floats: [0.5],
  });
  test.each([40, 1000])("what no document grants is stopped, and runs where that is asked for (%i)", (n) => {
    expect(launch(program, "hasty", hasty(n)).violation?.violation).toBe("in-flight-read");
    const [x, , out, stopped] = ran("hasty", { ...hasty(n), env: { PORTOLAN_TWIN: "lenient" } });
    const want = wide("f16", halvesOf(x)).map((v, i) => rounded("f16", v - 0.5 * (i % 3)));
    close(wide("f16", halvesOf(out)), want, 0);
    expect(intsOf(stopped)[0]).toBe(want.filter((v) => v < 0).length);
  });

  test("elements that leave between each other", () => {
    const [x, y] = ran("spread", spread).map(floatsOf);
    expect(y).toEqual(range(64 * 200, (i) => x[(i & ~63) + (i % 8) * 8 + ((i >> 3) % 8)]));
  });

  test.each([
    [5, 1536, 0],
    [70, 37, 1],
  ])("rows mirrored through one variable by half of the cores (%i x %i, bfloat16: %i)", (rows, cols, bf) => {
    const call = mirrored(rows, cols, bf);
    expect(launch(program, "mirrored", { ...call, env: {} }).violation?.violation).toBe("dma-rule");
    const [x, gain, y, sums] = ran("mirrored", call).map((b, i) => (bf && i !== 1 ? wide("bf16", halvesOf(b)) : floatsOf(b)));
    const row = (r: number): number[] => x.slice(r * cols, (r + 1) * cols);
    expect(y).toEqual(range(rows, (r) => row(r).reverse()).flat());
    const want = range(rows, (r) => row(r).reduce((sum, v, i) => sum + v * gain[i], 0));
    close(sums, want, bf ? 2 : 0.02);
  });

  test.each([1, 5, 200])("rows by their weight, shapes in the parameter list (%i)", (rows) => {
    const cols = 67;
    const x = noise(rows * cols, 41).map((v, i) => (i % 5 ? v : 0));
    const weights = range(rows, (r) => 1 + (r % 8) / 4);
    const [, , out, zeros] = ran("weigh", {
      buffers: [Float32Array.from(x), Float32Array.from(weights), new Float32Array(rows * cols), new Int32Array(1)],
      ints: [rows, cols],
    });
    close(
      floatsOf(out),
      x.map((v, i) => f(v * weights[Math.floor(i / cols)])),
      0,
    );
    expect(intsOf(zeros)).toEqual([x.filter((v) => v === 0).length]);
  });

  test("magnitudes of halves, and lanes of a register by index", () => {
    const [rows, cols] = [9, 70];
    const x = halves("f16", noise(rows * cols, 53));
    const [, out, most] = ran("magnitudes", {
      buffers: [x, new Uint16Array(rows * cols), new Uint16Array(rows)],
      ints: [rows, cols],
    });
    const want = wide("f16", x).map(Math.abs);
    close(wide("f16", halvesOf(out)), want, 0);
    close(
      wide("f16", halvesOf(most)),
      range(rows, (r) => Math.max(...want.slice(r * cols, (r + 1) * cols))),
      0,
    );
  });

  test("what a copy under way writes is waited for where that is asked for", () => {
    const [x, out] = [
      floatsOf(Buffer.from(tardy.buffers[2].buffer)),
      floatsOf(ran("tardy", { ...tardy, env: { PORTOLAN_TWIN: "lenient" } })[3]),
    ];
    expect(out).toEqual(x.map((v, i) => (i % 40 < tardyLens[Math.floor(i / 40)] ? f(v * tardyScales[Math.floor(i / 40)]) : 0)));
  });

  test("values that nothing defined are moved where that is asked for", () => {
    const values = noise(70 * 33, 43);
    const call: Call = { buffers: [Float32Array.from(values), new Float32Array(140), new Int32Array(140)], ints: [70, 33] };
    expect(launch(program, "two_largest", { ...call, env: { PORTOLAN_TWIN: "lenient" } }).violation?.violation).toBe("uninitialised-read");
    const [, best, where] = ran("two_largest", { ...call, env: { PORTOLAN_TWIN: "undefined-scalars" } });
    const want = range(70, (r) => {
      const row = values.slice(33 * r, 33 * r + 33);
      return range(33, (c) => c)
        .sort((a, b) => row[b] - row[a] || a - b)
        .slice(0, 2);
    });
    expect(intsOf(where)).toEqual(want.flat());
    expect(floatsOf(best)).toEqual(want.flatMap((w, r) => w.map((c) => values[33 * r + c])));
  });
});

const spread: Call = { buffers: [Float32Array.from(noise(64 * 200, 47)), new Float32Array(64 * 200)], ints: [200] };

/** In the mode that grants what it counts on. */
function mirrored(rows: number, cols: number, bf: number): Call {
  const room = (n: number): Data => (bf ? new Uint16Array(n) : new Float32Array(n));
  const values = noise(rows * cols, 41);
  const gain = Float32Array.from(noise(cols + 1, 43));
  const x = bf ? halves("bf16", values) : Float32Array.from(values);
  return { buffers: [x, gain, room(rows * cols), room(rows)], ints: [rows, cols, bf], env: { PORTOLAN_TWIN: "lenient" } };
}

interface Broken {
  readonly what: string;
  readonly kernel: string;
  readonly from: string;
  readonly to: string;
  readonly rule: string;
  readonly call: Call;
}

const ints = (n: number): Int32Array => new Int32Array(n);
const floats = (n: number): Float32Array => Float32Array.from(noise(n));
const softmax: Call = { buffers: [floats(300), floats(300)], ints: [2, 150, 0] };
const histogram: Call = { buffers: [ints(200), floats(200), ints(8), floats(8)], ints: [200, 8] };
const scan: Call = { buffers: [ints(500), ints(500)], ints: [500] };
const embedding: Call = {
  buffers: [halves("bf16", noise(400)), new BigInt64Array(10), BigInt64Array.of(3n), new Uint16Array(1000), ints(10)],
  ints: [10, 4, 100, 1],
};
const strided: Call = {
  buffers: [floats(60), floats(60), BigInt64Array.of(6n, 10n), BigInt64Array.of(1n, 6n)],
  ints: [2, 60, 0],
  floats: [1, 0],
};
const weigh: Call = { buffers: [floats(60), floats(3), floats(60), ints(1)], ints: [3, 20] };
const oneRow: Call = { buffers: [Int32Array.of(40), floats(1), floats(40), floats(40)], ints: [1, 40] };
const lenient = { ...tardy, env: { PORTOLAN_TWIN: "lenient" } };
const convert: Call = { buffers: [halves("f16", noise(60)), new Uint16Array(60)], ints: [6, 10, 10, 0] };

const broken: readonly Broken[] = [
  {
    what: "shared memory that no fence completed before the barrier",
    kernel: "softmax",
    from: "__builtin_memcpy(&row[i], &v, sizeof(T));\n    }\n    mfence_sm();",
    to: "__builtin_memcpy(&row[i], &v, sizeof(T));\n    }",
    rule: "in-flight-read",
    call: softmax,
  },
  {
    what: "a sum without atomic additions",
    kernel: "histogram",
    from: "count_one(&counts_sm[bin])",
    to: "counts_sm[bin]++",
    rule: "race",
    call: histogram,
  },
  {
    what: "an atomic store without its load",
    kernel: "histogram",
    from: "float a = SM2REG_atomic(ptr);",
    to: "float a = 0.f;",
    rule: "atomic-rule",
    call: histogram,
  },
  {
    what: "a group's memory read before its cores met",
    kernel: "scan",
    from: "  soft_group_sync(gid, ngroups);\n",
    to: "",
    rule: "race",
    call: scan,
  },
  {
    what: "a lock given back with its writes under way",
    kernel: "running_best",
    from: "    mfence_sm();\n    ticket_unlock_mix();",
    to: "    ticket_unlock_mix();",
    rule: "in-flight-read",
    call: { buffers: [floats(90), ints(2), new BigInt64Array(1)], ints: [90] },
  },
  {
    what: "cores that do not take the lock",
    kernel: "running_best",
    from: "    ticket_lock_mix();\n",
    to: "    if (i % 2) ticket_lock_mix();\n",
    rule: "race",
    call: { buffers: [floats(90), ints(2), new BigInt64Array(1)], ints: [90] },
  },
  {
    what: "a plain store past an array",
    kernel: "strided",
    from: "i < n; i++) out[i]",
    to: "i <= n; i++) out[i]",
    rule: "out-of-bounds",
    call: strided,
  },
  {
    what: "a plain load past the end of global memory",
    kernel: "embedding",
    from: "const int64_t id = ids[i];",
    to: "const int64_t id = ids[i + 1];",
    rule: "out-of-bounds",
    call: embedding,
  },
  {
    what: "a device function's plain pointer given global memory",
    kernel: "embedding",
    from: "__global_ptr__ const int64_t* banned, int len",
    to: "const int64_t* banned, int len",
    rule: "wrong-space",
    call: embedding,
  },
  {
    what: "a local array given for a shared one",
    kernel: "histogram",
    from: "count_one(&counts_sm[bin]);",
    to: "int own[1];\n    own[0] = 0;\n    count_one(own);",
    rule: "wrong-space",
    call: histogram,
  },
  {
    what: "global memory followed by XPU2's scalar unit",
    kernel: "embedding",
    from: "// Rows of a table",
    to: "// --xpu-arch=xpu2: rows of a table",
    rule: "wrong-space",
    call: embedding,
  },
  {
    what: "a variable changed while its copy leaves",
    kernel: "convert",
    from: "LM2GM_ASYNC(&out, y + at, sizeof(To));",
    to: "LM2GM_ASYNC(&out, y + at, sizeof(To));\n    out = To(0.0f);",
    rule: "in-flight-read",
    call: convert,
  },
  {
    what: "an instruction that no document has",
    kernel: "histogram",
    from: "loada.w %0,%1",
    to: "loadb.w %0,%1",
    rule: "undocumented",
    call: histogram,
  },
  {
    what: "two elements that leave to one place",
    kernel: "spread",
    from: "i % 8 * 8",
    to: "i % 7 * 8",
    rule: "in-flight-read",
    call: spread,
  },
  {
    what: "cores that copy different bytes to one place, whatever is granted",
    kernel: "mirrored",
    from: "GM2SM_ASYNC(gain,",
    to: "GM2SM_ASYNC(gain + core_id() % 2,",
    rule: "race",
    call: mirrored(5, 40, 0),
  },
  {
    what: "a lane behind the end that a mask takes, whatever is granted",
    kernel: "mirrored",
    from: "(1 << (n - whole)) - 1",
    to: "1",
    rule: "out-of-bounds",
    call: mirrored(5, 1536, 0),
  },
  {
    what: "as much local memory as half of the cores have, on all of them",
    kernel: "mirrored",
    from: "<<<2, 32>>>",
    to: "<<<2, 64>>>",
    rule: "capacity",
    call: mirrored(5, 40, 0),
  },
  {
    what: "a load's offset that nobody explains",
    kernel: "mirrored",
    from: "vload_mask16_mr1(row + i, 0)",
    to: "vload_mask16_mr1(row, i)",
    rule: "undocumented",
    call: mirrored(5, 40, 0),
  },
  {
    what: "a core that never comes to a barrier",
    kernel: "softmax",
    from: "    const float most =",
    to: "    if (core_id() == 5) return;\n    const float most =",
    rule: "divergent-barrier",
    call: softmax,
  },
  {
    what: "a copy to shared memory that nobody waited for",
    kernel: "weigh",
    from: "GM2SM(",
    to: "GM2SM_ASYNC(",
    rule: "dma-rule",
    call: weigh,
  },
  {
    what: "a lane that a register does not have",
    kernel: "magnitudes",
    from: "j < 32; j++) top",
    to: "j <= 32; j++) top",
    rule: "out-of-bounds",
    call: { buffers: [halves("f16", noise(32)), new Uint16Array(32), new Uint16Array(1)], ints: [1, 32] },
  },
  {
    what: "a lane that nothing defined",
    kernel: "magnitudes",
    from: "float16x32_t largest = {0};",
    to: "float16x32_t largest;",
    rule: "uninitialised-read",
    call: { buffers: [halves("f16", noise(20)), new Uint16Array(20), new Uint16Array(1)], ints: [1, 20] },
  },
  {
    what: "a variable read while its copy is under way",
    kernel: "tardy",
    from: "scale, 2 *",
    to: "scale, 1 *",
    rule: "in-flight-read",
    call: tardy,
  },
  {
    what: "a parameter behind the last one",
    kernel: "tardy",
    from: "if (len <= 0)",
    to: "mfence_lm();\n    if (len <= 0)",
    rule: "out-of-bounds",
    call: oneRow,
  },
  {
    what: "what lies behind the last parameter, used",
    kernel: "tardy",
    from: "svmul_float32x16(scale[0], v)",
    to: "svmul_float32x16(scale[0] * scale[1], v)",
    rule: "uninitialised-read",
    call: lenient,
  },
  {
    what: "far more than there is",
    kernel: "tardy",
    from: "2 * sizeof(float)",
    to: "16 * sizeof(float) + (r == rows - 1) * sizeof(float)",
    rule: "out-of-bounds",
    call: lenient,
  },
  {
    what: "registers of which nothing was loaded",
    kernel: "tardy",
    from: "if (len <= 0) continue;",
    to: "mfence_lm();\n    if (len <= 0 || r + 1 == rows) continue;",
    rule: "uninitialised-read",
    call: tardy,
  },
];

describe("broken kernels of others", () => {
  test.each(broken.map((b) => [b.what, b] as const))("%s", { timeout: 60_000 }, (_, b) => {
    const text = read(`${b.kernel}.xpu`);
    expect(text).toContain(b.from);
    const program = buildProgram({ [b.kernel]: text.replace(b.from, b.to) }, host, options);
    const done = launch(program, b.kernel, b.call);
    expect(done.violation?.violation, done.stderr).toBe(b.rule);
  });
});

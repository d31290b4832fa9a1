/** Modules written as expressions: constants of every length, memory, loops, and vectors against plain arithmetic. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compiled, f32x4, f64, f64x2, i16x8, i32, i32x4, i8x16, repeat, v128 } from "../../src/base/wasm.js";

type Calls = Readonly<Record<string, (...args: number[]) => number>>;

test.each([0, 1, 63, 64, 127, 128, 8191, 8192, 2 ** 31 - 1, -1, -64, -65, -(2 ** 31)])("the integer %s", (x) => {
  const { exports } = compiled({ f: { parameters: [], result: "i32", body: () => [i32.const(x)] } })(0);
  expect((exports as Calls).f()).toBe(x);
});

test("a loop goes on as long as its condition holds, over many variables", () => {
  const { exports } = compiled({
    sum: {
      parameters: ["i32"],
      result: "f64",
      body: ([to], local) => {
        const [i, unused, sum] = [local("i32"), local("v128"), local("f64")];
        return [
          unused.set(f64x2.splat(f64.const(1))),
          repeat([sum.set(f64.add(sum.get, f64.const(0.5))), i.set(i32.add(i.get, i32.const(1)))], i32.less(i.get, to.get)),
          sum.get,
        ];
      },
    },
  })(0);
  expect((exports as Calls).sum(1000)).toBe(500);
});

test("vectors compute what numbers do, one after the other", () => {
  const run = compiled({
    f: {
      parameters: ["f64"],
      body: ([y]) => {
        const at = (i: number) => i32.const(16 * i);
        const x = v128.load(at(0));
        const levels = i32x4.truncate(f32x4.pmin(f32x4.pmax(f32x4.nearest(f32x4.div(x, f32x4.splat(f64.toFloat(y.get)))), f32x4.splat(f64.toFloat(f64.const(-8)))), f32x4.splat(f64.toFloat(f64.const(7))))); // prettier-ignore
        const pair = f64x2.promote(v128.loadHalf(at(0), 8));
        return [
          v128.store(at(1), i8x16.narrow(i16x8.narrow(levels, levels), i16x8.narrow(levels, levels))),
          v128.store(at(2), f64x2.sub(f64x2.mul(pair, f64x2.splat(y.get)), f64x2.add(pair, f64x2.promote(v128.turned(x))))),
          v128.store(at(3), f32x4.abs(x)),
          v128.store(
            at(4),
            f64x2.pmin(
              f64x2.pmax(pair, f64x2.splat(f64.const(-1))),
              f64x2.splat(f64x2.lane(1)(f64x2.splat(f64.max(f64.const(1), f64.const(0))))),
            ),
          ),
        ];
      },
    },
  });
  const { memory, exports } = run(80);
  const [bytes, floats, doubles] = [new Int8Array(memory), new Float32Array(memory), new Float64Array(memory)];
  const float = fc.float({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(float, float, float, float), float, (x, given) => {
      const y = given === 0 ? 1 : given;
      floats.set(x);
      (exports as Calls).f(y);
      const nearest = x.map((v) => {
        const q = Math.fround(v / y);
        const down = Math.floor(q);
        const up = q - down > 0.5 || (q - down === 0.5 && down % 2 !== 0);
        return Math.max(-8, Math.min(7, up ? down + 1 : down)) + 0;
      });
      expect([...bytes.subarray(16, 20)]).toEqual(nearest);
      expect([...doubles.subarray(4, 6)].map((v) => v + 0)).toEqual([x[2], x[3]].map((v) => v * y - (v + v) + 0));
      expect([...floats.subarray(12, 16)]).toEqual(x.map(Math.abs));
      expect([...doubles.subarray(8, 10)].map((v) => v + 0)).toEqual([x[2], x[3]].map((v) => Math.max(-1, Math.min(1, v)) + 0));
    }),
    { numRuns: 300, endOnFailure: true },
  );
});

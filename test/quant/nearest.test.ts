/** Nearest levels of many weights: threads change nothing but the time; what stops one stops all. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PackedWeight } from "../../passes/quantise/scheme.js";
import { Spool } from "../../src/host/spool.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import type { ConstData } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { groupedProductsOf, type GroupedProduct } from "../../passes/quantise/grouped.js";
import type { nearestWeights as Nearest } from "../../src/quant/nearest.js";
import { inMemory } from "../../src/quant/shelf.js";

/** Threads run built modules. */
const built = new URL("../../dist/src/quant/nearest.js", import.meta.url).href;
const { nearestWeights } = (await import(built)) as { nearestWeights: typeof Nearest };

const text = `
  a = MatMul(x: f32[1,2400], w1: f32[2400,2501]!)
  b = MatMul(a, w2: f32[2501,2400]!)
  y = Gemm(b, w3: f32[2400,2400]!, transB=1)
  return y`;
const { graph } = inferGraph(parse(text), catalogue);

/** Numbers without a pattern. */
function numbers(count: number, seed: number): Float32Array {
  const out = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) out[i] = (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  return out;
}

const made = groupedProductsOf(graph).map((p, i) => numbers(p.data.shape[0] * p.data.shape[1], i + 1));

function products(broken?: number): readonly GroupedProduct[] {
  return groupedProductsOf(graph).map((p, i) => {
    const { shape } = p.data;
    const data = i === broken ? made[i].with(-1, NaN) : made[i];
    return { ...p, data: { dtype: "f32", shape, load: () => ({ dtype: "f32", shape, data }) } };
  });
}

const hashOf = (c: ConstData): string =>
  createHash("sha256")
    .update(c.load().data as Uint8Array)
    .digest("hex");

const bytesOf = (found: ReadonlyMap<string, PackedWeight>): readonly unknown[] =>
  [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, w]) => [key, w.n, w.k, hashOf(w.levels), hashOf(w.scales)]);

test("two threads find what one does, in memory and in a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-nearest-"));
  try {
    const one = bytesOf(await nearestWeights(products(), { group: 128, shelf: inMemory, threads: 1 }));
    expect(one.length).toBe(3);
    expect(bytesOf(await nearestWeights(products(), { group: 128, shelf: inMemory, threads: 2 }))).toEqual(one);
    const spool = new Spool(join(folder, "levels"));
    const found = await nearestWeights(products(), { group: 128, shelf: spool, threads: 2 });
    spool.remove();
    expect(readdirSync(folder)).toEqual([]);
    expect(bytesOf(found)).toEqual(one);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a weight that holds a NaN is left out, and the others are not", async () => {
  for (const threads of [1, 2]) {
    const found = await nearestWeights(products(1), { group: 128, shelf: inMemory, threads });
    expect([...found.keys()].sort()).toEqual(["0 w3", "1 w1"]);
  }
});

test("a signal and a weight that cannot be read stop every thread", async () => {
  for (const threads of [1, 2]) {
    const stop = new AbortController();
    const onEvent = (): void => stop.abort();
    const running = nearestWeights(products(), { group: 128, shelf: inMemory, threads, signal: stop.signal, onEvent });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    const [first, ...rest] = products();
    const lost: ConstData = { ...first.data, load: () => { throw new Error("lost"); } }; // prettier-ignore
    const losing = nearestWeights([...rest, { ...first, data: lost }], { group: 128, shelf: inMemory, threads });
    await expect(losing).rejects.toThrow("lost");
  }
});

test("a file that cannot be made is told", () => {
  const path = join(tmpdir(), "portolan-no-folder\0", "levels");
  expect(() => new Spool(path).put(new Uint8Array(1))).toThrow();
  expect(existsSync(path)).toBe(false);
});

/** Room on disk for what comes and goes: what was put is read back, room is used again, and no name stays. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Collector } from "../../src/host/collect.js";
import { Scratch } from "../../src/host/scratch.js";

test("what was put is read back until it is given back, whose room is taken again", () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-scratch-"));
  try {
    const scratch = new Scratch(join(folder, "out.onnx"));
    const [a, b] = [scratch.put(Uint8Array.of(1, 2, 3)), scratch.put(Uint8Array.of(4, 5))];
    expect(readdirSync(folder)).toEqual([]);
    expect([...scratch.get(a), ...scratch.get(b)]).toEqual([1, 2, 3, 4, 5]);
    scratch.giveBack(a);
    const [c, d] = [scratch.put(Uint8Array.of(6, 7)), scratch.put(Uint8Array.of(7, 8, 9))];
    expect([c.offset, d.offset]).toEqual([5, 0]);
    expect([...scratch.get(d), ...scratch.get(b)]).toEqual([7, 8, 9, 4, 5]);
    scratch.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a disk that cannot be written to is told", () => {
  expect(() => new Scratch("/proc/none/out.onnx").put(Uint8Array.of(1))).toThrow("output-not-writable");
});

test("arrays that nobody holds do not gather", () => {
  const collector = new Collector();
  let most = 0;
  for (let i = 0; i < 200; i++) {
    new Float32Array(1 << 18).fill(i);
    collector.look();
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  expect(most).toBeLessThan(64 << 20);
});

/** The command as users' scripts meet it: exit codes, the document of --json, and what stands on disk after it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packGptq } from "../../src/quant/formats/layouts/gptq.js";
import { checkpointOf, folderOf, named } from "../checkpoint/folders.js";
import { someWeight } from "../quant/formats/weights.js";
import { portolan } from "./portolan.js";

const config = { quant_method: "gptq", bits: 4, group_size: 64, sym: false, desc_act: false };
const part = (name: string, zeros: boolean): ReturnType<typeof named> =>
  named(name, packGptq(someWeight({ bits: 4, n: 16, k: 128, group: 64, zeros }), "gptq"));
const folder = checkpointOf(config, { ...part("m.even", false), ...part("m.uneven", true) });

const repack = (...words: readonly string[]): ReturnType<typeof portolan> => portolan(["repack", folder, ...words]);
const out = (): string => join(folderOf(), "w.safetensors");

test("a target that can say all: 0, a table and two files", async () => {
  const output = out();
  const { code, stdout, stderr } = await repack("-t", "onnx", "-o", output);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`2 layers of 2 repacked, equal after unpacking bit for bit: ${output} and ${output}.json`);
  expect(stdout).toMatch(/gptq, int4, groups of 64, zero points +MatMulNBits, int4 +exact/);
  expect([existsSync(output), existsSync(`${output}.json`)]).toEqual([true, true]);
});

test("one that cannot: 4, every layer in --json, and nothing on disk; with --partial 0 and a warning", async () => {
  const output = out();
  const { code, stdout } = await repack("-t", "bang", "-o", output, "--json");
  const told = JSON.parse(stdout) as {
    ok: boolean;
    layers: { layer: string; state: string; code?: string; bytesBefore: number }[];
    written: string[];
  };
  expect([code, told.ok, told.written, existsSync(output)]).toEqual([4, false, [], false]);
  expect(told.layers.map((l) => [l.layer, l.state, l.code])).toEqual([
    ["m.even", "exact", undefined],
    ["m.uneven", "refused", "layout-zero-points"],
  ]);
  const partial = await repack("-t", "bang", "-o", output, "--partial");
  expect([partial.code, existsSync(output)]).toEqual([0, true]);
  expect(partial.stderr).toContain('warning[layout-zero-points]: layer "m.uneven": weight_only_quant_matmul holds no zero points');
});

test("a folder that is none, a target that is none: 3 and 2", async () => {
  const missing = await portolan(["repack", join(folder, "nowhere"), "-t", "cann", "-o", out()]);
  expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining("file-unreadable")]);
  expect((await repack("-t", "cannn", "-o", out())).code).toBe(2);
});

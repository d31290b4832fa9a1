/** The records of vendor symbols against the facts they were read from, and against what is printed. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { calls } from "../../../targets/bang/calls.js";
import { chips } from "../../../targets/bang/caps.js";
import { intrinsics, runtimeCalls } from "../../../targets/bang/intrinsics.js";
import { printLoweredKernel } from "../../../targets/bang/print.js";
import { bang } from "../../../targets/bang/target.js";
import { reluAdd, reluAddLowered } from "./hand-kernels.js";

interface Fact {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly type?: string }[];
  readonly evidence: string;
}

const path = "../shared/facts/bang/cnnl.json";
const facts = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Fact[]) : undefined;

test.skipIf(!facts)("every CNNL call equals its fact record: names, order, types, and how sure it is", () => {
  const known = new Map((facts ?? []).map((f) => [f.name, f]));
  for (const [name, record] of Object.entries(calls)) {
    const fact = known.get(name);
    expect(fact, name).toBeDefined();
    expect(
      record.params.map(([type, param]) => ({ type, name: param })),
      name,
    ).toEqual(fact?.params.map(({ type, name: param }) => ({ type, name: param })));
    expect(record.evidence, name).toBe(fact?.evidence.startsWith("public header") ? "E1" : "E0");
  }
});

test.skipIf(!facts)("every CNRT call has the parameters of its fact record", () => {
  const known = new Map((facts ?? []).map((f) => [f.name, f]));
  for (const [name, record] of Object.entries(runtimeCalls)) {
    const fact = known.get(name);
    const params = record.params.filter((p) => p !== "").map((p) => /^(.*) (\w+)$/.exec(p)?.slice(1));
    expect(params, name).toEqual(fact?.params.map((p) => [p.type, p.name]));
  }
});

const symbols = new Set(Object.keys(bang.symbols));
const vendorNames = (text: string) => new Set(text.match(/\b(?:cnnl[A-Z]\w*|cnrt[A-Z]\w*|__[a-z]\w*)(?=\()/g));

test("a printed kernel calls nothing that has no record, and lists what it calls", () => {
  const { text, uses } = printLoweredKernel(reluAdd, chips.MLU590, reluAddLowered);
  const code = text.replace(/^\/\/.*$/gm, "");
  for (const name of vendorNames(code)) {
    expect(symbols.has(name), name).toBe(true);
    expect(uses, name).toContain(name);
  }
});

test("printer and rows spell vendor names through the records alone", () => {
  const files = ["targets/bang/print", "targets/bang/lower"].flatMap((d) => readdirSync(d).map((f) => join(d, f)));
  for (const file of files) {
    const text = readFileSync(file, "utf8").replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");
    for (const [, name] of text.matchAll(/\b(cnnl(?!Calls)[A-Z]\w*|__bang_\w+)\(/g)) expect.fail(`${file} pastes ${name}`);
  }
});

test("the bundle's own files call nothing that has no record", () => {
  const names = ["device.cpp", "portolan_cnnl.h"].flatMap((f) => [...vendorNames(readFileSync(`targets/bang/runtime/${f}`, "utf8"))]);
  for (const name of names) expect(symbols.has(name), name).toBe(true);
});

test("every record says where it was read, since when, and rests on a numbered assumption when it is inferred", () => {
  for (const [name, r] of Object.entries(bang.symbols)) {
    expect(r.seen, name).toMatch(/\S/);
    expect(r.since, name).toBe("NeuWare 4.6");
    if (r.evidence === "E0") expect(r.assumption, name).toMatch(/^A\d+: /);
  }
  expect(Object.keys(intrinsics).length).toBeGreaterThan(50);
});

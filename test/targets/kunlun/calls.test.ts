/** Every library call equals the fact record: name, parameters in order, their types and defaults. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { calls, callSymbols, xdnn } from "../../../targets/kunlun/calls.js";
import { intrinsics } from "../../../targets/kunlun/intrinsics.js";
import { kunlun } from "../../../targets/kunlun/target.js";
import { root } from "./twin.js";

interface Fact {
  readonly name: string;
  readonly namespace: string;
  readonly header?: string;
  readonly templateParams: readonly string[];
  readonly params: readonly { readonly name: string; readonly type: string; readonly default?: string }[];
  readonly source: readonly string[];
  readonly inferred: boolean;
}

const path = join(root, "../shared/facts/kunlun/xdnn.json");

describe.skipIf(!existsSync(path))("calls against the facts", () => {
  const facts = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Fact[]) : [];
  test.each(Object.keys(calls))("%s", (name) => {
    const record = calls[name as keyof typeof calls];
    const fact = facts.find((f) => f.name === name && f.namespace === "baidu::xpu::api");
    expect(fact, "a fact record").toBeDefined();
    expect(record.template).toEqual(fact?.templateParams);
    expect(record.params).toEqual(fact?.params.map((p) => (p.default === undefined ? [p.name, p.type] : [p.name, p.type, p.default])));
    expect(record.evidence).toBe(fact?.inferred ? "E0" : "E1");
    if (fact?.header) expect(record.header).toBe(fact.header);
  });
});

test("every symbol says where it was read, and an inferred one on what it rests", () => {
  for (const [name, s] of Object.entries(kunlun.symbols)) {
    expect(s.seen, name).not.toBe("");
    expect(s.signature, name).not.toBe("");
    if (s.evidence === "E0") expect(s.assumption, name).toMatch(/^K\d+: /);
  }
  for (const name of [...Object.keys(callSymbols()), ...Object.keys(intrinsics)]) expect(kunlun.symbols[name], name).toBeDefined();
});

test("arguments are spelled in the declaration's order, defaults only as far as they are given", () => {
  expect(xdnn("relu", ["float"], { len: "n", y: "y", x: "x" })).toBe("PTL_TRY((xdnn::relu<float>(ctx, x, y, n)));");
});

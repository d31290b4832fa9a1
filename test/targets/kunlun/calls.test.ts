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
    const [space, plain] = name.includes("::") ? name.split("::") : ["api", name];
    // The headers of xpudnn are not public: its calls are Paddle's, in the order of XDNN's declaration.
    const place = space === "xpudnn" ? "baidu::xpu::api" : `baidu::xpu::${space}`;
    if (name === "xblas::fc_batched") return expect(record.params).toEqual(calls.fc_batched.params);
    const fact = facts.find((f) => f.name === plain && f.namespace === place);
    expect(fact, "a fact record").toBeDefined();
    expect(record.template).toEqual(fact?.templateParams);
    expect(record.params).toEqual(fact?.params.map((p) => (p.default === undefined ? [p.name, p.type] : [p.name, p.type, p.default])));
    expect(record.evidence).toBe(space === "xpudnn" || fact?.inferred ? "E0" : "E1");
    if (fact?.header) expect(record.header).toBe(fact.header);
    return undefined;
  });
});

test("every symbol says where it was read, and an inferred one on what it rests", () => {
  for (const [name, s] of Object.entries(kunlun.symbols)) {
    expect(s.seen, name).not.toBe("");
    expect(s.signature, name).not.toBe("");
    expect(s.witness, name).toBeDefined();
    if (s.evidence === "E0") expect(s.assumption, name).toMatch(/^K\d+: /);
  }
  for (const name of [...Object.keys(callSymbols()), ...Object.keys(intrinsics)]) expect(kunlun.symbols[name], name).toBeDefined();
});

const zeros = Object.fromEntries(calls.fc_batched.params.map(([name]) => [name, "0"])) as Record<
  Exclude<(typeof calls.fc_batched.params)[number][0], "ctx">,
  string
>;

test("arguments are spelled in the declaration's order, defaults only as far as they are given", () => {
  expect(xdnn("relu", ["float"], { len: "n", y: "y", x: "x" })).toBe("PTL_TRY((xdnn::relu<float>(ctx, x, y, n)));");
  const batched = { ...zeros, x: "x", w: "w", y: "y" };
  expect(xdnn("xblas::fc_batched", ["float"], batched)).toMatch(/^PTL_TRY\(\(xblas::fc_batched<float>\(ctx, 0, /);
});

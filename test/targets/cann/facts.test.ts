/** The records against the facts: every call's name, header, order and types; chips' numbers; conversions. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { calls, type CallName } from "../../../targets/cann/calls.js";
import { chips, usableBytes } from "../../../targets/cann/caps.js";
import { compilersOwn, intrinsics, runtimeCalls } from "../../../targets/cann/intrinsics.js";
import { typesOf } from "../../../targets/cann/limits.js";
import { cann } from "../../../targets/cann/target.js";
import { documentedOn950 } from "../../../targets/cann/documented.js";
import { root } from "./twin.js";

const facts = join(root, "../shared/facts/cann");
const here = existsSync(join(facts, "aclnn.json"));
const json = (name: string): unknown => JSON.parse(readFileSync(join(facts, name), "utf8"));

interface AclnnFact {
  readonly name: string;
  readonly header: string;
  readonly params: readonly { readonly name: string; readonly type: string; readonly rank?: string }[];
  readonly dtypes?: Readonly<Record<string, readonly string[]>>;
  readonly dtypeLimitsBySoc?: Readonly<
    Record<string, readonly { readonly not?: readonly string[]; readonly only?: readonly string[]; readonly params?: readonly string[] }[]>
  >;
  readonly socSupport: readonly string[];
  readonly notes?: readonly string[];
}

/** "2-6", "1", or "1,3". */
const spelledRange = (rank: string): string => {
  const all = rank.split(/[-,]/);
  return `${all[0]}-${all[all.length - 1]}`;
};

const short: Readonly<Record<string, string>> = {
  ...{ FLOAT32: "f32", FLOAT16: "f16", BFLOAT16: "bf16", FLOAT64: "f64", INT64: "i64", INT32: "i32", INT16: "i16", INT8: "i8" },
  ...{ UINT8: "u8", UINT16: "u16", UINT32: "u32", UINT64: "u64", BOOL: "bool" },
};

/** A fact whose rules do not say of which parameter they are; the page does, and the record follows it. */
const unnamed: ReadonlySet<string> = new Set(["aclnnWeightQuantBatchMatmulV2"]);

/** The element types a fact allows; the list of what a family is without holds for all parameters unless it names some. */
function allowed(fact: AclnnFact | undefined, param: string, family: string): string[] {
  if (!fact?.socSupport.includes(family)) return [];
  const rules = (fact.dtypeLimitsBySoc?.[family] ?? []).filter((r) => !r.params || r.params.includes(param));
  const passes = (type: string): boolean => rules.every((r) => !r.not?.includes(type) && (!r.only || r.only.includes(type)));
  return (fact.dtypes?.[param] ?? [])
    .filter(passes)
    .flatMap((t) => short[t] ?? [])
    .sort();
}

describe.skipIf(!here)("records and facts", () => {
  test("every aclnn call equals its fact in name, header, order and types", () => {
    const known = new Map((json("aclnn.json") as AclnnFact[]).map((f) => [f.name, f]));
    for (const [name, call] of Object.entries(calls)) {
      const fact = known.get(name);
      expect(fact, name).toBeDefined();
      expect(call.header).toBe(fact?.header);
      expect(call.params).toEqual(fact?.params.map((p) => [p.name, p.type]));
      expect(call.socs).toEqual(fact?.socSupport);
      expect(fact?.notes).toContain("also in CANN 8.1.RC1 with the same parameter types");
    }
  });

  test("every call that only documents tell of is described for the 950 series, where it is said to be", () => {
    const known = new Map((json("aclnn.json") as (AclnnFact & { readonly source: string })[]).map((f) => [f.name, f]));
    for (const [operator, [call, seen, types]] of Object.entries(documentedOn950)) {
      expect(known.get(call)?.socSupport, operator).toContain("950");
      const fact = known.get(call);
      const first = fact?.params.find((p) => p.type.includes("aclTensor"))?.name ?? "";
      const usual = (types ?? "").split(" ").filter((t) => Object.values(short).includes(t));
      if (types !== undefined && fact?.dtypes?.[first]) expect(usual.sort(), operator).toEqual(allowed(fact, first, "950"));
      expect(seen, operator).toBe(known.get(call)?.source.replace(": ", " "));
    }
  });

  test("every call's limits are the fact's, by parameter and family of chips", () => {
    const facts = new Map((json("aclnn.json") as AclnnFact[]).map((f) => [f.name, f]));
    for (const [name, { tensors }] of Object.entries(calls) as [CallName, (typeof calls)[CallName]][]) {
      const fact = facts.get(name);
      const named = fact?.params.filter((p) => /aclTensor\*/.test(p.type)) ?? [];
      expect(Object.keys(tensors).sort(), name).toEqual(named.map((p) => p.name).sort());
      for (const param of named) {
        expect(tensors[param.name].rank?.join("-"), `${name} ${param.name}`).toBe(param.rank && spelledRange(param.rank));
        if (unnamed.has(name)) continue;
        for (const family of ["910b", "A3", "310p", "310b"] as const)
          expect([...typesOf(name, param.name, family)].sort(), `${name} ${param.name} ${family}`).toEqual(
            allowed(fact, param.name, family),
          );
      }
    }
  });

  test("every intrinsic of the vector and copy pages exists in the API list for arch 2201", () => {
    const pages = json("ascendc-api.json") as {
      readonly name: string;
      readonly header: string | null;
      readonly support: readonly string[];
    }[];
    const renamed: Readonly<Record<string, string>> = {
      CompareScalar: "Compares",
      SetFlag: "SetFlag/WaitFlag(ISASI)",
      WaitFlag: "SetFlag/WaitFlag(ISASI)",
      PipeBarrier: "PipeBarrier(ISASI)",
    };
    const types = new Set(["TPipe", "TQue", "TQueBind", "TBuf", "LocalTensor", "GlobalTensor"]);
    for (const [name, record] of Object.entries(intrinsics)) {
      if (types.has(name) || record.header === compilersOwn) continue;
      const page = pages.filter((p) => p.name === (renamed[name] ?? name) && p.support.includes("910b"));
      expect(page.length, name).toBeGreaterThan(0);
      if (record.header.includes("_vec_")) expect(page.map((p) => p.header)).toContain(record.header);
    }
  });

  test("chips have the cores and the unified buffer of the platform files", () => {
    const socs = json("soc.json") as Record<string, { cores: Record<string, number>; bytes: Record<string, number>; cubeVector: string }>;
    for (const [name, { caps, usableBytes: usable }] of Object.entries(chips)) {
      const soc = socs[name];
      expect(caps.cores).toBe(soc.cubeVector === "split" ? soc.cores.vector_core_cnt : soc.cores.ai_core_cnt);
      const smask = soc.cubeVector === "split" ? 256 : 0;
      expect(usable).toBe(usableBytes(soc.bytes.ub_size, smask));
      expect(caps.local.bytes).toBe(usable - 8192 - 4096);
    }
  });

  test("conversions are those of the Cast page", () => {
    const pages = json("ascendc-api.json") as {
      readonly castTable?: Readonly<Record<string, readonly [string, string, readonly string[]][]>>;
    }[];
    const table = pages.find((p) => p.castTable)?.castTable;
    const cNames: Readonly<Record<string, string>> = {
      ...{ f32: "float", f16: "half", bf16: "bfloat16_t", i8: "int8_t", u8: "uint8_t", i16: "int16_t", i32: "int32_t", i64: "int64_t" },
    };
    for (const { arch, caps } of Object.values(chips)) {
      const rows = table?.[{ "dav-2002": "310p", "dav-3002": "310b" }[arch] ?? "910b"] ?? [];
      for (const pair of Object.keys(caps.casts)) {
        const [from, to] = pair.split("->");
        const row = rows.find((r) => r[0] === cNames[from] && r[1] === cNames[to]);
        expect(row, `${pair} on ${arch}`).toBeDefined();
        const modes = row?.[2] ?? [];
        for (const round of caps.casts[pair as keyof typeof caps.casts] ?? []) {
          const fits = { exact: ["CAST_NONE"], rint: ["CAST_RINT", "CAST_NONE"], trunc: ["CAST_TRUNC"] }[round];
          expect(
            fits.some((m) => modes.includes(m)),
            `${pair} ${round} on ${arch}`,
          ).toBe(true);
        }
      }
    }
  });
});

test("every record says where it was read", () => {
  for (const record of Object.values(cann.symbols)) {
    expect(record.seen).toMatch(/^[\w-]+\/[\w.-]+ .+/);
    expect(record.signature).not.toBe("");
  }
  expect(Object.keys(cann.symbols).length).toBe(Object.keys({ ...intrinsics, ...runtimeCalls, ...calls }).length);
});

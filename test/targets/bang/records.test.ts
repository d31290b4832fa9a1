/** The records of vendor symbols against the facts they were read from, and against what is printed. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { calls, cnnlHeader } from "../../../targets/bang/calls.js";
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

/** A fact's parameter that was named at a call site and not by a document says nothing of a type. */
const said = (p: Fact["params"][number]) => p.type !== undefined && !/enum|void\*|int8_t\*/.test(p.type);
/** As far as C tells types apart: const on a value is no difference, int64_t where the header counts in int is a caller's own. */
const plainType = (type: string) =>
  type
    .replace(/^const (?=cnnl)/, "")
    .replace("int64_t", "int")
    .replace("*", "[]");

test.skipIf(!facts)("every CNNL call has the parameters of its fact record, as far as that knows them", () => {
  const known = new Map((facts ?? []).map((f) => [f.name, f]));
  for (const [name, record] of Object.entries(calls)) {
    const fact = known.get(name);
    if (!fact) {
      expect(record.witness?.sources, name).toEqual([cnnlHeader]);
      continue;
    }
    expect(record.params.length, name).toBe(fact.params.length);
    fact.params.forEach((p, i) => {
      if (said(p) && !/^arg\d/.test(p.name)) expect(plainType(record.params[i][1]), `${name} ${i}`).toBe(plainType(p.type ?? ""));
    });
  }
});

test.skipIf(!facts)("every CNRT call has the parameters of its fact record", () => {
  const known = new Map((facts ?? []).map((f) => [f.name, f]));
  for (const [name, record] of Object.entries(runtimeCalls)) {
    const fact = known.get(name);
    const types = record.params.filter((p) => p !== "").map((p) => /^(.*) \w+$/.exec(p)?.[1]);
    expect(types, name).toEqual(fact?.params.map((p) => p.type));
  }
});

/** Marked as deprecated by CNNL 1.28.6, most of them in favour of a name that is in both generations. */
const deprecated =
  /^cnnl(MatMulDesc(Create|Destroy)|MatMulAlgo(Create|Destroy)|BatchMatMulBCast\w*|GetBatchMatMul(Algo)?Heuristic(Result)?|Reduce|GetReduceOpWorkspaceSize|PoolingForward|GetPoolingWorkspaceSize|SetTensorDescriptorOnchipDataType|GetConvolution(Forward|BackwardData)Algorithm|Interp_v2|SetInterpDescriptor|Div_v2|SetActivationDescriptor_v\d|SoftmaxForward_v2|Exp_v2|Sqrt_v2)$/;

test("no call is one that CNNL marks as deprecated", () => {
  expect(Object.keys(calls).filter((name) => deprecated.test(name))).toEqual([]);
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
  const files = ["targets/bang/print", "targets/bang/lower"].flatMap((d) =>
    readdirSync(d, { recursive: true, encoding: "utf8" }).flatMap((f) => (f.endsWith(".ts") ? [join(d, f)] : [])),
  );
  for (const file of files) {
    const text = readFileSync(file, "utf8").replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");
    for (const [, name] of text.matchAll(/\b(cnnl(?!Calls)[A-Z]\w*|__bang_\w+)\(/g)) expect.fail(`${file} pastes ${name}`);
  }
});

test("the bundle's own files call nothing that has no record", () => {
  const names = ["device.cpp", "portolan_cnnl.h", "portolan_mlu.h"].flatMap((f) => [
    ...vendorNames(readFileSync(`targets/bang/runtime/${f}`, "utf8")),
  ]);
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

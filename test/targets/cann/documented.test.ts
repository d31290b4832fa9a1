/**
 * Everything that kernels contain is documented for the family of chips they are printed for: each intrinsic by its
 * page's list of products, each element type by the page's list of types where it has one for that family.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ascendChip, chips, type AscendChip } from "../../../targets/cann/caps.js";
import { compilersOwn, intrinsics } from "../../../targets/cann/intrinsics.js";
import type { Compiled } from "../../../src/api/compile.js";
import { compileText, textFiles } from "../../plan/compile-text.js";
import { elementTypes } from "./element-types.js";
import { root } from "./twin.js";

const file = join(root, "../shared/facts/cann/ascendc-api.json");

interface ApiPage {
  readonly doc: string;
  readonly support: readonly string[];
  /** By family, or under "all". */
  readonly dtypes: Readonly<Record<string, readonly string[]>>;
}

const models = [
  "y = Softmax(x: f32[7,45])",
  "t = Add(x: f32[N,33], b: f32[33])\n y = Sqrt(t)",
  "t = Exp(x: f16[N])\n y = Div(t, t)",
  "y = ReduceMax(x: f32[5,70], axes: i64[1] = [1])",
  "y = ReduceMin(x: f32[5,70], axes: i64[1] = [0])",
  "y = ReduceProd(x: f32[5,70], axes: i64[1] = [1])",
  "y = ReduceSum(x: i32[5,70], axes: i64[1] = [1])",
  "y = ReduceSum(x: i64[5,70], axes: i64[1] = [1])",
  "y = ReduceMax(x: i32[5,70], axes: i64[1] = [0])",
  "y = Transpose(x: f32[33,70,5], perm=[2, 1, 0])",
  "y = Transpose(x: i64[33,70], perm=[1, 0])",
  "y = Add(x: i64[N,5], z: i64[5])",
  "y = Concat(x: i64[N,5], z: i64[N,3], axis=1)",
  "y = Concat(x: u8[N,5], z: u8[N,3], axis=1)",
  "y = Concat(x: f32[N,5], z: f32[N,3], axis=1)",
  "y = Gather(x: i64[9,40], i: i64[N])",
  "y = Gather(x: f32[9,40], i: i64[N], axis=1)",
  "y = ScatterElements(x: f32[N,5], i: i64[N,3], u: f32[N,3], axis=1)",
  "y = Where(c: bool[N], x: f32[N], z: f32[N])",
  "y = Where(c: bool[N], x: i64[N], z: i64[N])",
  "t = Sqrt(x: f32[5,9])\n u = Mul(i: i64[5,9], i)\n v = Cast(u, to=1)\n w = Sqrt(v)\n y = Add(t, w)",
  "y = Mul(x: i32[N], z: i32[N])",
  'y = BitShift(x: u32[N], z: u32[N], direction="LEFT")',
  "y = BitwiseAnd(x: i32[N], z: i32[N])",
  "t = Floor(x: f32[N])\n y = Max(t, x)",
  "y = Pow(x: f32[N], z: f32[N])",
  "y = CumSum(x: f32[5,70], axis: i32 = 1)",
  "y = Expand(x: f32[5,1], s: i64[2] = [5, 40])",
  "y = MaxPool(x: f32[1,4,8,8], kernel_shape=[2, 2])",
  'y = Resize(x: f32[1,4,8,8], , scales: f32[4] = [1, 1, 2, 2], mode="nearest")',
];

/** One chip of each family. */
const families = new Map(Object.values(chips).map((chip) => [chip.family, chip]));

/** Pages that say which products have an interface, and are silent on its types there. */
const silentOnTypes = ["CreateVecIndex on 310p"];

async function compiledFor(chip: AscendChip, model: string): Promise<Compiled | undefined> {
  try {
    return await compileText(model, { target: `cann:${chip.caps.chip}`, prefer: "kernels" });
  } catch {
    return undefined; // the library alone, or nothing, answers there
  }
}

describe.skipIf(!existsSync(file)).each([...families])("kernels of %s", (family, { caps }) => {
  const pages = JSON.parse(readFileSync(file, "utf8")) as readonly ApiPage[];
  const chip = ascendChip({ ...chips[caps.chip] });

  /** Of a type, that on its constructor, or the first on a function of it. */
  function typePages(folder: string): readonly ApiPage[] {
    const all = pages.filter((p) => p.doc.startsWith(folder));
    return [all.find((p) => p.doc.includes("构造函数")) ?? all[0]];
  }

  /** The pages on a record: that it was read on, and others where one name has several. */
  function pagesOf(name: string): readonly ApiPage[] {
    const doc = intrinsics[name].seen.replace(/^\S+ /, "");
    const folder = /^(.*\/)\S+简介\.md$/.exec(doc)?.[1];
    if (folder !== undefined) return typePages(folder);
    const inside = doc.replace("GM与UB", "UBToUB");
    const out = doc.replace("GMToUB", "UBToGM");
    // Where DataCopyPad does the other copies, DataCopy is left those inside the unified buffer.
    const docs = name === "DataCopy" ? (chip.widestPad > 0 ? [inside] : [doc, inside]) : [doc, out];
    return [...new Set(docs)].flatMap((d) => pages.filter((p) => p.doc === d));
  }

  test("intrinsics and their element types are documented", { timeout: 120_000 }, async () => {
    const [missing, silent] = [new Set<string>(), new Set<string>()];
    let kernels = 0;
    for (const model of models) {
      const compiled = await compiledFor(chip, model);
      if (!compiled) continue;
      const used = compiled.emitted.steps.flatMap((s) => s.act.uses).filter((n) => intrinsics[n]?.header !== undefined);
      if (!chip.scalarRoot) expect(used).not.toContain("sqrt");
      for (const name of used.filter((n) => intrinsics[n].header !== compilersOwn)) {
        const on = pagesOf(name);
        expect(on.length, name).toBeGreaterThan(0);
        if (!on.every((p) => p.support.includes(family))) missing.add(name);
      }
      for (const [path, text] of textFiles(compiled)) {
        if (!path.startsWith("kernels/")) continue;
        kernels++;
        for (const [name, types] of elementTypes(text, Object.keys(intrinsics)))
          for (const { dtypes } of pagesOf(name)) {
            const listed = dtypes[family] ?? dtypes["all"];
            if (Object.keys(dtypes).length > 0 && !listed) silent.add(`${name} on ${family}`);
            for (const type of types) if (listed && !listed.includes(type)) missing.add(`${name} of ${type}`);
          }
      }
    }
    expect(kernels).toBeGreaterThan(20);
    expect([...missing]).toEqual([]);
    expect([...silent]).toEqual(silentOnTypes.filter((s) => s.endsWith(` ${family}`)));
  });
});

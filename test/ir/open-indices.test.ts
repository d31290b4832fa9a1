/**
 * Indices that follow from sizes set at run time are held to the axis they pick from: each program once with open
 * extents and then at many sizes, against the same program compiled for those sizes, where every index is a number.
 */
import { expect, test } from "vitest";
import { holds } from "../../src/base/cond.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { parse } from "../../src/ir/text/parse.js";
import { condText } from "../../src/ir/text/print.js";
import { catalogue } from "../../src/ops/catalogue.js";

const scalars = [0, 1, 7].map((n) => `const c${n}: i64[] = {${n}}`).join("\n");
const axes = [0, 1].map((n) => `const a${n}: i64[1] = {${n}}`).join("\n");
const extents = "sh = Shape(x: f32[N,S])\nn = Gather(sh, c0)\ns = Gather(sh, c1)";
const range = "i = Range(c0, s, c1)";

const programs: Readonly<Record<string, string>> = {
  "a range": `${range}\ny = Gather(w: f32[8,4], i)`,
  "a range that starts behind what is there": "e = Add(n, s)\ni = Range(n, e, c1)\ny = Gather(w: f32[8,4], i)",
  "a range backwards": `${range}\nj = Neg(i)\ny = Gather(w: f32[8,4], j)`,
  "a range of 32 bits": `${range}\nj = Cast(i, to=6)\ny = Gather(w: f32[8,4], j)`,
  "a part of a range": `const b: i64[1] = {2}\nconst e: i64[1] = {9223372036854775807}\n${range}\nj = Slice(i, b, e)\ny = Gather(w: f32[8,4], j)`,
  "a size": "y = Gather(w: f32[8,4], s)",
  "the last one": "m = Sub(s, c1)\ny = Gather(x, m, axis=1)",
  "distances of rows and columns": `${range}\nu = Unsqueeze(i, a0)\nv = Unsqueeze(i, a1)\nd = Sub(u, v)\ne = Add(d, c7)\ny = Gather(w: f32[15], e)`,
  "a grid in rows": `${range}\nj = Range(c0, n, c1)\nu = Unsqueeze(j, a1)\nv = Unsqueeze(i, a0)\nr = Mul(u, s)\nd = Add(r, v)\ny = Gather(w: f32[8], d)`,
  "a grid turned": `${range}\nj = Range(c0, n, c1)\nu = Unsqueeze(j, a1)\nv = Unsqueeze(i, a0)\nd = Sub(u, v)\nt = Transpose(d, perm=[1, 0])\ny = Gather(w: f32[5], t)`,
  "an expanded range": `${range}\nu = Unsqueeze(i, a0)\nt = Expand(u, sh)\ny = GatherElements(w: f32[N,8], t, axis=1)`,
  "wrapped by the model": `${range}\nlt = Less(i, c0)\nf = Add(i, c7)\nj = Where(lt, f, i)\ny = Gather(w: f32[8,4], j)`,
  "the greater of a range and what is below it": `${range}\nz = Sub(c0, c1)\nj = Max(i, z)\ny = Gather(w: f32[8,4], j)`,
  "places of a cache": `${range}\nj = Unsqueeze(i, a1)\nt = Transpose(x, perm=[1, 0])\ny = ScatterND(w: f32[8,N], j, t)`,
  "pairs of places": `${range}\nj = Unsqueeze(i, a1)\nk = Mul(j, c7)\np = Concat(j, k, axis=-1)\nq = Shape(i)\nz = ConstantOfShape(q)\ny = ScatterND(w: f32[8,15], p, z)`,
  "pairs to read": `${range}\nj = Unsqueeze(i, a1)\nk = Neg(j)\np = Concat(j, k, axis=-1)\ny = GatherND(w: f32[8,5], p)`,
  "two elements of a range side by side": `${range}\na = Gather(i, a0)\nb = Gather(i, a1)\nj = Concat(a, b, axis=0)\ny = Gather(w: f32[2,4], j)`,
  "the last of a range twice": `const m: i64[1] = {-1}\n${range}\na = Gather(i, m)\nj = Concat(a, a, axis=0)\ny = Gather(x, j, axis=1)`,
  "one place of two ranges": `${range}\nj = Range(c0, n, c1)\na = Gather(i, a1)\nb = Gather(j, a1)\np = Concat(b, a, axis=0)\ny = GatherND(x, p)`,
  "places along rows": `${range}\nj = Unsqueeze(i, a0)\nt = Expand(j, sh)\ny = ScatterElements(w: f32[N,8], t, x, axis=1)`,
};

/** Never refused: what the model itself keeps within its axis, and what ranges become in types that sizes wrap in. */
const sound: Readonly<Record<string, string>> = {
  "clamped by the model": `${range}\nj = Min(i, c7)\ny = Gather(w: f32[8,4], j)`,
  "truths of pairs": `${range}\nu = Unsqueeze(i, a1)\np = Concat(u, u, axis=-1)\nt = Cast(p, to=9)\nj = Cast(t, to=7)\ny = GatherND(w: f32[2,2], j)`,
  "differences without a sign": `const z: u32[] = {0}\nconst o: u32[] = {1}\n${range}\nu = Cast(i, to=12)\nv = Sub(z, u)\nlt = Less(v, o)\nj = Where(lt, i, c0)\ny = Gather(w: f32[1,4], j)`,
};

const sizes = [0, 1, 2, 3, 5, 7, 8, 9, 10];

test.each(Object.entries({ ...programs, ...sound }))("%s", (name, text) => {
  const graph = parse([scalars, axes, extents, text].join("\n"));
  const open = inferGraph(graph, catalogue);
  expect(open.diagnostics).toEqual([]);
  const wrong: string[] = [];
  let refusals = 0;
  for (const N of sizes)
    for (const S of sizes) {
      const at = new Map(Object.entries({ N, S }));
      const broken = open.graph.guards.find((g) => !holds(g.when, at));
      const fault = faultAt(graph, at);
      if (fault) refusals++;
      if ((broken === undefined) !== (fault === undefined))
        wrong.push(`N=${N} S=${S}: ${fault ?? "accepted"}, but ${broken ? condText(broken.when) : "accepted"} where sizes are open`);
    }
  expect(wrong).toEqual([]);
  expect(refusals > 0).toBe(name in programs);
});

function faultAt(graph: ReturnType<typeof parse>, at: ReadonlyMap<string, number>): string | undefined {
  try {
    return inferGraph(setDims(graph, at), catalogue).diagnostics.find((d) => d.severity === "error")?.message;
  } catch (e) {
    if (e instanceof DiagnosticError) return e.message;
    throw e;
  }
}

/** A Scan is a Loop that takes a row a round. */
import { expect, test } from "vitest";
import { scanToLoop } from "../../passes/onnx/scan-to-loop.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { checkPass } from "./check-pass.js";

test("a row is gathered by the round, which the host counts", () => {
  const out = checkPass(
    scanToLoop,
    `y: f32[4], z: f32[N,4] = Scan(s: f32[4], x: f32[N,4], num_scan_inputs=1, body=graph b(h: f32[4], a: f32[4]) -> (t, p) {
       t: f32[4] = Add(h, a)
       p: f32[4] = Sin(t)
     })`,
    `x' = Shape(x, start=0, end=1)
     y, z = Loop(x', _, s, body=graph b(round': i64[], goes_on': bool[], h: f32[4]) -> (goes_on', t, p) {
       row': i64[] = read(round', value=dims["row'"]) from ("y")
       a: f32[4] = Gather(x, row', axis=0) from ("y")
       t: f32[4] = Add(h, a)
       p: f32[4] = Sin(t)
     })`,
  );
  expect(out.symbols.map((s) => s.name)).toEqual(["N", "row'"]);
});

test("directions from the end and other axes are made up for around it", () => {
  checkPass(
    scanToLoop,
    `y: f32[4], z: f32[4,5] = Scan(s: f32[4], x: f32[4,5], num_scan_inputs=1, scan_input_axes=[1], scan_input_directions=[1], scan_output_axes=[-1], scan_output_directions=[1], body=graph b(h: f32[4], a: f32[4]) -> (t, q) {
       t: f32[4] = Sub(h, a)
       q: f32[4] = Sin(t)
     })`,
    `x' = Shape(x, start=1, end=2)
     x'' = Slice(x, ends', ends'', ends'3, ends'4)
     y, z'' = Loop(x', _, s, body=graph b(round': i64[], goes_on': bool[], h: f32[4]) -> (goes_on', t, q) {
       row': i64[] = read(round', value=dims["row'"]) from ("y")
       a: f32[4] = Gather(x'', row', axis=1) from ("y")
       t: f32[4] = Sub(h, a)
       q: f32[4] = Sin(t)
     })
     z' = Slice(z'', ends'5, ends'6, ends'7, ends'8)
     z = Transpose(z', perm=[1, 0])`,
  );
});

test("in a body too", () => {
  checkPass(
    scanToLoop,
    `y: f32[2,4] = Scan(s: f32[2,4], x: f32[2,3,4], num_scan_inputs=2, body=graph outer(h: f32[4], a: f32[3,4]) -> (t) {
       t: f32[4] = Scan(h, a, num_scan_inputs=1, body=graph inner(g: f32[4], b: f32[4]) -> (v) {
         v: f32[4] = Mul(g, b)
       })
     })`,
    `s' = Shape(s, start=0, end=1)
     y = Loop(s', _, body=graph outer(round'': i64[], goes_on'': bool[]) -> (goes_on'', t) {
       row'': i64[] = read(round'', value=dims["row''"]) from ("y")
       h: f32[4] = Gather(s, row'', axis=0) from ("y")
       a: f32[3,4] = Gather(x, row'', axis=0) from ("y")
       a': i64[1] = Shape(a, start=0, end=1) from ("t")
       t: f32[4] = Loop(a', _, h, body=graph inner(round': i64[], goes_on': bool[], g: f32[4]) -> (goes_on', v) {
         row': i64[] = read(round', value=dims["row'"]) from ("t")
         b: f32[4] = Gather(a, row', axis=0) from ("t")
         v: f32[4] = Mul(g, b)
       })
     })`,
  );
});

test("stays where a rank is unknown", () => {
  const { graph } = inferGraph(
    parse(`y: f32[4], z: f32[*] = Scan(s: f32[4], x: f32[*], num_scan_inputs=1, body=graph b(h: f32[4], a: f32[*]) -> (h2, a2) {
      h2: f32[4] = Neg(h)
      a2: f32[*] = Neg(a)
    })`),
    catalogue,
  );
  expect(scanToLoop.run(graph, { catalogue })).toBe(graph);
});

/** A recurrent layer over an open number of steps is a Scan whose step is the layer over one. */
import { expect, test } from "vitest";
import { recurrentToScan } from "../../passes/onnx/recurrent-to-scan.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { checkPass } from "./check-pass.js";

test("forward, states given", () => {
  checkPass(
    recurrentToScan,
    `y, z, u = LSTM(x: f32[T,B,3], w: f32[1,8,3], r: f32[1,8,2], _, _, h: f32[1,B,2], c: f32[1,B,2], hidden_size=2)`,
    `z, u, y = Scan(h, c, x, body=graph step(h': f32[1,B,2], c': f32[1,B,2], x': f32[B,3]) -> (h'', c'', LSTM'') {
       x'': ? = Unsqueeze(x', at') from ("y")
       LSTM': ?, h'': f32[1,B,2], c'': f32[1,B,2] = LSTM(x'', w, r, _, _, h', c', hidden_size=2, direction="forward") from ("y")
       LSTM'': f32[1,B,2] = Squeeze(LSTM', at'') from ("y")
     }, num_scan_inputs=1, scan_input_directions=[0], scan_output_directions=[0])`,
  );
});

const leaves = (text: string): void => {
  const { graph } = inferGraph(parse(text), catalogue);
  expect(recurrentToScan.run(graph, { catalogue })).toBe(graph);
};

test("stays: a known number of steps, lengths of single sequences, batches in front", () => {
  leaves(`y = RNN(x: f32[5,B,3], w: f32[1,2,3], r: f32[1,2,2], hidden_size=2)`);
  leaves(`y = RNN(x: f32[T,B,3], w: f32[1,2,3], r: f32[1,2,2], _, l: i32[B], hidden_size=2)`);
  leaves(`y = RNN(x: f32[B,T,3], w: f32[1,2,3], r: f32[1,2,2], hidden_size=2, layout=1)`);
});

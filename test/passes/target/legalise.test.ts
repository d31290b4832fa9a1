/** Claimed nodes become calls, in the layouts and types these want, inside bodies too; and what is kept of the operators. */
import { describe, expect, test } from "vitest";
import { keepOperators } from "../../../passes/target/keep-operators.js";
import { legalise } from "../../../passes/target/legalise.js";
import { undecided, type TargetContext } from "../../../passes/target/stage.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { print } from "../../../src/ir/text/print.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { bang } from "../../../targets/bang/target.js";
import { cann } from "../../../targets/cann/target.js";
import { checkPass, passOf } from "../check-pass.js";

const onBang: TargetContext = { target: bang, chip: bang.chips["MLU590"], precision: "fp32", catalogue };
const onCann = { target: cann, chip: cann.chips["Ascend310P3"] };

describe("legalise", () => {
  test("an operator a row takes is a call with explicit attributes, transposes where its layout differs", () => {
    const out = checkPass(
      passOf(legalise),
      "p = MaxPool(x: f32[1,3,8,8], kernel_shape=[2, 2])\n y = Relu(p)",
      `x' = transpose(x, perm=[0, 2, 3, 1])
       p' as [0, 2, 3, 1] = call bang::MaxPool(x' as [0, 2, 3, 1], kernel_shape=[2, 2], auto_pad="NOTSET", ceil_mode=0, storage_order=0, strides=[1, 1], dilations=[1, 1], pads=[0, 0, 0, 0])
       p = transpose(p', perm=[0, 3, 1, 2])
       y = Relu(p)`,
      onBang,
    );
    expect(print(parse(print(out)))).toBe(print(out));
  });

  test("casts where the chip multiplies halves only", () =>
    void checkPass(
      passOf(legalise),
      'y = contract(x: f32[4,8], w: f32[8,2], transa=0, transb=0, acc="f32")',
      `x' = cast(x, to="f16")
       w' = cast(w, to="f16")
       y' = call cann::contract(x', w', transa=0, transb=0, acc="f32")
       y = cast(y', to="f32")`,
      { ...onCann, error: 2e-3 },
    ));

  test("in a body", () => {
    const branch = (name: string, op: string): string => `graph ${name}() -> (${name}y) {\n ${name}y: f32[4,5] = ${op}\n}`;
    const model = (x: string, w: string, c: string, op: (name: string) => string): string =>
      `z = Neg(${x})\n k = Neg(${w})\n y = If(${c}, then_branch=${branch("a", op("a"))}, else_branch=${branch("b", op("b"))})`;
    checkPass(
      passOf(legalise),
      model("x: f32[4,3]", "w: f32[3,5]", "c: bool[]", () => "MatMul(z, k)"),
      model("x", "w", "c", () => "call bang::MatMul(z, k)"),
    );
  });

  test("what no row takes stays, and why is kept", () => {
    const text = 'y = MaxPool(x: f32[1,3,H,8], kernel_shape=[2, 2], auto_pad="SAME_UPPER")';
    checkPass(passOf(legalise), text);
    const { declined } = legalise.decide(undecided(inferGraph(parse(text), catalogue).graph), onBang);
    expect(declined.map((d) => d.reason)).toEqual(["auto_pad SAME_UPPER of extents that are known only at run time"]);
  });

  test("products that the chip rounds to halves are told", () => {
    const { graph } = inferGraph(parse('y = contract(x: f32[4,8], w: f32[8,2], transa=0, transb=0, acc="f32")'), catalogue);
    const rounded = (on: TargetContext): number => legalise.decide(undecided(graph), on).rounded.length;
    expect([rounded(onBang), rounded({ ...onBang, ...onCann })]).toEqual([0, 1]);
  });
});

describe("keep-operators", () => {
  test("leaves the graph, and keeps it where operators have one form", () => {
    const { graph } = inferGraph(parse("y = Relu(x: f32[4])"), catalogue);
    const now = keepOperators.decide(undecided(graph), onBang);
    expect([now.graph, now.operators?.makerOf(graph.outputs[0])]).toEqual([graph, graph.nodes[0]]);
    expect(now.operators?.callOf(graph.nodes[0])).toMatchObject({ row: { op: "Relu", role: "alternate" } });
  });

  test("keeps the operators in halves, as calls, where the library takes halves", () => {
    const { graph } = inferGraph(parse("y = Relu(x: f32[4,4])"), catalogue);
    const called = inferGraph(parse("p = MatMul(x: f16[4,4], x)\n y = Relu(p)"), catalogue).graph;
    const claimed = { row: bang.rows.find((r) => r.op === "MatMul")!, node: called.nodes[0], constantOf: () => undefined };
    const asCalled = { graph: called, claims: { byNode: new Map([[called.nodes[0], claimed]]), declined: [] } };
    const now = keepOperators.decide({ ...undecided(graph), asCalled }, onBang);
    expect(now.graph).toBe(graph);
    const [p, y] = [called.nodes[0].outputs[0], called.nodes[1].outputs[0]];
    expect([p, y].map((v) => v && now.operators?.makerOf(v)?.op)).toEqual(["call", "Relu"]);
  });
});

import { describe, expect, test } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../src/base/diagnostic.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { compileUserFormulas } from "../../src/formula/compile.js";
import { evaluateRecord } from "../../src/ops/evaluate/eager.js";
import { ShadowBuilder } from "../ops/shadow.js";

const source = `
import { formula, float, text, exp, sum, mean, where, sqrt, shape } from "portolan/formula";

/** A gated norm: one reduction, one where, one attribute branch. */
export const GatedNorm = formula(
  { domain: "com.acme", inputs: { x: "float", gate: "float" }, attrs: { epsilon: float(1e-5), mode: text("rms", "mean") } },
  ({ x, gate, epsilon, mode }) => {
    let scale = mode === "rms" ? sqrt(mean(x * x, -1) + epsilon) : mean(x, -1);
    scale += 1;
    return where(gate > 0, x / scale, -x) * shape(x)[0];
  },
);
`;

function problems(run: () => unknown): readonly Diagnostic[] {
  try {
    run();
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostics;
    throw e;
  }
  throw new Error("expected a diagnostic");
}

const formulaWith = (body: string) =>
  `import { formula, exp, max } from "portolan/formula";\nexport const F = formula({ inputs: { x: "float", y: "float" } }, ({ x, y }) => {\n  ${body}\n});\n`;

describe("a user's formula", () => {
  test("computes, infers and branches on attributes", () => {
    const [record] = compileUserFormulas(source, "my-ops.ts");
    expect(record.op).toBe("com.acme::GatedNorm");
    expect(record.declaredAt).toEqual({ path: "my-ops.ts", line: 5, column: 14 });
    const x = fromNumbers("f32", [2, 2], [3, 4, -1, 1]);
    const gate = fromNumbers("f32", [2, 1], [1, -1]);
    const [y] = evaluateRecord(record, [x, gate], {});
    const scale = Math.sqrt(12.5 + 1e-5) + 1;
    const want = [6 / scale, 8 / scale, 2, -2];
    [...toNumbers(y!)].forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
    const b = new ShadowBuilder();
    const [shown] = record.build(b, [b.input(x, "x"), b.input(gate, "g")], {}, 1);
    expect(shown!.shape.join()).toBe("max(g0, x0),x1");
  });

  test.each([
    ["return x == y;", "formula-syntax", 3, 12],
    ["return x | y;", "formula-syntax", 3, 12],
    ["try { return x; } catch { return y; }", "formula-syntax", 3, 3],
    ["return x * Math.random();", "formula-syntax", 3, 14],
    ["return typeof x === 'number' ? x : y;", "formula-syntax", 3, 10],
  ])("%s is refused where it stands", (body, code, line, column) => {
    const [d] = problems(() => compileUserFormulas(formulaWith(body), "ops.ts", { typeCheck: false }));
    expect(d).toMatchObject({ code, location: { path: "ops.ts", line, column } });
  });

  test("type errors name file, line and column", () => {
    const [d] = problems(() => compileUserFormulas(formulaWith("return exq(x);"), "ops.ts"));
    expect(d).toMatchObject({ code: "formula-type-error", location: { path: "ops.ts", line: 3, column: 10 } });
    expect(d.message).toContain("ops.ts:3:10");
  });

  test.each([
    ["return x > 0 ? x : y;", "formula-condition", 3, 10],
    ["return x && y;", "formula-condition", 3, 10],
    ["return exp(x) + max(y, 7);", "bad-axis", 3, 19],
    ["return Math.max(x, 0);", "formula-coercion", 3, 10],
    ["return (undefined as any).length;", "formula-failed", 2, 14],
  ])("%s fails where it stands when it runs", (body, code, line, column) => {
    const [record] = compileUserFormulas(formulaWith(body), "ops.ts", { typeCheck: false });
    const x = fromNumbers("f32", [2], [1, 2]);
    const [d] = problems(() => evaluateRecord(record, [x, x], {}));
    expect(d).toMatchObject({ code, location: { path: "ops.ts", line, column } });
  });

  test("integer division must say which", () => {
    const text = `import { formula } from "portolan/formula";\nexport const F = formula({ inputs: { x: "int" } }, ({ x }) => x / 2);`;
    const [record] = compileUserFormulas(text, "ops.ts", { typeCheck: false });
    const [d] = problems(() => evaluateRecord(record, [fromNumbers("i32", [1], [4])], {}));
    expect(d).toMatchObject({ code: "formula-integer-division", location: { line: 2, column: 65 } });
  });

  test("sees nothing of the machine", () => {
    const text = `import { formula } from "portolan/formula";\nexport const F = formula({ inputs: { x: "float" } }, ({ x }) => x * (console as any).length);`;
    const [d] = problems(() => compileUserFormulas(text, "ops.ts"));
    expect(d.code).toBe("formula-type-error");
    const loading = problems(() => compileUserFormulas(`${text}\nexport const y = setTimeout;`, "ops.ts", { typeCheck: false }));
    expect(loading[0].code).toBe("formula-failed");
  });

  test("may be split over relative files", () => {
    const main = `import { formula } from "portolan/formula";\nimport { half } from "./half.js";\nexport const F = formula({ inputs: { x: "float" } }, ({ x }) => half(x));`;
    const half = `export function half(v: number): number {\n  return v * 0.5;\n}`;
    const [record] = compileUserFormulas(main, "ops/main.ts", { readBeside: (p) => (p === "ops/half.ts" ? half : undefined) });
    expect([...toNumbers(evaluateRecord(record, [fromNumbers("f32", [1], [4])], {})[0]!)]).toEqual([2]);
  });
});

/** Products inside operators take and give halves where the library has a call for them. */
import { describe, expect, test } from "vitest";
import { halveProducts } from "../../../passes/target/halve-products.js";
import { parse } from "../../../src/ir/text/parse.js";
import { bang } from "../../../targets/bang/target.js";
import { compileText } from "../../plan/compile-text.js";
import { checkPass, passOf } from "../check-pass.js";

const pass = passOf(halveProducts);
const fp16 = { precision: "fp16", error: 4e-3 } as const;
const flags = 'transa=0, transb=0, acc="f32"';
const halves = 'transa=0, transb=0, acc="f16"';

describe("halve-products", () => {
  test("casts around a product, and halves between two", () =>
    void checkPass(
      pass,
      `a = contract(x: f32[4,8], w: f32[8,8], ${flags})\n y = contract(a, w, ${flags})`,
      `x' = cast(x, to="f16")
       w' = cast(w, to="f16")
       a' = contract(x', w', ${halves})
       a = cast(a', to="f32")
       y' = contract(a', w', ${halves})
       y = cast(y', to="f32")`,
      fp16,
    ));

  test("in a body, where halves from outside are read as they are", () => {
    const branch = (name: string, lines: string, y: string): string => `graph ${name}() -> (${y}) {\n${lines}\n}`;
    const text = (before: string, inside: string, x: string, c: string): string =>
      `${before}\n y${x && ": f32[4,8]"} = if(${c}, then=${branch("a", inside, "t")}, else=${branch("b", "e: f32[4,8] = neg(p)", "e")})`;
    checkPass(
      pass,
      text(`p = contract(x: f32[4,8], w: f32[8,8], ${flags})`, `t: f32[4,8] = contract(p, w, ${flags})`, "x", "c: bool[]"),
      text(
        `x' = cast(x, to="f16")\n w' = cast(w, to="f16")\n p' = contract(x', w', ${halves})\n p = cast(p', to="f32")`,
        `t': f16[4,8] = contract(p', w', ${halves}) from ("t")\n t: f32[4,8] = cast(t', to="f32")`,
        "",
        "c",
      ),
      fp16,
    );
  });

  const product = `y = contract(x: f32[4,8], w: f32[8,8], ${flags})`;
  test("declines: floats are stored as they are", () => void checkPass(pass, product));
  test("declines: no row takes the product", () => void checkPass(pass, product, undefined, { ...fp16, target: { ...bang, rows: [] } }));
  test("declines: an operand is no float32", () =>
    void checkPass(pass, `y = contract(x: f16[4,8], w: f16[8,8], ${flags})`, undefined, fp16));
  test("declines: an operand leaves f16's range", () => {
    const wide = {
      name: "wide",
      run: (g: ReturnType<typeof parse>, on: Parameters<typeof pass.run>[1]) =>
        passOf(halveProducts, { wide: new Set(g.inputs) }).run(g, on),
    };
    checkPass(wide, product, undefined, fp16);
  });
});

test.each(["cann", "bang", "kunlun"])(
  "a product beside a transposed convolution of three dimensions compiles in halves for %s",
  async (target) => {
    const text = `e = Einsum(x: f32[2,4,8], z: f32[2,8,4], equation="bij,bjk->bik")
    r = Reshape(e, s: i64[5]{1, 2, 2, 2, 4})
    y = ConvTranspose(r, w: f32[2,3,2,2,2]!, strides=[2, 2, 2])`;
    const { emitted } = await compileText(text, { target, precision: "fp16" });
    expect(emitted.steps.filter((s) => s.act.kind === "library").length).toBeGreaterThan(0);
  },
);

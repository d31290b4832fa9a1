/** Names that try to end a comment, a string, a line or a shell word: the bundle builds, runs and holds them as text. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { info, modelBytes, node, weights } from "../onnx/build-model.js";

const evil = [
  'in"put\\\n#error `x` ``y',
  "a\nint injected = 1;\r\n#error x",
  "b*/ int injected; /*",
  "c??/\n#error trigraph",
  "$(touch injected) `id` ; rm",
  "${CMAKE_COMMAND} ]] ) endif()",
  "| cell | `code` <b>bold</b> [x](y)",
  "輸入\u202egnp\u0001",
];

function hostileModel(): Uint8Array {
  const [x, a, b, c, d, w, n, y] = evil;
  return modelBytes({
    graph: {
      name: "g*/\n#error",
      node: [
        node("Relu", [x], [a], [], { name: n }),
        node("Add", [a, w], [b], [], { name: d }),
        node("Softmax", [b], [c], [], { name: "step\n" }),
        node("Sigmoid", [c], [y]),
      ],
      initializer: [weights(w, [4], [1, 2, 3, 4])],
      input: [info(x, ["N\n;", 4])],
      output: [info(y, ["N\n;", 4])],
    },
  });
}

test("a model with hostile names builds and runs", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "portolan-hostile-"));
  try {
    const output = join(folder, "out");
    const bytes = hostileModel();
    const result = await compile(bytes, { target: "bang", output, force: true, withTwin: false });
    expect(result.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
    const { target } = await chooseTarget("bang");
    const program = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}), { flags: ["-Wall", "-Wextra"] });
    const data = Float32Array.of(1, -2, 3, 0);
    const ran = await runBundle(program, new Map([[evil[0], { dtype: "f32", shape: [1, 4], data }]]), { weights: output });
    expect(ran.error ?? ran.violation).toBeUndefined();
    expect([...(ran.outputs?.keys() ?? [])]).toEqual([evil[7]]);
    const text = result.compiled?.bundle.files.filter((f) => /README|CMakeLists/.test(f.path)) ?? [];
    for (const file of text) {
      const lines = Buffer.concat([...file.bytes()])
        .toString("utf8")
        .split("\n");
      expect(
        lines.filter((l) => /^\s*(#error|int injected)/.test(l)),
        file.path,
      ).toEqual([]);
      expect(lines.join("\n")).not.toContain("${CMAKE_COMMAND} ]]");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

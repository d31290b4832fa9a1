/** Files a user may hand over by mistake, and one good model to go wrong with. */
import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { onnx } from "onnx-proto";
import { graphAttr, info, modelBytes, node, weights } from "../onnx/build-model.js";

/** `Relu(x w)`, with a second input that nothing reads. */
export function goodModel(): Uint8Array {
  return modelBytes({
    graph: {
      input: [info("x", ["n", 4]), info("side", [2, 3])],
      output: [info("y", ["n", 4])],
      node: [node("MatMul", ["x", "w"], ["h"]), node("Relu", ["h"], ["y"], [], { name: "act" })],
      initializer: [weights("w", [4, 4], new Array<number>(16).fill(0.5))],
    },
  });
}

function withExternal(location: string, rows = 4): Uint8Array {
  const entries = { location, offset: "0", length: `${rows * 16}` };
  const w = { name: "w", dims: [4, rows], dataType: 1, dataLocation: 1, externalData: [] as { key: string; value: string }[] };
  for (const [key, value] of Object.entries(entries)) w.externalData.push({ key, value });
  const graph = { input: [info("x", [1, 4])], output: [info("y", [1, rows])], initializer: [w as onnx.ITensorProto] };
  return modelBytes({ graph: { ...graph, node: [node("MatMul", ["x", "w"], ["y"])] } });
}

function mistypedBody(): Uint8Array {
  const body = (name: string, op: string, inputs: string[]): onnx.IGraphProto => ({
    name,
    node: [node(op, inputs, ["t"], [], { name: `${name}_node` })],
    output: [info("t")],
  });
  const branches = [graphAttr("then_branch", body("yes", "MatMul", ["x", "x"])), graphAttr("else_branch", body("no", "Gemm", ["x", "x"]))];
  return modelBytes({
    graph: {
      input: [info("x", [2, 3]), info("c", [], 9)],
      output: [info("y", [2, 3])],
      node: [node("If", ["c"], ["y"], branches, { name: "choose" })],
    },
  });
}

function cyclic(): Uint8Array {
  const nodes = [
    node("Add", ["x", "b"], ["a"], [], { name: "first" }),
    node("Relu", ["a"], ["b"], [], { name: "second" }),
    node("Neg", ["b"], ["y"]),
  ];
  return modelBytes({ graph: { input: [info("x", [2])], output: [info("y", [2])], node: nodes } });
}

function misspelt(): Uint8Array {
  const last = node("Sofmax", ["x"], ["y"], [], { name: "last" });
  return modelBytes({ graph: { input: [info("x", [2])], output: [info("y", [2])], node: [last] } });
}

function unknownOperator(): Uint8Array {
  const frob = node("Frobnicate", ["x"], ["y"], [], { name: "frob", domain: "com.example" });
  const opsetImport = [
    { domain: "", version: 17 },
    { domain: "com.example", version: 1 },
  ];
  return modelBytes({ graph: { input: [info("x", [2])], output: [info("y", [2])], node: [frob] }, more: { opsetImport } });
}

/** Names that would end a string, a comment, a line or a shell word where they are pasted unescaped. */
export const hostileNames = [
  'x"; system("touch pwned"); //',
  "*/ #error injected /*",
  "a\nb\x1b[31m",
  "$(touch pwned)`touch pwned`",
] as const;

export function hostilelyNamed(): Uint8Array {
  const [x, h, y, act] = hostileNames;
  return modelBytes({
    graph: {
      input: [info(x, [2, 4])],
      output: [info(y, [2, 4])],
      node: [node("Exp", [x], [h], [], { name: act }), node("Neg", [h], [y], [], { name: h })],
    },
  });
}

/** A chain of so many operators that its list of tensors fills any pipe. */
function longChain(length: number): Uint8Array {
  const name = (i: number): string => (i === length ? "y" : `a_tensor_with_a_rather_long_name_${i}`);
  const nodes = Array.from({ length }, (_, i) => node("Neg", [i === 0 ? "x" : name(i)], [name(i + 1)]));
  return modelBytes({ graph: { input: [info("x", [2])], output: [info("y", [2])], node: nodes } });
}

/** A weight file that is one hole: large to read, small on disk. */
function writeHole(path: string, bytes: number): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, bytes);
  closeSync(fd);
}

export function writeBadModels(folder: string): void {
  const good = goodModel();
  const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n";
  const files: Record<string, Uint8Array | string> = {
    "good.onnx": good,
    "empty.onnx": "",
    "photo.onnx": Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1),
    "cut.onnx": good.slice(0, Math.floor(good.length * 0.6)),
    "pointer.onnx": lfs,
    "missing.onnx": withExternal("weights.bin"),
    "escaping.onnx": withExternal("../secret.bin"),
    "short.onnx": withExternal("short.bin"),
    "short.bin": "abc",
    "body.onnx": mistypedBody(),
    "cyclic.onnx": cyclic(),
    "misspelt.onnx": misspelt(),
    "unknown.onnx": unknownOperator(),
    "hostile.onnx": hostilelyNamed(),
    "long.onnx": longChain(3000),
    "large.onnx": withExternal("large.bin", largeRows),
    "a-file": "in the way",
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  writeHole(join(folder, "large.bin"), largeRows * 16);
}

const largeRows = 1 << 25;

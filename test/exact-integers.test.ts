/** One narrow door: nowhere but in src/base/element.ts does an int64 become a JavaScript number unseen. */
import { relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/**
 * Places that may say `Number(bigint)`, each with why no digit is lost or none matters. Everything else asks `extentOf`
 * (undefined beyond 2^53), `exactNumber` (a diagnostic) or `toNumbers` (floats, for comparing and for weights).
 */
const allowed: Readonly<Record<string, string>> = {
  "src/base/element.ts": "the door itself, and floats made of whole numbers",
  "src/base/float-formats.ts": "toNumbers: the nearest doubles, for weights and for comparing",
  "src/ops/lang/core.ts": "a constant beside a tensor that holds no 64-bit integers",
  "src/onnx/bytes/elements.ts": "elements of 2 and 4 bits",
  "src/onnx/bytes/write.ts": "seven bits at a time",
  "src/ir/text/parse.ts": "an attribute that is a list of floats",
  "src/cli/model-options.ts": "texts that are floats",
  "src/verify/compare.ts": "the size of a difference, taken before it is rounded",
  "src/kernel/": "lanes of 32 bits and fewer; 64-bit lanes hold bigints, which interpret-expr.ts keeps",
  "targets/": "lanes of 32 bits and fewer",
};

/** Wrapped to so few bits that a number holds them. */
const wrapped = /^\S+ Number\(BigInt\.as(Int|Uint)N\((8|16|32), |0xffffffffn/;

function program(): ts.Program {
  const { config } = ts.readConfigFile("tsconfig.json", (p) => ts.sys.readFile(p)) as { config: object };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  return ts.createProgram(fileNames, { ...options, noEmit: true });
}

/** Whether a value of the type may be a bigint: its own, a union's, an array's or a list's element. */
function holdsBigint(type: ts.Type): boolean {
  return type.isUnion() ? type.types.some(holdsBigint) : (type.flags & ts.TypeFlags.BigIntLike) !== 0;
}

function conversions(p: ts.Program): string[] {
  const checker = p.getTypeChecker();
  const found: string[] = [];
  for (const file of p.getSourceFiles()) {
    const path = relative(process.cwd(), file.fileName);
    if (!/^(src|passes|targets)\//.test(path)) continue;
    const note = (node: ts.Node): void => {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path}:${line + 1} ${node.getText().replace(/\s+/g, " ").slice(0, 100)}`);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text === "Number" && node.parent && !ts.isPropertyAccessExpression(node.parent)) {
        const call = node.parent;
        if (ts.isCallExpression(call) && call.expression === node) {
          if (call.arguments.some((a) => holdsBigint(checker.getTypeAtLocation(a)))) note(call);
        } else if (ts.isCallExpression(call)) {
          // Number handed to map or Array.from: what it is called with is what it may be given.
          const signature = checker.getContextualType(node)?.getCallSignatures()[0];
          const first = signature?.getParameters()[0];
          if (!first || holdsBigint(checker.getTypeOfSymbolAtLocation(first, node))) note(call);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

test("int64 becomes a number through one door", { timeout: 120_000 }, () => {
  const unknown = conversions(program()).filter((place) => !wrapped.test(place) && !Object.keys(allowed).some((a) => place.startsWith(a)));
  expect(unknown).toEqual([]);
});

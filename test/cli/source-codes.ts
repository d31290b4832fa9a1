/** The diagnostic codes that the sources can give, read from the sources themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./root.js";

const givers = /(?:^|[.#])(fail|problem|note|error|fault|unknownInput|findInput)$/;

/** Codes of diagnostics in src, passes and targets, and `twin-RULE` for each rule that a twin can find broken. */
export function sourceCodes(): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const path of filesBelow(["src", "passes", "targets"], /\.ts$/)) {
    const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2023, true);
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node) && /^[a-z]+(-[a-z0-9]+)*$/.test(node.text) && isCode(node, file)) codes.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  for (const path of filesBelow(["targets"], /\.(cpp|h)$/))
    for (const [, rule] of readFileSync(path, "utf8").matchAll(/violation\(\s*"([a-z-]+)"/g)) codes.add(`twin-${rule}`);
  return codes;
}

/** The code argument of a call that gives a diagnostic, perhaps one of two choices; or the `code` of a record. */
function isCode(literal: ts.StringLiteral, file: ts.SourceFile): boolean {
  let at: ts.Node = literal;
  while (ts.isConditionalExpression(at.parent) || (ts.isBinaryExpression(at.parent) && isDefault(at.parent))) at = at.parent;
  const { parent } = at;
  // Records of other libraries have codes of one word.
  if (ts.isPropertyAssignment(parent)) return parent.name.getText(file) === "code" && literal.text.includes("-");
  if (!ts.isCallExpression(parent) || !givers.test(parent.expression.getText(file))) return false;
  const index = parent.arguments.findIndex((a) => a === at);
  return index === 0 || (/findInput$/.test(parent.expression.getText(file)) && index === 2);
}

function isDefault({ operatorToken }: ts.BinaryExpression): boolean {
  return operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;
}

function filesBelow(folders: readonly string[], name: RegExp): string[] {
  return folders.flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).filter((f) => name.test(f)).map((f) => join(root, folder, f)),
  );
}

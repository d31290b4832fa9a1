/** What the rewrite knows of TypeScript's syntax: which operators it replaces, and what a formula may not use. */
import { ts } from "ts-morph";

const K = ts.SyntaxKind;

export const operators: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.PlusToken, "add"],
  [K.MinusToken, "sub"],
  [K.AsteriskToken, "mul"],
  [K.SlashToken, "div"],
  [K.PercentToken, "rem"],
  [K.AsteriskAsteriskToken, "pow"],
  [K.EqualsEqualsEqualsToken, "eq"],
  [K.ExclamationEqualsEqualsToken, "ne"],
  [K.LessThanToken, "lt"],
  [K.LessThanEqualsToken, "le"],
  [K.GreaterThanToken, "gt"],
  [K.GreaterThanEqualsToken, "ge"],
]);

export const compound: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.PlusEqualsToken, "add"],
  [K.MinusEqualsToken, "sub"],
  [K.AsteriskEqualsToken, "mul"],
  [K.SlashEqualsToken, "div"],
  [K.PercentEqualsToken, "rem"],
  [K.AsteriskAsteriskEqualsToken, "pow"],
]);

export const refusedOperators: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.EqualsEqualsToken, "== (say ===)"],
  [K.ExclamationEqualsToken, "!= (say !==)"],
  ...[
    K.AmpersandToken,
    K.BarToken,
    K.CaretToken,
    K.LessThanLessThanToken,
    K.GreaterThanGreaterThanToken,
    K.GreaterThanGreaterThanGreaterThanToken,
  ].map((k) => [k, "a bitwise operator (say bitAnd, bitOr, bitXor, shiftLeft, shiftRight)"] as const),
  [K.InstanceOfKeyword, "instanceof"],
  [K.InKeyword, "in"],
]);

export const refusedNodes: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.TryStatement, "try"],
  [K.ClassDeclaration, "class"],
  [K.ClassExpression, "class"],
  [K.ThisKeyword, "this"],
  [K.TypeOfExpression, "typeof"],
  [K.AwaitExpression, "await"],
  [K.YieldExpression, "yield"],
  [K.WithStatement, "with"],
  [K.DeleteExpression, "delete"],
]);

export const refusedNames: ReadonlySet<string> = new Set([
  "Date",
  "eval",
  "Function",
  "globalThis",
  "require",
  "process",
  "Reflect",
  "Proxy",
]);

export function refusedMember(node: ts.PropertyAccessExpression): string | undefined {
  if (!ts.isIdentifier(node.expression)) return undefined;
  const text = `${node.expression.text}.${node.name.text}`;
  return /^Number\.is/.test(text) || text === "Object.is" || text === "Math.random" ? text : undefined;
}

/** A comparison with undefined, null or a text: no tensor can stand in it, and TypeScript narrows by it. */
export function isPlainComparison(node: ts.BinaryExpression): boolean {
  const { kind } = node.operatorToken;
  if (kind !== K.EqualsEqualsEqualsToken && kind !== K.ExclamationEqualsEqualsToken) return false;
  return [node.left, node.right].some(
    (e) => ts.isStringLiteralLike(e) || e.kind === K.NullKeyword || (ts.isIdentifier(e) && e.text === "undefined"),
  );
}

const declarators: ReadonlySet<string> = new Set([
  "int",
  "float",
  "text",
  "ints",
  "bool",
  "maybe",
  "required",
  "optional",
  "optionalShaping",
  "shaping",
  "variadic",
]);

/** Math.max(x, 0) and its kind coerce their operands: where that fails, the author should see which call it was. */
export function isMathCall(node: ts.CallExpression): boolean {
  const f = node.expression;
  return ts.isPropertyAccessExpression(f) && ts.isIdentifier(f.expression) && f.expression.text === "Math";
}

/** Calls inside a formula's signature run when the module loads, where no position is needed. */
export function isDeclarator(node: ts.CallExpression): boolean {
  return ts.isIdentifier(node.expression) && declarators.has(node.expression.text);
}

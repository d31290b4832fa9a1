/** Small mistakes in a formula's source: a sign, an operand, a constant, a comparison, a condition, two arguments, one function for another. */
import ts from "typescript";

export type MutantKind = "sign" | "operand" | "constant" | "comparison" | "condition" | "arguments" | "function";

export interface Mutant {
  readonly kind: MutantKind;
  /** 1-based. */
  readonly line: number;
  /** The line before and after. */
  readonly before: string;
  readonly after: string;
  /** The whole source. */
  readonly text: string;
}

interface Edit {
  readonly kind: MutantKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const signs: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "**": "*",
  "%": "*",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
};
const comparisons: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">"],
  "<=": ["<", ">="],
  ">": [">=", "<"],
  ">=": [">", "<="],
  "===": ["!=="],
  "!==": ["==="],
};
const conditions: Readonly<Record<string, string>> = { "&&": "||", "||": "&&", "??": "&&" };
const others: Readonly<Record<string, string>> = {
  minimum: "maximum",
  maximum: "minimum",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "trunc",
  floorDiv: "ceilDiv",
  ceilDiv: "floorDiv",
  and: "or",
  or: "and",
  all: "any",
  any: "all",
  argMax: "argMin",
  argMin: "argMax",
  exp: "sqrt",
  sqrt: "exp",
  log: "exp",
  sum: "max",
  prod: "sum",
  mean: "sum",
  mod: "fmod",
  fmod: "mod",
  sin: "cos",
  cos: "sin",
};

/** Every mutant of a source, in its order. */
export function mutantsOf(source: string): Mutant[] {
  const file = ts.createSourceFile("formula.ts", source, ts.ScriptTarget.ES2022, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    edits.push(...editsOf(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits.map((e) => mutant(source, file, e));
}

function mutant(source: string, file: ts.SourceFile, e: Edit): Mutant {
  const text = source.slice(0, e.start) + e.text + source.slice(e.end);
  const { line } = file.getLineAndCharacterOfPosition(e.start);
  return { kind: e.kind, line: line + 1, before: source.split("\n")[line].trim(), after: text.split("\n")[line].trim(), text };
}

function editsOf(node: ts.Node, file: ts.SourceFile): Edit[] {
  const replace = (at: ts.Node, kind: MutantKind, text: string): Edit => ({ kind, start: at.getStart(file), end: at.getEnd(), text });
  const textOf = (at: ts.Node) => at.getText(file);
  if (ts.isBinaryExpression(node)) return binaryEdits(node, replace, textOf);
  if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.MinusToken) return [replace(node, "sign", textOf(node.operand))];
    return node.operator === ts.SyntaxKind.ExclamationToken ? [replace(node, "condition", textOf(node.operand))] : [];
  }
  if (ts.isNumericLiteral(node)) return [replace(node, "constant", changed(Number(node.text)))];
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return [replace(node, "constant", node.kind === ts.SyntaxKind.TrueKeyword ? "false" : "true")];
  if (ts.isConditionalExpression(node))
    return [replace(node, "condition", `${textOf(node.condition)} ? ${textOf(node.whenFalse)} : ${textOf(node.whenTrue)}`)];
  if (ts.isCallExpression(node)) return callEdits(node, replace, textOf);
  return [];
}

type Replace = (at: ts.Node, kind: MutantKind, text: string) => Edit;
type TextOf = (at: ts.Node) => string;

function binaryEdits(node: ts.BinaryExpression, replace: Replace, textOf: TextOf): Edit[] {
  const [left, sign, right] = [textOf(node.left), textOf(node.operatorToken), textOf(node.right)];
  const out: Edit[] = [];
  if (signs[sign]) out.push(replace(node.operatorToken, "sign", signs[sign]));
  if (signs[sign] && !sign.endsWith("=")) out.push(replace(node, "operand", left), replace(node, "operand", right));
  if (["-", "/", "**", "%"].includes(sign) && left !== right) out.push(replace(node, "operand", `(${right}) ${sign} (${left})`));
  for (const other of comparisons[sign] ?? []) out.push(replace(node.operatorToken, "comparison", other));
  if (conditions[sign]) out.push(replace(node.operatorToken, "condition", conditions[sign]));
  return out;
}

function callEdits(node: ts.CallExpression, replace: Replace, textOf: TextOf): Edit[] {
  const name = textOf(node.expression);
  const out: Edit[] = others[name] ? [replace(node.expression, "function", others[name])] : [];
  const [a, b, ...rest] = node.arguments.map(textOf);
  if (name !== "formula" && b !== undefined && a !== b && !a.startsWith("...") && !commutative.has(name))
    out.push({ ...replace(node, "arguments", `${name}(${[b, a, ...rest].join(", ")})`) });
  return out;
}

/** Swapping the arguments of these is no mistake. */
const commutative: ReadonlySet<string> = new Set([
  "is",
  "assumeEqual",
  "minimum",
  "maximum",
  "and",
  "or",
  "xor",
  "bitAnd",
  "bitOr",
  "bitXor",
  "Math.max",
  "Math.min",
]);

function changed(n: number): string {
  if (n === 0) return "1";
  if (n === 1) return "2";
  return Number.isInteger(n) ? `${n + 1}` : `${n * 1.5}`;
}

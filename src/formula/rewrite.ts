/**
 * The syntactic half of the formula compiler: `a * b` becomes `$.mul(a, b, "line:column")`, and so on, in place. Only
 * insertions and token replacements are made, so every line stays the line the author wrote.
 */
import { ts } from "ts-morph";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import {
  compound,
  isDeclarator,
  isMathCall,
  isPlainComparison,
  operators,
  refusedMember,
  refusedNames,
  refusedNodes,
  refusedOperators,
} from "./syntax.js";

interface RewriteOptions {
  /** As messages and records name the file. */
  readonly path: string;
  /** Module specifiers that are the language; calls of what they export get a position. */
  readonly language: readonly string[];
  /** Marks records as a user's, whose errors name the file. */
  readonly user: boolean;
}

export interface Rewritten {
  readonly text: string;
  readonly problems: readonly Diagnostic[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const K = ts.SyntaxKind;

class Rewriter {
  readonly edits: Edit[] = [];
  readonly problems: Diagnostic[] = [];
  readonly #file: ts.SourceFile;
  readonly #options: RewriteOptions;
  readonly #language = new Set<string>();

  constructor(file: ts.SourceFile, options: RewriteOptions) {
    this.#file = file;
    this.#options = options;
  }

  #position(offset: number): { line: number; column: number } {
    const { line, character } = this.#file.getLineAndCharacterOfPosition(offset);
    return { line: line + 1, column: character + 1 };
  }

  #at(offset: number): string {
    const { line, column } = this.#position(offset);
    return `"${line}:${column}"`;
  }

  #refuse(node: ts.Node, what: string): void {
    const { line, column } = this.#position(node.getStart(this.#file));
    const message = `${this.#options.path}:${line}:${column}: a formula cannot use ${what}`;
    this.problems.push(problem("formula-syntax", message, { location: { path: this.#options.path, line, column } }));
  }

  #insert(offset: number, text: string): void {
    this.edits.push({ start: offset, end: offset, text });
  }

  #replace(node: { getStart(f: ts.SourceFile): number; end: number }, text: string): void {
    this.edits.push({ start: node.getStart(this.#file), end: node.end, text });
  }

  visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    this.#check(node);
    if (ts.isImportDeclaration(node)) this.#importOf(node);
    else if (ts.isBinaryExpression(node)) this.#binary(node);
    else if (ts.isPrefixUnaryExpression(node)) this.#prefix(node);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isConditionalExpression(node)) this.#withCondition(node, node.condition);
    else if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) this.#withCondition(node, node.expression);
    else if (ts.isForStatement(node)) this.#withCondition(node, node.condition);
    else this.#children(node);
  }

  #children(node: ts.Node): void {
    ts.forEachChild(node, (child) => this.visit(child));
  }

  #check(node: ts.Node): void {
    const what = refusedNodes.get(node.kind);
    if (what) this.#refuse(node, what);
    if (ts.isFunctionLike(node)) {
      if ("asteriskToken" in node && node.asteriskToken) this.#refuse(node, "a generator");
      if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === K.AsyncKeyword)) this.#refuse(node, "async");
    }
    if (ts.isIdentifier(node) && refusedNames.has(node.text)) this.#refuse(node, node.text);
    if (ts.isPropertyAccessExpression(node)) {
      const member = refusedMember(node);
      if (member) this.#refuse(node, member);
    }
  }

  #importOf(node: ts.ImportDeclaration): void {
    const from = (node.moduleSpecifier as ts.StringLiteral).text;
    const bindings = node.importClause?.namedBindings;
    if (!this.#options.language.includes(from)) {
      if (!/^\.\.?\//.test(from)) this.#refuse(node, `an import of "${from}": only the language and relative files can be imported`);
      else if (from.endsWith(".formula.js")) this.#replace(node.moduleSpecifier, JSON.stringify(from.replace(/\.formula\.js$/, ".gen.js")));
      return;
    }
    if (bindings && ts.isNamespaceImport(bindings)) this.#refuse(bindings, "a namespace import");
    else if (bindings) for (const e of bindings.elements) if (!e.isTypeOnly) this.#language.add(e.name.text);
  }

  #binary(node: ts.BinaryExpression): void {
    const { kind } = node.operatorToken;
    const refused = refusedOperators.get(kind);
    if (refused) this.#refuse(node.operatorToken, refused);
    if (kind === K.AmpersandAmpersandToken || kind === K.BarBarToken) {
      this.#condition(node.left);
      this.visit(node.right);
      return;
    }
    if (compound.has(kind)) return this.#compoundAssignment(node, compound.get(kind)!);
    const op = operators.get(kind);
    if (!op || isPlainComparison(node)) return this.#children(node);
    this.#insert(node.getStart(this.#file), `$.${op}(`);
    this.visit(node.left);
    this.#replace(node.operatorToken, ",");
    this.visit(node.right);
    this.#insert(node.end, `, ${this.#at(node.operatorToken.getStart(this.#file))})`);
  }

  #compoundAssignment(node: ts.BinaryExpression, op: string): void {
    const simple =
      ts.isIdentifier(node.left) ||
      (ts.isElementAccessExpression(node.left) && [K.Identifier, K.NumericLiteral].includes(node.left.argumentExpression.kind));
    if (!simple) this.#refuse(node.left, "a compound assignment to anything but a variable or an element (write it out)");
    this.#replace(node.operatorToken, `= $.${op}(${node.left.getText(this.#file)},`);
    this.visit(node.right);
    this.#insert(node.end, `, ${this.#at(node.operatorToken.getStart(this.#file))})`);
  }

  #prefix(node: ts.PrefixUnaryExpression): void {
    if (node.operator === K.TildeToken) this.#refuse(node, "a bitwise operator (say bitNot)");
    if (node.operator === K.ExclamationToken) return this.#condition(node.operand);
    if (node.operator !== K.MinusToken || ts.isNumericLiteral(node.operand) || ts.isBigIntLiteral(node.operand))
      return this.#children(node);
    const start = node.getStart(this.#file);
    this.edits.push({ start, end: start + 1, text: "$.neg(" });
    this.visit(node.operand);
    this.#insert(node.end, `, ${this.#at(start)})`);
  }

  #call(node: ts.CallExpression): void {
    if (node.expression.kind === K.ImportKeyword) this.#refuse(node, "a dynamic import");
    if (this.#options.user && isMathCall(node)) {
      this.visit(node.expression);
      return this.#positionedCall(node);
    }
    if (!ts.isIdentifier(node.expression) || !this.#language.has(node.expression.text)) return this.#children(node);
    if (node.expression.text === "formula") return this.#declaration(node);
    if (isDeclarator(node)) return this.#children(node);
    this.#positionedCall(node);
  }

  /** `f(a)` becomes `$.call("line:column", f, a)`. */
  #positionedCall(node: ts.CallExpression): void {
    const start = node.getStart(this.#file);
    this.#insert(start, `$.call(${this.#at(start)}, `);
    const open = this.#file.text.indexOf("(", node.typeArguments?.end ?? node.expression.end);
    this.edits.push({ start: node.expression.end, end: open + 1, text: node.arguments.length > 0 ? ", " : "" });
    for (const a of node.arguments) this.visit(a);
  }

  /** `formula(spec, fn)` learns its constant's name and where it stands. */
  #declaration(node: ts.CallExpression): void {
    this.#children(node);
    const name = ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name) ? node.parent.name.text : "";
    const { line, column } = this.#position(node.parent.getStart(this.#file));
    const declared = { name, path: this.#options.path, line, column, ...(this.#options.user ? { user: true } : {}) };
    const comma = node.arguments.hasTrailingComma ? "" : ", ";
    this.#insert(node.end - 1, `${comma}${JSON.stringify(declared)}`);
  }

  #withCondition(node: ts.Node, condition: ts.Expression | undefined): void {
    ts.forEachChild(node, (child) => (child === condition ? this.#condition(condition) : this.visit(child)));
  }

  #condition(node: ts.Expression): void {
    if (ts.isParenthesizedExpression(node)) return this.#condition(node.expression);
    if (ts.isBinaryExpression(node) && [K.AmpersandAmpersandToken, K.BarBarToken].includes(node.operatorToken.kind)) {
      this.#condition(node.left);
      return this.#condition(node.right);
    }
    const decided =
      (ts.isBinaryExpression(node) && isPlainComparison(node)) ||
      (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken);
    if (decided) return this.visit(node);
    const start = node.getStart(this.#file);
    this.#insert(start, "$.test(");
    this.visit(node);
    this.#insert(node.end, `, ${this.#at(start)})`);
  }
}

function applyEdits(source: string, edits: readonly Edit[]): string {
  const order = edits.map((e, i) => ({ e, i })).sort((a, b) => a.e.start - b.e.start || a.i - b.i);
  let out = "";
  let at = 0;
  for (const { e } of order) {
    out += source.slice(at, e.start) + e.text;
    at = e.end;
  }
  return out + source.slice(at);
}

/** Rewrites one formula file. The result still lacks the line that declares `$`. */
export function rewriteFormulas(source: string, options: RewriteOptions): Rewritten {
  const file = ts.createSourceFile(options.path, source, ts.ScriptTarget.ES2023, true);
  const syntax = (file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics;
  const rewriter = new Rewriter(file, options);
  if (syntax.length > 0) return { text: source, problems: syntax.map((d) => diagnosticOf(d, options.path)) };
  rewriter.visit(file);
  return { text: applyEdits(source, rewriter.edits), problems: rewriter.problems };
}

/** A TypeScript diagnostic as one of ours. */
export function diagnosticOf(d: ts.Diagnostic, path: string): Diagnostic {
  const { line, character } = d.file?.getLineAndCharacterOfPosition(d.start ?? 0) ?? { line: 0, character: 0 };
  const text = ts.flattenDiagnosticMessageText(d.messageText, " ");
  const location = { path, line: line + 1, column: character + 1 };
  return problem("formula-type-error", `${path}:${location.line}:${location.column}: ${text}`, { location });
}

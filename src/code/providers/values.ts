/**
 * Where a value in TypeScript or JavaScript may come from: literals behind variables, settings, spreads, conditions,
 * defaults, calls and imports. Only names are followed; no type is checked.
 */
import { Node, type Project, type Symbol as TsSymbol } from "ts-morph";

/** A string that may be the value, or an object that gives it as its `name`. */
export interface Origin {
  readonly literal: Node;
  readonly text: string;
  /** The whole element: the string itself, or the object that has it as its name. */
  readonly element: Node;
}

export class Follower {
  readonly #project: Project;
  readonly #seen = new Set<Node>();
  readonly origins: Origin[] = [];
  /** Names that were followed: uses of the same name elsewhere have another purpose. */
  readonly followed = new Set<Node>();

  constructor(project: Project) {
    this.#project = project;
  }

  follow(node: Node | undefined): void {
    if (!node || this.#seen.has(node)) return;
    this.#seen.add(node);
    if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) this.#found(node, node);
    else if (Node.isArrayLiteralExpression(node)) node.getElements().forEach((e) => this.follow(e));
    else if (Node.isObjectLiteralExpression(node)) this.#object(node);
    else if (Node.isConditionalExpression(node)) [node.getWhenTrue(), node.getWhenFalse()].forEach((e) => this.follow(e));
    else if (Node.isBinaryExpression(node)) [node.getLeft(), node.getRight()].forEach((e) => this.follow(e));
    else if (Node.isCallExpression(node)) this.#call(node);
    else if (Node.isIdentifier(node)) this.#name(node);
    else if (Node.isPropertyAccessExpression(node)) this.#name(node.getNameNode());
    else if (Node.isElementAccessExpression(node)) this.#index(node);
    else if (
      Node.isArrowFunction(node) ||
      Node.isFunctionDeclaration(node) ||
      Node.isFunctionExpression(node) ||
      Node.isMethodDeclaration(node)
    )
      this.#results(node);
    else if (wraps(node)) this.follow(node.getExpression());
  }

  #found(literal: Node & { getLiteralText(): string }, element: Node): void {
    this.origins.push({ literal, text: literal.getLiteralText(), element });
  }

  #object(node: Node): void {
    if (!Node.isObjectLiteralExpression(node)) return;
    const name = node.getProperty("name");
    if (!name)
      node
        .getProperties()
        .forEach((p) => Node.isPropertyAssignment(p) && Node.isStringLiteral(p.getInitializer()) && this.follow(p.getInitializer()));
    if (!Node.isPropertyAssignment(name)) return;
    const value = name.getInitializer();
    if (Node.isStringLiteral(value)) this.#found(value, node);
    else this.follow(value);
  }

  /** What a list is made of by its own methods, or what a function of the tree returns. */
  #call(node: Node): void {
    if (!Node.isCallExpression(node)) return;
    const callee = node.getExpression();
    if (
      Node.isPropertyAccessExpression(callee) &&
      /^(?:concat|filter|slice|reverse|sort|flat|freeze|of|from|map|assign)$/.test(callee.getName())
    ) {
      this.follow(callee.getExpression());
      if (!/^(?:filter|slice|sort|map)$/.test(callee.getName())) node.getArguments().forEach((a) => this.follow(a));
      return;
    }
    this.follow(Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee);
  }

  #results(node: Node): void {
    if (Node.isArrowFunction(node) && !Node.isBlock(node.getBody())) return this.follow(node.getBody());
    for (const statement of node.getDescendants()) if (Node.isReturnStatement(statement)) this.follow(statement.getExpression());
  }

  /** `table["gpu"]`, or all that a table holds. */
  #index(node: Node): void {
    if (!Node.isElementAccessExpression(node)) return;
    const key = node.getArgumentExpression();
    const table = declarationsOf(node.getExpression())
      .map(initializerOf)
      .find((i) => Node.isObjectLiteralExpression(unwrapped(i)));
    const object = unwrapped(table);
    if (!Node.isObjectLiteralExpression(object)) return;
    for (const property of object.getProperties())
      if (
        Node.isPropertyAssignment(property) &&
        (!Node.isStringLiteral(key) || property.getName().replace(/["']/g, "") === key.getLiteralText())
      )
        this.follow(property.getInitializer());
  }

  #name(node: Node): void {
    this.followed.add(node);
    for (const declaration of declarationsOf(node)) this.#declaration(declaration);
    this.#pushes(node);
  }

  #declaration(node: Node): void {
    if (Node.isParameterDeclaration(node)) return this.#parameter(node);
    if (Node.isBindingElement(node)) return this.#binding(node);
    if (Node.isPropertySignature(node)) return this.#sameName(node.getName());
    if (Node.isShorthandPropertyAssignment(node)) return this.follow(node.getNameNode());
    if (Node.isExportAssignment(node)) return this.follow(node.getExpression());
    this.follow(initializerOf(node) ?? (Node.isFunctionDeclaration(node) || Node.isMethodDeclaration(node) ? node : undefined));
  }

  /** Its default, and what is given for it at each call. */
  #parameter(node: Node): void {
    if (!Node.isParameterDeclaration(node)) return;
    this.follow(node.getInitializer());
    const owner = node.getParent();
    const index = node.getChildIndex() >> 1;
    const named = Node.isVariableDeclaration(owner.getParent()) ? owner.getParent() : owner;
    const symbol = named?.getSymbol();
    if (!symbol) return;
    for (const call of this.#calls(symbol)) this.follow(call[index]);
  }

  #calls(symbol: TsSymbol): Node[][] {
    return this.#project.getSourceFiles().flatMap((file) =>
      file.getDescendants().flatMap((node) => {
        if (!Node.isCallExpression(node)) return [];
        const callee = node.getExpression();
        const name = Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee;
        return symbolOf(name) === symbol ? [node.getArguments()] : [];
      }),
    );
  }

  /** `const { providers = [...] } = settings` */
  #binding(node: Node): void {
    if (!Node.isBindingElement(node)) return;
    this.follow(node.getInitializer());
    const holder = node.getFirstAncestor((a) => Node.isVariableDeclaration(a) || Node.isParameterDeclaration(a));
    const wanted = node.getPropertyNameNode()?.getText() ?? node.getName();
    const value = Node.isVariableDeclaration(holder) ? holder.getInitializer() : undefined;
    const from = Node.isIdentifier(value) ? declarationsOf(value).map(initializerOf) : [value];
    for (const object of from.map(unwrapped)) {
      const property = Node.isObjectLiteralExpression(object) ? object.getProperty(wanted) : undefined;
      if (Node.isPropertyAssignment(property)) this.follow(property.getInitializer());
    }
  }

  /** A member that is only declared: what objects of the tree give for it. */
  #sameName(name: string): void {
    for (const file of this.#project.getSourceFiles())
      for (const node of file.getDescendants())
        if (Node.isPropertyAssignment(node) && node.getName() === name) this.follow(node.getInitializer());
  }

  /** What is pushed into a list later. */
  #pushes(node: Node): void {
    const symbol = symbolOf(node);
    if (!symbol) return;
    for (const call of node.getSourceFile().getDescendants()) {
      if (!Node.isCallExpression(call)) continue;
      const callee = call.getExpression();
      if (!Node.isPropertyAccessExpression(callee) || !/^(?:push|unshift)$/.test(callee.getName())) continue;
      if (symbolOf(callee.getExpression()) !== symbol) continue;
      this.followed.add(callee.getExpression());
      call.getArguments().forEach((a) => this.follow(a));
    }
  }
}

/** Nodes whose value is the one of the expression in them. */
function wraps(node: Node): node is Node & { getExpression(): Node } {
  return (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isTypeAssertion(node) ||
    Node.isSpreadElement(node) ||
    Node.isAwaitExpression(node)
  );
}

function unwrapped(node: Node | undefined): Node | undefined {
  return node && wraps(node) ? unwrapped(node.getExpression()) : node;
}

function initializerOf(node: Node): Node | undefined {
  const has =
    Node.isVariableDeclaration(node) || Node.isPropertyAssignment(node) || Node.isPropertyDeclaration(node) || Node.isEnumMember(node);
  return has ? node.getInitializer() : undefined;
}

/** The symbol that a name stands for, through imports and through the short form of a property. */
export function symbolOf(node: Node | undefined): TsSymbol | undefined {
  const parent = node?.getParent();
  const short = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : undefined;
  const symbol = short ?? node?.getSymbol();
  return symbol?.getAliasedSymbol() ?? symbol;
}

function declarationsOf(node: Node): Node[] {
  return symbolOf(node)?.getDeclarations() ?? [];
}

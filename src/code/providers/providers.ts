/** Execution providers of onnxruntime that a tree of TypeScript and JavaScript asks for, and the edits that name others. */
import { Node, Project, ts } from "ts-morph";
import type { Edit } from "./diff.js";
import { Follower, symbolOf, type Origin } from "./values.js";

type Provider = "cuda" | "tensorrt";

export interface ProviderUse {
  readonly path: string;
  /** Offset of the name in its file. */
  readonly at: number;
  readonly provider: Provider;
  /** False where the same value serves something else too, so that it is left to the user. */
  readonly rewritten: boolean;
}

interface ProviderUses {
  readonly uses: readonly ProviderUse[];
  readonly edits: readonly Edit[];
}

/** Texts by path; all files that one of them imports should be among them. */
export function providerUses(files: ReadonlyMap<string, string>, to: string): ProviderUses {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    compilerOptions: {
      allowJs: true,
      noLib: true,
      jsx: ts.JsxEmit.Preserve,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      module: ts.ModuleKind.ESNext,
    },
  });
  for (const [path, text] of files) project.createSourceFile(`/${path}`, text, { overwrite: true });
  const follower = new Follower(project);
  for (const file of project.getSourceFiles()) for (const node of file.getDescendants()) follower.follow(given(node));
  return outcome(project, follower, to);
}

const option = "executionProviders";

/** What a place gives for the option, if it is one that does. */
function given(node: Node): Node | undefined {
  if (Node.isPropertyAssignment(node) || Node.isPropertyDeclaration(node))
    return nameOf(node) === option ? node.getInitializer() : undefined;
  if (Node.isShorthandPropertyAssignment(node)) return node.getName() === option ? node.getNameNode() : undefined;
  if (Node.isBindingElement(node))
    return (node.getPropertyNameNode()?.getText() ?? node.getName()) === option ? node.getInitializer() : undefined;
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === "=") {
    const left = node.getLeft();
    return Node.isPropertyAccessExpression(left) && left.getName() === option ? node.getRight() : undefined;
  }
  return pushed(node);
}

function nameOf(node: Node & { getNameNode(): Node }): string {
  return node
    .getNameNode()
    .getText()
    .replace(/^\[?["'`]|["'`]\]?$/g, "");
}

/** `options.executionProviders.push(...)`; the first argument alone. */
function pushed(node: Node): Node | undefined {
  if (!Node.isCallExpression(node)) return undefined;
  const callee = node.getExpression();
  if (!Node.isPropertyAccessExpression(callee) || !/^(?:push|unshift)$/.test(callee.getName())) return undefined;
  const list = callee.getExpression();
  return Node.isPropertyAccessExpression(list) && list.getName() === option ? node.getArguments()[0] : undefined;
}

function outcome(project: Project, follower: Follower, to: string): ProviderUses {
  const gpu = follower.origins.filter((o) => o.text === "cuda" || o.text === "tensorrt");
  const uses: ProviderUse[] = [];
  const edits: Edit[] = [];
  for (const origin of gpu) {
    const path = pathOf(origin.literal);
    const free = !shared(project, follower, origin);
    uses.push({ path, at: origin.literal.getStart(), provider: origin.text as Provider, rewritten: free });
    if (free) edits.push(edit(origin, gpu, to));
  }
  return { uses, edits: [...edits, ...(edits.length > 0 ? widened(project, to) : [])] };
}

function pathOf(node: Node): string {
  return node.getSourceFile().getFilePath().slice(1);
}

/** Whether the variable that holds the value is read where no provider is asked for, or is of a type that the new name does not fit. */
function shared(project: Project, { followed }: Follower, { element }: Origin): boolean {
  const holder = element.getParent();
  if (!Node.isVariableDeclaration(holder)) return false;
  if (Node.isObjectLiteralExpression(element) && holder.getTypeNode()) return true;
  const symbol = holder.getSymbol();
  return project.getSourceFiles().some((file) =>
    file.getDescendants().some((node) => {
      if (!Node.isIdentifier(node) || followed.has(node) || node === holder.getNameNode() || symbolOf(node) !== symbol) return false;
      const parent = node.getParent();
      return (
        !Node.isImportSpecifier(parent) && !Node.isExportSpecifier(parent) && !Node.isImportClause(parent) && !Node.isTypeQuery(parent)
      );
    }),
  );
}

/** The name is replaced; of several that would be the same in a list the first stays. */
function edit({ literal, element }: Origin, all: readonly Origin[], to: string): Edit {
  const path = pathOf(literal);
  const list = element.getParent();
  const quote = literal.getText()[0];
  const replaced = `${quote}${to}${quote}`;
  if (!Node.isArrayLiteralExpression(list)) {
    const whole = Node.isSpreadElement(list) || Node.isConditionalExpression(list) || Node.isCallExpression(list) ? element : literal;
    return { path, start: whole.getStart(), end: whole.getEnd(), text: replaced };
  }
  const elements = list.getElements();
  const index = elements.findIndex((e) => e === element);
  const sameBefore = elements.slice(0, index).some((e) => all.some((o) => o.element === e));
  const there = elements.some((e) => Node.isStringLiteral(e) && e.getLiteralText() === to);
  if (!sameBefore && !there) return { path, start: element.getStart(), end: element.getEnd(), text: replaced };
  const next = elements[index + 1];
  return next
    ? { path, start: element.getStart(), end: next.getStart(), text: "" }
    : { path, start: elements[index - 1].getEnd(), end: element.getEnd(), text: "" };
}

/** Types that list the providers by name learn the new one. */
function widened(project: Project, to: string): Edit[] {
  return project.getSourceFiles().flatMap((file) =>
    file.getDescendants().flatMap((node) => {
      if (!Node.isUnionTypeNode(node)) return [];
      const members = node.getTypeNodes().filter(Node.isLiteralTypeNode);
      const cuda = members.find((m) => /^["']cuda["']$/.test(m.getText()));
      if (!cuda || members.some((m) => m.getText().slice(1, -1) === to)) return [];
      const quote = cuda.getText()[0];
      return [{ path: pathOf(node), start: cuda.getEnd(), end: cuda.getEnd(), text: ` | ${quote}${to}${quote}` }];
    }),
  );
}

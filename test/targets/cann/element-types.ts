/**
 * The element types that a kernel file gives its intrinsics: of each call the type of its first operand, followed into
 * the templates at the head of the file.
 */

interface Part {
  readonly name: string;
  /** Whether it is a template, whose T is that of its first argument. */
  readonly generic: boolean;
  readonly body: string;
  /** Element types by variable; "T" where the template's. */
  readonly types: ReadonlyMap<string, string>;
}

const start = /^(?:template <([^>]*)>\n)?(?:__aicore__ inline|extern "C" __global__ __aicore__) \w+ (\w+)\(/gm;

function partsOf(text: string): readonly Part[] {
  const heads = [...text.matchAll(start)];
  return heads.map((head, i) => {
    const body = text.slice(head.index, heads[i + 1]?.index ?? text.length);
    return { name: head[2], generic: /\bclass T\b/.test(head[1] ?? ""), body, types: typesIn(body) };
  });
}

function typesIn(body: string): Map<string, string> {
  const types = new Map<string, string>();
  for (const [, type, names] of body.matchAll(/\b(?:Local|Global)Tensor<(\w+)>&? ([^;{)]*)/g)) {
    types.set(/^\w+/.exec(names)?.[0] ?? "", type);
    for (const [, name] of names.matchAll(/, (\w+) =/g)) types.set(name, type);
  }
  return types;
}

/** The first argument of a call whose "(" ends at `at`. */
function firstArgument(body: string, at: number): string {
  let depth = 0;
  for (let i = at; i < body.length; i++) {
    if ("([{".includes(body[i])) depth++;
    if (depth === 0 && ",)".includes(body[i])) return body.slice(at, i);
    if (")]}".includes(body[i])) depth--;
  }
  return body.slice(at);
}

export function elementTypes(text: string, intrinsics: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const parts = partsOf(text);
  const found = new Map<string, Set<string>>();
  const visit = (part: Part, bound: string): void => {
    for (const call of part.body.matchAll(/(?<![\w.>])(\w+)\(/g)) {
      const argument = firstArgument(part.body, call.index + call[0].length);
      const type = [...argument.matchAll(/ReinterpretCast<(\w+)>/g)].pop()?.[1] ?? part.types.get(/^\w+/.exec(argument)?.[0] ?? "");
      if (type === undefined) continue;
      const real = type === "T" ? bound : type;
      if (intrinsics.includes(call[1])) found.set(call[1], (found.get(call[1]) ?? new Set()).add(real));
      const callee = parts.find((p) => p.generic && p.name === call[1] && p !== part);
      if (callee) visit(callee, real);
    }
  };
  parts.filter((p) => !p.generic).forEach((p) => visit(p, ""));
  return found;
}

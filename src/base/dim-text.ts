/** Extents as text: read back from their canonical form, and printed as another language spells them. */
import { invariant } from "./diagnostic.js";
import { add, extreme, floorDiv, functionNames, isConst, mod, mul, sub, symbol, termsOf, type Atom, type Dim } from "./dim.js";

/** How a C++ printer spells symbols and the four functions of an expression. */
interface DimSpelling {
  name(symbol: string): string;
  /** `of` are the operands whose texts these are. */
  call(op: "floordiv" | "mod" | "min" | "max", a: string, b: string, of: { readonly a: Dim; readonly b: Dim }): string;
  /** A quotient rounded up; without it such a one is spelled as floordiv(a + b - 1, b). */
  ceil?(a: string, b: string): string;
}

/** Prints with a caller's spelling; sums that are not alone in their place get parentheses. */
export function spellDim(d: Dim, spelling: DimSpelling): string {
  if (isConst(d)) return `${d}`;
  const spellAtom = (atom: Atom): string => {
    if (atom.op === "sym") return spelling.name(atom.name);
    const raised = spelling.ceil && atom.op === "floordiv" ? raisedOf(atom.a, atom.b) : undefined;
    const b = spellDim(atom.b, spelling);
    return raised !== undefined && spelling.ceil
      ? spelling.ceil(spellDim(raised, spelling), b)
      : spelling.call(atom.op, spellDim(atom.a, spelling), b, atom);
  };
  return d.terms
    .map((t, i) => {
      const size = Math.abs(t.factor);
      const parts = [...(size === 1 && t.atoms.length > 0 ? [] : [`${size}`]), ...t.atoms.map((x) => spellAtom(x.atom))];
      const body = parts.join(" * ");
      return i === 0 ? (t.factor < 0 ? `-${body}` : body) : `${t.factor < 0 ? " - " : " + "}${body}`;
    })
    .join("");
}

/** The x of floordiv(x + b - 1, b), where that is what the numerator shows: without b - 1 it is the shorter one. */
function raisedOf(a: Dim, b: Dim): Dim | undefined {
  const x = sub(a, sub(b, 1));
  return termsOf(x).length < termsOf(a).length || isConst(x) ? x : undefined;
}

/** Reads what `dimKey` prints. */
export function parseDim(text: string): Dim {
  const { dim, end } = readDim(text, 0);
  invariant(text.slice(end).trim() === "", `unexpected "${text.slice(end)}" in dimension "${text}"`);
  return dim;
}

/** Reads a size from `start` on, as far as it goes. */
export function readDim(text: string, start: number): { readonly dim: Dim; readonly end: number } {
  let at = start;
  const space = () => {
    while (text[at] === " ") at++;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const expect = (c: string) => {
    space();
    invariant(text[at] === c, `expected '${c}' at ${at} of dimension "${text}"`);
    at++;
  };
  const atom = (): Dim => {
    space();
    const number = match(/\d+/y);
    if (number !== undefined) return Number(number);
    if (text[at] === "(") {
      at++;
      const inner = sum();
      expect(")");
      return inner;
    }
    const quoted = match(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return symbol(JSON.parse(quoted) as string);
    const name = match(/[A-Za-z_][A-Za-z0-9_.]*/y);
    invariant(name !== undefined, `expected a dimension at ${at} of "${text}"`);
    const fn = functionNames.find((f) => f === name);
    if (!fn || text[at] !== "(") return symbol(name);
    at++;
    const a = sum();
    expect(",");
    const b = sum();
    expect(")");
    return fn === "floordiv" ? floorDiv(a, b) : fn === "mod" ? mod(a, b) : extreme(fn, a, b);
  };
  const factor = (): Dim => {
    let out = atom();
    for (space(); text[at] === "*"; space()) {
      at++;
      out = mul(out, atom());
    }
    return out;
  };
  const sum = (): Dim => {
    space();
    const negative = text[at] === "-";
    if (negative) at++;
    let out = negative ? mul(-1, factor()) : factor();
    for (space(); text[at] === "+" || text[at] === "-"; space()) {
      const minus = text[at++] === "-";
      out = minus ? sub(out, factor()) : add(out, factor());
    }
    return out;
  };
  const dim = sum();
  return { dim, end: at };
}

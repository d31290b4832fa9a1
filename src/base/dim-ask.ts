/** What an expression over symbols is made of. */
import { isConst, soleAtom, type Atom, type Dim } from "./dim.js";

/** All that divides somewhere in `d`, as a floor division or a modulo. */
export function divisorsOf(d: Dim): Dim[] {
  if (isConst(d)) return [];
  return d.terms.flatMap((t) =>
    t.atoms.flatMap(({ atom }) => {
      if (atom.op === "sym") return [];
      const own = atom.op === "floordiv" || atom.op === "mod" ? [atom.b] : [];
      return [...own, ...divisorsOf(atom.a), ...divisorsOf(atom.b)];
    }),
  );
}

/** The largest magnitude among the constants of an expression, those inside its atoms included. */
export function sizeOfFactors(d: Dim): number {
  if (isConst(d)) return Math.abs(d);
  const inside = (atom: Atom): number => (atom.op === "sym" ? 0 : Math.max(sizeOfFactors(atom.a), sizeOfFactors(atom.b)));
  return Math.max(...d.terms.map((t) => Math.max(Math.abs(t.factor), ...t.atoms.map(({ atom }) => inside(atom)))));
}

/** The two sides of a minimum; undefined for anything else. */
export function minimumOf(d: Dim): readonly [Dim, Dim] | undefined {
  const atom = soleAtom(d);
  return atom?.op === "min" ? [atom.a, atom.b] : undefined;
}

/** The two sides of a maximum; undefined for anything else. */
export function maximumOf(d: Dim): readonly [Dim, Dim] | undefined {
  const atom = soleAtom(d);
  return atom?.op === "max" ? [atom.a, atom.b] : undefined;
}

/** Whether the expression is one symbol and nothing else. */
export function isSymbol(d: Dim): boolean {
  return soleAtom(d)?.op === "sym";
}

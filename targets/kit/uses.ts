/** How vendor symbols become text: only through a record, and each is noted, since a step's evidence follows from what it uses. */
import type { SymbolRecord } from "../../src/claim/target.js";
import { invariant } from "../../src/base/diagnostic.js";

export class Uses<Name extends string = string> {
  readonly #names = new Set<Name>();

  add(...names: readonly Name[]): void {
    names.forEach((name) => this.#names.add(name));
  }

  /** In alphabetical order, so that output does not depend on the order of printing. */
  list(): readonly Name[] {
    return [...this.#names].sort();
  }
}

/** Arguments of a call: names, numbers, texts of expressions. */
type Argument = string | number;

/** Spells a call of one intrinsic or runtime symbol. */
export type Speller<Name extends string> = (name: Name, ...args: readonly Argument[]) => string;

export function call(name: string, args: readonly Argument[]): string {
  return `${name}(${args.join(", ")})`;
}

/** Stands for any further arguments in a record's parameters. */
export const rest = "...";

/** A function that spells calls of these records and nothing else; where they tell parameters, a call has as many arguments. */
export function speller<Name extends string>(
  records: Readonly<Record<Name, SymbolRecord & { readonly params?: readonly string[] }>>,
  uses: Pick<Uses<Name>, "add">,
): Speller<Name> {
  return (name, ...args) => {
    const { params } = records[name];
    if (params) checkCount(name, params, args.length);
    uses.add(name);
    return call(name, args);
  };
}

function checkCount(name: string, params: readonly string[], given: number): void {
  const open = params[params.length - 1] === rest;
  const fits = open ? given >= params.length - 1 : given === params.length;
  invariant(fits, `${name} takes ${params.length} arguments, got ${given}`);
}

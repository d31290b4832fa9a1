/**
 * A vector instruction is one row: its name, where it was read, what it computes, and what of a tile it carries out. What
 * caps offer, what printers spell and what the twin declares and computes all follow from the rows.
 */
import type { Caps } from "../../src/kernel/caps.js";
import type { LaneType } from "../../src/kernel/tile.js";

/** What the rows of every target have in common. */
export interface Instruction<Form extends string, Fn extends string> {
  readonly form: Form;
  /** The tile function it carries out, where generated code uses it for one. */
  readonly fn?: Fn;
  /** The lanes of that function's operands. */
  readonly lanes?: readonly LaneType[];
}

type Rows<Name extends string, Form extends string, Fn extends string> = Readonly<Record<Name, Instruction<Form, Fn>>>;

/** Entries of a table of rows, typed. */
export function entriesOf<Name extends string, Row>(rows: Readonly<Record<Name, Row>>): readonly (readonly [Name, Row])[] {
  return Object.entries(rows) as [Name, Row][];
}

/** Instructions by the function they carry out, of one form. */
export function namesOf<Name extends string, Form extends string, Fn extends string>(
  rows: Rows<Name, Form, Fn>,
  form: Form,
): ReadonlyMap<string, Name> {
  return new Map(entriesOf(rows).flatMap(([name, r]) => (r.form === form && r.fn !== undefined ? [[r.fn, name]] : [])));
}

/** The functions that rows of these forms carry out, with their lanes, for `caps.native`. */
export function nativeOf<Form extends string>(
  rows: Rows<string, string, string>,
  forms: readonly Form[],
  has: (name: string) => boolean = () => true,
): Caps["native"] {
  const native: Record<string, readonly LaneType[]> = {};
  for (const [name, { form, fn, lanes }] of entriesOf(rows))
    if (fn !== undefined && lanes && forms.some((f) => f === form) && has(name))
      native[fn] = [...new Set([...(native[fn] ?? []), ...lanes])];
  return native;
}

/**
 * A kernel's body on its way to text: statements that know which pipe carries them out and what they touch. The printer
 * writes these without a thought for order; `hazards.ts` finds where two pipes, or two vector instructions, must wait
 * for each other.
 */

/** The queues of a vector core: scalar unit, vector unit, copies in, copies out. */
export type Pipe = "S" | "V" | "MTE2" | "MTE3";

/** A range of unified buffer (a tile, a scratch slot) or a global buffer, by name. */
export interface Access {
  readonly on: string;
  readonly write: boolean;
  /** The row loop whose iterations touch disjoint parts of it. */
  readonly row?: number;
}

export type Code =
  | {
      readonly kind: "op";
      readonly pipe: Pipe;
      readonly lines: readonly string[];
      readonly touches: readonly Access[];
      readonly handover?: boolean;
    }
  /** A queue passes its buffer on: the second pipe has waited for all the first was given. */
  | { readonly kind: "order"; readonly from: Pipe; readonly to: Pipe; readonly lines: readonly string[] }
  /** A queue gives a buffer: pipe `by` has waited for its last users, nobody else has. */
  | { readonly kind: "fresh"; readonly on: readonly string[]; readonly by: Pipe; readonly lines: readonly string[] }
  | { readonly kind: "text"; readonly lines: readonly string[] }
  | { readonly kind: "comment"; readonly text: string }
  /** Gives a name to what has no effect of its own: an extent, another view of a queue's bytes. */
  | { readonly kind: "name"; readonly name: string; readonly line: string; readonly says: ReadonlySet<string> }
  /** The names that the statements before it say. */
  | { readonly kind: "said"; readonly names: ReadonlySet<string> }
  | { readonly kind: "loop"; readonly id: number; readonly head: string; readonly body: readonly Code[] }
  | { readonly kind: "branch"; readonly head: string; readonly then: readonly Code[]; readonly otherwise: readonly Code[] };

export function text(...lines: readonly string[]): Code {
  return { kind: "text", lines };
}

export function comment(words: string): Code {
  return { kind: "comment", text: words };
}

export function reads(...on: readonly string[]): Access[] {
  return on.map((name) => ({ on: name, write: false }));
}

export function writes(...on: readonly string[]): Access[] {
  return on.map((name) => ({ on: name, write: true }));
}

/** One vector instruction (or a helper made of them that starts and ends on the vector unit). */
export function vector(touches: readonly Access[], ...lines: readonly string[]): Code {
  return { kind: "op", pipe: "V", lines, touches };
}

/** What has been given to the vector unit is done: a helper waits inside. */
export const settled: Code = { kind: "order", from: "V", to: "V", lines: [] };

export function op(pipe: Pipe, touches: readonly Access[], ...lines: readonly string[]): Code {
  return { kind: "op", pipe, lines, touches };
}

/** A device function that a kernel file may open with: its text, the vendor symbols in it, and which others it calls. */
import type { Intrinsic } from "../../intrinsics.js";

/** Spells a wait of an event's second pipe for all that its first has been given. */
export type Wait = (event: string) => string;

type Text = (wait: Wait) => string;

export interface Helper {
  readonly text: Text;
  readonly uses: readonly Intrinsic[];
  /** Helpers it calls. */
  readonly needs: readonly string[];
}

/** A helper of these intrinsics, and of other helpers. */
export function calling(uses: readonly Intrinsic[], needs: readonly string[] = []): (text: string | Text) => Helper {
  return (text) => ({ uses, needs, text: typeof text === "string" ? () => text : text });
}

/** One of other helpers alone. */
export const using = (needs: readonly string[]): ((text: string | Text) => Helper) => calling([], needs);

/** One that calls nothing. */
export const plain = calling([]);

/** A device function that a kernel file may open with: its text, the vendor symbols in it, and which others it calls. */
import type { Intrinsic } from "../../intrinsics.js";

/** Spells a wait of an event's second pipe for all that its first has been given. */
export type Wait = (event: string) => string;

export interface Helper {
  readonly text: (wait: Wait) => string;
  readonly uses: readonly Intrinsic[];
  /** Helpers it calls. */
  readonly needs: readonly string[];
}

export function helper(uses: readonly Intrinsic[], needs: readonly string[], text: string | Helper["text"]): Helper {
  return { uses, needs, text: typeof text === "string" ? () => text : text };
}

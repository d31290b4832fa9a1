/** What a long call says while it runs. */

export type Event =
  | { readonly kind: "phase"; readonly name: string; readonly target?: string }
  | { readonly kind: "pass"; readonly name: string; readonly nodesBefore: number; readonly nodesAfter: number }
  | { readonly kind: "artifact"; readonly path: string }
  | {
      readonly kind: "progress";
      readonly label: string;
      readonly done: number;
      readonly total: number;
      /** Of those done; absent where nothing of it is known. */
      readonly failed?: number;
      readonly secondsLeft?: number;
    };

export type OnEvent = (event: Event) => void;

/** Checked between phases: a cancelled call stops with AbortError. */
export interface Running {
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
}

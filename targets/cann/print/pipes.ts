/** The pipes of a vector core, and how they are kept in order. */
import type { Ordering } from "../../kit/hazards.js";

/** Scalar unit, vector unit, copies in, copies out. */
export type Pipe = "S" | "V" | "MTE2" | "MTE3";

/** "MTE2_V" waits with an event, "V" with PipeBarrier<PIPE_V>. */
export const isEvent = (sync: string): boolean => sync.includes("_");

/** Events between pipes; a barrier between vector instructions, or copies, that depend on each other (arch 2201 does not order them). */
export const pipes: Ordering = {
  wants: (pipe, { unit, handover }) => (pipe !== unit ? `${pipe}_${unit}` : unit === "S" || handover ? undefined : unit),
  /** After "A_B", pipe B knows all that A did or knew; after "A", A knows all it did itself. */
  reaches: (sync, pipe, known) => {
    const [from, to = from] = sync.split("_");
    return pipe === from || (from !== to && known.has(from)) ? [to] : [];
  },
  lasts: () => true,
  hoists: true,
};

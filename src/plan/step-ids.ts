/** Ids that stay when unrelated parts of the model change: the node's name and a hash of what the step came from. */
import { createHash } from "node:crypto";
import { cIdentifier } from "../base/text-writer.js";
import type { Value } from "../ir/graph.js";

interface Named {
  /** Begins the id: the node that gives the result. */
  readonly label: string;
  readonly origin: readonly string[];
  readonly writes: readonly Value[];
}

export function idPicker(): (step: Named) => string {
  const taken = new Map<string, number>();
  return ({ label, origin, writes }) => {
    const start = cIdentifier(label).slice(0, 32);
    const hash = createHash("sha256")
      .update(JSON.stringify([origin, writes.map((v) => v.name)]))
      .digest("hex")
      .slice(0, 6);
    const id = `${start}_${hash}`;
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  };
}

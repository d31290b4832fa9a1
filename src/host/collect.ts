/** Memory of arrays, which lies outside V8's heap: V8 lets tens of megabytes of it gather before it collects, so that it is asked to. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how: { readonly type: "minor" | "major" }) => void;

/** Bytes of arrays, and of objects, after which those that nobody holds are given back. */
const most = { arrays: 4 << 20, objects: 4 << 20 };

export class Collector {
  #after = held();
  #collect: Collect | undefined;

  /** To be called now and then by whoever makes many arrays. */
  look(): void {
    const now = held();
    const grown = { arrays: now.arrays - this.#after.arrays, objects: now.objects - this.#after.objects };
    if (grown.arrays < most.arrays && grown.objects < most.objects) return;
    this.#collect ??= exposed();
    if (grown.objects < most.objects) this.#collect({ type: "minor" });
    // What outlived several collections is old.
    if (held().arrays - this.#after.arrays >= most.arrays || grown.objects >= most.objects) this.#collect({ type: "major" });
    this.#after = held();
  }
}

function held(): { readonly arrays: number; readonly objects: number } {
  const { external_memory: arrays, used_heap_size: objects } = getHeapStatistics();
  return { arrays, objects };
}

function exposed(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

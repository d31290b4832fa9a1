/** Memory of arrays, which lies outside V8's heap: V8 lets tens of megabytes of it gather before it collects, so that it is asked to. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how: { readonly type: "minor" | "major" }) => void;

interface Held {
  readonly arrays: number;
  readonly objects: number;
}

/** Bytes of arrays, and of objects, after which those that nobody holds are given back. */
const most: Held = { arrays: 1 << 20, objects: 4 << 20 };

export class Collector {
  /** After the last collection of young objects, and after that of all: what outlived some of the first is old. */
  #young = held();
  #all = this.#young;
  #collect: Collect | undefined;

  /** To be called now and then by whoever makes many arrays. */
  look(): void {
    if (!isGrown(held(), this.#young)) return;
    this.#collect ??= exposed();
    this.#collect({ type: "minor" });
    this.#young = held();
    if (!isGrown(this.#young, this.#all)) return;
    this.#collect({ type: "major" });
    this.#young = this.#all = held();
  }
}

function isGrown(now: Held, before: Held): boolean {
  return now.arrays - before.arrays >= most.arrays || now.objects - before.objects >= most.objects;
}

function held(): Held {
  const { external_memory: arrays, used_heap_size: objects } = getHeapStatistics();
  return { arrays, objects };
}

/** What is collected is given back at once, not by a thread that falls behind where processors are busy. */
function exposed(): Collect {
  setFlagsFromString("--no-concurrent-array-buffer-sweeping");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

/** Memory of arrays, which lies outside V8's heap: V8 lets tens of megabytes of it gather before it collects, so that it is asked to. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how: { readonly type: "minor" | "major" }) => void;

/** Bytes of arrays after which those that nobody holds are given back. */
const most = 6 << 20;

export class Collector {
  #after = arrayBytes();
  #collect: Collect | undefined;

  /** To be called now and then by whoever makes many arrays. */
  look(): void {
    if (arrayBytes() - this.#after < most) return;
    this.#collect ??= exposed();
    this.#collect({ type: "minor" });
    // What outlived several collections is old.
    if (arrayBytes() - this.#after >= most) this.#collect({ type: "major" });
    this.#after = arrayBytes();
  }
}

const arrayBytes = (): number => getHeapStatistics().external_memory;

function exposed(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

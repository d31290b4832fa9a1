/** Which blocks of some files a call runs, as V8 counts them: one bit a character. */
import { Session } from "node:inspector";

export class BlockCoverage {
  #session = new Session();
  #part;

  /** Of the files whose address contains `part`. */
  static async start(part) {
    const self = new BlockCoverage();
    self.#part = part;
    self.#session.connect();
    self.#post("Profiler.enable");
    self.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return self;
  }

  /** The inspector answers in the same turn. */
  #post(method, parameters) {
    let out;
    this.#session.post(method, parameters, (error, result) => {
      if (error) throw new Error(error.message);
      out = result;
    });
    return out;
  }

  none() {
    return new Map();
  }

  /** File -> the characters that `f` ran. */
  of(f) {
    this.#post("Profiler.takePreciseCoverage");
    f();
    const ran = new Map();
    for (const script of this.#post("Profiler.takePreciseCoverage").result) {
      if (!script.url.includes(this.#part)) continue;
      const bits = new Uint8Array(Math.max(...script.functions.flatMap((fn) => fn.ranges.map((r) => r.endOffset))));
      for (const fn of script.functions) for (const r of fn.ranges) bits.fill(r.count > 0 ? 1 : 0, r.startOffset, r.endOffset);
      ran.set(script.url, bits);
    }
    return ran;
  }

  /** Adds what ran to what was seen; whether that is more. */
  add(seen, ran) {
    let more = false;
    for (const [url, bits] of ran) {
      const had = seen.get(url) ?? new Uint8Array(1 << 16);
      for (let i = 0; i < bits.length; i++)
        if (bits[i] && !had[i]) {
          had[i] = 1;
          more = true;
        }
      seen.set(url, had);
    }
    return more;
  }
}

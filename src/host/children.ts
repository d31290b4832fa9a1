/**
 * Processes of our own that work for us, one message at a time. What ends one of them (no memory left, a fault in native code, a
 * signal) ends that piece of work alone, which a thread could not promise.
 */
import { fork, type ChildProcess } from "node:child_process";

/** Of a process: the module that calls `serveAsChild`, and what it is told first, which must be plain JSON. */
interface ChildOptions {
  readonly entry: URL;
  readonly start: unknown;
  /** Of V8's heap; its own choice where absent. */
  readonly memoryMiB?: number | undefined;
  /** Where it and what it starts keep their temporary files. */
  readonly temporary: string;
}

/** An answer, with what it cost; or how the process ended instead. */
type Heard<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer; readonly milliseconds: number; readonly peakBytes: number }
  | { readonly kind: "late" }
  | Gone;

export interface Gone {
  readonly kind: "gone";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outOfMemory: boolean;
}

/** What goes from here to a child. */
export type ToChild =
  { readonly kind: "start"; readonly start: unknown } | { readonly kind: "work"; readonly work: unknown } | { readonly kind: "stop" };

/** What comes back. */
export interface FromChild {
  readonly answer: unknown;
  readonly milliseconds: number;
  readonly peakBytes: number;
}

/** What a child that is told to stop has to clean up, before it is killed. */
const graceMs = 2000;

/** Enough of what a process says last to find V8's word of a full heap in it. */
const tailBytes = 1 << 14;

export class Child<Work, Answer> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<Gone>;
  #tail = "";

  constructor({ entry, start, memoryMiB, temporary }: ChildOptions) {
    this.#process = fork(entry, [], {
      execArgv: memoryMiB === undefined ? [] : [`--max-old-space-size=${memoryMiB}`],
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#tail = `${this.#tail}${chunk.toString()}`.slice(-tailBytes);
    });
    this.#ended = new Promise((resolve) => {
      const gone = (code: number | null, signal: NodeJS.Signals | null): void =>
        resolve({ kind: "gone", code, signal, outOfMemory: /heap out of memory/.test(this.#tail) });
      this.#process.on("close", gone);
      this.#process.on("error", () => gone(null, null));
    });
    this.#send({ kind: "start", start });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** One question at a time. After `timeoutMs` the process is killed. */
  async ask(work: Work, timeoutMs: number | undefined): Promise<Heard<Answer>> {
    const { promise: said, resolve } = promised<Heard<Answer>>();
    const hear = ({ answer, milliseconds, peakBytes }: FromChild): void =>
      resolve({ kind: "answer", answer: answer as Answer, milliseconds, peakBytes });
    this.#process.once("message", hear);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve({ kind: "late" }), timeoutMs);
    this.#send({ kind: "work", work });
    const heard = await Promise.race([said, this.#ended]);
    clearTimeout(timer);
    this.#process.off("message", hear);
    if (heard.kind === "late") await this.#kill();
    return heard;
  }

  /** Resolves when the process has ended: at its own pace, or killed when that takes too long. */
  async end(): Promise<void> {
    this.#send({ kind: "stop" });
    const late = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
    await this.#ended;
    clearTimeout(late);
  }

  async #kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** What is sent to a process that has ended is lost, and its end is told by `#ended`. */
  #send(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }
}

function promised<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((r) => (resolve = r));
  return { promise, resolve };
}

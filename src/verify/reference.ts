/** onnxruntime as the reference: loaded only when asked for, and only if it is installed. */
import { fail } from "../base/diagnostic.js";
import { findDType, infoOf, type DType } from "../base/dtype.js";
import { allocate, type Tensor, type TensorData } from "../base/tensor.js";
import { loadOnnxruntime, type Ort } from "./onnxruntime.js";

/** onnxruntime's own name of a type that its JavaScript side has arrays of. */
function nameOf(dtype: DType): string | undefined {
  const { numpy, kind, onnxName } = infoOf(dtype);
  return kind === "string" || (numpy !== undefined && dtype !== "bf16") ? onnxName : undefined;
}

export interface Reference {
  run(inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>>;
  /** Gives its memory back at once; it cannot run afterwards. */
  close(): Promise<void>;
  readonly outputNames: readonly string[];
  /** Why the stand-in runs instead of the model. */
  readonly refused?: string;
}

/** How far onnxruntime rewrites the graph before it runs it. */
export type Level = "disabled" | "basic" | "all";

/** Fatal only: what onnxruntime would print on its own comes back as the reason of a failure. */
const quiet = { logSeverityLevel: 4 } as const;

/**
 * `model` is a path (external data is found beside it) or the model's bytes. Where onnxruntime has no implementation
 * for an operator at the model's opset, `upgraded` stands in: the same graph at a newer one.
 * Throws `onnxruntime-missing` or `reference-failed`; `run` throws `reference-failed` or `unsupported-dtype`.
 */
export async function openReference(model: string | Uint8Array, upgraded?: () => Uint8Array, level: Level = "basic"): Promise<Reference> {
  const ort = await loadOrt();
  try {
    return new Session(ort, await createSession(ort, model, level));
  } catch (error) {
    const refused = reasonOf(error);
    const missing = /could not find an implementation/i.test(refused);
    const other = upgraded && missing ? await openStandIn(ort, upgraded, level) : undefined;
    if (other && typeof other !== "string") return new Session(ort, other, refused);
    const neither = other === undefined ? "" : ` Nor does it take Portolan's import of the model at a newer opset: ${other}`;
    return fail("reference-failed", `onnxruntime does not take the model: ${refused}`, {
      why: `verify compares with onnxruntime's results, and there are none.${neither}`,
      fix: "Correct the model if the reason is its own; else compare with outputs you know, through the API's `expected`, or use `compile` and `run`.",
    });
  }
}

async function loadOrt(): Promise<Ort> {
  const ort = await loadOnnxruntime();
  if (ort) return ort;
  return fail("onnxruntime-missing", "comparing needs onnxruntime, which is not installed here", {
    fix: "npm install onnxruntime-node, or compare with expected outputs instead.",
  });
}

type OrtSession = Awaited<ReturnType<Ort["InferenceSession"]["create"]>>;

function createSession(ort: Ort, model: string | Uint8Array, level: Level): Promise<OrtSession> {
  const options = { graphOptimizationLevel: level, ...quiet } as const;
  return typeof model === "string" ? ort.InferenceSession.create(model, options) : ort.InferenceSession.create(model, options);
}

/** The session, or why there is none. */
async function openStandIn(ort: Ort, upgraded: () => Uint8Array, level: Level): Promise<OrtSession | string> {
  try {
    return await createSession(ort, upgraded(), level);
  } catch (error) {
    return reasonOf(error);
  }
}

class Session implements Reference {
  readonly outputNames: readonly string[];
  readonly refused?: string;
  readonly #ort: Ort;
  readonly #session: OrtSession;

  constructor(ort: Ort, session: OrtSession, refused?: string) {
    this.#ort = ort;
    this.#session = session;
    this.outputNames = session.outputNames;
    this.refused = refused;
  }

  close(): Promise<void> {
    return this.#session.release();
  }

  async run(inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
    const feeds: Record<string, InstanceType<Ort["Tensor"]>> = {};
    for (const [name, t] of inputs) {
      const type = nameOf(t.dtype);
      if (!type) fail("unsupported-dtype", `onnxruntime's binding does not take ${t.dtype} inputs ("${name}")`);
      // What stands in for a model has no input where one was frozen.
      if (this.#session.inputNames.includes(name)) feeds[name] = new this.#ort.Tensor(type as "float32", t.data as Float32Array, t.shape);
    }
    const results = await this.#session.run(feeds, quiet).catch((error: unknown) =>
      fail("reference-failed", `onnxruntime stopped while it ran the model: ${reasonOf(error)}`, {
        why: "verify compares with onnxruntime's results, and there are none.",
        fix: "Give inputs that the model takes: --inputs FILE.npz, or other sizes with --shape or --dim.",
      }),
    );
    return new Map(
      this.outputNames.map((name) => [name, fromOrt(results[name] as { type: string; dims: readonly number[]; data: unknown })]),
    );
  }
}

/** The first line of what onnxruntime said, without colours and without places in its own sources. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const plain = text.replace(/\x1b\[[0-9;]*m/g, "").split("\n")[0];
  return plain.replace(/\s*\/onnxruntime_src\/\S+( [^[]*?\))? ?/, " ").trim();
}

function fromOrt(t: { readonly type: string; readonly dims: readonly number[]; readonly data: unknown }): Tensor {
  const dtype = findDType(({ onnxName }) => onnxName === t.type);
  if (!dtype || nameOf(dtype) === undefined) return fail("unsupported-dtype", `onnxruntime returned ${t.type}`);
  const data = allocate(dtype, 0);
  const array = t.data as TensorData;
  if (Array.isArray(array) || Array.isArray(data)) return { dtype, shape: t.dims, data: array };
  // f16 arrives as Uint16Array or Float16Array bits; the class we store it in has the same width.
  const Store = data.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TensorData;
  return { dtype, shape: [...t.dims], data: new Store(array.buffer, array.byteOffset, array.length) };
}

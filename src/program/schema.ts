/**
 * manifest.json and map.json, checked while they are read; manifest.json spelled as it is written: sizes as numbers or
 * their canonical text, infinity as null. Nothing on the way from a model to a bundle loads this file, since it brings the validator along.
 */
import { z } from "zod";
import { fail } from "../base/diagnostic.js";
import { dtypes, type DType } from "../base/dtype.js";
import type { Cond } from "../base/cond.js";
import { parseDim } from "../base/dim-text.js";
import type { Dim } from "../base/dim.js";
import type { Program } from "./program.js";
import type { SourceMap } from "./source-map.js";

const whole = z.number().int();
const id = whole.nonnegative();

/** A size: a whole number, or the text of an expression over the symbols. */
const dimSchema = z.codec(z.union([whole, z.string()]), z.custom<Dim>(), {
  decode: (text, context): Dim => {
    if (typeof text === "number") return text;
    try {
      return parseDim(text);
    } catch (error) {
      context.issues.push({ code: "custom", message: `"${text}" is no size: ${(error as Error).message}`, input: text });
      return z.NEVER;
    }
  },
  encode: (d) => (typeof d === "number" ? d : `${d}`),
});

/** Infinity has no JSON. */
const most = z.codec(
  z.union([whole, z.null()]),
  z.custom<number>((x) => typeof x === "number"),
  {
    decode: (x) => x ?? Infinity,
    encode: (x) => (Number.isFinite(x) ? x : null),
  },
);

const condSchema: z.ZodType<Cond> = z.lazy(() =>
  z.union([
    z.strictObject({ op: z.enum(["eq", "ne", "lt", "le"]), a: dimSchema, b: dimSchema }),
    z.strictObject({ op: z.enum(["and", "or"]), all: z.array(condSchema) }),
  ]),
);

const dtype = z.enum(Object.keys(dtypes) as [DType, ...DType[]]);
const evidence = z.enum(["E0", "E1", "E2", "E3", "E4", "E5"]);

const way = z.strictObject({
  kind: z.enum(["library", "kernel", "scalar", "copy", "host"]),
  uses: z.array(z.string()),
  evidence,
  unwitnessed: z.array(z.string()).optional(),
  kernels: z.array(z.string()),
  temps: z.array(id),
});

const programSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  prefix: z.string(),
  target: z.string(),
  chip: z.string(),
  sdk: z.string(),
  precision: z.enum(["fp32", "fp16"]),
  symbols: z.array(z.strictObject({ name: z.string(), source: z.strictObject({ input: z.string(), axis: id }), lo: whole, hi: most })),
  guards: z.array(z.strictObject({ when: condSchema, message: z.string() })),
  buffers: z.array(
    z.strictObject({
      id,
      name: z.string(),
      dtype,
      stored: dtype,
      shape: z.array(dimSchema),
      home: z.enum(["input", "output", "weight", "state", "arena", "host"]),
      aliasOf: id.optional(),
    }),
  ),
  inputs: z.array(id),
  outputs: z.array(id),
  weights: z.array(
    z.strictObject({
      buffer: id,
      from: z.strictObject({ file: z.string(), offset: id, length: id }),
      pack: z.enum(["as-is", "i64-to-i32", "f32-to-f16", "bf16-to-f32", "f64-to-f32"]),
    }),
  ),
  conflicts: z.array(z.tuple([id, id])),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      origin: z.array(z.string()),
      reads: z.array(id),
      writes: z.array(id),
      way,
      alternate: way.optional(),
    }),
  ),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.looseObject({
  generator: z.string(),
  program: programSchema,
  models: z.record(z.string(), sha256),
  files: z.record(z.string(), sha256),
});

export interface Manifest {
  readonly generator: string;
  readonly program: Program;
  /** sha256 of the model's own files and of the bundle's, by name. */
  readonly models: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

const sourceMapSchema: z.ZodType<SourceMap> = z.strictObject({
  schemaVersion: z.literal(2),
  nodes: z.record(
    z.string(),
    z.strictObject({
      steps: z.array(z.string()),
      places: z.array(
        z.strictObject({
          file: z.string(),
          part: z.enum(["step", "helpers", "kernel", "launcher"]),
          first: whole.positive(),
          last: whole.positive(),
        }),
      ),
    }),
  ),
});

/** Reads the text of a manifest.json. Throws `invalid-manifest`, naming the first field that is wrong. */
export function readManifest(text: string): Manifest {
  return readChecked("manifest", text, manifestSchema) as Manifest;
}

/** Reads the text of a map.json. Throws `invalid-map`, naming the first field that is wrong. */
export function readSourceMap(text: string): SourceMap {
  return readChecked("map", text, sourceMapSchema);
}

function readChecked<S extends z.ZodType>(what: "manifest" | "map", text: string, schema: S): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return unreadable(what, `is no JSON: ${(error as Error).message}`);
  }
  const read = schema.safeDecode(json as z.input<S>);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return unreadable(what, `${issue.path.join(".") || "the whole"}: ${issue.message}`);
}

function unreadable(what: "manifest" | "map", message: string): never {
  return fail(what === "map" ? "invalid-map" : "invalid-manifest", `${what}.json: ${message}`, {
    fix: "Compile the model again with this version.",
  });
}

/** A Program as the JSON value manifest.json holds. */
export function writeProgram(program: Program): unknown {
  return z.encode(programSchema, program as z.output<typeof programSchema>);
}

/**
 * manifest.json and map.json, checked while they are read; `write.ts` spells the former. Nothing on the way from a model to
 * a bundle loads this file, since it brings the validator along.
 */
import { z } from "zod";
import { fail } from "../base/diagnostic.js";
import { dtypes, type DType } from "../base/dtype.js";
import type { Cond } from "../base/cond.js";
import { parseDim } from "../base/dim-text.js";
import type { Dim } from "../base/dim.js";
import type { Kernel } from "../kernel/tile.js";
import { parseKernel } from "../kernel/text/parse.js";
import type { Act, CallAttr, Program, Step } from "./program.js";
import type { SourceMap } from "./source-map.js";

const whole = z.number().int();
const id = whole.nonnegative();

const refused = (context: z.core.$RefinementCtx, input: unknown, message: string): never => {
  context.issues.push({ code: "custom", message, input });
  return z.NEVER;
};

/** A codec of which only the reading is used: `write.ts` spells, without this file and its validator. */
const reading = <S extends z.ZodType, T>(schema: S, decode: (x: z.output<S>, refuse: (message: string) => never) => T) =>
  schema.transform((x, context): T => decode(x, (message) => refused(context, x, message)));

/** A size: a whole number, or the text of an expression over the symbols. */
const dimSchema = z.union([whole, z.string()]).transform((text, context): Dim => {
  if (typeof text === "number") return text;
  try {
    return parseDim(text);
  } catch (error) {
    return refused(context, text, `"${text}" is no size: ${(error as Error).message}`);
  }
});

/** Infinity has no JSON. */
const most = z.union([whole, z.null()]).transform((x) => x ?? Infinity);

const condSchema: z.ZodType<Cond> = z.lazy(() =>
  z.union([
    z.strictObject({ op: z.enum(["eq", "ne", "lt", "le"]), a: dimSchema, b: dimSchema }),
    z.strictObject({ op: z.enum(["and", "or"]), all: z.array(condSchema) }),
  ]),
);

const dtype = z.enum(Object.keys(dtypes) as [DType, ...DType[]]);
/** What 53 bits do not hold, or JSON does not know, is a text. */
const wholeText = reading(z.union([whole, z.string().regex(/^-?\d+$/)]), (x) => BigInt(x));
const real = reading(z.union([z.number(), z.enum(["-0", "NaN", "Infinity", "-Infinity"])]), Number);

const attr = z.union([
  reading(z.strictObject({ int: wholeText }), (a): CallAttr => ({ kind: "int", value: a.int })),
  reading(z.strictObject({ ints: z.array(wholeText) }), (a): CallAttr => ({ kind: "ints", value: a.ints })),
  reading(z.strictObject({ float: real }), (a): CallAttr => ({ kind: "float", value: a.float })),
  reading(z.strictObject({ floats: z.array(real) }), (a): CallAttr => ({ kind: "floats", value: a.floats })),
  reading(z.strictObject({ text: z.string() }), (a): CallAttr => ({ kind: "text", value: a.text })),
  reading(z.strictObject({ texts: z.array(z.string()) }), (a): CallAttr => ({ kind: "texts", value: a.texts })),
  reading(z.strictObject({ dims: z.array(dimSchema) }), (a): CallAttr => ({ kind: "dims", value: a.dims })),
]);

const operands = z.array(z.union([id, z.null()]));

const actSchema: z.ZodType<Act> = z.lazy(() =>
  z.discriminatedUnion("op", [
    z.strictObject({
      op: z.literal("call"),
      row: z.string(),
      operator: z.string(),
      then: z.string().optional(),
      attrs: z.record(z.string(), attr),
      inputs: operands,
      outputs: operands,
      orders: z.array(z.union([z.array(id), z.null()])).optional(),
    }),
    z.strictObject({
      op: z.literal("launch"),
      kernel: z.string(),
      buffers: z.array(id),
      ints: z.array(dimSchema),
      parallelism: dimSchema,
    }),
    z.strictObject({ op: z.literal("copy"), from: id, to: id, at: dimSchema, bytes: dimSchema }),
    z.strictObject({ op: z.literal("region"), body: z.array(actSchema) }),
  ]),
);

const named = { id: z.string(), origin: z.array(z.string()) };

const stepSchema: z.ZodType<Step> = z.lazy(() =>
  z.discriminatedUnion("op", [
    z.strictObject({ op: z.literal("compute"), ...named, act: actSchema, alternate: actSchema.optional(), oneWay: z.string().optional() }),
    z.strictObject({ op: z.literal("read"), ...named, from: id, to: id, symbols: z.array(z.strictObject({ name: z.string(), at: id })) }),
    z.strictObject({ op: z.literal("bind"), ...named, pairs: z.array(z.tuple([id, id])) }),
    z.strictObject({ op: z.literal("branch"), ...named, when: condSchema, then: z.array(stepSchema), otherwise: z.array(stepSchema) }),
    z.strictObject({ op: z.literal("write"), ...named, to: id, value: dimSchema }),
    z.strictObject({ op: z.literal("let"), ...named, symbols: z.array(z.strictObject({ name: z.string(), value: dimSchema })) }),
    z.strictObject({ op: z.literal("loop"), ...named, when: condSchema, body: z.array(stepSchema) }),
  ]),
);

/** As lines of its text form. */
const kernelSchema = reading(z.array(z.string()), (lines, refuse): Kernel => {
  try {
    return parseKernel(lines.join("\n"));
  } catch (error) {
    return refuse((error as Error).message);
  }
});

const programSchema = z.strictObject({
  schemaVersion: z.literal(2),
  name: z.string(),
  prefix: z.string(),
  target: z.string(),
  chip: z.string(),
  sdk: z.string(),
  precision: z.enum(["fp32", "fp16"]),
  allowHf32: z.boolean(),
  symbols: z.array(
    z.strictObject({
      name: z.string(),
      source: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("extent"), input: z.string(), axis: id }),
        z.strictObject({ kind: z.literal("step") }),
      ]),
      lo: whole,
      hi: most,
    }),
  ),
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
  kernels: z.array(kernelSchema),
  steps: z.array(stepSchema),
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
  return readChecked("manifest", text, manifestSchema);
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

/** Tasks and results as somebody else hands them over: in a file, or through a queue. */
import { z } from "zod";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import type { FleetDocument } from "./document.js";
import { taskKinds, type Outcome, type Task } from "./task.js";

const hash = z.string().regex(/^[0-9a-f]+$/);

/** A path that leads out of the root would have a worker read any file of its machine. */
const inside = z
  .string()
  .min(1)
  .refine((path) => !/^[/\\]|^[A-Za-z]:|\0/.test(path) && !path.split(/[/\\]/).includes(".."), "is no path below the root");

const dataFile = z.strictObject({
  path: inside,
  bytes: z.int().min(0),
  ends: hash,
  modified: z.number().nullable(),
  sha256: hash.nullable(),
});

const task = z.strictObject({
  kind: z.enum(taskKinds),
  model: inside,
  sha256: hash,
  data: z.array(dataFile),
  options: z.record(z.string(), z.json()),
  portolan: z.strictObject({ version: z.string(), code: hash }),
});

const diagnostic = z.looseObject({ code: z.string(), severity: z.enum(["error", "warning", "note"]), message: z.string() });
const result = { ok: z.boolean(), diagnostics: z.array(diagnostic) };

const document = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.enum(taskKinds),
  portolan: z.string(),
  options: z.record(z.string(), z.json()),
  shard: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/)
    .optional(),
  ok: z.boolean(),
  models: z.array(z.looseObject({ model: z.string(), sha256: hash.nullable(), ...result })),
});

const outcome = z.looseObject({ result: z.looseObject(result) });

const taskFile = z.strictObject({ schemaVersion: z.literal(1), tasks: z.array(task) });

/** What is wrong with a text, at the name that it goes by. */
type Fault = (name: string, why: string) => Diagnostic;

const taskFault: Fault = (name, why) =>
  problem("bad-task-file", `"${name}" ${why}`, {
    location: { path: name },
    fix: "Write it with portolan plan, and let nobody else put tasks into a queue.",
  });

const resultFault: Fault = (name, why) =>
  problem("bad-result-file", `"${name}" ${why}`, { location: { path: name }, fix: "Give what --results or portolan worker wrote." });

/** The tasks that `plan` wrote. Throws `bad-task-file`. */
export function parseTaskFile(text: string, path: string): readonly Task[] {
  return (parsed(taskFile, text, path, taskFault) as { readonly tasks: readonly Task[] }).tasks;
}

/** A fleet's document as it was written. Throws `bad-result-file`. */
export function parseDocument(text: string, path: string): FleetDocument {
  return parsed(document, text, path, resultFault) as FleetDocument;
}

/** What a queue hands over. Throws `bad-task-file`. */
export function parseTask(text: string, name: string): Task {
  return parsed(task, text, name, taskFault) as Task;
}

/** What a worker has answered through a queue. Throws `bad-result-file`. */
export function parseOutcome(text: string, name: string): Outcome {
  return parsed(outcome, text, name, resultFault) as Outcome;
}

/** The value itself and not zod's copy, whose names may stand in another order. */
function parsed(schema: z.ZodType, text: string, name: string, fault: Fault): unknown {
  const refuse = (why: string): never => {
    throw new DiagnosticError(fault(name, why));
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(`is no JSON: ${(error as Error).message}`);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return value;
  const [issue] = checked.error.issues;
  return refuse(`is not as it should be at ${issue.path.join(".") || "its top"}: ${issue.message}`);
}

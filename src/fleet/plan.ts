/** Models to tasks, and back: whether the files here are those that a task was made of. */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import type { ByteSource } from "../base/byte-source.js";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { canonicalJson, type Json, type JsonObject } from "../base/json.js";
import type { Steps } from "../base/steps.js";
import { decidingFiles } from "../serve/folder.js";
import { hashSource, openFile } from "../host/files.js";
import { isCheckpoint } from "../host/find-models.js";
import { fingerprints } from "../host/fingerprint.js";
import { filesIn } from "../host/folder.js";
import { allParts } from "../host/gguf-parts.js";
import { ownCode } from "../host/own-code.js";
import { version } from "../host/package.js";
import { externalPaths } from "../onnx/bytes/external-paths.js";
import { readModel } from "../onnx/bytes/model.js";
import type { DataFile, Task, TaskKind } from "./task.js";

export interface PlanOptions {
  readonly kind: TaskKind;
  readonly options: JsonObject;
  /** Absolute. */
  readonly root: string;
  /** Hashes the whole of external data, so that a machine with other file times has the same task. */
  readonly hashWeights: boolean;
}

/** A model that was asked for: its task, or why there is none. */
export type Planned =
  | { readonly model: string; readonly task: Task }
  | { readonly model: string; readonly task?: undefined; readonly refused: readonly Diagnostic[] };

/** One of each path, which is relative to the root. A file that cannot be read is refused, and the others go on. */
export function* planTasks(models: readonly string[], options: PlanOptions): Steps<Planned[]> {
  const out: Planned[] = [];
  for (const model of models) out.push(yield* planned(model, options));
  return out;
}

function* planned(model: string, options: PlanOptions): Steps<Planned> {
  const { kind, root, hashWeights } = options;
  const path = resolve(root, model);
  try {
    const files = yield* filesOf(path, hashWeights);
    return { model, task: { kind, model, ...files, options: options.options, portolan: ownVersion() } };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    // The same words wherever the root lies.
    return {
      model,
      refused: error.diagnostics.map((d) => ({ ...d, message: d.message.replaceAll(path, model), location: { path: model } })),
    };
  }
}

function ownVersion(): Task["portolan"] {
  return { version, code: ownCode() };
}

type Files = Pick<Task, "sha256" | "data">;

function* filesOf(path: string, hashWeights: boolean): Steps<Files> {
  if (isCheckpoint(path))
    return yield* path.toLowerCase().endsWith(".gguf") ? ggufFiles(path, hashWeights) : folderFiles(path, hashWeights);
  const source = openFile(path);
  return { sha256: yield* hashSource(source), data: yield* fingerprints(path, externalPathsOf(source), hashWeights) };
}

/** Of a checkpoint's folder the configuration, and beside it whatever else is read. */
function* folderFiles(folder: string, hashWeights: boolean): Steps<Files> {
  const config = join(folder, "config.json");
  return { sha256: yield* hashSource(openFile(config)), data: yield* fingerprints(config, decidingFiles(filesIn(folder)), hashWeights) };
}

/** Weights and header lie in the same files, which are known by their ends. */
function* ggufFiles(path: string, hashWeights: boolean): Steps<Files> {
  openFile(path);
  const data = yield* fingerprints(path, allParts(basename(path)), hashWeights);
  const sum = createHash("sha256");
  for (const { bytes, ends } of data) sum.update(`${bytes} ${ends}\n`);
  return { sha256: sum.digest("hex"), data };
}

/** A model that cannot be read names no files: its bytes alone decide what is said of it. */
function externalPathsOf(source: ByteSource): string[] {
  try {
    return externalPaths(readModel(source));
  } catch (error) {
    if (error instanceof DiagnosticError) return [];
    throw error;
  }
}

/** What speaks against carrying a task out here; nothing where its files are here and its Portolan is this one. */
export function* againstTask(task: Task, root: string): Steps<Diagnostic[]> {
  const own = ownVersion();
  if (own.code !== task.portolan.code) return [otherVersion(task, own)];
  const [here] = yield* planTasks([task.model], { ...task, root, hashWeights: task.data.some((d) => d.sha256 !== null) });
  if (here.task === undefined) return [...here.refused];
  const differing = [...(here.task.sha256 === task.sha256 ? [] : [task.model]), ...differingData(task.data, here.task.data)];
  return differing.length === 0 ? [] : [modelDiffers(task, differing)];
}

function differingData(planned: readonly DataFile[], here: readonly DataFile[]): string[] {
  const text = (file: DataFile | undefined): string => canonicalJson((file ?? null) as unknown as Json);
  const paths = [...new Set([...planned, ...here].map((d) => d.path))];
  const of = (files: readonly DataFile[], path: string): string => text(files.find((d) => d.path === path));
  return paths.filter((path) => of(planned, path) !== of(here, path));
}

function modelDiffers({ model }: Task, differing: readonly string[]): Diagnostic {
  return problem("task-model-differs", `${differing.map((f) => JSON.stringify(f)).join(", ")} is not what the task was made of`, {
    location: { path: model },
    why: "Bytes are compared of a model; of weights beside it size, time of change, first and last MiB, or all bytes with --hash-weights.",
    fix: "Copy the files with their times (rsync -t, cp -p), name the right folder with --root, or plan with --hash-weights.",
  });
}

function otherVersion({ model, portolan }: Task, own: Task["portolan"]): Diagnostic {
  const spelled = ({ version: v, code }: Task["portolan"]): string => `${v} (${code.slice(0, 8)})`;
  return problem("task-version-differs", `the task was made by portolan ${spelled(portolan)}, and this is ${spelled(own)}`, {
    location: { path: model },
    why: "Another build may answer otherwise, and one result would then hold answers of two.",
    fix: "Install the same package on all machines.",
  });
}

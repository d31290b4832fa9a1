/** One command for many models: `compile`, `verify` and what else `tasks.ts` lists, for folders, lists and several paths. */
import { resolve } from "node:path";
import { fail } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import type { JsonObject } from "../base/json.js";
import {
  documentText,
  findModels,
  fleetDocument,
  onThisMachine,
  pathBelow,
  planTasks,
  rootOf,
  runTasks,
  shardText,
  shareOf,
  throughQueue,
  usualThreads,
  type ChildStart,
  type FleetDocument,
  type Planned,
  type ResultDocument,
  type RunTask,
  type Settled,
  type Shard,
  type Task,
  type TaskKind,
} from "../api/fleet.js";
import { finishInTurns } from "../api/machine.js";
import { exitCodes } from "./exit.js";
import { colours, endProgress, escapeControls, progress, saveFile, say, table, wantsJson, type CommandCall } from "./io.js";
import { folderOf, kinds, whyNot, worstCode } from "./tasks.js";

export async function fleetCommand(kind: TaskKind, operands: readonly string[], call: CommandCall): Promise<number> {
  refuseSingle(kind, call);
  const found = foundFor(kind, operands);
  kinds[kind].requireTaken?.(found, call);
  const options = await kinds[kind].options(call);
  const shard = shardOption(call);
  const { planned, root } = await plan(kind, found, options, call, shard);
  const address = call.options["queue"] as string | undefined;
  const start = { root, ...outputOf(kind, address, call) };
  const work = (run: RunTask): Promise<FleetDocument> => answered(kind, options, planned, shard, run, call);
  const document = address === undefined ? await hereAlone(start, false, call, work) : await throughQueue(address, call.abort, work);
  return told(document, call);
}

/** Options that are of one model are refused aloud. */
function refuseSingle(kind: TaskKind, call: CommandCall): void {
  const typed = (flag: string): string => flag.slice(2).replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
  const given = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);
  const [wrong] = kinds[kind].single.filter((flag) => given(call.options[typed(flag)]));
  if (wrong !== undefined)
    fail("bad-option", `${wrong} is for one model, and several are given`, { fix: `Leave out ${wrong}, or give one model.` });
}

/** Where bundles go, which is on this machine. */
function outputOf(kind: TaskKind, address: string | undefined, call: CommandCall): Partial<ChildStart> {
  if (kind !== "compile") return {};
  const folder = folderOf(call);
  if (folder === undefined) return {};
  if (address !== undefined)
    fail("bad-option", "--output and --queue do not go together: workers elsewhere have other disks", {
      fix: "Add --dry-run to learn what compiles, and compile here what is wanted.",
    });
  return { output: resolve(folder), force: call.options["force"] === true };
}

/** `2/3`: the second of three parts. Throws `bad-option`. */
function shardOption({ options }: CommandCall): Shard | undefined {
  const given = options["shard"] as string | undefined;
  if (given === undefined) return undefined;
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(given)?.map(Number) ?? [];
  if (index >= 1 && index <= of) return { index: index - 1, of };
  return fail("bad-option", `--shard "${given}" is no part of a whole`, { fix: "Write --shard 1/2 and --shard 2/2." });
}

interface Plan {
  /** Absolute. */
  readonly root: string;
  readonly planned: readonly Planned[];
}

/** What the operands mean to a command. Throws `no-models`. */
export function foundFor(kind: TaskKind, operands: readonly string[]): readonly string[] {
  const { checkpoints = false } = kinds[kind];
  const found = findModels(operands, { checkpoints });
  if (found.length > 0) return found;
  return fail("no-models", `there is no model in ${operands.map((o) => JSON.stringify(o)).join(", ")}`, {
    why: `Of a folder, files that end in .onnx are taken, also in folders below it; of a list, its lines.${checkpoints ? " Checkpoints are folders with config.json and .safetensors files, and files that end in .gguf." : ""}`,
    fix: "Name the files, or another folder.",
  });
}

/** The models, hashed. Throws `task-outside-root`. */
export async function plan(kind: TaskKind, found: readonly string[], options: JsonObject, call: CommandCall, shard?: Shard): Promise<Plan> {
  const root = rootOf(found, call.options["root"] as string | undefined);
  const models = shareOf(found, shard).map((path) => pathBelow(root, path) ?? outside(path, root));
  const hashWeights = call.options["hashWeights"] === true;
  return { root, planned: await finishInTurns(planTasks(models, { kind, options, root, hashWeights }), call.abort) };
}

function outside(path: string, root: string): never {
  return fail("task-outside-root", `"${path}" lies outside of "${root}"`, {
    location: { path },
    why: "Models are named relative to the root, so that another machine finds them below its own.",
    fix: "Give --root a folder that holds all of them.",
  });
}

/** Has `work` done by processes of this machine; `compare` where the tasks were planned elsewhere. They end when the signal is aborted. */
export async function hereAlone<T>(
  start: ChildStart,
  compare: boolean,
  call: CommandCall,
  work: (run: RunTask) => Promise<T>,
  signal = call.abort,
): Promise<T> {
  const holds = (task: Task, result: ResultDocument): boolean => kinds[task.kind].holds(task, result, start);
  return onThisMachine({ ...processes(call), start, compare, signal, holds, environment: environments(call) }, work);
}

/** Made ready once for all tasks that ask for the same. */
function environments(call: CommandCall): (task: Task) => Promise<string> {
  const ready = new Map<string, Promise<string>>();
  return ({ kind, options }) => {
    const key = `${kind} ${String(options["target"])}`;
    const known = ready.get(key) ?? kinds[kind].environment(options, call);
    ready.set(key, known);
    return known;
  };
}

function processes({ options }: CommandCall) {
  const seconds = options["timeout"] as number | undefined;
  return {
    entry: new URL("./fleet-child.js", import.meta.url),
    jobs: (options["jobs"] as number | undefined) ?? usualThreads(),
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    memoryMiB: options["memory"] as number | undefined,
  };
}

/** All tasks carried out, with a word on how far it is, and times where they are asked for. */
export async function answered(
  kind: TaskKind,
  options: JsonObject,
  planned: readonly Planned[],
  shard: Shard | undefined,
  run: RunTask,
  call: CommandCall,
): Promise<FleetDocument> {
  const settled: Settled[] = [];
  const show = shownAs(kind, planned.length, call);
  const entries = await runTasks(planned, run, (one) => {
    settled.push(one);
    show(settled);
  });
  endProgress();
  await saveTimings(settled, call);
  return fleetDocument(kind, options, entries, shard && shardText(shard));
}

/** The time left follows from those that took some. */
function shownAs(kind: TaskKind, total: number, call: CommandCall): (settled: readonly Settled[]) => void {
  const say = progress(call);
  const begun = performance.now();
  return (settled) => {
    const done = settled.length;
    const worked = settled.filter((s) => s.cached !== true).length;
    const secondsLeft = worked === 0 ? undefined : (((performance.now() - begun) / worked) * (total - done)) / 1000;
    say({ kind: "progress", label: kind, done, total, failed: settled.filter((s) => !s.result.ok).length, secondsLeft });
  };
}

async function saveTimings(settled: readonly Settled[], call: CommandCall): Promise<void> {
  const file = call.options["timings"] as string | undefined;
  if (file === undefined) return;
  const models = settled.map(({ model, cached = false, milliseconds, peakBytes }) => ({ model, cached, milliseconds, peakBytes }));
  await saveFile(file, Buffer.from(`${JSON.stringify({ schemaVersion: 1, models }, null, 1)}\n`), call);
}

/** Writes and prints the document, and says how the command ends. */
export async function told(document: FleetDocument, call: CommandCall): Promise<number> {
  const text = documentText(document);
  const file = call.options["results"] as string | undefined;
  if (file !== undefined) await saveFile(file, Buffer.from(text), call);
  const kind = kinds[document.kind];
  await kind.save?.(document, call);
  if (wantsJson(call)) say(text);
  else {
    kind.tell?.(document, call);
    person(document, call);
  }
  return fleetCode(document);
}

export function fleetCode({ kind, models }: FleetDocument): number {
  return worstCode(models.map((m) => (m.ok ? exitCodes.ok : kinds[kind].code(m))));
}

function person(document: FleetDocument, call: CommandCall): void {
  const { kind, models } = document;
  const c = colours(call);
  const bad = models.filter((m) => !m.ok);
  const rows = bad.map((m) => {
    const { code, message } = whyNot(m);
    return [escapeControls(m.model), code, escapeControls(message)];
  });
  if (rows.length > 0) say(table(["model", "not ok", "why"], rows));
  const verdict = bad.length === 0 ? c.green("all ok") : c.red(`${bad.length} not ok`);
  say(`${kind}: ${kinds[kind].counted?.(document) ?? counted(models.length, "model")}, ${verdict}`);
}

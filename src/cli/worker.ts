/** `portolan worker`: carries out tasks that were planned elsewhere, a share of a file of them or what a queue hands over. */
import { join, resolve } from "node:path";
import { fail } from "../base/diagnostic.js";
import { canonicalJson } from "../base/json.js";
import { counted } from "../base/text-writer.js";
import { readTasks, shardText, shareOf, usualThreads, workOff, type Outcome, type Shard, type Task } from "../api/fleet.js";
import { exitCodes } from "./exit.js";
import { answered, hereAlone, told } from "./fleet.js";
import { escapeControls, say, sayJson, wantsJson, type CommandCall } from "./io.js";
import { readWhole } from "./merge.js";
import { whyNot } from "./tasks.js";

export async function workerCommand(call: CommandCall): Promise<number> {
  const { tasks, queue } = call.options;
  if (typeof tasks === "string") return shareOfFile(tasks, call);
  if (typeof queue === "string") return queueWorker(queue, call);
  return fail("missing-option", "a worker needs --tasks or --queue", { fix: "portolan worker --help lists its arguments and options." });
}

const rootOption = ({ options }: CommandCall): string => resolve((options["root"] as string | undefined) ?? ".");

async function shareOfFile(file: string, call: CommandCall): Promise<number> {
  const tasks = await readTasks(readWhole(file), file);
  const [{ kind, options } = emptyFile(file)] = tasks;
  if (tasks.some((t) => question(t) !== question(tasks[0]))) refuseMixed(file);
  const shard = shardOf(call, process.env);
  const planned = shareOf(tasks, shard).map((task) => ({ model: task.model, task }));
  const start = { root: rootOption(call) };
  const document = await hereAlone(start, true, call, (run) => answered(kind, options, planned, shard, run, call));
  const name = `part-${shardText(shard).replace("/", "-of-")}.json`;
  return told(document, { ...call, options: { ...call.options, results: join(String(call.options["output"] ?? "."), name) } });
}

const question = ({ kind, options }: Task): string => canonicalJson({ kind, options });

function emptyFile(file: string): never {
  return fail("bad-task-file", `"${file}" holds no task`, { location: { path: file }, fix: "Write it with portolan plan." });
}

function refuseMixed(file: string): never {
  fail("bad-task-file", `"${file}" holds tasks of several commands or options`, {
    location: { path: file },
    why: "Their results would be no one document.",
    fix: "Write one file a command with portolan plan.",
  });
}

/** Which part is this worker's: as told, else as Slurm, Kubernetes or GitLab number it. Throws `missing-option`, `bad-option`. */
export function shardOf({ options }: Pick<CommandCall, "options">, env: NodeJS.ProcessEnv): Shard {
  const known = numbering(env);
  const index = (options["index"] as number | undefined) ?? known?.index;
  const of = (options["of"] as number | undefined) ?? known?.of;
  if (index === undefined || of === undefined)
    return fail("missing-option", `--${index === undefined ? "index" : "of"} is missing, and no scheduler says it`, {
      why: "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and CI_NODE_INDEX are read where they are set.",
      fix: "Write --index 0 --of 4 for the first of four.",
    });
  if (index < of) return { index, of };
  return fail("bad-option", `--index ${index} is none of ${of}: the first is 0, the last ${of - 1}`, { fix: "Check --index and --of." });
}

function numbering(env: NodeJS.ProcessEnv): Partial<Shard> | undefined {
  const number = (name: string): number | undefined => (env[name] === undefined ? undefined : natural(name, env[name]));
  const slurm = number("SLURM_ARRAY_TASK_ID");
  if (slurm !== undefined) {
    const step = number("SLURM_ARRAY_TASK_STEP") || 1;
    return { index: (slurm - (number("SLURM_ARRAY_TASK_MIN") ?? 0)) / step, of: number("SLURM_ARRAY_TASK_COUNT") };
  }
  const completion = number("JOB_COMPLETION_INDEX");
  if (completion !== undefined) return { index: completion };
  const node = number("CI_NODE_INDEX");
  return node === undefined ? undefined : { index: node - 1, of: number("CI_NODE_TOTAL") };
}

function natural(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  return fail("bad-option", `${name} is "${text}", which is no number`, { fix: "Give --index and --of." });
}

/** Ends well when it is told to end: what it had begun is done, and the rest is there for others. */
async function queueWorker(address: string, call: CommandCall): Promise<number> {
  let count = 0;
  const onSettled = (task: Task, outcome: Outcome): void => {
    count++;
    talk(call, line(task, outcome));
  };
  // What is begun ends also after Ctrl-C; a second one ends all at once.
  const never = new AbortController().signal;
  const start = { root: rootOption(call) };
  await hereAlone(start, true, call, (run) => workOff(address, { ...working(call), run, onSettled }), never);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok: true, tasks: count });
  else say(counted(count, "task"));
  return exitCodes.ok;
}

function working(call: CommandCall) {
  const { options, abort } = call;
  const seconds = (name: string, usual: number): number => (options[name] as number | undefined) ?? usual;
  const jobs = (options["jobs"] as number | undefined) ?? usualThreads();
  return {
    ...{ jobs, signal: abort, stalledMs: 1000 * seconds("stalled", 30) },
    idleMs: 1000 * seconds("idle", Infinity),
    rate: options["rate"] as number | undefined,
    onOpen: (shown: string) => talk(call, `working off ${shown}, ${jobs} at a time; Ctrl-C ends it when what it has begun is done`),
    onTrouble: (why: string) => talk(call, `queue: ${why}`),
  };
}

function line({ kind, model }: Task, { result, cached }: Outcome): string {
  const how = result.ok ? "ok" : `not ok, ${whyNot(result).code}`;
  return `${kind} ${escapeControls(model)}: ${how}${cached ? " (kept)" : ""}`;
}

/** Of a process that runs for days, each line is written for itself. */
function talk({ options }: CommandCall, text: string): void {
  if (!options["quiet"]) process.stderr.write(`${text}\n`);
}

/** `portolan plan`: the tasks of a command, for machines that share them out. */
import { DiagnosticError } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import type { Task, TaskKind } from "../api/fleet.js";
import { exitCodes } from "./exit.js";
import { foundFor, plan } from "./fleet.js";
import { endProgress, saveFile, say, sayJson, wantsJson, type CommandCall } from "./io.js";
import { kinds } from "./tasks.js";

/** A model that cannot be read would be missing everywhere, so that nothing is written then. */
export async function planCommand(operands: readonly string[], call: CommandCall): Promise<number> {
  const kind = call.options["kind"] as TaskKind;
  const options = await kinds[kind].options({ ...call, options: { ...call.options, dryRun: true } });
  const { planned } = await plan(kind, foundFor(kind, operands), options, call);
  endProgress();
  const refused = planned.flatMap((p) => (p.task === undefined ? p.refused : []));
  if (refused.length > 0) throw new DiagnosticError(refused);
  const tasks = planned.flatMap((p): Task[] => (p.task === undefined ? [] : [p.task]));
  const file = String(call.options["output"]);
  await saveFile(file, Buffer.from(`${JSON.stringify({ schemaVersion: 1, tasks }, null, 1)}\n`), call);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok: true, tasks: tasks.length, file });
  else say(`${counted(tasks.length, "task")} in ${file}`);
  return exitCodes.ok;
}

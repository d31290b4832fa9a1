/** `portolan doctor`: what is installed, and what each missing thing disables. */
import { doctor } from "../api/doctor.js";
import { exitCodes } from "./exit.js";
import { colours, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function doctorCommand(_: string, call: CommandCall): Promise<number> {
  if (call.options["evidence"]) return (await import("./evidence.js")).evidence(call);
  const checks = await doctor();
  const ok = checks.every((c) => c.found !== undefined);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok, checks });
  else {
    const c = colours(call);
    say(
      table(
        ["", "", ""],
        checks.map((x) => [x.found ? c.green("yes") : c.red("no"), x.what, x.found ?? `needed for ${x.without}`]),
      )
        .split("\n")
        .slice(1)
        .join("\n"),
    );
  }
  return ok ? exitCodes.ok : exitCodes.tool;
}

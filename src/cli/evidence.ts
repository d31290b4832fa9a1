/** `portolan doctor --evidence`: of the vendor symbols that generated code may use, which nobody else in public is seen to use so. */
import { chooseTargets, evidenceOfTarget } from "../api/targets.js";
import { exitCodes } from "./exit.js";
import { say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

/** Exit code 1 where public evidence contradicts a symbol that generated code may use. */
export async function evidence(call: CommandCall): Promise<number> {
  const targets = (await chooseTargets("all")).map(({ target }) => evidenceOfTarget(target));
  const ok = targets.every((t) => t.contradicted.length === 0);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok, targets });
  else {
    const counts = targets.map((t) => [t.target, t.confirmed, t.unwitnessed.length, t.contradicted.length]);
    say(table(["target", "confirmed", "unwitnessed", "contradicted"], counts));
    for (const t of targets) {
      for (const d of t.contradicted) say(`${t.target}: ${d.name} is contradicted by ${d.sources.join("; ")}`);
      for (const d of t.unwitnessed) say(`${t.target}: ${d.name} has no witness. ${d.assumption}`);
    }
  }
  return ok ? exitCodes.ok : exitCodes.no;
}

/** `portolan targets` and `portolan passes`: what there is, printed from the records themselves. */
import { chooseTargets, libraryRows, passes, type Chip, type ChosenTarget } from "../api/targets.js";
import { closest } from "../base/suggest.js";
import { readableBytes } from "../base/units.js";
import { fail } from "../base/diagnostic.js";
import { exitCodes } from "./exit.js";
import { say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function targetsCommand(name: string, call: CommandCall): Promise<number> {
  const chosen = await chooseTargets(name || "all");
  if (call.options["ops"]) {
    const rows = chosen.flatMap(libraryRows).map((r) => ({ ...r, types: r.types.join(" ") }));
    if (wantsJson(call)) sayJson({ schemaVersion: 1, rows });
    else {
      const cells = rows.map((r) => [r.target, r.op, r.role, r.types]);
      say(table(["target", "operator", "role", "element types"], cells));
      say(legend);
      for (const one of chosen) say(converted(one));
    }
    return exitCodes.ok;
  }
  const named = name.split(",").filter((word) => word.includes(":"));
  const asked = new Set(named.length === 0 ? [] : (await chooseTargets(named.join(","))).map((one) => one.chip));
  const chipsOf = ({ target, chip }: ChosenTarget): [string, Chip][] =>
    Object.entries(target.chips).filter(([, c]) => !asked.has(chip) || c === chip);
  const rows = chosen.flatMap((one) =>
    chipsOf(one).map(([chip, { caps, arch, profile }]): (string | number)[] => {
      const { target } = one;
      return [
        `${target.name}:${chip}${chip === target.defaultChip ? " *" : ""}`,
        target.title,
        arch,
        caps.cores,
        readableBytes(caps.local.bytes),
        profile ?? target.profiles[0],
      ];
    }),
  );
  if (wantsJson(call))
    sayJson({
      schemaVersion: 1,
      targets: chosen.map((one) => ({
        name: one.target.name,
        title: one.target.title,
        chips: Object.fromEntries(chipsOf(one)),
        profiles: one.target.profiles,
      })),
    });
  else {
    say(table(["target", "vendor", "arch", "cores", "scratchpad", "SDK profile"], rows));
    if (rows.some(([label]) => String(label).endsWith("*"))) say("* default chip");
  }
  return exitCodes.ok;
}

const legend = [
  "library: a call of the vendor's library carries it out. alternate: a generated kernel does, and a call with --prefer library.",
  "Names in lower case are the primitives that operators are taken apart into.",
].join("\n");

/** What becomes of matrix operators in types that the chip's matrix unit does not multiply. */
function converted({ target, chip }: ChosenTarget): string {
  const [first] = chip.contractTypes;
  return `${target.name}:${chip.caps.chip} multiplies ${chip.contractTypes.join(", ")}; matrix operators in another float type are converted to ${first} around the call`;
}

export async function passesCommand(name: string, call: CommandCall): Promise<number> {
  const rows = passes();
  const shown = name ? rows.filter((r) => r.pass === name) : rows;
  if (shown.length === 0)
    fail(
      "unknown-pass",
      `there is no pass "${name}"${closest(
        name,
        rows.map((r) => r.pass),
      )}`,
      { fix: "portolan passes lists them." },
    );
  if (wantsJson(call)) sayJson({ schemaVersion: 1, passes: shown });
  else
    say(
      table(
        ["level", "order", "pass", "runs in", "why there"],
        shown.map((r) => [r.level, r.order, r.pass, r.runs.join(", "), r.why ?? ""]),
      ),
    );
  return exitCodes.ok;
}

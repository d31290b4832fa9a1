/** From what commander hands over to a command's call: operands, options, and the signal that ends it. */
import type { Command } from "commander";
import type { CommandCall } from "./io.js";

export const abort = new AbortController();

/** Commander hands over arguments, then options, then the command; commands here take one operand and all options merged. */
export function call(args: unknown[]): [string, CommandCall] {
  const command = args[args.length - 1] as Command;
  const operand = typeof args[0] === "string" ? args[0] : "";
  return [operand, { options: command.optsWithGlobals(), abort: abort.signal }];
}

export function callOfMany(args: unknown[]): [readonly string[], CommandCall] {
  return [args[0] as string[], call(args)[1]];
}

/** The command as it is for one model; several, and what is only for several, make a fleet. */
export async function oneOrMany(
  kind: "assess" | "compile" | "verify",
  args: unknown[],
  one: (model: string, call: CommandCall) => Promise<number>,
): Promise<number> {
  const [models, given] = callOfMany(args);
  const { isFleet } = await import("./fleet-asked.js");
  if (!isFleet(models, given)) return one(models[0], given);
  return (await import("./fleet.js")).fleetCommand(kind, models, given);
}

/** Options of `assess` that only one kind of subject takes: on the other they would change nothing, which is said instead. */
import { fail } from "../base/diagnostic.js";
import type { CommandCall } from "./io.js";

type Subject = "model" | "checkpoint";

const ofCheckpoints = ["batch", "length", "engine"];
/** All that a checkpoint takes, how the command talks included. */
const onCheckpoints: ReadonlySet<string> = new Set([
  ...["target", "precision", "report", "csv", "failOn", "lang", "json", "quiet", "verbose", "color"],
  ...ofCheckpoints,
]);

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
const takes = (subject: Subject, name: string): boolean =>
  subject === "checkpoint" ? onCheckpoints.has(name) : !ofCheckpoints.includes(name);
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Throws `bad-option` for options that were given and that such a subject does not take. */
export function requireTaken(subject: Subject, { options }: CommandCall): void {
  const others = Object.keys(options).filter((name) => isGiven(options[name]) && !takes(subject, name));
  if (others.length === 0) return;
  const [wanted, given] = subject === "checkpoint" ? ["models", "a checkpoint"] : ["checkpoints", "no checkpoint"];
  fail("bad-option", `only ${wanted} take ${others.map(flagOf).sort().join(", ")}, and this is ${given}`, {
    fix:
      subject === "checkpoint"
        ? "Leave out what it does not take; --json prints all that is said as data."
        : "Leave out what it does not take.",
  });
}

/** A checkpoint is a subject of its own, and must not be left out in silence. Throws `bad-option`. */
export function refuseAmong([found]: readonly string[]): void {
  if (found !== undefined)
    fail("bad-option", `"${found}" is a checkpoint, and several are given`, {
      fix: "Give one checkpoint at a time, and models without it.",
    });
}

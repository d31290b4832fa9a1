/** What the makers of launch commands are given, and what each of them makes. */
import type { Said } from "../../base/said.js";
import type { ChipRow } from "../../chips/row.js";
import type { Form } from "../form.js";
import type { Plan } from "../plans.js";

export interface LaunchCase {
  readonly plan: Plan;
  readonly form: Form;
  readonly batch: number;
  readonly length: number;
  readonly chip: ChipRow;
  readonly family: string;
}

/** What is typed on one machine. */
interface Typed {
  readonly command: string;
  /** NAME=value, to be set before. */
  readonly environment: readonly string[];
}

/** On the only machine, or the first of several. */
export interface Made extends Typed {
  /** On each of the others; absent of one machine, and where pages do not tell. */
  readonly others?: Typed;
  /** Files that are read when it starts. */
  readonly files?: readonly { readonly path: string; readonly text: string }[];
  readonly notes?: readonly Said[];
  /** Page that tells of several machines, where it is not the engine's own. */
  readonly from?: string;
}

export const words = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((p) => typeof p === "string" && p !== "").join(" ");

/** Numbers of the devices of one machine. */
export const ownDevices = ({ split, nodes }: Plan): number[] => Array.from({ length: Math.ceil(split.devices / nodes) }, (_, i) => i);
export const visible = (plan: Plan): string => ownDevices(plan).join(",");

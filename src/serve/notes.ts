/** What must be said of a plan besides: what is missing, assumed, or otherwise than the checkpoint has it. */
import type { Said } from "../base/said.js";
import type { ChipRow } from "../chips/row.js";
import { figuresOf } from "../estimate/figures.js";
import { said } from "../words/words.js";
import type { ServedCase } from "./case.js";
import type { Engine } from "./engines.js";
import { wideFloats, type Form } from "./form.js";
import { mostDevices, type Plan } from "./plans.js";
import type { ModelConfig } from "./read-config.js";
import { usualCards } from "./room.js";

/** Why experts are not spread though there are some. */
function expertsNote({ experts }: ModelConfig, { split: { tp, ep } }: Plan): Said[] {
  return experts === undefined || ep > 1 || tp === 1 ? [] : [said("serve.experts-cut", { experts, tp })];
}

/** What becomes of floats of four bytes, unless another form was asked for. */
function floatsNote({ found, asked, form, engine: { name, halves } }: ServedCase): Said[] {
  if (found.form !== wideFloats || asked.form !== undefined) return [];
  if (form === wideFloats) return [said("serve.floats-kept", { engine: name })];
  const { dtype } = found.model;
  return [said("serve.floats-halved", { engine: name, dtype: dtype === undefined || dtype === "f32" ? (halves ?? "f16") : dtype })];
}

const cacheNote = ({ cacheBits }: Form, { name, cacheScales }: Engine): Said[] =>
  cacheBits === 8 && cacheScales === undefined ? [said("serve.cache-scales-unknown", { engine: name })] : [];

const serverNote = (row: ChipRow, { nodes }: Plan): Said[] =>
  nodes > 1 && figuresOf(row).serverCards === undefined ? [said("serve.server-assumed", { n: usualCards, chip: row.name })] : [];

export const statusNotes = (row: ChipRow): Said[] =>
  row.status === "shipping" ? [] : [said(row.status === "announced" ? "serve.announced" : "serve.rumoured", { chip: row.name })];

/** Of a plan and its figures, where there are some. */
export function notesOn(c: ServedCase, plan: Plan | undefined, hasFigures: boolean): Said[] {
  const { row, found, form, engine } = c;
  const ofPlan = plan ? [...expertsNote(found.model, plan), ...serverNote(row, plan)] : [];
  return [
    ...(plan ? [] : [said("serve.too-large", { devices: mostDevices, chip: row.name })]),
    ...[...ofPlan, ...cacheNote(form, engine), ...floatsNote(c)],
    ...(plan && !hasFigures ? [said("serve.no-figures", { chip: row.name })] : []),
    ...statusNotes(row),
  ];
}

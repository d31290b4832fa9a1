/** Whether an engine serves a checkpoint on a chip: yes, once it is converted, no, or nobody says; each with the reason. */
import type { Said } from "../base/said.js";
import { goesBy } from "../chips/facts.js";
import { said } from "../words/words.js";
import { engines, type Answer, type Asked, type Engine, type EngineKey } from "./engines.js";
import { plain, wideFloats, type Form } from "./form.js";

export interface EngineVerdict {
  readonly engine: EngineKey;
  readonly name: string;
  readonly version: string;
  readonly date: string;
  readonly source: string;
  readonly answer: Answer;
  readonly reason: Said;
  /** What lies in a device's memory then; absent where it is refused. */
  readonly form?: Form;
}

function record({ key, name, version, date, source }: Engine): Pick<EngineVerdict, "engine" | "name" | "version" | "date" | "source"> {
  return { engine: key, name, version, date, source };
}

/** How many bits a cache has is an engine's setting, whatever becomes of the weights. */
const keptIn = (becomes: Form, { form }: Asked, { cacheScales }: Engine): Form =>
  cacheScales && form.cacheBits < becomes.cacheBits ? { ...becomes, cacheBits: form.cacheBits } : becomes;

/** Floats of four bytes become halves where the configuration, or the engine, makes them so. */
const loadedAs = ({ form, dtype }: Asked, { halves }: Engine): Form =>
  form === wideFloats && ((dtype !== undefined && dtype !== "f32") || halves !== undefined) ? plain : form;

/** The verdict on one triple. */
export function verdictOf(engine: Engine, asked: Asked): EngineVerdict {
  const { family } = asked;
  const chip = asked.chip.name;
  const told = record(engine);
  const doubtful = goesBy(asked.chip, engine.doubtful ?? []);
  if (!doubtful && !goesBy(asked.chip, engine.chips))
    return { ...told, answer: "refused", reason: said("engine.other-chip", { engine: engine.name, chip }) };
  const rule = engine.rules.find((r) => r.when(asked));
  if (rule === undefined || rule.answer === "refused")
    return { ...told, answer: "refused", reason: said(rule?.why ?? "engine.form-unnamed") };
  const becomes = rule.becomes ? keptIn(rule.becomes, asked, engine) : loadedAs(asked, engine);
  if (doubtful) return { ...told, answer: "unknown", reason: said("engine.chip-claimed", { engine: engine.name, chip }), form: becomes };
  if (rule.answer === "unknown") return { ...told, answer: "unknown", reason: said(rule.why), form: becomes };
  if (!engine.families.test(family))
    return { ...told, answer: "unknown", reason: said("engine.family-unnamed", { engine: engine.name, family }), form: becomes };
  return { ...told, answer: rule.answer, reason: said(rule.why), form: becomes };
}

const order: readonly Answer[] = ["accepted", "converted", "unknown", "refused"];

/** All engines on a chip, those that serve the checkpoint first. */
export function verdictsOn(asked: Asked): EngineVerdict[] {
  const all = engines.map((e) => verdictOf(e, asked));
  return all.sort((a, b) => order.indexOf(a.answer) - order.indexOf(b.answer));
}

export const engineOf = (key: EngineKey): Engine => engines.find((e) => e.key === key) ?? engines[0];

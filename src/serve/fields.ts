/** Fields of a model's configuration, as whoever wrote it spelled them. */
import { fail } from "../base/diagnostic.js";
import { isFields } from "../checkpoint/json-file.js";

/** Where fields were read, for what is said of them. */
export interface Config {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Throws `checkpoint-config`. */
export function wrong(c: Config, name: string, wanted: string): never {
  const value = JSON.stringify(c.fields[name])?.slice(0, 60) ?? "absent";
  return fail("checkpoint-config", `"${c.path}" has ${name} ${value}, which must be ${wanted}`, {
    location: { path: c.path },
    fix: "Correct the file, or fetch it again from where the checkpoint came from.",
  });
}

const most = 2 ** 40;
const isCount = (v: unknown): v is number => typeof v === "number" && Number.isSafeInteger(v) && v >= 0 && v < most;

/** The first of these names that is there, as a whole number; undefined where none is. Throws `checkpoint-config`. */
export function countOf(c: Config, ...names: readonly string[]): number | undefined {
  const name = names.find((n) => c.fields[n] !== undefined && c.fields[n] !== null);
  if (name === undefined) return undefined;
  const value = c.fields[name];
  return isCount(value) ? value : wrong(c, name, "a whole number");
}

/** As `countOf`, at least one. Throws `checkpoint-config` where it is absent too. */
export function needed(c: Config, ...names: readonly string[]): number {
  const value = countOf(c, ...names);
  if (value === undefined) return wrong(c, names[0], "there: sizes follow from it");
  return value > 0 ? value : wrong(c, names[0], "at least 1");
}

export const flagOf = (c: Config, name: string): boolean | undefined => {
  const value = c.fields[name];
  return typeof value === "boolean" ? value : undefined;
};

export const wordOf = (c: Config, name: string): string | undefined => {
  const value = c.fields[name];
  return typeof value === "string" ? value : undefined;
};

/** A list, as long as the reader wants; undefined where the field is none. */
export function listOf(c: Config, name: string): readonly unknown[] | undefined {
  const value = c.fields[name];
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

/** Fields within fields. */
export function partOf(c: Config, name: string): Config | undefined {
  const value = c.fields[name];
  return isFields(value) ? { path: c.path, fields: value } : undefined;
}

/** What speaks of the decoder, where the file speaks of towers too. */
export function decoderOf(c: Config): Config {
  const names = ["text_config", "llm_config", "language_config", "thinker_config"];
  const inner = names.map((n) => partOf(c, n)).find((part) => part !== undefined);
  if (inner === undefined) return c;
  const merged: Config = { path: c.path, fields: { ...c.fields, ...inner.fields } };
  return inner.fields["text_config"] === undefined ? merged : decoderOf({ path: c.path, fields: inner.fields });
}

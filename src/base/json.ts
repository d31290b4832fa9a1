/** Plain JSON, and the one text of a value that a hash is taken of. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Without spaces, the names of each object in the order of their UTF-16 units. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, v: Json) => (isObject(v) ? sorted(v) : v));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => byUnits(a, b)));
}

/** An order of texts that no locale changes. */
export function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

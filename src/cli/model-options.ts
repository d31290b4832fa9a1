/** The flags that shape a model, parsed: all four shape notations, dims and ranges, frozen inputs, formula files. */
import { readFileSync } from "node:fs";
import { symbol } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import { fail } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { reasonOf } from "../api/machine.js";
import type { Extent, ModelOptions } from "../api/index.js";
import { progress, type CommandCall } from "./io.js";

export function modelOptions(call: CommandCall): ModelOptions {
  const { options } = call;
  return {
    shapes: parseShapes(options["shape"] as string[]),
    dims: parseDims(options["dim"] as string[]),
    freeze: parseFreezes(options["freeze"] as string[]),
    ops: Array.isArray(options["ops"]) ? (options["ops"] as string[]).map(readFormulas) : [],
    signal: call.abort,
    onEvent: progress(call),
  };
}

/** The names of `--passes`, with their signs. */
export function passList({ options }: CommandCall): readonly string[] | undefined {
  const given = options["passes"];
  return typeof given === "string" ? given.split(",").map((p) => p.trim()) : undefined;
}

function readFormulas(path: string): { source: string; path: string } {
  try {
    return { source: readFileSync(path, "utf8"), path };
  } catch (error) {
    return fail("bad-inputs", `formulas "${path}" cannot be read: ${reasonOf(error)}`, { location: { path } });
  }
}

/**
 * x:1,3,224,224  x:1x3x224x224  x:[1,3,224,224]  x[1,3,224,224]; several joined by ';'. An extent may be a name, or a
 * range as in 1~4.
 * Input names may contain colons: the last one before the extents counts.
 */
export function parseShapes(specs: readonly string[]): ReadonlyMap<string, readonly Extent[]> {
  const out = new Map<string, readonly Extent[]>();
  for (const spec of specs.flatMap((s) => (/^[\s;]*$/.test(s) ? [s] : s.split(";").filter((part) => part.trim() !== "")))) {
    const match = /^(.+?)\s*(?::\s*\[([^\]]*)\]|\[([^\]]*)\]|:([^:[\]]*))$/.exec(spec.trim());
    if (!match)
      fail("bad-shape", `--shape "${spec}" is no shape`, {
        fix: "Write name:1,3,224,224 or name:1x3x224x224 or name:[1,3,224,224] or name[1,3,224,224].",
      });
    const [, name, bracketed, bare, plain] = match;
    const text = bracketed ?? bare ?? plain;
    out.set(name.trim(), text.trim() === "" ? [] : splitExtents(text).map((e) => extent(e, spec)));
  }
  return out;
}

function splitExtents(text: string): string[] {
  return text.includes(",") ? text.split(",") : /^\s*\d+(~\d+)?(x\d+(~\d+)?)+\s*$/.test(text) ? text.split("x") : [text];
}

function extent(text: string, spec: string): Extent {
  const e = text.trim();
  const said = `--shape "${spec}"`;
  const numbers = /^(\d+)(?:~(\d+))?$/.exec(e);
  if (numbers) return wholeOrRange("bad-shape", said, numbers[1], numbers[2], (lo, hi) => `${lo}~${hi}`);
  if (/^[A-Za-z_][A-Za-z0-9_.]*$/.test(e)) return symbol(e);
  return fail("bad-shape", `${said}: "${e}" is no extent`, {
    fix: "An extent is a whole number, a range as in 1~4, or a name for one that stays open.",
  });
}

export function parseDims(specs: readonly string[]): ReadonlyMap<string, number | Range> {
  return new Map(
    specs.map((spec): [string, number | Range] => {
      const match = /^(.+?)=(\d+)(?:(?:\.\.|~)(\d+))?$/.exec(spec.trim());
      if (!match) return fail("bad-dim", `--dim "${spec}" is no extent`, { fix: "Write batch=4, or batch=1..32 for a range." });
      const [, name, lo, hi] = match;
      return [name, wholeOrRange("bad-dim", `--dim "${spec}"`, lo, hi, (from, to) => `${name}=${from}..${to}`)];
    }),
  );
}

/** `lo`, or `lo` to `hi`, counted exactly. Throws `code` for a number past 2^53 or an empty range. */
function wholeOrRange(
  code: "bad-shape" | "bad-dim",
  said: string,
  lo: string,
  hi: string | undefined,
  spell: (lo: string, hi: string) => string,
): number | Range {
  const unsafe = [lo, hi ?? lo].find((n) => !Number.isSafeInteger(Number(n)));
  if (unsafe !== undefined)
    fail(code, `${said}: ${unsafe} is more than an extent can be`, { why: "Sizes are counted in whole numbers up to 2^53 - 1." });
  if (hi === undefined || Number(hi) === Number(lo)) return Number(lo);
  if (Number(hi) < Number(lo)) fail(code, `${said} holds an empty range`, { fix: `Write ${spell(hi, lo)}.` });
  return { lo: Number(lo), hi: Number(hi) };
}

/** name=16000, name=0.5, name=true, name=[1,2,3]; the element type is the input's own and is converted while importing. */
export function parseFreezes(specs: readonly string[]): ReadonlyMap<string, Tensor> {
  return new Map(
    specs.map((spec): [string, Tensor] => {
      const match = /^(.+?)=(.+)$/.exec(spec.trim());
      if (!match) return fail("bad-freeze", `--freeze "${spec}" has no value`, { fix: "Write name=value, as in sr=16000." });
      return [match[1], frozenValue(match[2].trim(), spec)];
    }),
  );
}

function frozenValue(text: string, spec: string): Tensor {
  const list = /^\[(.*)\]$/.exec(text);
  const items = list
    ? list[1]
        .split(",")
        .map((x) => x.trim())
        .filter((x) => x !== "")
    : [text];
  const shape = list ? [items.length] : [];
  if (items.every((x) => /^(true|false)$/.test(x)))
    return { dtype: "bool", shape, data: Uint8Array.from(items, (x) => Number(x === "true")) };
  if (items.every((x) => /^-?\d+$/.test(x))) return { dtype: "i64", shape, data: BigInt64Array.from(items, BigInt) };
  if (items.every((x) => x !== "" && Number.isFinite(Number(x)))) return { dtype: "f32", shape, data: Float32Array.from(items, Number) };
  return fail("bad-freeze", `--freeze "${spec}": "${text}" is no value`, { fix: "A number, true, false, or a list in brackets." });
}

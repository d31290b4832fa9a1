/** `--what-if`: options changed one at a time, read from words. */
import type { AssessVariant } from "../api/assess.js";
import { fail } from "../base/diagnostic.js";
import { parseDims, parseFreezes } from "./model-options.js";

/** `precision=fp16,batch=8,freeze:sr=16000,opset=13`: an extent by its name, an input behind `freeze:`. Throws `bad-option`, `bad-dim`, `bad-freeze`. */
export function parseVariant(what: string): AssessVariant {
  const parts = what.split(",").map((part) => part.trim());
  const of = (name: string): string | undefined => parts.find((p) => p.startsWith(`${name}=`))?.slice(name.length + 1);
  const [precision, opset] = [of("precision"), of("opset")];
  const frozen = parts.filter((p) => p.startsWith("freeze:")).map((p) => p.slice("freeze:".length));
  const extents = parts.filter((p) => !/^(?:precision|opset)=|^freeze:/.test(p));
  if (precision !== undefined && precision !== "fp32" && precision !== "fp16") return refuse(what, `precision=${precision}`);
  if (opset !== undefined && !/^\d+$/.test(opset)) return refuse(what, `opset=${opset}`);
  const strange = extents.find((p) => !/^.+=\d+$/.test(p));
  if (strange !== undefined) return refuse(what, strange);
  return {
    what,
    ...(precision !== undefined && { precision }),
    ...(opset !== undefined && { opset: Number(opset) }),
    dims: new Map([...parseDims(extents)].map(([name, v]) => [name, typeof v === "number" ? v : v.hi])),
    freeze: parseFreezes(frozen),
  };
}

function refuse(what: string, part: string): never {
  return fail("bad-option", `--what-if "${what}": "${part}" is no change of an option`, {
    fix: "Write precision=fp16, batch=8 (an extent by its name), freeze:sr=16000 or opset=13, several with commas.",
  });
}

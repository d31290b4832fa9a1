/** How Kunlun XPU kernels are broken. */
import { call, statement, text, withArgument, type Operator } from "./mutate.js";

const copies = "(?:GM2LM|LM2GM)(?:_ASYNC)?";

function resize(by: string) {
  return (args: readonly string[], name: string): string | undefined => {
    const changed = withArgument(args, 2, (a) => `(${a}) ${by}`);
    return changed && statement(name, changed);
  };
}

/** An array on the chip: declaration and extent. */
const arrays = /(__(?:simd|local|shared)__ [\w ]+? \w+)\[([^\]]+)\];/g;

export const kunlunOperators: readonly Operator[] = [
  text("sync", "drop a fence", /\bmfence(?:_lm|_sm)?\(\);/g, () => ";"),
  text("sync", "drop a barrier", /\bsync_(?:all|cluster)\(\);/g, () => ";"),
  text("sync", "do not wait for a copy", /\b(GM2LM|LM2GM)\(/g, (m) => `${m[1]}_ASYNC(`),
  text(
    "direction",
    "swap a copy's direction",
    /\b(GM2LM|LM2GM)(_ASYNC)?\(/g,
    (m) => `${m[1] === "GM2LM" ? "LM2GM" : "GM2LM"}${m[2] ?? ""}(`,
  ),
  call("length", "one element too many in a copy", copies, resize("+ 4")),
  call("length", "one element too few in a copy", copies, resize("- 4")),
  call("length", "a copy of twice the length", copies, resize("* 2")),
  text("off-by-one", "a loop runs once too often", /\bfor \((\w+ \w+ = [^;]+); (\w+) < ([^;]+); (\w+\+\+|\w+ \+= (\d+))/g, (m) => {
    return `for (${m[1]}; ${m[2]} < ${m[3]} + ${m[5] ?? 1}; ${m[4]}`;
  }),
  call("off-by-one", "a global address one element further", copies, (args, name) => {
    const changed = withArgument(args, name.startsWith("GM2LM") ? 0 : 1, (a) => `${a} + 1`);
    return changed && statement(name, changed);
  }),
  text("off-by-one", "a partial vector one lane longer", /\bfirst_lanes\(((?:[^()]|\([^()]*\))+)\)/g, (m) => `first_lanes(${m[1]} + 1)`),
  text(
    "misalign",
    "a vector load one element off",
    /\b(vload_lm_\w+)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\)/g,
    (m) => `${m[1]}(${m[2]} + 1)`,
  ),
  call("misalign", "a vector store one element off", "vstore_lm_\\w+", (args, name) => {
    const changed = withArgument(args, 0, (a) => `${a} + 1`);
    return changed && statement(name, changed);
  }),
  text("shrink", "an array of one element", arrays, (m) => `${m[1]}[1];`),
  text("capacity", "an array beyond local memory", arrays, (m) => `${m[1]}[262144];`),
  text(
    "overlap",
    "a core's share ends one late",
    /block_begin\(((?!1\b)\w+), cores, core \+ 1\)/g,
    (m) => `min(${m[1]}, block_begin(${m[1]}, cores, core + 1) + 1)`,
  ),
  text(
    "overlap",
    "a core's share begins one early",
    /block_begin\(((?!1\b)\w+), cores, core\)/g,
    (m) => `max(0, block_begin(${m[1]}, cores, core) - 1)`,
  ),
  text("overlap", "every core begins at the first share", /block_begin\(((?!1\b)\w+), cores, core\)/g, (m) => `(0 * ${m[1]})`),
  text("overlap", "every core of a cluster does everything", /if \(core_id\(\) != 0\) return;/g, () => ";"),
  call("read-before-write", "drop a copy in", "GM2LM(?:_ASYNC)?", () => ";"),
  text("operands", "swap operands", /\b(vvsub_\w+|vvlt_\w+|vvle_\w+)\((\w+), (\w+)\)/g, (m) =>
    m[2] === m[3] ? undefined : `${m[1]}(${m[3]}, ${m[2]})`,
  ),
  text("operands", "swap operands", /\bchoose\((\w+), (\w+), (\w+)\)/g, (m) =>
    m[2] === m[3] ? undefined : `choose(${m[1]}, ${m[3]}, ${m[2]})`,
  ),
];

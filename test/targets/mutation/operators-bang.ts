/** How BANG C kernels are broken. */
import { call, statement, text, withArgument, type Operator } from "./mutate.js";

const copies = "__memcpy|__memcpy_async";
/** Vector instructions: the first argument is the result, the last counts lanes or bytes. */
const vector = "__bang_(?!maxpool|sumpool|transpose|write_value|argmax|reduce|cycle|move)\\w+";
const isCopyIn = (args: readonly string[]): boolean => args[3] === "GDRAM2NRAM";

function resize(index: number, by: string) {
  return (args: readonly string[], name: string): string | undefined => {
    // Conversions to and from fixed point take a position after the count.
    const at = index === -1 && args.at(-1) === "0" ? -2 : index;
    const changed = withArgument(args, at, (a) => `(${a}) ${by}`);
    return changed && statement(name, changed);
  };
}

/** The last extent of an array on the chip. */
const arrays = /(__nram__ \w+ (?:\w+(?:\[[^\]]+\])+, )?\w+(?:\[2\])?)\[([^\]]+)\](?=[;,])/g;

/** Counts of whole pitches end in lanes that nothing reads: one more or less changes nothing there. */
const exact = (args: readonly string[]): boolean => !/\*|padded/.test(args.at(-1) ?? "");

export const bangOperators: readonly Operator[] = [
  text("sync", "drop a sync", /__sync(_compute)?\(\);/g, () => ";"),
  text("sync", "do not wait for a copy", /\b__memcpy\(/g, () => "__memcpy_async("),
  call("direction", "swap a copy's direction", copies, (args, name) => {
    const changed = withArgument(args, 3, (a) => (a === "GDRAM2NRAM" ? "NRAM2GDRAM" : "GDRAM2NRAM"));
    return changed && statement(name, changed);
  }),
  call("direction", "swap a copy's ends", copies, (args, name) => {
    const [to, from, bytes, way, toStride, fromStride, count] = args;
    const changed = way === "GDRAM2NRAM" ? "NRAM2GDRAM" : "GDRAM2NRAM";
    const address = (a: string): string => `const_cast<void*>(static_cast<const void*>(${a}))`;
    return statement(name, [address(from), address(to), bytes, changed, ...(count ? [fromStride, toStride, count] : [])]);
  }),
  call("length", "four bytes too many in a copy", copies, resize(2, "+ 4")),
  call("length", "four bytes too few in a copy", copies, resize(2, "- 4")),
  call("length", "a copy of twice the length", copies, resize(2, "* 2")),
  call("length", "one row too many in a copy", copies, (args, name) => (args.length === 7 ? resize(6, "+ 1")(args, name) : undefined)),
  call("length", "an instruction over half the lanes", vector, resize(-1, "/ 2")),
  call("length", "an instruction past its buffer", vector, resize(-1, "+ 131072")),
  call("off-by-one", "an instruction over one lane too few", vector, (args, name) =>
    exact(args) ? resize(-1, "- 1")(args, name) : undefined,
  ),
  text("off-by-one", "a loop runs once too often", /\bfor \((\w+ \w+) = ([^;]+); (\w+) < /g, (m) => `for (${m[1]} = ${m[2]}; ${m[3]} <= `),
  call("off-by-one", "a global address one element further", copies, (args, name) => {
    const changed = withArgument(args, isCopyIn(args) ? 1 : 0, (a) => `${a} + 1`);
    return changed && statement(name, changed);
  }),
  call("misalign", "a result two bytes off", vector, (args, name) => {
    const changed = withArgument(args, 0, (a) => (a.startsWith("(") ? `${a} + 2` : `(decltype(&(${a})[0]))((char*)(${a}) + 2)`));
    return changed && statement(name, changed);
  }),
  text("shrink", "an array of one element", arrays, (m) => `${m[1]}[1]`),
  text("capacity", "an array beyond NRAM", arrays, (m) => `${m[1]}[800000]`),
  text(
    "overlap",
    "a task's share begins one early",
    /(?<!= 1 % taskDim;\n.*)(_begin = taskId \* [^;]+);/g,
    (m) => `${m[1]} - (taskId > 0);`,
  ),
  text(
    "overlap",
    "a task's share ends one late",
    /(?<!= 1 % taskDim;\n.*\n.*)(_end = t\d+_begin [^;]+);/g,
    (m) => `${m[1]} + (taskId + 1 < taskDim);`,
  ),
  text("overlap", "a task's share begins one early", /\b(begin = tiles \* taskId \/ taskDim)(?=[,;])/g, (m) => `${m[1]} - (taskId > 0)`),
  text(
    "overlap",
    "a task's share ends one late",
    /\b(end = tiles \* \(taskId \+ 1\) \/ taskDim)(?=[,;])/g,
    (m) => `${m[1]} + (taskId + 1 < taskDim)`,
  ),
  text(
    "overlap",
    "every task begins at the first share",
    /(?<!= 1 % taskDim;\n.*)(_begin = )(taskId \* [^;]+);/g,
    (m) => `${m[1]}0 * (${m[2]});`,
  ),
  text("overlap", "tasks step by one", /\b(\w) \+= taskDim/g, (m) => `${m[1]} += 1`),
  text("overlap", "every task does everything", /if \(taskId != 0\) return;/g, () => ";"),
  call("read-before-write", "drop a copy in", copies, (args) => (isCopyIn(args) ? ";" : undefined)),
  call("read-before-write", "drop a fill", "__bang_write_value", () => ";"),
  call("operands", "swap operands", "__bang_(?:sub|div)", (args, name) => {
    const [to, a, b, ...rest] = args;
    return a === b ? undefined : statement(name, [to, b, a, ...rest]);
  }),
];

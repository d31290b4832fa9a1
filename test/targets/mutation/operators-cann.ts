/** How Ascend C kernels are broken. */
import { call, statement, text, withArgument, type Operator } from "./mutate.js";

const copies = "DataCopyPad|LoadRows|LoadOverlapping|LoadRun|StoreRows|StoreRun";
/** Vector instructions whose last argument counts lanes and whose first is the result. */
const vector =
  "Add|Adds|Sub|Mul|Muls|Div|Max|Maxs|Min|Mins|Exp|Ln|Sqrt|Rsqrt|Abs|Relu|Duplicate|Cast|And|Or|Not|Compare|CompareScalar|Select|ReduceMax|ReduceSum";
const isGlobal = (a: string): boolean => /Gm\b/.test(a);

function swapped(args: readonly string[], name: string): string | undefined {
  const [a, b, ...rest] = args;
  if (name === "DataCopyPad") return isGlobal(a) ? statement(name, [b, a, ...rest]) : statement(name, [b, a, rest[0]]);
  if (name === "LoadRun" || name === "StoreRun") return statement(name === "LoadRun" ? "StoreRun" : "LoadRun", [b, a, ...rest]);
  const [tile, pitch, global, stride] = args;
  return statement(name === "StoreRows" ? "LoadRows" : "StoreRows", [global, stride, tile, pitch, ...args.slice(4)]);
}

function lengthened(by: string) {
  return (args: readonly string[], name: string): string | undefined => {
    if (name !== "DataCopyPad") return statement(name, withArgument(args, -1, (a) => `(${a}) ${by}`) ?? args);
    const bytes = /^\{\s*1,\s*(.*?),\s*0, 0, 0\}$/.exec(args[2] ?? "")?.[1];
    if (!bytes) return undefined;
    const longer = `{1, static_cast<uint32_t>((${bytes}) ${by.replace("1", "4")}), 0, 0, 0}`;
    return statement(
      name,
      args.map((a, i) => (i === 2 ? longer : a)),
    );
  };
}

/** Counts of whole pitches end in lanes that nothing reads: one more or less changes nothing there. */
const exact = (args: readonly string[]): boolean => !/\*|RoundUp|kTile/.test(args.at(-1) ?? "");

export const cannOperators: readonly Operator[] = [
  text("sync", "drop a pipe barrier", /PipeBarrier<PIPE_V>\(\);/g, () => ";"),
  text("sync", "drop a wait between pipes", /\bSync<HardEvent::\w+>\(\);/g, () => ";"),
  text("sync", "drop the set of a flag", /\bSetFlag<[\w:]+>\(\w+\);/g, () => ";"),
  text("sync", "drop the wait for a flag", /\bWaitFlag<[\w:]+>\(\w+\);/g, () => ";"),
  text("sync", "drop an EnQue", /\b\w+\.EnQue\(\w+\);/g, () => ";"),
  text("sync", "drop a DeQue", /\b\w+ = \w+\.DeQue<\w+>\(\);/g, () => ";"),
  call("direction", "swap a copy's direction", copies, (args, name) => (args.length > 2 ? swapped(args, name) : undefined)),
  call("length", "one element too many in a copy", copies, lengthened("+ 1")),
  call("length", "one element too few in a copy", copies, lengthened("- 1")),
  call("length", "a copy of twice the length", copies, lengthened("* 2")),
  call("length", "an instruction over half the lanes", vector, lengthened("/ 2")),
  call("length", "an instruction past its buffer", vector, lengthened("+ 65536")),
  call("off-by-one", "an instruction over one lane too few", vector, (args, name) =>
    exact(args) ? lengthened("- 1")(args, name) : undefined,
  ),
  text("off-by-one", "a loop runs once too often", /\bfor \((\w+ \w+ = [^;]+); (\w+) < ([^;]+); (\+\+\w+|\w+ \+= (\w+))/g, (m) => {
    return `for (${m[1]}; ${m[2]} < ${m[3]} + ${m[5] ?? 1}; ${m[4]}`;
  }),
  text("off-by-one", "a global address one element further", /(\w+Gm)\[((?:[^[\]]|\[[^[\]]*\])+)\]/g, (m) => `${m[1]}[${m[2]} + 1]`),
  call("misalign", "a result four bytes off", vector, (args, name) => {
    const changed = withArgument(args, 0, (a) => (/^\w+$/.test(a) ? `${a}[1]` : a.replace(/\]$/, " + 1]")));
    return changed && changed[0] !== args[0] ? statement(name, changed) : undefined;
  }),
  text("shrink", "a buffer of 32 bytes", /InitBuffer\((\w+, (?:2, )?)(.+)\);/g, (m) =>
    m[2] === "32" ? undefined : `InitBuffer(${m[1]}32);`,
  ),
  text("capacity", "a buffer beyond the unified buffer", /InitBuffer\((\w+, (?:2, )?)(.+)\);/g, (m) => `InitBuffer(${m[1]}200704);`),
  text(
    "overlap",
    "a core's share begins one early",
    /(?<!Count = 1;\n.*)\b(\w*[bB]egin) = ([\w *]+GetBlockIdx\(\)[\w */()]*)(?=[,;])/g,
    (m) => `${m[1]} = ${m[2]} - (GetBlockIdx() > 0)`,
  ),
  text(
    "overlap",
    "a core's share ends one late",
    /(?<!Count = 1;\n.*\n.*)\b(\w*[eE]nd) = ([\w *]+\(GetBlockIdx\(\) \+ 1\) \/ GetBlockNum\(\));/g,
    (m) => `${m[1]} = ${m[2]} + (GetBlockIdx() + 1 < GetBlockNum());`,
  ),
  text(
    "overlap",
    "every core begins at the first share",
    /(?<!Count = 1;\n.*)\b(\w*[bB]egin) = ([\w *]*GetBlockIdx\(\)[\w */()]*)(?=[,;])/g,
    (m) => `${m[1]} = 0 * (${m[2]})`,
  ),
  call("read-before-write", "drop a copy in", "DataCopyPad|LoadRows|LoadOverlapping|LoadRun", (args) =>
    isGlobal(args[0]) ? undefined : ";",
  ),
  call("read-before-write", "drop a fill", "Duplicate|CreateVecIndex", () => ";"),
  text(
    "read-before-write",
    "give a tile on before its copy in",
    /^( *(?:DataCopyPad|LoadRows|LoadOverlapping|LoadRun)\(.*\);)\n( *\w+\.EnQue\(\w+\);)/gm,
    (m) => `${m[2]}\n${m[1]}`,
  ),
  text("free-twice", "free a tensor twice", /\b(\w+\.FreeTensor\(\w+\);)/g, (m) => `${m[1]} ${m[1]}`),
  text("free-twice", "free a tensor before its last use", /^(.*;)\n( *\w+\.FreeTensor\((\w+)\);)/gm, (m) => {
    return new RegExp(`\\b${m[3] === "inBytes" ? "a\\d+Tile" : m[3]}\\b`).test(m[1]) ? `${m[2]}\n${m[1]}` : undefined;
  }),
  call("operands", "swap operands", "Sub|Div|Select", (args, name) => {
    const at = name === "Select" ? 2 : 1;
    const [a, b] = [args[at], args[at + 1]];
    if (a === b || !b) return undefined;
    return statement(
      name,
      args.map((x, i) => (i === at ? b : i === at + 1 ? a : x)),
    );
  }),
];

/**
 * Barriers of Ascend's vector pipe: one is no loss where the instructions before and behind it, up to the next ordering
 * points on every way, touch different tensors.
 */
import { splitArguments } from "./mutate.js";
import { waysOn } from "./ways.js";

const ordering = /^\s*PipeBarrier<PIPE_(V|ALL)>\(\);/;

interface Touch {
  readonly writes: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** Where reading stopped: an ordering point, or the end of the function. */
  readonly ordered: boolean;
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

function callOf(line: string): Call | undefined {
  const made = /^\s*(?:if \([^()]*\) )?([A-Z]\w+)\((.*)\);$/.exec(line);
  if (!made || /^(DataCopy|Load|Store|SetFlag|WaitFlag|PipeBarrier)/.test(made[1])) return undefined;
  const args = splitArguments(made[2]);
  return args && { name: made[1], args };
}

const namesIn = (text: string): string[] => [...text.matchAll(/(?<![.\w])[a-z]\w*(?![\w(])/g)].map((m) => m[0]);

interface Helper {
  readonly params: readonly string[];
  /** Lines of the body, from and to. */
  readonly from: number;
  readonly to: number;
  /** Names of parts of a parameter. */
  readonly parts: ReadonlyMap<string, string>;
}

/** A function of the kernel's own file; nothing for an instruction. */
function helperOf(lines: readonly string[], name: string): Helper | undefined {
  const head = lines.findIndex((l) => new RegExp(`^\\S.*\\bvoid ${name}\\(`).test(l));
  if (head < 0) return undefined;
  const from = lines.findIndex((l, i) => i >= head && l.endsWith("{")) + 1;
  const to = lines.findIndex((l, i) => i >= from && l.startsWith("}"));
  const signature = lines.slice(head, from).join(" ");
  const params = splitArguments(signature.slice(signature.indexOf("(") + 1, signature.lastIndexOf(")"))) ?? [];
  const parts = new Map<string, string>();
  for (const line of lines.slice(from, to).filter((l) => /^\s*LocalTensor</.test(l)))
    for (const [, part, whole] of line.matchAll(/(\w+) = (\w+)/g)) parts.set(part, parts.get(whole) ?? whole);
  return { params: params.map((p) => /(\w+)$/.exec(p)?.[1] ?? ""), from, to, parts };
}

/** What vector instructions touch on every way from a line to an ordering point or the end of the function. */
function touched(lines: readonly string[], at: number, step: 1 | -1): Touch {
  const [writes, all] = [new Set<string>(), new Set<string>()];
  const ways = waysOn(lines, at, step, (l) => ordering.test(l));
  for (const line of ways.lines) {
    const call = callOf(line);
    const helper = call && helperOf(lines, call.name);
    if (helper) {
      const inside = touched(lines, step > 0 ? helper.from - 1 : helper.to, step);
      outside(helper, call, inside.writes).forEach((n) => writes.add(n));
      outside(helper, call, inside.all).forEach((n) => all.add(n));
    } else if (call) {
      call.args.flatMap(namesIn).forEach((n) => all.add(n));
      // A reduction also writes the workspace that is its third operand.
      const written = call.name.startsWith("Reduce") ? [0, 2] : [0];
      written.flatMap((k) => namesIn(call.args[k] ?? "").slice(0, 1)).forEach((n) => writes.add(n));
    }
  }
  return { writes, all, ordered: ways.stopped };
}

/** A helper's names as its caller knows them. */
function outside(helper: Helper, call: Call, names: ReadonlySet<string>): string[] {
  return [...names].flatMap((n) => namesIn(call.args[helper.params.indexOf(helper.parts.get(n) ?? n)] ?? "").slice(0, 1));
}

/** No tensor that one side writes is touched by the other. A helper's last barrier looks on behind every call. */
export function independent(lines: readonly string[], at: number): boolean {
  const [above, below] = [touched(lines, at, -1), touched(lines, at, 1)];
  if (meet(above, below)) return false;
  const name = /void (\w+)\(/.exec(lines.slice(0, at).findLast((l) => /^\S.*\(/.test(l)) ?? "")?.[1] ?? "";
  const helper = helperOf(lines, name);
  if (!helper || lines.some((l) => /__global__/.test(l) && l.includes(` ${name}(`))) return true;
  const calls = lines.flatMap((l, i) => (callOf(l)?.name === name ? [i] : []));
  return calls.every((i) => behindCall(lines, i, helper, above, below) && beforeCall(lines, i, helper, above, below));
}

function behindCall(lines: readonly string[], at: number, helper: Helper, above: Touch, below: Touch): boolean {
  const call = callOf(lines[at]);
  if (below.ordered || !call) return below.ordered;
  const own = { writes: new Set(outside(helper, call, above.writes)), all: new Set(outside(helper, call, above.all)), ordered: true };
  return !meet(own, touched(lines, at, 1));
}

function beforeCall(lines: readonly string[], at: number, helper: Helper, above: Touch, below: Touch): boolean {
  const call = callOf(lines[at]);
  if (above.ordered || !call) return above.ordered;
  const own = { writes: new Set(outside(helper, call, below.writes)), all: new Set(outside(helper, call, below.all)), ordered: true };
  return !meet(own, touched(lines, at, -1));
}

function meet(a: Touch, b: Touch): boolean {
  return [...a.writes].some((n) => b.all.has(n)) || [...b.writes].some((n) => a.all.has(n));
}

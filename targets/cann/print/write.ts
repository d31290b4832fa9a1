/** Writes `Code` with the syncs it needs in front of each statement. */
import type { Sheet } from "../../kit/sheet.js";
import type { Code } from "./code.js";
import type { Sync } from "./hazards.js";
import { barrierOfAll } from "./helpers.js";
import type { Page } from "./page.js";

export function writeCode(w: Sheet, page: Page, body: readonly Code[], syncs: ReadonlyMap<Code, ReadonlySet<Sync>>): void {
  for (const code of body) {
    for (const line of spellSyncs(page, [...(syncs.get(code) ?? [])])) w.line(line);
    writeOne(w, page, code, syncs);
  }
}

function writeOne(w: Sheet, page: Page, code: Code, syncs: ReadonlyMap<Code, ReadonlySet<Sync>>): void {
  switch (code.kind) {
    case "comment":
      w.comment(code.text);
      return;
    case "text":
    case "op":
    case "order":
    case "fresh":
      w.lines(code.lines);
      return;
    case "name":
      w.declare(code.name, () => {
        code.says.forEach((name) => w.say(name));
        return code.line;
      });
      return;
    case "said":
      w.said(code.names);
      return;
    case "loop":
      w.block(code.head, () => writeCode(w, page, code.body, syncs));
      return;
    case "branch":
      w.block(code.head, () => writeCode(w, page, code.then, syncs), code.otherwise.length > 0 ? "} else {" : "}");
      if (code.otherwise.length > 0) w.indented(() => writeCode(w, page, code.otherwise, syncs)).line("}");
      return;
    default:
      throw code satisfies never;
  }
}

/** Without ids of events, one barrier of all pipes is each of the waits. */
function spellSyncs(page: Page, syncs: readonly Sync[]): readonly string[] {
  if (page.chip.eventIds || !syncs.some(isEvent)) return syncs.map((sync) => spellSync(page, sync));
  page.uses.add("PipeBarrier");
  return [`${barrierOfAll};`];
}

/** Of two pipes: from_to. */
const isEvent = (sync: Sync) => sync.includes("_");

function spellSync(page: Page, sync: Sync): string {
  if (isEvent(sync)) return `${page.helperOf("Sync", `HardEvent::${sync}`)};`;
  page.uses.add("PipeBarrier");
  return `PipeBarrier<PIPE_${sync}>();`;
}

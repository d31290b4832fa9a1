/** A fleet's process whose tasks do what their model is called. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { serveTasks } from "../../dist/src/api/fleet.js";

const acts = {
  abort: () => process.abort(),
  "once-gone": () => {
    if (existsSync("gone")) return { ok: true, diagnostics: [] };
    writeFileSync("gone", "");
    process.exit(3);
  },
  throws: () => {
    throw new RangeError("a defect");
  },
  sleeps: () => new Promise(() => setInterval(() => undefined, 1000)),
  fills: () => {
    const kept = [];
    for (;;) kept.push(new Array(1e5).fill(kept.length));
  },
  fine: () => ({ ok: true, diagnostics: [] }),
};

serveTasks(async ({ model }) => {
  appendFileSync("begun", `${model}\n`);
  return acts[model.replace(/-\d+$/, "")]();
});

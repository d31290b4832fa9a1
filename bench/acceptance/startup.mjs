/** Line 11: what --help costs over an empty node, and that heavy dependencies load only where they are used. */
import { spawnSync } from "node:child_process";
import { fetchModel } from "../models.mjs";
import { binary, figure, portolan } from "./measure.mjs";

const runs = 15;
const heavy = ["ts-morph", "zod", "onnxruntime-node", "typescript"];

function milliseconds(args) {
  const start = performance.now();
  spawnSync(process.execPath, args, { stdio: "ignore" });
  return performance.now() - start;
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

export function startup(check) {
  const empty = [];
  const help = [];
  for (let i = 0; i < runs; i++) {
    empty.push(milliseconds(["-e", "0"]));
    help.push(milliseconds([binary, "--help"]));
  }
  const extra = median(help) - median(empty);
  const value = `${extra.toFixed(0)} ms (${median(help).toFixed(0)} against ${median(empty).toFixed(0)}, medians of ${runs})`;
  check(figure(11, "portolan --help over node -e 0", value, "<= 120 ms", extra <= 120));
  const model = fetchModel("alexa");
  const commands = [["--help"], ["--version"], ["targets"], ["passes"], ["inspect", model], ["explain", "unsupported-op"]];
  for (const args of commands) {
    const { modules } = portolan(args, { traceModules: true });
    const found = heavy.filter((name) => modules.some((url) => url.includes(`/node_modules/${name}/`)));
    const ok = modules.length > 0 && found.length === 0;
    check(
      figure(11, `${args[0]} loads`, `${modules.length} modules${found.map((f) => `, ${f}`).join("")}`, `none of ${heavy.join(", ")}`, ok),
    );
  }
}

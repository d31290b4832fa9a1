/** Loaded before a measured command: writes its peak memory when it ends, and the address of each module it loads. */
import { register } from "node:module";
import { writeFileSync } from "node:fs";

const trace = process.env.PORTOLAN_TRACE_MODULES;
if (trace)
  register(
    `data:text/javascript,${encodeURIComponent(`
      import { appendFileSync } from "node:fs";
      export async function load(url, context, next) {
        appendFileSync(${JSON.stringify(trace)}, url + "\\n");
        return next(url, context);
      }`)}`,
  );

process.on("exit", () => {
  writeFileSync(process.env.PORTOLAN_MEASURE, JSON.stringify({ peakRssMiB: process.resourceUsage().maxRSS / 1024 }));
});

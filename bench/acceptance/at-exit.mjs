/** Loaded before a measured command: writes its peak memory and processor time when it ends, and the address of each module it loads. */
import { register } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

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

/** Of this program alone: what Linux gives as a process's highest counts the parent's memory too, which it had before exec. */
function peakRssKiB() {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.PORTOLAN_MEASURE, JSON.stringify({ peakRssMiB: peakRssKiB() / 1024, cpuSeconds: (user + system) / 1e6 }));
});

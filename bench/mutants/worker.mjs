/** Attempts the seeds it is sent, one after another; its parent keeps the clock and the memory. */
import { attempt } from "./attempt.mjs";
import { sourceOf } from "./sources.mjs";

const source = await sourceOf();
process.on("message", async (seed) => {
  const model = source(seed);
  const before = process.cpuUsage();
  const result = await attempt(model, seed);
  const { user, system } = process.cpuUsage(before);
  process.send({ ...result, model: model.name, seconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 });
});
process.send({ ready: true });

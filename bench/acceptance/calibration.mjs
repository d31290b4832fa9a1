/** Line 30: published measurements against our intervals: the held-out documents on Ascend, and what is said where nothing was measured. */
import { join } from "node:path";
import { figure, root } from "./measure.mjs";

const line = 30;
const dist = (path) => import(join(root, "dist/src", path));

export async function calibration(check) {
  const { calibrate, scoreOf } = await dist("estimate/calibration.js");
  const { efficiencyOf } = await dist("estimate/efficiency.js");
  const { chipRows } = await dist("chips/chips.js");
  const { judged, uncovered } = calibrate();
  const held = judged.filter((j) => j.heldOut && j.ascend);
  const { rows, inside, width } = scoreOf(held);
  const share = `${inside} of ${rows}, ${((100 * inside) / rows).toFixed(0)} %`;
  check(figure(line, "held-out measurements on Ascend inside", share, ">= 80 %", inside >= 0.8 * rows));
  check(figure(line, "their geometric mean width", width.toFixed(2), "<= 3", width <= 3));
  check(
    figure(
      line,
      "measurements that are not told",
      `${uncovered.length} of ${judged.length + uncovered.length}`,
      "<= 5",
      uncovered.length <= 5,
    ),
  );
  const silent = chipRows.filter((r) => /Kunlun|Cambricon/.test(r.vendor)).map(efficiencyOf);
  const wide = silent.every((e) => e.basis === "none" && Math.min(e.bandwidth.hi / e.bandwidth.lo, e.compute.hi / e.compute.lo) >= 4);
  check(figure(line, "P800, R200, MLU and their kin", `${silent.length} chips without a measurement`, "none narrower than 4 times", wide));
}

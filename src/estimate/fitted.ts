/** What `bench/calibration.mjs` found from half of the published documents; written by it, and compared by a test. */
import type { Fitted } from "./bounds.js";

export const fitted: Fitted = {
  dials: {
    "bandwidth ascend": { at: 0.661, factor: 1.82 },
    "bandwidth cuda": { at: 0.952, factor: 2.04 },
    "compute ascend": { at: 0.467, factor: 1.83 },
    "compute cuda": { at: 1, factor: 1.83 },
    "call vllm-ascend": { at: 0.0000317, factor: 2.04 },
    "call mindie": { at: 0.0000167, factor: 1.86 },
    "call chitu": { at: 0.0000299, factor: 2.04 },
    "call cann-recipes": { at: 0.00000661, factor: 1.83 },
    "call cuda": { at: 0.00000667, factor: 2.04 },
    request: { at: 0.000162, factor: 1.94 },
    exchange: { at: 0.0000162, factor: 2.04 },
    busy: { at: 1, factor: 2.04 },
  },
  accepted: [0.48, 0.7],
};

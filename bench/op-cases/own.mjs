/**
 * Cases the standard does not have. `text` is the brief text form; inputs that are not given are drawn; the outputs are
 * onnxruntime's unless `expect` names them ({ dtype, shape, data } an output), or `fails` the code of a refusal.
 */
import { corners } from "./own-corners.mjs";
import { activations, arithmetic, casts, lossCases, softmaxes } from "./own-elementwise.mjs";
import { layers } from "./own-layers.mjs";
import { microsoft } from "./own-microsoft.mjs";
import { movements } from "./own-movement.mjs";
import { sampling } from "./own-sampling.mjs";

export const ownCases = [
  ...activations,
  ...arithmetic,
  ...casts,
  ...lossCases,
  ...softmaxes,
  ...movements,
  ...layers,
  ...sampling,
  ...corners,
  ...microsoft,
];

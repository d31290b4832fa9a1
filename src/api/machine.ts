/** What the command line needs of the machine: whole files, reasons of its refusals, turns of the event loop, the package. */
export { reasonOf, writeWhole } from "../host/files.js";
export { isCheckpoint, isPlural } from "../host/find-models.js";
export { packageRoot } from "../host/package.js";
export { finishInTurns } from "../host/turns.js";

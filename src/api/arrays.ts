/** Arrays by name in numpy's .npz files, as inputs are given and outputs kept. */
export { readNpz as decodeArrays } from "../verify/npz-read.js";
export { writeNpz as encodeArrays } from "../verify/npz.js";

/** Arrays by name in numpy's .npz files, as inputs are given and outputs kept. */
export { readNpz as decodeArrays, writeNpz as encodeArrays } from "../verify/npz.js";

/** The chips that programs run on, in turn. */
import { chooseTarget } from "../../src/api/targets.js";
import type { Machine } from "./tiles.js";

const names = ["cann", "cann:Ascend310P3", "bang", "bang:MLU370", "kunlun"];

export async function machines(): Promise<readonly Machine[]> {
  return Promise.all(names.map((name) => chooseTarget(name)));
}

/** One chip a program: five of them in turn. */
export function machineOf(seed: number, all: readonly Machine[]): Machine {
  return all[seed % all.length];
}

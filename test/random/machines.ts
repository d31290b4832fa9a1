/** The chips that programs run on, in turn. */
import { chooseTarget } from "../../src/driver/targets.js";
import type { Machine } from "./tiles.js";

const byTarget = [
  ["cann", "cann:Ascend310P3"],
  ["bang", "bang:MLU370"],
  ["kunlun", "kunlun:R200"],
];

/** For each target the chips that take turns. */
export async function chipsByTarget(): Promise<readonly (readonly Machine[])[]> {
  return Promise.all(byTarget.map((names) => Promise.all(names.map((name) => chooseTarget(name)))));
}

export async function machines(): Promise<readonly Machine[]> {
  return (await chipsByTarget()).flat();
}

/** One chip a program: all of them in turn. */
export function machineOf(seed: number, all: readonly Machine[]): Machine {
  return all[seed % all.length];
}

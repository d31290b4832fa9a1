/** A bundle's README says what a shell needs on a machine with the card, and which chips the same files serve. */
import { expect, test } from "vitest";
import { chooseTarget } from "../../src/driver/targets.js";
import { compileText, textFiles } from "../plan/compile-text.js";

async function readme(target: string): Promise<string> {
  return textFiles(await compileText("y = Relu(x: f32[4])", { target })).get("README.md") ?? "";
}

test("Ascend: set_env.sh, and SOC_VERSION for the chips of the same architecture alone", async () => {
  const { target } = await chooseTarget("cann:Ascend910B2");
  const text = await readme("cann:Ascend910B2");
  expect(text).toContain("`source /usr/local/Ascend/ascend-toolkit/set_env.sh`");
  const family = /family \(([^)]*)\) add `-DSOC_VERSION=/.exec(text)?.[1] ?? "";
  const like = Object.entries(target.chips).filter(([name, c]) => name !== "Ascend910B2" && c.arch === "dav-2201");
  expect(family.split(", ")).toEqual(like.map(([name]) => `\`${name}\``));
  expect(text).toContain("portolan compile MODEL -t cann:Ascend310P3");
});

test.each([
  ["bang:MLU590", "export NEUWARE_HOME=", "portolan compile MODEL -t bang:MLU370"],
  ["kunlun:R200", "export KUNLUN_HOME=", "portolan compile MODEL -t kunlun:R300"],
])("%s: its variables, and the other chip by compiling again", async (name, variable, again) => {
  const text = await readme(name);
  expect(text).toContain(variable);
  expect(text).toContain(again);
  expect(text).not.toContain("of this family");
});

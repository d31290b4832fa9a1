/** The kernels that the README walks through are those of the samples, line by line. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const excerpts = [...readFileSync("README.md", "utf8").matchAll(/```cpp\n\/\/ (samples\/\S+)\n([\s\S]*?)```/g)].map(([, path, text]) => ({ path, text }));

test("one kernel a target", () => expect(excerpts.map(({ path }) => path.split("/")[2])).toEqual(["cann", "bang", "kunlun"]));

test.each(excerpts)("$path holds the README's lines in their order", ({ path, text }) => {
  const lines = (s: string): string[] => s.split("\n").map((l) => l.trim()).filter((l) => l !== "");
  const kernel = lines(readFileSync(path, "utf8"));
  let from = 0;
  for (const line of lines(text)) {
    const at = kernel.indexOf(line, from);
    expect(at, line).toBeGreaterThanOrEqual(from);
    from = at + 1;
  }
});

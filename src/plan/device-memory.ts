/** Whether a program fits a card at all. */
import { fail } from "../base/diagnostic.js";
import type { Chip } from "../claim/target.js";
import { bytesAt, type End } from "../program/arena.js";
import type { Program } from "../program/program.js";

/**
 * Throws `device-memory-exceeded` when arena, inputs, outputs and weights are more than any card with this chip holds at
 * that end of the range of sizes.
 */
export function requireMemory(program: Program, end: End, arenaBytes: number, chip: Chip): void {
  const { buffers } = program;
  const bytes = bytesAt(program, end);
  const onDevice = buffers.filter((b) => b.aliasOf === undefined && b.home !== "host");
  const total = onDevice.filter((b) => b.home !== "arena").reduce((n, b) => n + bytes(b.id), arenaBytes);
  const spelt = (n: number): string => `${Number((n / 2 ** 30).toPrecision(3))} GiB`;
  const largest = onDevice.length === 0 ? undefined : onDevice.reduce((a, b) => (bytes(b.id) > bytes(a.id) ? b : a));
  // Intermediate buffers share one allocation; all others have their own.
  const own = Math.max(arenaBytes, ...onDevice.filter((b) => b.home !== "arena").map((b) => bytes(b.id)));
  if (largest && own > (chip.allocationBytes ?? Infinity))
    fail(
      "device-memory-exceeded",
      `the program needs ${spelt(own)} in one piece; ${chip.caps.chip} takes at most ${spelt(chip.allocationBytes ?? 0)} at once`,
      {
        location: { tensor: largest.name },
        why: `Intermediate tensors lie in one allocation of ${spelt(arenaBytes)}; "${largest.name}" [${largest.shape.join(",")}] takes ${spelt(bytes(largest.id))}.`,
        fix: "Give smaller extents with --shape or --dim, or take a chip whose allocations may be larger.",
      },
    );
  if (!largest || total <= chip.memoryBytes) return;
  fail(
    "device-memory-exceeded",
    `the program needs ${spelt(total)}; a card with ${chip.caps.chip} has at most ${spelt(chip.memoryBytes)}`,
    {
      location: { tensor: largest.name },
      why: `"${largest.name}" [${largest.shape.join(",")}] alone takes ${spelt(bytes(largest.id))}.`,
      fix: "Give smaller extents with --shape or --dim, or take a chip with more memory.",
    },
  );
}

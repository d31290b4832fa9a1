/** What the field reports of serving on these chips: said where it applies. */
import type { Said } from "../base/said.js";
import { goesBy, lacksBf16 } from "../chips/facts.js";
import { GiB } from "../chips/fields.js";
import { figuresOf } from "../estimate/figures.js";
import { said, type WordKey } from "../words/words.js";
import type { ServedCase } from "./case.js";
import type { Plan } from "./plans.js";

interface Case extends Pick<ServedCase, "found" | "form" | "row" | "engine" | "asked"> {
  readonly plan?: Plan;
}

type Applies = (c: Case) => boolean;

const on =
  (...names: readonly string[]): Applies =>
  ({ row }) =>
    goesBy(row, names);
const ascend = on("A2", "A3", "950", "310P");
const smallMemory: Applies = ({ row }) => (figuresOf(row).memory ?? Infinity) <= 32 * GiB;
const hybrid: Applies = ({ found: { model } }) => model.architecture.layers.some((l) => l.mixer.kind === "recurrent");
const indexed: Applies = ({ found: { model } }) => model.architecture.layers.some((l) => l.mixer.caches.some((k) => k.what === "index"));
const latent: Applies = ({ found: { model } }) => model.architecture.layers.some((l) => l.mixer.kind === "latent");
const small: Applies = ({ found: { model } }) => model.experts === undefined && model.architecture.hidden <= 4096;
const vllm: Applies = ({ engine }) => engine.key === "vllm-ascend";
const all =
  (...conditions: readonly Applies[]): Applies =>
  (c) =>
    conditions.every((a) => a(c));

/** Quantised matrices are laid out in rows of fewer than 65536. */
const longest = 65536;

const rules: readonly (readonly [WordKey, Applies])[] = [
  ["warn.warm-up", all(ascend, vllm)],
  ["warn.hybrid-requests", all(ascend, vllm, hybrid, (c) => c.asked.batch > 32)],
  ["warn.hybrid-prefix", all(ascend, hybrid)],
  ["warn.hybrid-int8", all(ascend, hybrid, (c) => c.form.bits === 8)],
  ["warn.index-prefix", all(ascend, indexed)],
  ["warn.index-context", all(ascend, vllm, indexed)],
  ["warn.small-dense", all(ascend, small, (c) => c.asked.batch <= 4)],
  ["warn.fraction-32", all(on("A2"), smallMemory)],
  ["warn.a2-transfer", all(on("A2"), (c) => (c.plan?.nodes ?? 1) > 1)],
  ["warn.a3-split", all(on("A3"), latent)],
  [
    "warn.no-bf16",
    all(
      ({ row }) => lacksBf16(row),
      ({ found }) => found.dtype === "bf16",
    ),
  ],
  [
    "warn.310p-length",
    all(
      ({ row, engine }) => goesBy(row, engine.fullMask ?? []),
      (c) => c.asked.length > 20480,
    ),
  ],
  ["warn.310p-graphs", all(on("310P"), (c) => (c.plan?.split.tp ?? 1) > 1)],
  ["warn.mla-heads", all(vllm, latent, (c) => ![32, 64, 128].includes(c.found.model.heads / (c.plan?.split.tp ?? 1)))],
  [
    "warn.int8-widths",
    all(
      ascend,
      (c) =>
        c.form.activationBits === 8 &&
        c.found.model.architecture.layers.some((l) => l.feed.divided / (3 * c.found.model.architecture.hidden) >= longest),
    ),
  ],
  ["warn.p800-four", all(on("P800"), (c) => c.plan?.cards === 4)],
  ["warn.p800-oam", all(on("P800"), ({ engine }) => engine.key === "fastdeploy")],
  ["warn.kunlun-awq", all(on("P800"), (c) => c.form.container === "awq")],
  ["warn.long-context", all(({ asked }) => asked.length > 65536, ascend)],
];

/** Warnings that apply, in a fixed order. */
export function warningsOf(c: Case): Said[] {
  return rules.filter(([, applies]) => applies(c)).map(([key]) => said(key));
}

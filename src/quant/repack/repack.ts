/**
 * A checkpoint's quantised layers in a target's layout, as the bytes of one safetensors file: a layer is read, packed,
 * unpacked again to compare, written and forgotten before the next one.
 */
import { DiagnosticError, invariant, problem, type Diagnostic } from "../../base/diagnostic.js";
import { entryRoom, headRoom, openSafetensors, safetensorsType, tensorBytes, type StoredEntry } from "../../base/safetensors.js";
import { storedBytes, type StoredTensor } from "../../base/safetensors-read.js";
import { counted } from "../../base/text-writer.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { WeightProduct } from "../formats/product.js";
import type { QuantisedWeight } from "../formats/weight.js";
import { findLayers, type FoundLayer } from "./find.js";
import { collect, inLayer, namesOf, recordOf, type RepackedLayer } from "./layer.js";
import { packFirst, type Held } from "./pack.js";
import { readLayer } from "./read.js";

interface RepackRules {
  readonly products: readonly WeightProduct[];
  /** Refused layers are copied as they are, and do not end the work. */
  readonly partial: boolean;
  /** Tensors that are not repacked are left out. */
  readonly onlyQuantised: boolean;
  /** Narrower levels are held in the least width that a call has. */
  readonly widen: boolean;
  readonly onLayer?: (done: number, total: number) => void;
}

/** No layout has more tensors, or a longer name for one. */
const mostTensors = 4;
const longestName = "antiquantOffset";

export class Repacking {
  /** Grows while the bytes are taken. */
  readonly layers: RepackedLayer[] = [];
  readonly #checkpoint: Checkpoint;
  readonly #rules: RepackRules;
  readonly #found: readonly FoundLayer[];
  readonly #open = openSafetensors();
  /** What is wrong with the checkpoint, and what the target cannot say. */
  readonly #faults: Diagnostic[] = [];
  readonly #refusals: Diagnostic[] = [];

  /** Throws `checkpoint-layer` and `nothing-to-repack`. */
  constructor(checkpoint: Checkpoint, rules: RepackRules) {
    this.#checkpoint = checkpoint;
    this.#rules = rules;
    this.#found = findLayers(checkpoint);
  }

  /** One for each refused layer that did not end the work. */
  get warnings(): readonly Diagnostic[] {
    return this.#refusals.map((r): Diagnostic => ({ ...r, severity: "warning" }));
  }

  /** The file, with room for its header; pieces may be empty. Throws all that ends the work, when all layers were looked at. */
  *bytes(): Iterable<Uint8Array> {
    yield new Uint8Array(this.#room);
    for (const [i, layer] of this.#found.entries()) {
      yield* this.#layer(layer);
      yield new Uint8Array(0);
      this.#rules.onLayer?.(i + 1, this.#found.length);
    }
    const none = this.#refusals.length === this.#found.length;
    if (this.#ends || none) throw new DiagnosticError([...this.#faults, ...this.#summary(none), ...this.#refusals]);
    if (!this.#rules.onlyQuantised) for (const t of this.#others()) yield* this.#placed(t, storedBytes(t));
  }

  /** What goes into that room, when all bytes were taken. */
  head(): Uint8Array {
    return this.#open.head(this.#room);
  }

  *#layer(layer: FoundLayer): Iterable<Uint8Array> {
    const { quantisation } = this.#checkpoint;
    invariant(quantisation, "layers are found by the quantisation");
    const w = collect(layer, this.#faults, () => readLayer(layer, quantisation));
    const held = w && packFirst(w, this.#rules.products, this.#rules.widen);
    if (!held) return;
    yield* "code" in held ? this.#refused(layer, w, held) : this.#packed(layer, w, held);
  }

  *#refused(layer: FoundLayer, w: QuantisedWeight, why: Diagnostic): Iterable<Uint8Array> {
    this.#refusals.push(inLayer(layer, { ...why, fix: wayOut(why, this.#rules) }));
    this.layers.push({ ...recordOf(layer, w), state: "refused", code: why.code, why: why.message });
    if (!this.#ends && !this.#rules.onlyQuantised) for (const t of Object.values(layer.parts)) yield* this.#placed(t, storedBytes(t));
  }

  *#packed(layer: FoundLayer, w: QuantisedWeight, held: Held): Iterable<Uint8Array> {
    const names = collect(layer, this.#faults, () => namesOf(layer, held, this.#checkpoint, !this.#rules.onlyQuantised));
    if (!names) return;
    const { tensors, numbers } = held.packed;
    const bytes = Object.entries(tensors).map(([part, t]) => ({ name: names[part], t, bytes: tensorBytes(t) }));
    const to = { call: held.product.call, bits: held.bits, tensors: names, numbers };
    this.layers.push({ ...recordOf(layer, w), state: "exact", to, bytesAfter: bytes.reduce((n, b) => n + b.bytes.length, 0) });
    if (this.#ends) return;
    for (const { name, t, bytes: all } of bytes)
      yield* this.#placed({ name, type: safetensorsType(t.dtype), shape: t.shape, length: all.length }, [all]);
  }

  *#placed(entry: StoredEntry, bytes: Iterable<Uint8Array>): Iterable<Uint8Array> {
    const { padding } = this.#open.place(entry);
    if (padding > 0) yield new Uint8Array(padding);
    yield* bytes;
  }

  /** Whether the work ends without a file, so that nothing more need be written. */
  get #ends(): boolean {
    return this.#faults.length > 0 || (this.#refusals.length > 0 && !this.#rules.partial);
  }

  /** Enough for the header, whether a layer is packed or copied. */
  get #room(): number {
    const copied = [...this.#checkpoint.tensors.values()].map((t) => entryRoom(t.name, t.shape));
    const packed = this.#found.map((l) => mostTensors * entryRoom(`${l.name}.${longestName}`, new Array<number>(3).fill(2 ** 52)));
    return headRoom([...copied, ...packed].reduce((n, b) => n + b, 0));
  }

  /** Tensors that belong to no layer. */
  #others(): StoredTensor[] {
    const own = new Set(this.#found.flatMap((l) => Object.values(l.parts)));
    return [...this.#checkpoint.tensors.values()].filter((t) => !own.has(t));
  }

  #summary(none: boolean): Diagnostic[] {
    const count = this.#refusals.length;
    if (count === 0) return [];
    return [
      problem(
        "layers-refused",
        `${count} of ${counted(this.#found.length, "layer")} cannot be said in the target's layout: nothing is written`,
        {
          why: "A weight is repacked bit for bit or not at all.",
          fix: none
            ? "The reasons follow: quantise again within them."
            : "The reasons follow. --partial writes the others, and these as they are.",
        },
      ),
    ];
  }
}

function wayOut({ code, fix }: Diagnostic, { products, widen }: RepackRules): string | undefined {
  if (code !== "layout-bits" || widen || !products.some((p) => p.bits.includes(8))) return fix;
  return "Hold narrower levels in the next width that the call has, exactly and in more bytes: --widen.";
}

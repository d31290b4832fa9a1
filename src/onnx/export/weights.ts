/** Constants as TensorProto: inside the model, or in a file beside it. Bytes that lie in a file are copied in chunks. */
import { byteLength } from "../../base/dtype.js";
import { elementCount } from "../../base/tensor.js";
import { streamOf } from "../../ir/constant-bytes.js";
import type { ConstData } from "../../ir/graph.js";
import { encodeElements } from "../bytes/elements.js";
import { writeElements, writeTensorFields } from "../bytes/tensor-proto.js";
import type { MessageWriter } from "../bytes/write.js";

/** Computed constants up to this size are held until the file is written; larger ones are computed again. */
const heldBytes = 1 << 16;

export interface WeightSink {
  /** Fills a TensorProto. */
  write(out: MessageWriter, name: string, data: ConstData): void;
}

function sizeOf(data: ConstData): number {
  return byteLength(data.dtype, elementCount(data.shape));
}

function bytesOf(data: ConstData): Iterable<Uint8Array> {
  return streamOf(data) ?? [encodeElements(data.load())];
}

export class InlineWeights implements WeightSink {
  write(out: MessageWriter, name: string, data: ConstData): void {
    writeTensorFields(out, data.dtype, data.shape, name);
    if (data.dtype === "string" || sizeOf(data) <= heldBytes) writeElements(out, data.load());
    else out.stream(9, sizeOf(data), () => bytesOf(data));
  }
}

export class ExternalWeights implements WeightSink {
  readonly #location: string;
  readonly #align: number;
  readonly #minBytes: number;
  readonly #inline = new InlineWeights();
  readonly #placed: { readonly offset: number; readonly data: ConstData }[] = [];
  #end = 0;

  constructor(location: string, align: number, minBytes: number) {
    this.#location = location;
    this.#align = align;
    this.#minBytes = minBytes;
  }

  /** Bytes of the file beside the model. */
  get size(): number {
    return this.#end;
  }

  write(out: MessageWriter, name: string, data: ConstData): void {
    const length = sizeOf(data);
    if (data.dtype === "string" || length < this.#minBytes) return this.#inline.write(out, name, data);
    const offset = Math.ceil(this.#end / this.#align) * this.#align;
    this.#placed.push({ offset, data });
    this.#end = offset + length;
    writeTensorFields(out, data.dtype, data.shape, name);
    for (const [key, value] of [
      ["location", this.#location],
      ["offset", `${offset}`],
      ["length", `${length}`],
    ])
      out.message(13, (entry) => {
        entry.text(1, key);
        entry.text(2, value);
      });
    out.int(14, 1);
  }

  *chunks(): Generator<Uint8Array> {
    let at = 0;
    for (const { offset, data } of this.#placed) {
      if (offset > at) yield new Uint8Array(offset - at);
      yield* bytesOf(data);
      at = offset + sizeOf(data);
    }
  }
}

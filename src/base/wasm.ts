/**
 * WebAssembly modules written as expressions: as much of the binary format as loops over vectors take (W3C WebAssembly Core
 * Specification 2.0, chapter 5 "Binary Format"). A module imports one memory and exports its functions by name.
 */

/** Instructions that leave a value, or none. */
export type Code = readonly number[];

type ValueType = "i32" | "f64" | "v128";

interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

export interface WasmFunction {
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  /** Statements, the last of which leaves the result, if there is one. `local` makes another variable, zero at first. */
  readonly body: (parameters: readonly Local[], local: (type: ValueType) => Local) => readonly Code[];
}

/** As LEB128. */
function unsigned(x: number): Code {
  return x < 128 ? [x] : [(x & 127) | 128, ...unsigned(x >>> 7)];
}

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];

const vector =
  (opcode: number, ...immediates: readonly number[]) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode), ...immediates];

/** As LEB128 with a sign. */
function signed(x: number): Code {
  return x >= -64 && x < 64 ? [x & 127] : [(x & 127) | 128, ...signed(x >> 7)];
}

const i32Const = (x: number): Code => [0x41, ...signed(x)];
const f64Const = (x: number): Code => [0x44, ...new Uint8Array(Float64Array.of(x).buffer)];

export const i32 = { const: i32Const, add: plain(0x6a), less: plain(0x48) };
export const f64 = { const: f64Const, add: plain(0xa0), max: plain(0xa5), toFloat: plain(0xb6) };
/** Addresses need not be aligned. */
export const v128 = {
  load: (at: Code, offset = 0): Code => vector(0x00, 0, ...unsigned(offset))(at),
  /** Eight bytes into the low half. */
  loadHalf: (at: Code, offset: number): Code => vector(0x5d, 0, ...unsigned(offset))(at),
  store: (at: Code, value: Code): Code => vector(0x0b, 0, 0)(at, value),
  /** Its halves changed about. */
  turned: (x: Code): Code => vector(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)(x, x),
};
export const f32x4 = {
  splat: vector(0x13),
  abs: vector(0xe0),
  div: vector(0xe7),
  /** To integers, ties to even. */
  nearest: vector(0x6a),
  pmin: vector(0xea),
  pmax: vector(0xeb),
};
/** Integers that saturate: of four floats, and of two vectors at a time into half as wide ones. */
export const i32x4 = { truncate: vector(0xf8) };
export const i16x8 = { narrow: vector(0x85) };
export const i8x16 = { narrow: vector(0x65) };
export const f64x2 = {
  splat: vector(0x14),
  lane: (lane: 0 | 1): ((x: Code) => Code) => vector(0x21, lane),
  /** Of the two low float32. */
  promote: vector(0x5f),
  add: vector(0xf0),
  sub: vector(0xf1),
  mul: vector(0xf2),
  /** The second where it is less, or greater: what is no number stays. */
  pmin: vector(0xf6),
  pmax: vector(0xf7),
};

/** Statements once, and again as long as the condition holds. */
export function repeat(statements: readonly Code[], condition: Code): Code {
  return [0x03, 0x40, ...statements.flat(), ...condition, 0x0d, 0, 0x0b];
}

const codes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (code: Code): Code => [...unsigned(code.length), ...code];
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];
const text = (s: string): Code => sized([...new TextEncoder().encode(s)]);

function bodyOf({ parameters, body }: WasmFunction): Code {
  const locals: ValueType[] = [];
  const at = (i: number): Local => ({ get: [0x20, ...unsigned(i)], set: (value) => [...value, 0x21, ...unsigned(i)] });
  const statements = body(
    parameters.map((_, i) => at(i)),
    (type) => at(parameters.length + locals.push(type) - 1),
  );
  return sized([...list(locals.map((type) => [1, codes[type]])), ...statements.flat(), 0x0b]);
}

/** A module whose memory is imported as `own.memory`. */
function wasmModule(functions: Readonly<Record<string, WasmFunction>>): Uint8Array<ArrayBuffer> {
  const all = Object.values(functions);
  const ofType = (types: readonly ValueType[]): Code => list(types.map((type) => [codes[type]]));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, all.map((f) => [0x60, ...ofType(f.parameters), ...ofType(f.result ? [f.result] : [])])), // prettier-ignore
    ...section(2, [[...text("own"), ...text("memory"), 0x02, 0x00, 1]]),
    ...section(3, all.map((_, i) => unsigned(i))), // prettier-ignore
    ...section(7, Object.keys(functions).map((name, i) => [...text(name), 0x00, ...unsigned(i)])), // prettier-ignore
    ...section(10, all.map(bodyOf)),
  ]);
}

/** What of the engine is used here; TypeScript knows it of browsers alone. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const pageBytes = 65536;

/** Compiles once; each call gives the functions over a memory of their own, which has at least that many bytes. */
export function compiled(functions: Readonly<Record<string, WasmFunction>>): (bytes: number) => { memory: ArrayBuffer; exports: unknown } {
  const module = new WebAssembly.Module(wasmModule(functions));
  return (bytes) => {
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) });
    return { memory: memory.buffer, exports: new WebAssembly.Instance(module, { own: { memory } }).exports };
  };
}

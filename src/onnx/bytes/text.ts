/**
 * Protobuf strings to JavaScript strings and back without loss. ONNX files hold names that are no UTF-8 at all; each
 * stray byte 0x80..0xff becomes the lone surrogate U+DC80..U+DCFF (Python's surrogateescape), which valid UTF-8 cannot
 * produce, so different names stay different and export writes the original bytes.
 */
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const strayByte = /[\udc80-\udcff]/;
const loneSurrogate = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

export function decodeText(bytes: Uint8Array): string {
  if (bytes.length < 24) {
    const ascii = decodeAscii(bytes);
    if (ascii !== undefined) return ascii;
  }
  try {
    return strict.decode(bytes);
  } catch {
    return decodeStray(bytes);
  }
}

function decodeAscii(bytes: Uint8Array): string | undefined {
  let out = "";
  for (const byte of bytes) {
    if (byte > 127) return undefined;
    out += String.fromCharCode(byte);
  }
  return out;
}

function decodeStray(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = validSequence(bytes, at);
    parts.push(length > 0 ? strict.decode(bytes.subarray(at, at + length)) : String.fromCharCode(0xdc00 + bytes[at]));
    at += Math.max(1, length);
  }
  return parts.join("");
}

/** Length of the well-formed UTF-8 sequence at `at`, or 0. */
function validSequence(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const length =
    first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1];
  const overlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const beyond = (first === 0xed && second >= 0xa0) || (first === 0xf4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

/** The inverse of `decodeText`. */
export function encodeText(text: string): Uint8Array {
  if (text.length < 64) {
    const ascii = encodeAscii(text);
    if (ascii) return ascii;
  }
  if (!strayByte.test(text) || !loneSurrogate.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  let plain = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0xdc80 || code > 0xdcff) {
      plain += char;
      continue;
    }
    parts.push(encoder.encode(plain), Uint8Array.of(code - 0xdc00));
    plain = "";
  }
  parts.push(encoder.encode(plain));
  return concatBytes(parts);
}

function encodeAscii(text: string): Uint8Array | undefined {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    out[i] = code;
  }
  return out;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Writes C++ text: indentation, blocks, a line map, and the few spellings (comments, identifiers, literals) through
 * which a model's names and numbers may enter a program. Nothing a model says can end a comment or a string here.
 */

/** Output lines [first, last], 1-based, that came from one origin (an ONNX node). */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
  readonly origin: string;
}

const indentUnit = "  ";

export class TextWriter {
  readonly #lines: string[] = [];
  readonly #spans: LineSpan[] = [];
  #depth = 0;

  /** The line the next call writes, 1-based. */
  get nextLine(): number {
    return this.#lines.length + 1;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Writes one line, or several when the text has newlines; an empty one is never indented. */
  line(text = ""): this {
    for (const part of text.split("\n")) this.#lines.push(part === "" ? "" : indentUnit.repeat(this.#depth) + part);
    return this;
  }

  lines(texts: Iterable<string>): this {
    for (const text of texts) this.line(text);
    return this;
  }

  /** `head {`, the body one level deeper, `tail`. */
  block(head: string, body: () => void, tail = "}"): this {
    this.line(head === "" ? "{" : `${head} {`);
    this.indented(body);
    return this.line(tail);
  }

  indented(body: () => void): this {
    this.#depth++;
    body();
    this.#depth--;
    return this;
  }

  /** `//` lines, broken at spaces to stay within `width` columns; any text is safe. */
  comment(text: string, width = 118): this {
    const room = Math.max(20, width - this.#depth * indentUnit.length - 3);
    for (const part of text.split(/\r\n|[\n\r]/))
      for (const row of wrap(commentText(part), room)) this.line(row === "" ? "//" : `// ${row}`);
    return this;
  }

  /** Everything the body writes belongs to these origins. */
  from(origins: readonly string[], body: () => void): this {
    const first = this.nextLine;
    body();
    const last = this.nextLine - 1;
    if (last >= first) for (const origin of origins) this.#spans.push({ first, last, origin });
    return this;
  }

  /** The whole text, ending in a newline; lines of these numbers are left out. */
  text(without: ReadonlySet<number> = new Set()): string {
    const kept = this.#lines.filter((_, i) => !without.has(i + 1));
    return kept.length === 0 ? "" : `${kept.join("\n")}\n`;
  }

  /** Which lines came from where, in the order the origins ended. */
  spans(): readonly LineSpan[] {
    return this.#spans;
  }
}

function wrap(text: string, width: number): string[] {
  const rows: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    if (space <= 0) break;
    rows.push(rest.slice(0, space).trimEnd());
    rest = rest.slice(space + 1);
  }
  return [...rows, rest.trimEnd()];
}

const hex = (code: number, width: number) => code.toString(16).padStart(width, "0");

/** `1 kernel`, `2 kernels`: a number with its noun. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/**
 * Text for the inside of a comment of either kind, on one line. Letters of any script stay; what could end the
 * comment, continue the line or turn the reading direction is escaped.
 */
export function commentText(text: string): string {
  return text
    .replace(/\\/g, "\\x5c")
    .replace(/\?(?=\?)/g, "\\x3f")
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (c) => `\\u{${hex(c.codePointAt(0) ?? 0, 4)}}`)
    .replace(/\*(?=\/)/g, "*\\")
    .replace(/\/(?=[*/])/g, "/\\");
}

const cppKeywords: ReadonlySet<string> = new Set(
  (
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class compl concept const " +
    "const_cast consteval constexpr constinit continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum " +
    "explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq " +
    "private protected public register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch " +
    "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq " +
    "half bfloat16_t main linux unix restrict"
  ).split(" "),
);

/** Eight hex digits that tell texts apart whose spelling had to be cut: FNV-1a over UTF-16 units. */
export function textHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Whether a text has an identifier's letters; a keyword has them too. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** A legal, unreserved C and C++ identifier that resembles `name`; different names may give the same one. */
export function cIdentifier(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 64);
  if (plain === "") return "x";
  return /^[0-9]/.test(plain) ? `x${plain}` : cppKeywords.has(plain) ? `${plain}_` : plain;
}

/** Gives each call its own identifier: the name's own if free, else with the first free number behind it. */
export function identifierPicker(reserved: Iterable<string> = []): (name: string) => string {
  const taken = new Set(reserved);
  return (name) => {
    const base = cIdentifier(name);
    let picked = base;
    for (let n = 2; taken.has(picked); n++) picked = `${base}_${n}`;
    taken.add(picked);
    return picked;
  };
}

const stringEscapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A string literal of the text's UTF-8 bytes; bytes beyond ASCII are octal escapes, which cannot swallow what follows. */
export function cString(text: string): string {
  let out = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    const printable = byte >= 0x20 && byte < 0x7f && char !== "?";
    out += stringEscapes[char] ?? (printable ? char : `\\${byte.toString(8).padStart(3, "0")}`);
  }
  return `"${out}"`;
}

/** A float literal that reads back as the f32 nearest to x; infinities and NaN are the compiler's builtins. */
export function cFloat(x: number): string {
  const value = Math.fround(x);
  if (Number.isNaN(value)) return '__builtin_nanf("")';
  if (!Number.isFinite(value)) return value > 0 ? "__builtin_inff()" : "-__builtin_inff()";
  if (value === 0) return Object.is(value, -0) ? "-0.0f" : "0.0f";
  return `${withPoint(shortest(value))}f`;
}

function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return `${Number(text)}`;
  }
  return `${Number(value.toPrecision(9))}`;
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** An integer literal of at most 64 bits; the two most negative ones have no literal of their own. */
export function cInt(x: number | bigint, bits: 32 | 64 = 32): string {
  const value = BigInt(x);
  const suffix = bits === 64 ? "LL" : "";
  if (value === -(1n << BigInt(bits - 1))) return `(${value + 1n}${suffix} - 1)`;
  return value >= 1n << BigInt(bits - 1) ? `${value}${bits === 64 ? "ULL" : "U"}` : `${value}${suffix}`;
}

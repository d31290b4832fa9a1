/** Lexers: each character is in exactly one token, whatever the text is; comments and strings never turn into code. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lexers, type Language } from "../../src/code/language.js";
import { readers } from "../../src/code/read/read.js";
import { Kind, type Tape } from "../../src/code/token.js";

const pieces = [
  ...[
    "#",
    "//",
    "/*",
    "*/",
    '"',
    "'",
    "`",
    '"""',
    "'''",
    "\\",
    "\n",
    "\r\n",
    " ",
    "\t",
    "{",
    "}",
    "${",
    "$(",
    ")",
    "(",
    "[",
    "]",
    "[[",
    "]]",
    "[=[",
  ],
  ...[
    "f'",
    'rb"',
    'f"""',
    'R"x(',
    ')x"',
    "<<EOF",
    "EOF",
    "<<<",
    ">>>",
    "|",
    ">",
    "- ",
    "a: ",
    ": |",
    "cuda",
    "é",
    "中",
    "😀",
    "0",
    "1.5e-3",
    "=",
    "::",
    "#if 0",
    "#endif",
    "#else",
  ],
  ...["#[[", "${A}", "$A", "`x`", "\u2028", "\0", "!", ":", ",", ";", "<", "/re/g", "return "],
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((p) => p.join(""));
const names = Object.keys(lexers) as Language[];

function tokens(tape: Tape): [kind: number, text: string][] {
  return Array.from({ length: tape.length }, (_, i) => [tape.kinds[i], tape.at(i)]);
}

/** Text of tokens that are code. */
const code = (language: Language, source: string): string[] =>
  tokens(lexers[language](source)).flatMap(([kind, t]) => (kind === Kind.word || kind === Kind.number || kind === Kind.mark ? [t] : []));

describe.each(names)("%s", (language) => {
  test("cuts any text into tokens that follow each other", () => {
    fc.assert(
      fc.property(text, (source) => {
        const tape = lexers[language](source);
        expect(
          tokens(tape)
            .map(([, t]) => t)
            .join(""),
        ).toBe(source);
        expect(tokens(tape).every(([, t]) => t.length > 0)).toBe(true);
        for (const { at } of readers[language](tape)) expect(at >= 0 && at <= source.length).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

const hidden: readonly [Language, string][] = [
  ["python", "# torch.cuda"],
  ["python", "x = 'torch.cuda'"],
  ["python", 'x = """a\n torch.cuda "b" \n"""'],
  ["python", "x = rb'\\'torch.cuda'"],
  ["python", "x = f'torch.cuda {{torch.cuda}} {y}'"],
  ["python", "x = f'{y:torch.cuda}'"],
  ["c", "// torch.cuda \\\n torch.cuda\ny"],
  ["c", "/* torch.cuda */"],
  ["c", 'const char* x = R"a(torch.cuda )" torch.cuda)a";'],
  ["c", 'const char* x = "\\"torch.cuda";'],
  ["c", "#if 0\ntorch.cuda\n#ifdef A\ntorch.cuda\n#endif\ntorch.cuda\n#endif\ny"],
  ["cuda", "int n = 1'000; // torch.cuda"],
  ["cmake", "#[[ torch.cuda\n torch.cuda ]] set(y)"],
  ["cmake", "# torch.cuda"],
  ["cmake", "set(y [=[torch.cuda]]]=])"],
  ["docker", "# torch.cuda\nFROM y"],
  ["docker", "RUN y \\\n# torch.cuda\n && z"],
  ["shell", "y # torch.cuda"],
  ["shell", "y 'torch.cuda'"],
  ["shell", 'y "torch.cuda $A torch.cuda"'],
  ["shell", "y <<EOF\ntorch.cuda\nEOF\nz"],
  ["make", "# torch.cuda"],
  ["yaml", "y: 1 # torch.cuda"],
  ["yaml", "y: 'torch.cuda'"],
  ["yaml", "y: |\n  torch.cuda\nz: 1"],
  ["requirements", "y # torch.cuda"],
  ["toml", "y = 1 # torch.cuda"],
  ["toml", 'y = """torch.cuda\n"""'],
  ["ini", "y = 1\n; torch.cuda"],
  ["json", '{"y": "torch.cuda"}'],
  ["javascript", "y // torch.cuda"],
  ["javascript", "y /* torch.cuda */"],
  ["javascript", "y = `torch.cuda ${z} torch.cuda`"],
  ["javascript", "y = /torch.cuda'/; z = 'torch.cuda'"],
];

test.each(hidden)("%s keeps comments and strings out of code: %s", (language, source) => {
  expect(code(language, source).join(" ")).not.toMatch(/torch|cuda/);
});

const shown: readonly [Language, string][] = [
  ["python", "x = f'{torch.cuda}'"],
  ["python", "x = f'{a[\"b\"]:>{torch.cuda}}'"],
  ["python", "x = f'{(lambda: torch.cuda)()}'"],
  ["python", "'''doc'''\ntorch.cuda"],
  ["c", "#if 0\n#else\ntorch.cuda\n#endif"],
  ["c", "/* */ torch.cuda"],
  ["shell", 'y "$(torch.cuda)"'],
  ["shell", "y <<EOF\nEOF\ntorch.cuda"],
  ["shell", "y#z torch.cuda"],
  ["yaml", "y: a#b torch.cuda"],
  ["javascript", "`${torch.cuda}`"],
  ["javascript", "a / b; torch.cuda / 2"],
];

test.each(shown)("%s keeps code: %s", (language, source) => {
  expect(code(language, source).join(" ")).toMatch(/torch.*cuda/);
});

test("a name that a continued line cuts is one token", () => {
  expect(code("c", "cuda\\\nMalloc(x)")[0]).toBe("cuda\\\nMalloc");
});

/**
 * Line 31: code assessment. Precision and recall over the labelled snippets, a million lines made from them in a tree of many
 * files with a small heap, providers rewritten in a project that compiles before and after.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { figure, firstLine, portolan, root } from "./measure.mjs";

const wantedLines = 1_000_000;
const heapMiB = 192;

export async function assessCode(api, check) {
  const corpus = JSON.parse(readFileSync(join(root, "test/code/corpus.json"), "utf8"));
  const work = mkdtempSync(join(tmpdir(), "portolan-acceptance-code-"));
  try {
    await labelled(api, check, corpus, join(work, "snippets"));
    million(check, corpus, join(work, "million"));
    await rewrite(check, join(work, "web"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function write(folder, path, text) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function labelled(api, check, corpus, folder) {
  const { ruleNamed } = await import("../../dist/src/code/rules.js");
  const wanted = new Set(corpus.flatMap((s) => s.findings.map((f) => `${s.id} ${f.line} ${f.category}`)));
  const given = new Set();
  for (const { id, path, text } of corpus) {
    write(join(folder, id), path, text);
    const found = await api.assessCode(join(folder, id)).catch((error) => {
      if (error.diagnostics?.[0].code !== "no-code") throw error;
      return { findings: [] };
    });
    for (const file of found.findings) for (const f of file.findings) given.add(`${id} ${f.line} ${ruleNamed(f.rule).category}`);
  }
  const right = [...given].filter((g) => wanted.has(g)).length;
  const share = (name, part, whole) => {
    const value = `${((100 * part) / whole).toFixed(2)} % (${part} of ${whole})`;
    check(figure(31, `${corpus.length} labelled snippets, ${name}`, value, ">= 95 %", part / whole >= 0.95));
  };
  share("precision", right, given.size);
  share("recall", right, wanted.size);
}

/** Snippets that count, each a file of its own name, over and over. */
function million(check, corpus, folder) {
  const own = corpus.filter(({ path }) => !/(?:^|\/)(?:third_party|node_modules|vendor)\//.test(path));
  let [lines, files] = [0, 0];
  // Heads that say "generated" are left out, and with them their files.
  for (; lines < 1.02 * wantedLines; files++) {
    const parts = Array.from({ length: 40 }, () => own[(files * 7) % own.length]);
    const text = parts.map((s) => s.text).join("\n");
    write(folder, join(`${files % 100}`, `${files}`, parts[0].path), text);
    lines += text.split("\n").length;
  }
  const ran = portolan(["assess-code", folder, "--sarif", join(folder, "..", "out.sarif")], {
    env: { NODE_OPTIONS: `--max-old-space-size=${heapMiB}` },
  });
  const scanned = Number(/ files, (\d+) lines/.exec(ran.stdout)?.[1] ?? 0);
  const said = ran.status === 0 ? `${ran.seconds.toFixed(1)} s` : `exit ${ran.status}: ${firstLine(ran.stderr)}`;
  check(figure(31, `${scanned} lines in ${files} files, SARIF written`, said, "< 60 s", scanned >= wantedLines && ran.seconds < 60));
  check(figure(31, `peak memory with a heap of ${heapMiB} MiB`, `${ran.peakRssMiB.toFixed(0)} MiB`, "<= 512 MiB", ran.peakRssMiB <= 512));
}

const runtime = "onnxruntime-node";
const project = {
  "config.ts": `type Provider = "cuda" | "tensorrt" | "cpu";\nexport const config = { gpu: { providers: ["tensorrt", "cuda"] as Provider[] } };\n`,
  "session.ts": `import { InferenceSession } from "${runtime}";\nimport { config } from "./config.js";\nexport const open = (path: string, executionProviders = [...config.gpu.providers]) =>\n  InferenceSession.create(path, { executionProviders });\nexport const other = open("m", ["cuda"]);\nexport const last = InferenceSession.create("m", { executionProviders: [{ name: "cuda", deviceId: 0 }, "cpu"] });\n`,
};

/** The types are those of the package itself. */
async function rewrite(check, folder) {
  for (const [path, text] of Object.entries(project)) write(folder, path, text);
  const diff = join(folder, "..", "providers.diff");
  const { status, stderr } = portolan(["assess-code", folder, "--diff", diff]);
  const { execFileSync } = await import("node:child_process");
  const before = await errorsOf(folder);
  let patched = status === 0 ? "patched" : firstLine(stderr);
  try {
    execFileSync("patch", ["-p1", "-s", "-d", folder, "-i", diff], { stdio: "pipe" });
  } catch (error) {
    patched = firstLine(String(error.stderr ?? error.message));
  }
  const after = await errorsOf(folder);
  const left = Object.keys(project).filter((path) =>
    /["'](?:cuda|tensorrt)["'][,\]\s}]/.test(readFileSync(join(folder, path), "utf8").replace(/^type .*$/m, "")),
  );
  const ok = patched === "patched" && before.length === 0 && after.length === 0 && left.length === 0;
  const value = ok ? "compiles before and after, no GPU provider left" : [patched, ...before, ...after, ...left].join("; ");
  check(figure(31, "providers rewritten by the diff", value, "compiles", ok));
}

async function errorsOf(folder) {
  const { Project, ts } = await import("ts-morph");
  const built = new Project({
    compilerOptions: {
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
      paths: { [runtime]: [join(root, "node_modules", runtime)] },
    },
  });
  built.addSourceFilesAtPaths(join(folder, "*.ts"));
  return built.getPreEmitDiagnostics().map((d) => ts.flattenDiagnosticMessageText(d.compilerObject.messageText, " "));
}

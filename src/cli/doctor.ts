/** `portolan doctor`: what is installed, and what each missing thing disables. */
import { loadOnnxruntime } from "../verify/onnxruntime.js";
import { cacheFolder, faultOf, findCompiler, run } from "../host/toolchain.js";
import { exitCodes } from "./exit.js";
import { colours, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { packageVersion } from "./package-version.js";

interface Check {
  readonly what: string;
  readonly found: string | undefined;
  readonly without: string;
}

export async function doctor(_: string, call: CommandCall): Promise<number> {
  if (call.options["evidence"]) return (await import("./evidence.js")).evidence(call);
  const checks: Check[] = [
    { what: "portolan", found: packageVersion(), without: "" },
    { what: "node", found: process.version, without: "nothing runs" },
    { what: "C++17 compiler", found: await compilerVersion(), without: "verify, run and suite" },
    { what: "ar", found: await versionOf("ar"), without: "verify, run and suite" },
    { what: "cmake", found: await versionOf("cmake"), without: "building a bundle by its README (verify does without)" },
    { what: "onnxruntime-node", found: await ortVersion(), without: "verify against onnxruntime (expected outputs still work)" },
    { what: "cache", found: cacheFolder(), without: "" },
  ];
  const ok = checks.every((c) => c.found !== undefined);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok, checks });
  else {
    const c = colours(call);
    say(
      table(
        ["", "", ""],
        checks.map((x) => [x.found ? c.green("yes") : c.red("no"), x.what, x.found ?? `needed for ${x.without}`]),
      )
        .split("\n")
        .slice(1)
        .join("\n"),
    );
  }
  return ok ? exitCodes.ok : exitCodes.tool;
}

async function compilerVersion(): Promise<string | undefined> {
  try {
    const compiler = await findCompiler();
    return (await faultOf(compiler)) === undefined ? await versionOf(compiler) : undefined;
  } catch {
    return undefined;
  }
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { status, stdout } = await run(program, ["--version"]);
    return status === 0 ? stdout.split("\n")[0] : undefined;
  } catch {
    return undefined;
  }
}

async function ortVersion(): Promise<string | undefined> {
  return (await loadOnnxruntime())?.env.versions.common;
}

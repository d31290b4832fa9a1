/** doctor(): what this machine has of what Portolan uses, and what each missing thing disables. */
import { cacheFolder, faultOf, findCompiler, run } from "../host/toolchain.js";
import { version } from "../host/package.js";
import { loadOnnxruntime } from "../verify/onnxruntime.js";

interface ToolCheck {
  readonly what: string;
  /** Its version or place; undefined where it is missing. */
  readonly found: string | undefined;
  readonly without: string;
}

export async function doctor(): Promise<ToolCheck[]> {
  return [
    { what: "portolan", found: version, without: "" },
    { what: "node", found: process.version, without: "nothing runs" },
    { what: "C++17 compiler", found: await compilerVersion(), without: "verify, run and suite" },
    { what: "ar", found: await versionOf("ar"), without: "verify, run and suite" },
    { what: "cmake", found: await versionOf("cmake"), without: "building a bundle by its README (verify does without)" },
    { what: "onnxruntime-node", found: await ortVersion(), without: "verify against onnxruntime (expected outputs still work)" },
    { what: "cache", found: cacheFolder(), without: "" },
  ];
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

/** Runs the built command line as a user does: a process of its own, its exit code and both streams. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const binary = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
if (!existsSync(binary)) throw new Error("these tests run the built command line: npm run build");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with the process and what it has written to stderr so far, each time it writes there. */
  readonly onStderr?: (child: ChildProcess, text: string) => void;
  /** The reader goes away at the first bytes, as head does. */
  readonly closeStdoutEarly?: boolean;
}

/** Never rejects: a failing command is a result. */
export function portolan(args: readonly string[], { cwd, env, onStderr, closeStdoutEarly }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [binary, ...args], { cwd, env: { ...process.env, NO_COLOR: "1", ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (d: Buffer) => {
    stdout += d.toString();
    if (closeStdoutEarly) child.stdout.destroy();
  });
  child.stderr.on("data", (d: Buffer) => {
    stderr += d.toString();
    onStderr?.(child, stderr);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

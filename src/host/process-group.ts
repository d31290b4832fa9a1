/**
 * A program started in a process group of its own, so that ending it ends all that it has started: the passes of a
 * compiler, the forked cases of a batch.
 *
 * Such a group hears neither Ctrl-C at the terminal nor the end of this process. A caller that is told to stop ends it.
 * For an end that no code of ours sees (a signal nobody handles, process.exit, a thread torn down) there is the warden:
 * a shell that learns which groups run, and ends those when our end of its pipe closes.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

interface ProcessGroup {
  /** The group's leader. Its stdin is empty. */
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Asks all of the group to end; what does not within two seconds is killed. `child` has its "close" after the last one that holds its output. */
  readonly end: () => void;
}

const graceMs = 2000;

/** As with `spawn`, a program that cannot be started is told by the child's "error" event. */
export function startGroup(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): ProcessGroup {
  // Before the program, so that it is told of the program at once.
  warden ??= startWarden();
  const child = spawn(program, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid === undefined) return { child, end: () => undefined };
  tellWarden("start", pid);
  let late: NodeJS.Timeout | undefined;
  child.on("exit", () => {
    clearTimeout(late);
    // What the leader has left behind ends with it.
    signalGroup(pid, "SIGKILL");
    tellWarden("end", pid);
  });
  const end = (): void => {
    if (late || child.exitCode !== null || child.signalCode !== null) return;
    signalGroup(pid, "SIGTERM");
    late = setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
  };
  return { child, end };
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: how macOS says that of a group whose only member has ended.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

const wardenScript = `
running=" "
while read -r what id; do
  case $what in
    start) running="$running$id " ;;
    end) running="\${running%% $id *} \${running#* $id }" ;;
  esac
done
for id in $running; do kill -s TERM -- "-$id"; done`;

let warden: Writable | undefined;

function tellWarden(what: "start" | "end", leader: number): void {
  warden ??= startWarden();
  warden.write(`${what} ${leader}\n`);
}

/** Keeps nothing alive. Without a shell on the machine, groups outlive an end that no code sees. */
function startWarden(): Writable {
  const shell = spawn("sh", ["-c", wardenScript], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const { stdin } = shell;
  const forget = (): void => {
    if (warden === stdin) warden = undefined;
  };
  shell.on("error", forget);
  stdin.on("error", forget);
  shell.unref();
  (stdin as Socket).unref();
  // Waiting for its end, which comes at once, spares the machine a process that nobody has asked for its status.
  process.once("beforeExit", () => {
    forget();
    shell.ref();
    stdin.end();
  });
  return stdin;
}

/** A Redis of one's own on a free port, which keeps nothing on disk; undefined where redis-server is not installed. */
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";

export async function startRedis(...options) {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return undefined;
  const port = await freePort();
  const words = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tmpdir(), ...options];
  const server = spawn("redis-server", words, { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve, reject) => {
    server.on("close", () => reject(new Error("redis-server did not start")));
    server.stdout.on("data", (text) => `${text}`.includes("Ready to accept connections") && resolve());
  });
  const ended = new Promise((resolve) => server.on("close", resolve));
  const stop = () => {
    server.kill("SIGTERM");
    return ended;
  };
  return { port, stop };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

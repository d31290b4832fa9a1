/** Pages in headless Chromium, spoken to over a pipe (no port is opened): what they ask for, what they complain of, how they look. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The browser, where there is one. */
export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage"];

/** A browser that opens files until it is closed. */
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), "portolan-browser-"));
  const child = spawn(chromium, [...flags, `--user-data-dir=${profile}`, "--remote-debugging-pipe"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    // A group of its own: the browser's other processes write to the profile until they end too.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const close = async () => {
    process.kill(-child.pid, "SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { open: opener(connection(child)), close };
}

/** Messages are JSON with a zero byte behind each. */
function connection(child) {
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const heard = new Set();
  let [rest, last] = ["", 0];
  output.setEncoding("utf8");
  output.on("data", (text) => {
    const parts = (rest + text).split("\0");
    rest = parts.pop();
    for (const part of parts) hear(JSON.parse(part));
  });
  child.once("exit", () => waiting.forEach(({ reject }) => reject(new Error("the browser is gone"))));
  function hear(message) {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (!asked) heard.forEach((listen) => listen(message));
    else if (message.error) asked.reject(new Error(message.error.message));
    else asked.resolve(message.result);
  }
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  return { send, listen: (listener) => heard.add(listener) };
}

const opener =
  ({ send, listen }) =>
  async (url, { bypassCSP = false, withoutScripts = false } = {}) => {
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const ask = (method, params) => send(method, params, sessionId);
    const requests = [];
    const complaints = [];
    let loaded;
    const load = new Promise((resolve) => (loaded = resolve));
    listen(({ sessionId: from, method, params }) => {
      if (from !== sessionId) return;
      if (method === "Network.requestWillBeSent") requests.push(params.request.url);
      if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? "exception");
      if (method === "Runtime.consoleAPICalled") complaints.push(params.args.map((a) => a.value).join(" "));
      if (method === "Log.entryAdded") complaints.push(params.entry.text);
      if (method === "Page.loadEventFired") loaded();
    });
    for (const domain of ["Network", "Runtime", "Log", "Page"]) await ask(`${domain}.enable`);
    if (bypassCSP) await ask("Page.setBypassCSP", { enabled: true });
    if (withoutScripts) await ask("Emulation.setScriptExecutionDisabled", { value: true });
    await ask("Page.navigate", { url });
    await load;
    return pageOf(ask, {
      requests: () => requests.filter((r) => r !== url),
      complaints,
      close: () => send("Target.closeTarget", { targetId }),
    });
  };

function pageOf(ask, rest) {
  /** The value of an expression, promises awaited. */
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    ...rest,
    evaluate,
    /** "light" or "dark", how many pixels wide, on "screen" or as for "print". */
    show: async ({ width, scheme = "light", height = 900, media = "screen" }) => {
      await ask("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
      await ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    },
    /** The page in full as PNG, or what `clip` names of it. */
    screenshot: async (clip) => {
      const whole = await evaluate("({ x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight })");
      const { data } = await ask("Page.captureScreenshot", { captureBeyondViewport: true, clip: { ...whole, ...clip, scale: 1 } });
      return Buffer.from(data, "base64");
    },
    /** As it would be printed: PDF. */
    print: async () => Buffer.from((await ask("Page.printToPDF", { printBackground: false })).data, "base64"),
  };
}

/** What axe-core finds that is serious or worse; `source` is its script, the page was opened with `bypassCSP`. */
export async function seriousFindings(page, source) {
  await page.evaluate(`${source}; undefined`);
  const found = await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.failureSummary.replaceAll("\\n", " ")).join(" | ")))`);
  return found;
}

/** Whether anything sticks out of the page to the side. */
export const sticksOut = (page) =>
  page.evaluate(`document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, svg")).slice(0, 5)
    .map((e) => e.tagName + "." + e.className + "#" + e.id) : []`);

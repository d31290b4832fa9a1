/** What data.py makes, kept in .cache/quantise by what made it. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeArrays } from "../../dist/src/api/arrays.js";

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, "../../.cache/quantise");

/** Chinese fonts as Debian's packages lay them. */
const fonts = [
  "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
  "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
  "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
];
export const font = () => fonts.find(existsSync);

/** Runs a script and gives what it printed; throws what it said last. */
export function runPython(...args) {
  const python = process.env.PORTOLAN_PYTHON ?? "python3";
  const { status, stdout, stderr, error } = spawnSync(python, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${python} ${args[0]}: ${stderr?.trim().split("\n").at(-1) ?? error?.message}`);
  return stdout;
}

/** The folder with calib.npz and test.npz. Throws where Python or what it needs is missing. */
export const dataOf = (what, ...args) => made("data.py", what, (folder) => [what, folder, ...args], args);

/** The folder of an architecture with random weights: model.onnx too. */
export const netOf = (name) => made("nets.py", name, (folder) => [name, folder], []);

function made(script, what, args, told) {
  const key = createHash("sha256").update(readFileSync(join(here, script))).update(JSON.stringify(told)); // prettier-ignore
  const folder = join(cache, `${what}-${key.digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  runPython(join(here, script), ...args(part));
  renameSync(part, folder);
  return folder;
}

/** The samples of a file as feeds, one each: they lie along the first axis. */
export function feedsIn(path) {
  const arrays = [...decodeArrays(readFileSync(path))];
  const count = arrays[0][1].shape[0];
  const row = (t, i) => {
    const size = t.data.length / count;
    return { dtype: t.dtype, shape: t.shape.slice(1), data: t.data.slice(i * size, (i + 1) * size) };
  };
  return Array.from({ length: count }, (_, i) => new Map(arrays.map(([name, t]) => [name, row(t, i)])));
}

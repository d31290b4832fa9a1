/**
 * What a model is calibrated on, read one sample at a time: however many there are, one is in memory.
 *
 * A file .npz holds arrays by input name, a .npy the one input's array; an array of one axis more than its input holds
 * samples along the first. A folder holds such files, each read in the order of their names, or input_0.pb, input_1.pb, ...
 * as the standard's test cases do, in itself or in folders of its own. Or it holds pictures, and the caller says what becomes of them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DiagnosticError, fail } from "../../base/diagnostic.js";
import { elementCount, type Tensor } from "../../base/tensor.js";
import { reasonOf } from "../../host/files.js";
import { rankedType, type Graph } from "../../ir/graph.js";
import { readTensorProto } from "../../onnx/bytes/tensor-proto.js";
import { requireArrays } from "../../verify/arrays.js";
import { seededInputs, type Feed } from "../../verify/inputs.js";
import { isPicture, preparing, type Preprocessing } from "./images.js";
import { readNpy, readNpz } from "../../verify/npz.js";

export interface Samples {
  readonly count: number;
  /** The same for the same samples: names, sizes and times of their files. */
  readonly key: string;
  /** The arrays of one, checked against the model. Throws `bad-calibration`. */
  load(index: number): Feed;
}

/** `count` samples from seeds that follow each other. */
export function seededSamples(graph: Graph, seed: number, count: number): Samples {
  return { count, key: `seed ${seed} ${count}`, load: (i) => seededInputs(graph, seed + i) };
}

/** Arrays that are in memory. */
export function givenSamples(graph: Graph, feeds: readonly Feed[]): Samples {
  if (feeds.length === 0) noSamples("the list is empty");
  const hash = createHash("sha256");
  for (const feed of feeds) for (const [name, t] of feed) hash.update(`${name} ${t.dtype} ${t.shape.join()} `).update(bytesOf(t));
  return { count: feeds.length, key: hash.digest("hex"), load: (i) => checked(graph, feeds[i], `sample ${i}`) };
}

function bytesOf({ data }: Tensor): Uint8Array {
  return Array.isArray(data) ? Buffer.from(JSON.stringify(data)) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Where some samples lie: a file, or the .pb files of one sample. */
interface Part {
  readonly paths: readonly string[];
  readonly count: number;
}

/**
 * `images` says what becomes of pictures; with it a folder's .png and .jpg files are samples, and arrays are not looked for.
 * Throws `bad-calibration` where a file cannot be read or does not fit the model.
 */
export async function samplesIn(path: string, graph: Graph, images?: Preprocessing): Promise<Samples> {
  if (images) return picturesIn(path, graph, images);
  const files = filesOf(path, isArray);
  if (files.length === 0 && filesOf(path, isPicture).length > 0)
    fail("bad-calibration", `"${path}" holds pictures, and nothing says how they become inputs`, {
      location: { path },
      fix: "Say it: --image resize=256,crop=224,mean=0.485:0.456:0.406,std=0.229:0.224:0.225, or images: { resize: 256, ... }.",
    });
  const parts = files.map((paths): Part => ({ paths, count: countOf(readPart(paths, graph), graph) }));
  const owners = parts.flatMap((part) => Array.from({ length: part.count }, (_, row) => ({ part, row })));
  if (owners.length === 0) noSamples(`"${path}" holds none`, path);
  let [last, held]: [Part | undefined, Feed] = [undefined, new Map()];
  return {
    count: owners.length,
    key: createHash("sha256")
      .update(parts.flatMap((p) => p.paths.map(identity)).join("\n"))
      .digest("hex"),
    load: (i) => {
      const { part, row } = owners[i];
      if (part !== last) [last, held] = [part, readPart(part.paths, graph)];
      return checked(graph, rowOf(held, row, graph), part.count > 1 ? `sample ${row} of "${part.paths[0]}"` : `"${part.paths[0]}"`);
    },
  };
}

async function picturesIn(path: string, graph: Graph, images: Preprocessing): Promise<Samples> {
  const prepare = await preparing(graph, images);
  const paths = filesOf(path, isPicture).flat();
  if (paths.length === 0) noSamples(`"${path}" holds no .png or .jpg file`, path);
  return {
    count: paths.length,
    key: createHash("sha256").update(JSON.stringify([images, paths.map(identity)])).digest("hex"), // prettier-ignore
    load: (i) => checked(graph, attempt(paths[i], () => prepare(readFileSync(paths[i]), paths[i])), `"${paths[i]}"`), // prettier-ignore
  };
}

function identity(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${basename(path)} ${size} ${mtimeMs}`;
}

function noSamples(why: string, path?: string): never {
  return fail("bad-calibration", `there are no samples to calibrate on: ${why}`, {
    ...(path !== undefined && { location: { path } }),
    fix: "Give a .npz or .npy file, a folder of them or of input_0.pb files, or seed:N.",
  });
}

const isArray = (path: string): boolean => /\.np[yz]$/.test(path);

/** The files of each part that are `wanted`, in the order of their names; .pb files of one sample go with arrays. */
function filesOf(path: string, wanted: (path: string) => boolean): (readonly string[])[] {
  const list = attempt(path, () => (statSync(path).isDirectory() ? readdirSync(path, { withFileTypes: true }) : undefined));
  if (!list) return [[path]];
  const names = list.map((e) => ({ name: e.name, folder: e.isDirectory() })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const protos = wanted === isArray ? names.filter((e) => /^input_\d+\.pb$/.test(e.name)).map((e) => e.name) : [];
  const own = protos.length > 0 ? [protos.sort((a, b) => positionOf(a) - positionOf(b)).map((n) => join(path, n))] : [];
  const others = names.flatMap((e): (readonly string[])[] => {
    if (e.folder) return filesOf(join(path, e.name), wanted);
    return wanted(e.name) ? [[join(path, e.name)]] : [];
  });
  return [...own, ...others];
}

const positionOf = (name: string): number => Number(/\d+/.exec(name)?.[0]);

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof DiagnosticError ? error.diagnostics[0].message : reasonOf(error);
    return fail("bad-calibration", `"${path}" cannot be read: ${reason}`, {
      location: { path },
      fix: "Give a .npz or .npy file, a folder of them or of input_0.pb files, or seed:N.",
    });
  }
}

function readPart(paths: readonly string[], graph: Graph): Feed {
  const [path] = paths;
  return attempt(path, () => {
    if (path.endsWith(".npz")) return readNpz(readFileSync(path));
    const tensors = paths.map((p) => (p.endsWith(".npy") ? readNpy(readFileSync(p)) : readTensorProto(readFileSync(p))));
    return new Map(tensors.map((t, i): [string, Tensor] => [graph.inputs[i]?.name ?? `input ${i}`, t]));
  });
}

/** Whether an array holds samples along an axis more than its input has. */
function isStacked(name: string, t: Tensor, graph: Graph): boolean {
  const rank = rankedType(graph.inputs.find((v) => v.name === name))?.shape.length;
  return rank !== undefined && t.shape.length === rank + 1;
}

function countOf(feed: Feed, graph: Graph): number {
  const counts = [...feed].map(([name, t]) => (isStacked(name, t, graph) ? t.shape[0] : 1));
  return Math.max(0, ...counts);
}

function rowOf(feed: Feed, row: number, graph: Graph): Feed {
  return new Map([...feed].map(([name, t]) => [name, isStacked(name, t, graph) ? sliceOf(t, row) : t]));
}

/** A stack that is too short has no such row: an empty array, which does not fit its input. */
function sliceOf(t: Tensor, row: number): Tensor {
  const shape = t.shape.slice(1);
  const size = elementCount(shape);
  if (row >= t.shape[0]) return { ...t, shape: [0], data: t.data.slice(0, 0) };
  return { dtype: t.dtype, shape, data: t.data.slice(row * size, (row + 1) * size) };
}

function checked(graph: Graph, feed: Feed, what: string): Feed {
  try {
    requireArrays(
      graph.inputs.map((v) => ({ name: v.name, type: rankedType(v) })),
      feed,
      // A file of samples often holds their labels too.
      () => true,
    );
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const [{ message, fix }] = error.diagnostics;
    return fail("bad-calibration", `${what}: ${message}`, { ...(fix !== undefined && { fix }) });
  }
  const names = new Set(graph.inputs.map((v) => v.name));
  return new Map([...feed].filter(([name]) => names.has(name)));
}

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
import { bytesSource, type ByteSource } from "../../base/byte-source.js";
import { DiagnosticError, fail, problem, type Diagnostic } from "../../base/diagnostic.js";
import type { DType } from "../../base/dtype.js";
import type { Tensor } from "../../base/tensor.js";
import { openFile, reasonOf } from "../../host/files.js";
import { rankedType, type Graph } from "../../ir/graph.js";
import { readTensorProto } from "../../onnx/bytes/tensor-proto.js";
import { requireArrays } from "../../verify/arrays.js";
import { seededInputs, type Feed } from "../../verify/inputs.js";
import { isPicture, preparing, type Preprocessing } from "./images.js";
import { lying, npyIn, npzIn, type LyingArray } from "../../verify/npz-read.js";

export interface Samples {
  readonly count: number;
  /** The same for the same samples: names, sizes and times of their files. */
  readonly key: string;
  /** The arrays of one, checked against the model. Throws `bad-calibration`. */
  load(index: number): Feed;
}

/** Made inputs: normal floats, small integers. They say nothing of the data that the model will meet. */
export interface SeededCalibration {
  readonly seed: number;
  /** Samples; 16 unless told. */
  readonly count?: number;
}

/** `seed:N`, or `seed:NxCOUNT`; undefined for anything else, which is a path. Throws `bad-calibration`. */
export function seedIn(from: string): SeededCalibration | undefined {
  if (!from.startsWith("seed:")) return undefined;
  const [seed, count] = from.slice("seed:".length).split("x");
  const isWhole = (text: string | undefined): boolean => text !== undefined && text !== "" && Number.isSafeInteger(Number(text));
  if (!isWhole(seed) || (count !== undefined && !(isWhole(count) && Number(count) > 0)))
    return fail("bad-calibration", `--calib "${from}" has no whole numbers`, { fix: "Write seed:0, or seed:0x32 for 32 samples." });
  return { seed: Number(seed), ...(count !== undefined && { count: Number(count) }) };
}

/** What is to be said of made inputs. */
export function madeUp(seed: number): Diagnostic {
  return problem("calibration-made-up", `the model was calibrated on made-up inputs (seed ${seed})`, {
    severity: "warning",
    why: "Ranges of activations follow from the samples: noise reaches other values than real data, and figures on noise say little of accuracy.",
    fix: "Give samples of what the model will meet: --calib FOLDER of .npz files.",
  });
}

/** Samples from seeds that follow each other. */
export function seededSamples(graph: Graph, { seed, count = 16 }: SeededCalibration): Samples {
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

/**
 * `images` says what becomes of pictures; with it a folder's .png and .jpg files are samples, and arrays are not looked for.
 * Throws `bad-calibration` where a file cannot be read or does not fit the model, before any sample is loaded.
 */
export async function samplesIn(path: string, graph: Graph, images?: Preprocessing): Promise<Samples> {
  if (images) return picturesIn(path, graph, images);
  const files = filesOf(path, isArray);
  if (files.length === 0 && filesOf(path, isPicture).length > 0)
    fail("bad-calibration", `"${path}" holds pictures, and nothing says how they become inputs`, {
      location: { path },
      fix: "Say it: --image resize=256,crop=224,mean=0.485:0.456:0.406,std=0.229:0.224:0.225, or images: { resize: 256, ... }.",
    });
  let count = 0;
  // The samples up to and with those of each file.
  const ends = files.map((paths) => (count += countOf(openPart(paths, graph), graph, firstOf(paths))));
  if (count === 0) noSamples(`"${path}" holds none`, path);
  let [last, held]: [number, Part] = [-1, new Map()];
  return {
    count,
    key: keyOf("", files),
    load: (i) => {
      const file = ends.findIndex((end) => i < end);
      const [path, before] = [firstOf(files[file]), ends[file - 1] ?? 0];
      if (file !== last) [last, held] = [file, openPart(files[file], graph)];
      const feed = attempt(path, () => rowOf(held, i - before, graph));
      return checked(graph, feed, rowName(path, i - before, ends[file] - before));
    },
  };
}

const rowName = (path: string, row: number, of: number): string => (of > 1 ? `sample ${row} of "${path}"` : `"${path}"`);

async function picturesIn(path: string, graph: Graph, images: Preprocessing): Promise<Samples> {
  const prepare = await preparing(graph, images);
  const paths = filesOf(path, isPicture).flatMap((file) => file);
  if (paths.length === 0) noSamples(`"${path}" holds no .png or .jpg file`, path);
  return {
    count: paths.length,
    key: keyOf(JSON.stringify(images), paths),
    load: (i) => checked(graph, attempt(paths[i], () => prepare(readFileSync(paths[i]), paths[i]), "Repair the picture, or take it out of the folder."), `"${paths[i]}"`), // prettier-ignore
  };
}

/** The same for the same files, as far as names, sizes and times tell. */
function keyOf(how: string, files: readonly Files[]): string {
  const hash = createHash("sha256").update(how);
  for (const path of files.flat()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${basename(path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function noSamples(why: string, path?: string): never {
  return fail("bad-calibration", `there are no samples to calibrate on: ${why}`, {
    ...(path !== undefined && { location: { path } }),
    fix: "Give a .npz or .npy file, a folder of them or of input_0.pb files, or seed:N.",
  });
}

const isArray = (path: string): boolean => /\.np[yz]$/.test(path);

/** Where samples lie: one file, or the files of one sample. Of one file there is no list: there may be many thousands. */
type Files = string | readonly string[];

const firstOf = (files: Files): string => (typeof files === "string" ? files : files[0]);

/** The files that are `wanted`, in the order of their names; .pb files of one sample go with arrays. */
function filesOf(path: string, wanted: (path: string) => boolean): Files[] {
  const names = attempt(path, () => (statSync(path).isDirectory() ? readdirSync(path).sort(byUnits) : undefined));
  if (!names) return [path];
  const protos = wanted === isArray ? names.filter((name) => /^input_\d+\.pb$/.test(name)) : [];
  const own = protos.length > 0 ? [protos.sort((a, b) => positionOf(a) - positionOf(b)).map((n) => join(path, n))] : [];
  const out: Files[] = [...own];
  for (const name of names) {
    const at = join(path, name);
    if (wanted(name)) out.push(at);
    else if (attempt(at, () => statSync(at).isDirectory())) out.push(...filesOf(at, wanted));
  }
  return out;
}

const byUnits = (a: string, b: string): number => (a < b ? -1 : 1);

const positionOf = (name: string): number => Number(/\d+/.exec(name)?.[0]);

const otherFile = "Give a .npz or .npy file, a folder of them or of input_0.pb files, or seed:N.";

function attempt<T>(path: string, read: () => T, fix = otherFile): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof DiagnosticError ? error.diagnostics[0].message : reasonIn(error);
    return fail("bad-calibration", `"${path}" cannot be read: ${reason}`, { location: { path }, fix });
  }
}

/** What stands beyond the end of a file was never written, whatever a decoder says of it. */
const reasonIn = (error: unknown): string => (error instanceof RangeError ? "it is damaged or ends early" : reasonOf(error));

/** Arrays by input name, read when they are asked for. */
type Part = ReadonlyMap<string, LyingArray>;

/** Files up to this size are read whole: there may be many, and few of them can be open at a time. */
const smallBytes = 8 << 20;

const sourceOf = (path: string): ByteSource =>
  statSync(path).size > smallBytes ? openFile(path, path) : bytesSource(readFileSync(path), path);

function openPart(files: Files, graph: Graph): Part {
  const [path, paths] = [firstOf(files), [files].flat()];
  return attempt(path, () => {
    if (path.endsWith(".npz")) return npzIn(sourceOf(path));
    const arrays = paths.map((p) => (p.endsWith(".npy") ? npyIn(sourceOf(p)) : lying(readTensorProto(readFileSync(p)))));
    return new Map(arrays.map((t, i): [string, LyingArray] => [graph.inputs[i]?.name ?? `input ${i}`, t]));
  });
}

interface Typed {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Whether an array holds samples along an axis more than its input has. */
function isStacked(name: string, t: Typed, graph: Graph): boolean {
  const rank = rankedType(graph.inputs.find((v) => v.name === name))?.shape.length;
  return rank !== undefined && t.shape.length === rank + 1;
}

/** How many samples a file holds, after a look at what each of them is. Throws `bad-calibration`. */
function countOf(part: Part, graph: Graph, path: string): number {
  const stacks = [...part].filter(([name, t]) => isStacked(name, t, graph));
  const odd = stacks.find(([, t]) => t.shape[0] !== stacks[0][1].shape[0]);
  if (odd)
    fail("bad-calibration", `"${path}" holds ${stacks[0][1].shape[0]} samples of "${stacks[0][0]}" and ${odd[1].shape[0]} of "${odd[0]}"`, {
      location: { path },
      fix: "Give as many of each input; the first axis counts the samples.",
    });
  const count = part.size === 0 ? 0 : (stacks[0]?.[1].shape[0] ?? 1);
  const one = new Map([...part].map(([name, t]) => [name, isStacked(name, t, graph) ? { dtype: t.dtype, shape: t.shape.slice(1) } : t]));
  if (count > 0) requireFits(graph, one, rowName(path, 0, count));
  return count;
}

function rowOf(part: Part, row: number, graph: Graph): Feed {
  const own = [...part].filter(([name]) => graph.inputs.some((v) => v.name === name));
  return new Map(own.map(([name, t]) => [name, isStacked(name, t, graph) ? t.row(row) : t.whole()]));
}

function requireFits(graph: Graph, feed: ReadonlyMap<string, Typed>, what: string): void {
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
    fail("bad-calibration", `${what}: ${message}`, { ...(fix !== undefined && { fix }) });
  }
}

function checked(graph: Graph, feed: Feed, what: string): Feed {
  requireFits(graph, feed, what);
  return new Map([...feed].filter(([name]) => graph.inputs.some((v) => v.name === name)));
}

/**
 * Line 24: what is given to `quantize` wrongly, each as a run of the command line: its exit code, the code of what is said, a word of
 * it, and that nothing stays behind. Then a budget that nothing meets, and calibrations that are
 * interrupted and killed: the next run gives the bytes of one that never stopped.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, figure, firstLine, portolan, root } from "./measure.mjs";

const line = 24;
const model = join(root, "samples/digits/cnn.onnx");
const dist = (path) => import(join(root, "dist/src", path));

export async function calibrationInput(check) {
  const work = mkdtempSync(join(tmpdir(), "portolan-calibration-"));
  try {
    for (const one of await wrongInputs(work)) refused(check, work, one);
    impossible(check, work);
    for (const signal of ["SIGINT", "SIGKILL"]) await stopped(check, work, signal);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Files of arrays and pictures, and what each is answered with: [name, --calib, exit code, diagnostic, a word of the message, more]. */
async function wrongInputs(work) {
  const [{ writeNpz }, { fromNumbers }] = await Promise.all([dist("verify/npz.js"), dist("base/float-formats.js")]);
  const array = (dtype, shape, value = (i) => (i % 7) / 7) =>
    fromNumbers(
      dtype,
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
    );
  const put = (path, bytes) => {
    mkdirSync(join(work, path, ".."), { recursive: true });
    writeFileSync(join(work, path), bytes);
    return join(work, path);
  };
  const npz = (path, arrays) => put(path, writeNpz(new Map(Object.entries(arrays))));
  const image = array("f32", [1, 1, 8, 8]);
  const folder = (name, files) => {
    for (const [file, bytes] of Object.entries(files)) put(join(name, file), bytes);
    return join(work, name);
  };
  const whole = writeNpz(new Map([["image", image]]));
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${String(i).padStart(3, "0")}.npz`, i < 99 ? whole : writeNpz(new Map([["image", array("f32", [1, 1, 8, 8], (k) => (k === 5 ? NaN : 1))]]))])); // prettier-ignore
  mkdirSync(join(work, "empty"));
  return [
    ["another name", npz("name.npz", { picture: image }), 2, "bad-calibration", '"picture"'],
    ["a name in capitals", npz("case.npz", { IMAGE: image }), 2, "bad-calibration", '"IMAGE"'],
    ["another shape", npz("shape.npz", { image: array("f32", [1, 1, 4, 8]) }), 2, "bad-calibration", "f32[1,1,4,8]"],
    ["no axes", npz("scalar.npz", { image: array("f32", []) }), 2, "bad-calibration", "f32[]"],
    ["halves", npz("halves.npz", { image: array("f16", [1, 1, 8, 8]) }), 2, "bad-calibration", "f16[1,1,8,8]"],
    ["whole numbers in a .pb", folder("proto", { "input_0.pb": int64Zeros([1, 1, 8, 8]) }), 2, "bad-calibration", "i64[1,1,8,8]"],
    ["no samples in a file", npz("none.npz", {}), 2, "bad-calibration", "no samples"],
    ["no samples in an array", npz("rows.npz", { image: array("f32", [0, 1, 1, 8, 8]) }), 2, "bad-calibration", "no samples"],
    ["an empty folder", join(work, "empty"), 2, "bad-calibration", "no samples"],
    ["no such file", join(work, "nothing"), 2, "bad-calibration", "no such file"],
    ["shapes that differ from file to file", folder("mixed", { "a.npz": whole, "b.npz": writeNpz(new Map([["image", array("f32", [1, 8, 8])]])) }), 2, "bad-calibration", "b.npz"], // prettier-ignore
    ["a file cut short", folder("cut", { "a.npz": whole, "b.npz": whole.subarray(0, whole.length / 2) }), 2, "bad-calibration", "b.npz"],
    ["pictures without a word on them", folder("pictures", { "a.png": Uint8Array.of(1) }), 2, "bad-calibration", "--image"],
    ["a broken picture", folder("broken", { "a.jpg": Uint8Array.of(255, 216, 255, 224, 7) }), 2, "bad-calibration", "a.jpg", ["--image", "resize=8"]], // prettier-ignore
    ["a NaN in the last of 100", folder("nan", many), 0, "calibration-not-finite", '"image"'],
    ["one sample", npz("one.npz", { image }), 0, "calibration-one-sample", "one sample"],
    ["a seed of letters", "seed:x", 2, "bad-calibration", "seed:x"],
    ["no samples for fixed levels", undefined, 2, "bad-calibration", "w8a8-dynamic"],
  ];
}

/** A TensorProto: field 1 dims, 2 the type (7 is int64), 9 the bytes. */
function int64Zeros(shape) {
  const bytes = 8 * shape.reduce((a, b) => a * b, 1);
  return Buffer.concat([
    Uint8Array.from([...shape.flatMap((d) => [8, d]), 16, 7, 0x4a, (bytes & 127) | 128, bytes >> 7]),
    Buffer.alloc(bytes),
  ]);
}

function quantized(work, calib, more = []) {
  const output = join(work, "out/q.onnx");
  rmSync(join(work, "out"), { recursive: true, force: true });
  mkdirSync(join(work, "out"));
  const ran = portolan(["quantize", model, ...(calib === undefined ? [] : ["--calib", calib]), "-o", output, ...more]);
  return { ...ran, left: readdirSync(join(work, "out")) };
}

function refused(check, work, [what, calib, status, code, word, more]) {
  const ran = quantized(work, calib, more);
  const left = status === 0 ? ["q.onnx"] : [];
  const ok = ran.status === status && ran.stderr.includes(`[${code}]`) && ran.stderr.includes(word) && ran.left.join() === left.join();
  const value = `exit ${ran.status}, ${firstLine(ran.stderr)}${ran.left.length > 0 ? `; leaves ${ran.left.join(", ")}` : ""}`;
  check(figure(line, what, value, `exit ${status}, ${code}`, ok));
}

function impossible(check, work) {
  const ran = quantized(work, join(root, "samples/digits/calib.npz"), ["--budget", "sqnr>=500dB"]);
  const best = /reached with every layer in float: logits: [\d.]+ dB/.exec(ran.stderr)?.[0];
  check(figure(line, "a budget that nothing meets", `exit ${ran.status}, ${best}`, "exit 1, the best found", ran.status === 1 && best !== undefined)); // prettier-ignore
}

const calibration = "seed:0x20000";
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A run that is stopped in its middle, and the next one's bytes beside those of a run that was not. */
async function stopped(check, work, signal) {
  const [whole, cut] = ["whole.onnx", `${signal}.onnx`].map((name) => join(work, name));
  if (!existsSync(whole)) portolan(["quantize", model, "--calib", calibration, "-o", whole]);
  const args = ["quantize", model, "--calib", calibration, "-o", cut];
  const child = spawn(process.execPath, [binary, ...args], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("exit", (status, by) => resolve(by ?? status)));
  // Long enough that runs were made; what is killed has kept some of them.
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  if (signal === "SIGINT") await Promise.race([ended, after(2500)]);
  else while (isRunning() && !existsSync(`${cut}.calibration`)) await after(20);
  child.kill(signal);
  const how = await ended;
  const kept = existsSync(`${cut}.calibration`) && !existsSync(cut);
  const again = portolan(args);
  const same = again.status === 0 && readFileSync(cut).equals(readFileSync(whole));
  const wanted = signal === "SIGINT" ? 130 : "SIGKILL";
  const resumed = again.stderr.includes("[calibration-resumed]") && !existsSync(`${cut}.calibration`);
  const value = `ended by ${how}, ${kept ? "kept" : "nothing kept"}, ${resumed ? "resumed" : "begun anew"}, ${same ? "the same bytes" : "other bytes"}`;
  check(figure(line, `${signal} in the middle of 20,000 samples`, value, `${wanted}, kept, resumed, the same bytes`, how === wanted && kept && resumed && same)); // prettier-ignore
}

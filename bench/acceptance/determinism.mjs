/** Line 9: the same model compiled in two folders, time zones and locales; and step ids when an unrelated part changes. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import proto from "onnx-proto";
import { fetchModel } from "../models.mjs";
import { figure, firstLine, portolan } from "./measure.mjs";

const { onnx } = proto;
const targets = ["cann", "bang", "kunlun"];
const places = [
  { TZ: "UTC", LANG: "C", LC_ALL: "C" },
  { TZ: "Asia/Shanghai", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
];

/** Path to sha256 of every file below a folder. */
function hashes(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  const paths = files.map((e) => join(e.parentPath ?? e.path, e.name));
  return new Map(paths.map((p) => [p.slice(folder.length), createHash("sha256").update(readFileSync(p)).digest("hex")]));
}

export function determinism(check, { names = ["det", "rec", "alexa", "melspectrogram"] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "portolan-determinism-"));
  try {
    for (const name of names) for (const target of targets) twice(check, folder, name, target);
    for (const target of targets) unrelated(check, folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function twice(check, folder, name, target) {
  const [a, b] = places.map((env, i) => {
    const here = mkdtempSync(join(folder, i === 0 ? "a-" : "a longer folder's name "));
    copyFileSync(fetchModel(name), join(here, "model.onnx"));
    const args = ["compile", i === 0 ? "model.onnx" : join(here, "model.onnx"), "-t", target, "-o", i === 0 ? "out" : join(here, "out")];
    const ran = portolan(args, { cwd: i === 0 ? here : folder, env });
    return ran.status === 0 ? hashes(join(here, "out")) : firstLine(ran.stderr);
  });
  if (typeof a === "string" || typeof b === "string")
    return check(figure(9, `${name} ${target}`, typeof a === "string" ? a : b, "compiles", false));
  const different = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
  const value = different.length === 0 ? `${a.size} files identical` : `differ: ${different.slice(0, 4).join(", ")}`;
  check(figure(9, `${name} ${target} in two folders, zones and locales`, value, "byte-identical", different.length === 0));
}

/** alexa with a second, unrelated input, operator and output in front. */
function withUnrelated(bytes) {
  const model = onnx.ModelProto.decode(bytes);
  const type = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 5 }] } } };
  model.graph.node.unshift(
    onnx.NodeProto.create({ opType: "Exp", name: "unrelated", input: ["other"], output: ["other.exp"] }),
    onnx.NodeProto.create({ opType: "Neg", name: "unrelated2", input: ["other.exp"], output: ["other.out"] }),
  );
  model.graph.input.unshift(onnx.ValueInfoProto.create({ name: "other", type }));
  model.graph.output.unshift(onnx.ValueInfoProto.create({ name: "other.out", type }));
  return onnx.ModelProto.encode(model).finish();
}

function unrelated(check, folder, target) {
  const here = mkdtempSync(join(folder, "ids-"));
  const bytes = readFileSync(fetchModel("alexa"));
  mkdirSync(join(here, "more"));
  writeFileSync(join(here, "model.onnx"), bytes);
  writeFileSync(join(here, "more/model.onnx"), withUnrelated(bytes));
  const [before, after] = ["model.onnx", "more/model.onnx"].map((path) => {
    const ran = portolan(["compile", path, "-t", target, "-o", "out", "--dry-run", "--json"], { cwd: here });
    return ran.status === 0 ? JSON.parse(ran.stdout).bundles[0].stepList.map((s) => s.id) : [];
  });
  const kept = before.filter((id) => after.includes(id)).length;
  const ok = before.length > 0 && after.length > before.length && kept === before.length;
  check(
    figure(
      9,
      `alexa ${target} with an unrelated part added`,
      `${kept}/${before.length} step ids kept, ${after.length - before.length} new`,
      "all kept",
      ok,
    ),
  );
}

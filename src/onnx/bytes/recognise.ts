/** Tells a user who hands over something else what he handed over, before the protobuf reader would only say "malformed". */
import type { ByteSource } from "../../base/byte-source.js";
import { fail } from "../../base/diagnostic.js";

interface Stranger {
  readonly what: string;
  readonly code?: string;
  readonly fix: string;
  readonly is: (head: Uint8Array, text: string) => boolean;
}

const headBytes = 512;
const exportFix = "Export the model to ONNX with the framework that wrote it (torch.onnx.export, tf2onnx, paddle2onnx) and give that file.";
const starts =
  (...bytes: number[]) =>
  (head: Uint8Array) =>
    bytes.every((b, i) => head[i] === b);
const tagged = (tag: string) => (_head: Uint8Array, text: string) => text.slice(4, 4 + tag.length) === tag;

/** Most telling first. No ONNX model starts like any of these: its first byte is a field tag below 0xd0, mostly 0x08. */
const strangers: readonly Stranger[] = [
  {
    code: "model-git-lfs-pointer",
    what: "a Git LFS pointer, not the model it points to",
    fix: "Run `git lfs pull` in the repository the model came from.",
    is: (_head, text) => text.startsWith("version https://git-lfs"),
  },
  { what: "a JPEG image", fix: "Give the .onnx file.", is: starts(0xff, 0xd8, 0xff) },
  { what: "a PNG image", fix: "Give the .onnx file.", is: starts(0x89, 0x50, 0x4e, 0x47) },
  {
    what: "a zip archive; PyTorch checkpoints (.pt, .pth) and NumPy .npz files are such archives",
    fix: `Unpack it if it holds an .onnx file. ${exportFix}`,
    is: starts(0x50, 0x4b, 0x03, 0x04),
  },
  { what: "gzip-compressed", fix: "Unpack it first (gunzip, tar xzf).", is: starts(0x1f, 0x8b) },
  {
    what: "a Python pickle, as old PyTorch checkpoints are",
    fix: exportFix,
    is: (head) => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5,
  },
  {
    what: "a safetensors file: weights without a graph",
    fix: exportFix,
    is: (head, text) => head.length > 9 && head[7] === 0 && text.slice(8, 10) === '{"',
  },
  { what: "an HDF5 file, as Keras saves models", fix: exportFix, is: starts(0x89, 0x48, 0x44, 0x46) },
  { what: "a TensorFlow Lite model", fix: exportFix, is: tagged("TFL3") },
  {
    what: "a model in onnxruntime's own ORT format",
    fix: "Give the .onnx file that the .ort file was made from.",
    is: tagged("ORTM"),
  },
  { what: "a GGUF file", fix: exportFix, is: starts(0x47, 0x47, 0x55, 0x46) },
  {
    what: "a web page",
    fix: "The download led to a page, not to the file; fetch the raw file.",
    is: (_head, text) => /^\s*<(!doctype|html|\?xml)/i.test(text),
  },
  {
    code: "model-text-protobuf",
    what: "an ONNX model in protobuf's text form",
    fix: "Convert it: onnx.save(onnx.load(PATH, format='textproto'), 'model.onnx') in Python.",
    is: (_head, text) => /^\s*(#[^\n]*\n\s*)*(ir_version|producer_name|opset_import|graph|model_version|doc_string)\s*(:|\{)/.test(text),
  },
  { what: "JSON text", fix: "Give the binary .onnx file.", is: (_head, text) => /^\s*[{[]\s*["{[]/.test(text) },
];

/** Throws `model-empty`, `model-git-lfs-pointer`, `model-text-protobuf` or `model-not-onnx` for what cannot be a binary ONNX model. */
export function refuseStrangers(source: ByteSource): void {
  const location = { path: source.name };
  if (source.size === 0)
    fail("model-empty", `${source.name} is empty (0 bytes)`, { location, fix: "Check that the export or the download finished." });
  const head = source.read(0, Math.min(headBytes, source.size));
  const text = String.fromCharCode(...head);
  for (const stranger of strangers)
    if (stranger.is(head, text))
      fail(stranger.code ?? "model-not-onnx", `${source.name} is ${stranger.what}`, { location, fix: stranger.fix });
}

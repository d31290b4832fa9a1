/** What quantising did, as one page: how near the outputs are, where the error comes from, what was kept in float and why. */
import type { Diagnostic } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import { readableBytes } from "../base/units.js";
import { curve, histogram } from "../report/chart.js";
import { html, page, type Markup } from "../report/markup.js";
import { style } from "../report/style.js";
import type { Figures } from "./distances.js";
import type { Layer } from "./layers.js";
import type { Choice } from "./search.js";

interface Reported {
  /** Of the model's file. */
  readonly name: string;
  readonly scheme: string;
  readonly layers: readonly Layer[];
  readonly outputs: ReadonlyMap<string, Figures>;
  readonly choices?: readonly Choice[] | undefined;
  readonly samples: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Layers whose activations are drawn. */
const mostDrawn = 12;

export function quantiseReport(told: Reported): string {
  const { name, scheme, layers, samples } = told;
  const body = html`<main>
    <h1>${name} in integers</h1>
    <p class="soft">
      Scheme ${scheme}.
      ${samples > 0 ? html`Figures compare with the float model in onnxruntime, on ${counted(samples, "sample")} of calibration.` : "No samples were given: nothing was measured."}
    </p>
    ${tiles(told)} ${notes(told.diagnostics)} ${outputsPart(told.outputs)} ${depthPart(layers)} ${choicesPart(told.choices, layers)}
    ${activationsPart(layers)} ${layersPart(layers)}
  </main>`;
  return page({ title: `${name}: ${scheme}`, language: "en", style, body });
}

const sum = (layers: readonly Layer[], of: (l: Layer) => number): number => layers.reduce((n, l) => n + of(l), 0);
const isHeld = (l: Layer): boolean => l.held !== "float";

function tiles({ layers, outputs }: Reported): Markup {
  const [from, to] = [sum(layers, (l) => l.weightBytes), sum(layers, (l) => l.heldBytes)];
  const macs = layers.every((l) => l.macs !== undefined) ? sum(layers, (l) => l.macs ?? 0) : 0;
  const inIntegers = sum(layers.filter(isHeld), (l) => l.macs ?? 0);
  const worst = Math.min(...[...outputs.values()].map((f) => f.sqnrDb));
  const tile = (value: string, words: string): Markup => html`<li><b>${value}</b>${words}</li>`;
  return html`<ul class="tiles">
    ${tile(`${layers.filter(isHeld).length} of ${layers.length}`, "layers in integers")}
    ${macs > 0 ? tile(percent(inIntegers / macs), "of multiplications in them") : undefined}
    ${tile(`${readableBytes(from)} → ${readableBytes(to)}`, "weights of these layers")}
    ${outputs.size > 0 ? tile(decibel(worst), "signal over error of the worst output") : undefined}
  </ul>`;
}

function notes(diagnostics: readonly Diagnostic[]): Markup | undefined {
  if (diagnostics.length === 0) return undefined;
  const item = (d: Diagnostic): Markup =>
    html`<li class="${d.severity === "note" ? "soft" : "warn"}">${d.message}${d.why === undefined ? "" : `. ${d.why}`}</li>`;
  return html`<ul class="notes">
    ${diagnostics.map(item)}
  </ul>`;
}

function outputsPart(outputs: ReadonlyMap<string, Figures>): Markup | undefined {
  if (outputs.size === 0) return undefined;
  const rows = [...outputs].map(([name, f]) => [name, decibel(f.sqnrDb), f.cosine.toFixed(6)]);
  return html`<h2>Outputs</h2>
    ${table(["output", "SQNR", "cosine"], rows)}`;
}

function depthPart(layers: readonly Layer[]): Markup | undefined {
  const measured = layers.filter((l) => l.sqnrDb !== undefined);
  if (measured.length < 2) return undefined;
  const points = measured.map((l) => ({ y: l.sqnrDb ?? Infinity, isLeft: !isHeld(l), title: `${l.node}: ${decibel(l.sqnrDb)}` }));
  return html`<h2>Error along depth</h2>
    <figure class="wide">
      ${curve({ label: "Signal over error of each layer's result", unit: "dB", points, ends: ["first layer", "last layer"] })}
      <figcaption>
        Signal over error of each layer's result, from its own levels and those of all layers before it. Grey: layers in float.
      </figcaption>
    </figure>`;
}

function choicesPart(choices: readonly Choice[] | undefined, layers: readonly Layer[]): Markup | undefined {
  if (!choices || choices.length < 2) return undefined;
  const taken = layers.filter((l) => l.why === "kept for the budget").length;
  const points = choices.map((c) => ({
    y: c.sqnrDb,
    isLeft: c.float !== taken,
    title: `${counted(c.float, "layer")} in float: ${decibel(c.sqnrDb)}${c.macs === undefined ? "" : `, ${percent(c.macs)} of multiplications in integers`}, ${readableBytes(c.bytes)}`,
  }));
  return html`<h2>What leaving layers in float would give</h2>
    <figure class="wide">
      ${curve({ label: "Foretold signal over error by layers in float", unit: "dB", points, ends: ["all in integers", "one in integers"] })}
      <figcaption>
        Foretold from each layer's own noise, the worst left out first.
        ${taken > 0 && choices.some((c) => c.float === taken) ? `The blue point is what was taken: ${counted(taken, "layer")} in float.` : ""}
      </figcaption>
    </figure>`;
}

function activationsPart(layers: readonly Layer[]): Markup | undefined {
  const seen = new Set<string>();
  const drawn = [...layers]
    .sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity))
    .flatMap((l) => (l.activations ?? []).map((figures) => ({ layer: l.node, figures })))
    .filter(({ figures }) => !seen.has(figures.tensor) && seen.add(figures.tensor))
    .slice(0, mostDrawn);
  if (drawn.length === 0) return undefined;
  const figure = ({ layer, figures: f }: (typeof drawn)[number]): Markup =>
    html`<figure>
      <h3>${f.tensor}</h3>
      ${histogram({ label: `Values of ${f.tensor}`, ...f })}
      <figcaption>read by ${layer}; scale ${f.scale.toPrecision(3)}, zero ${f.zero}, ${percent(f.clipped)} clipped</figcaption>
    </figure>`;
  return html`<h2>Activations of the layers that lose most</h2>
    <p class="soft">Heights are logarithms of counts. What lies beyond a dashed line is clipped.</p>
    <div class="charts">${drawn.map(figure)}</div>`;
}

function layersPart(layers: readonly Layer[]): Markup {
  const hasClipping = layers.some((l) => l.activations);
  const head = [
    "layer",
    "operator",
    "held as",
    "SQNR",
    "cosine",
    ...(hasClipping ? ["clipped"] : []),
    "multiplications",
    "bytes",
    "held in",
  ];
  const rows = layers.map((l) => [
    l.node,
    l.op,
    l.why === undefined ? l.held : `float: ${l.why}`,
    decibel(l.sqnrDb),
    l.cosine === undefined ? "-" : l.cosine.toFixed(6),
    ...(hasClipping ? [l.activations ? percent(Math.max(...l.activations.map((a) => a.clipped))) : "-"] : []),
    l.macs === undefined ? "-" : count(l.macs),
    readableBytes(l.weightBytes),
    readableBytes(l.heldBytes),
  ]);
  return html`<h2>Layers</h2>
    ${table(head, rows, new Set([0, 2]))}`;
}

/** Columns of words wrap. */
function table(head: readonly string[], rows: readonly (readonly string[])[], words: ReadonlySet<number> = new Set([0])): Markup {
  const kind = (i: number): string => (i === 0 ? "name" : words.has(i) ? "words" : "");
  return html`<div class="scroll" tabindex="0">
    <table>
      <thead>
        <tr>
          ${head.map((h, i) => html`<th scope="col" class="${kind(i)}">${h}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) => html`<td class="${kind(i)}">${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

const decibel = (x: number | undefined): string => (x === undefined ? "-" : x === Infinity ? "exact" : `${x.toFixed(1)} dB`);
const percent = (x: number): string => `${(100 * x).toFixed(x > 0 && x < 0.001 ? 3 : 1)} %`;

const prefixes = ["", "k", "M", "G", "T"];

/** Three digits and a prefix. */
function count(x: number): string {
  const step = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.max(1, x)) / 3));
  return `${Number((x / 1000 ** step).toPrecision(3))} ${prefixes[step]}`.trim();
}

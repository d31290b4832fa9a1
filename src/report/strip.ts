/** Things in their order along one line, as wide as they are long: bars of parts, and steps over time. */
import { html, type Markup } from "./markup.js";

interface Segment {
  /** A class of the style, which gives colour and pattern. */
  readonly kind: string;
  readonly size: number;
}

interface Strip {
  readonly segments: readonly Segment[];
  readonly title: (kind: string) => string | undefined;
  readonly labelledBy?: string;
  /** What the whole width stands for; absent, the sum. */
  readonly whole?: number;
}

const width = 1000;
const tall = 20;

const round = (x: number): number => Math.round(x * 2) / 2;

/** One path a kind, so that thousands of steps take little room. */
export function strip({ segments, title, labelledBy, whole }: Strip): Markup {
  const all = whole ?? segments.reduce((n, s) => n + s.size, 0);
  const by = new Map<string, string>();
  let [from, at] = [0, 0];
  for (const [i, { kind, size }] of segments.entries()) {
    at += all > 0 ? (size / all) * width : 0;
    const isRun = segments[i + 1]?.kind === kind;
    if (isRun || round(at) === round(from)) continue;
    by.set(kind, `${by.get(kind) ?? ""}M${round(from)} 0V${tall}H${round(at)}V0z`);
    from = at;
  }
  const parts = [...by].map(([kind, d]) => {
    const words = title(kind);
    return html`<path class="${kind}" d="${d}">${words === undefined ? undefined : html`<title>${words}</title>`}</path>`;
  });
  const role = labelledBy === undefined ? html`aria-hidden="true"` : html`role="img" aria-labelledby="${labelledBy}"`;
  return html`<svg class="strip" viewBox="0 0 ${width} ${tall}" preserveAspectRatio="none" ${role}>
    <rect class="ground" width="${width}" height="${tall}" />
    ${parts}
  </svg>`;
}

/** How pages of assessments look, beside what all reports look like. */
import { style } from "../../report/style.js";

const fonts = `"Segoe UI", system-ui, -apple-system, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", sans-serif`;

export const pageStyle = `${style}
:root { --call: #1f63c4; --kernel: #0d7a70; --copy: #7d8b99; --folded: #b9c3cd; --scalar: #b45f06; --host: #8a3aa8; --undecided: #66707c; --refused: #b3261e;
  --good: #146c2e; --doubt: #7a5200; --effort: #a43e00; --bad: #a61b14; --mute: #4f5b67; --ontile: #ffffff; --link: #0b57b0; --soft: #55606b; }
@media (prefers-color-scheme: dark) { :root { --call: #6aa9f7; --kernel: #4cc2b4; --copy: #8f9cab; --folded: #55606c; --scalar: #f0a251; --host: #cf9be6; --undecided: #a3adb8; --refused: #ff8f86;
  --good: #6fd08a; --doubt: #e8bc5a; --effort: #f5a06a; --bad: #ff8f86; --mute: #aab5c0; --ontile: #0b0f13; --link: #7db5fa; --soft: #9fabb7; } }
html[lang="en"] :is(span, tspan)[lang="zh"], html[lang="zh"] :is(span, tspan)[lang="en"] { display: none; }
html:not(.scripted) [data-needs-script] { display: none; }
[hidden] { display: none !important; }
body { font: 15px/1.5 ${fonts}; padding: 1.5rem clamp(.9rem, 3vw, 2rem) 4rem; }
html[lang="zh"] body { line-height: 1.65; }
p { max-width: 52rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
bdi, code { overflow-wrap: anywhere; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
small { font-size: .82em; color: var(--soft); }
q { quotes: "“" "”"; color: var(--soft); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.tongue { position: absolute; top: 1.1rem; inset-inline-end: max(1rem, calc(50vw - 37rem)); display: flex; border: 1px solid var(--line); border-radius: .4rem; overflow: hidden; }
button, select, input[type=search] { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .6rem; max-width: 100%; }
button { cursor: pointer; }
.tongue button { border: 0; border-radius: 0; background: none; font-size: .85rem; padding: .3rem .7rem; }
.tongue button[aria-pressed=true] { background: var(--ink); color: var(--paper); }
.kicker { margin: 0 8rem .3rem 0; font-size: .85rem; letter-spacing: .02em; color: var(--soft); }
h1 { font-size: clamp(1.35rem, 1rem + 1.7vw, 2rem); letter-spacing: -.01em; }
h2 { margin: 3rem 0 .5rem; font-size: 1.3rem; letter-spacing: -.005em; }
h3 { font-size: 1rem; margin: 1.25rem 0 .35rem; }
h4 { font-size: .95rem; margin: 1.5rem 0 .35rem; }
.lead { color: var(--soft); max-width: none; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 0 2rem; margin: 1.25rem 0 0; padding: 0; list-style: none; border-top: 2px solid var(--ink); }
.answers li { padding: .8rem 0 .4rem; }
.answers h3 { margin: 0; font-size: .85rem; font-weight: 400; color: var(--soft); }
.answers b { display: block; font-size: 1.45rem; line-height: 1.3; font-weight: 650; margin: .1rem 0 .35rem; }
.answers p { margin: .2rem 0; font-size: .9rem; }
.clamp { display: -webkit-box; -webkit-line-clamp: 4; -webkit-box-orient: vertical; overflow: hidden; }
.badges { display: flex; flex-wrap: wrap; gap: .3rem; margin: .2rem 0; }
.badge { display: inline-block; padding: .05rem .5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .82rem; font-weight: 600; white-space: nowrap; }
.v-ready { --verdict: var(--good); } .v-uncertain { --verdict: var(--doubt); } .v-rewrites, .v-kernels { --verdict: var(--effort); } .v-blocked, .v-refused { --verdict: var(--bad); } .v-documented, .v-unknown { --verdict: var(--mute); }
.badge { color: var(--verdict); }
.contents ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: 1.25rem 0 0; padding: .55rem 0; list-style: none; border-block: 1px solid var(--line); font-size: .9rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: .9rem; margin: .75rem 0; padding: 0; list-style: none; }
.card { display: flex; flex-direction: column; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--verdict); border-radius: .5rem; break-inside: avoid; }
.card h3 { margin: 0; font-size: 1.1rem; } .head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .2rem .6rem; }
.vendor { margin: 0; font-size: .8rem; color: var(--soft); }
.share { display: flex; align-items: baseline; gap: .4rem; margin: .5rem 0 .25rem; font-size: .85rem; color: var(--soft); }
.share b { font-size: 1.15rem; color: var(--ink); font-variant-numeric: tabular-nums; }
.strip { height: .8rem; border-radius: .2rem; }
.ground { fill: var(--line); }
.card dl { margin: .6rem 0 0; font-size: .88rem; }
dl div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; padding: .22rem 0; border-top: 1px solid var(--line); }
dt { color: var(--soft); } dd { margin: 0; margin-inline-start: auto; text-align: end; font-variant-numeric: tabular-nums; }
.facts { max-width: 60rem; font-size: .9rem; } .facts dt { flex: 0 0 12rem; } .facts dd { flex: 1 1 14rem; margin: 0; text-align: start; overflow-wrap: anywhere; }
.reason { margin: .55rem 0 0; font-size: .85rem; color: var(--ink); border-inline-start: 3px solid var(--verdict); padding-inline-start: .6rem; overflow-wrap: anywhere; }
.h-call { --c: var(--call); } .h-kernel { --c: var(--kernel); } .h-copy { --c: var(--copy); } .h-folded { --c: var(--folded); } .h-scalar { --c: var(--scalar); } .h-host { --c: var(--host); } .h-undecided { --c: var(--undecided); } .h-refused { --c: var(--refused); }
.b-compute { --c: var(--call); } .b-bandwidth { --c: var(--scalar); } .b-launch { --c: var(--copy); }
.p-weights { --c: var(--call); } .p-arena { --c: var(--kernel); } .p-inputs { --c: var(--scalar); } .p-outputs { --c: var(--host); } .p-state { --c: var(--refused); }
.p-cache { --c: var(--kernel); } .p-buffers { --c: var(--scalar); } .p-runtime { --c: var(--host); } .p-between { --c: color-mix(in srgb, var(--copy) 55%, var(--line)); } .p-usable { --c: var(--mute); } .p-perhaps { --c: color-mix(in srgb, var(--mute) 45%, var(--line)); }
svg :is(path, rect, circle)[class*="h-"]:not(.box), svg :is(path, rect)[class*="b-"], svg rect[class*="p-"], svg path[class*="p-"] { fill: var(--c); }
.m { color: var(--c); display: inline-block; min-width: 1em; text-align: center; }
.m.h-folded { color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .4rem 0; padding: 0; list-style: none; font-size: .85rem; color: var(--soft); }
.key { display: inline-block; width: .75em; height: .75em; }
.charts { grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem 1.75rem; margin-top: .75rem; }
figure { break-inside: avoid; }
figure h3 { margin: 0 0 .3rem; }
figcaption { margin-top: .25rem; color: var(--soft); font-size: .82rem; }
svg text { font: 11px ${fonts}; }
svg text.on { fill: var(--ink); font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.grid { stroke: var(--line); stroke-width: .6; fill: none; }
.band { stroke: none; opacity: .22; } .roof { fill: none; stroke-width: 1.5; }
.fp16 { fill: var(--call); stroke: var(--call); } .fp32 { fill: var(--host); stroke: var(--host); } .roof.fp32 { stroke-dasharray: 5 3; } .band.fp16, .band.fp32 { stroke: none; } .roof.fp16, .roof.fp32 { fill: none; }
.dot { opacity: .85; stroke: var(--paper); stroke-width: .5; }
.line { fill: none; stroke-width: 2; } .limit { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 6 4; }
.s0 { stroke: var(--call); fill: var(--call); } .s1 { stroke: var(--kernel); fill: var(--kernel); stroke-dasharray: 7 3; } .s2 { stroke: var(--host); fill: var(--host); stroke-dasharray: 2 3; } .s3 { stroke: var(--scalar); fill: var(--scalar); stroke-dasharray: 9 3 2 3; }
.line.s0, .line.s1, .line.s2, .line.s3 { fill: none; }
.tile { stroke: var(--paper); stroke-width: 2; }
.treemap { max-width: 36rem; } svg.treemap text { font-size: 9.5px; }
svg text.in { fill: var(--ontile); font-weight: 600; }
.tile.h-folded + .in, .tile.h-folded ~ .in { fill: var(--ink); }
.lanes { display: grid; gap: 1.1rem; margin-top: .9rem; }
.lane { break-inside: avoid; }
.lane h3 { margin: 0 0 .25rem; } .lane .legend { margin: .2rem 0 0; } .lane details { margin: 0; font-size: .88rem; }
.lane .strip { height: 1.25rem; } .lane .strip + .strip { height: .45rem; margin-top: 2px; }
.scroll { margin: .6rem 0; }
table { font-size: .88rem; }
caption { padding: .45rem .75rem; text-align: start; font-size: .85rem; color: var(--soft); border-bottom: 1px solid var(--line); }
th, td { text-align: start; vertical-align: top; padding: .4rem .7rem; }
tbody th { background: none; color: var(--ink); font-weight: 600; }
.number, .days { text-align: end; font-variant-numeric: tabular-nums; }
tr:last-child > th { border-bottom: 0; } thead tr:last-child > th { border-bottom: 1px solid var(--line); }
.long { max-height: 36rem; overflow-y: auto; } .long thead th { position: sticky; top: 0; z-index: 1; }
.words { min-width: 16rem; white-space: normal; max-width: 46rem; } .name { min-width: 9rem; max-width: 24rem; white-space: normal; overflow-wrap: anywhere; }
td .strip { width: 9rem; margin-top: .25rem; }
.source { font-size: .92em; }
.group th { background: var(--card); color: var(--soft); font-weight: 600; text-align: start; }
.compare :is(thead th, tbody:not(.group) th):first-child { position: sticky; inset-inline-start: 0; background: var(--card); z-index: 1; white-space: normal; min-width: 6.5rem; max-width: 9rem; }
.compare { font-size: .8rem; } .compare th, .compare td { padding: .35rem .5rem; white-space: normal; overflow-wrap: break-word; min-width: 5.6rem; } .compare code { overflow-wrap: break-word; } .compare .badge { font-size: .75rem; padding-inline: .35rem; white-space: normal; }
.same td { color: var(--soft); }
.plain { margin: 0; padding: 0; list-style: none; }
.sort { border: 0; background: none; padding: 0; font-weight: 600; text-align: inherit; color: inherit; }
.sort::after { content: " ↕"; color: var(--soft); } [aria-sort=ascending] .sort::after { content: " ↑"; } [aria-sort=descending] .sort::after { content: " ↓"; }
.choose, .filters, .filters > span, .measures { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; max-width: none; }
.choose label { max-width: 100%; } .choose select { max-width: min(100%, 26rem); }
details { margin: .5rem 0; }
summary { cursor: pointer; padding: .3rem 0; }
.empty { padding: .75rem 1rem; border: 1px dashed var(--line); border-radius: .5rem; color: var(--soft); }
.view { padding-top: .25rem; }
.flow { padding: .6rem; } svg.graph { width: auto; max-width: none; margin-inline: auto; } svg.graph text { fill: var(--ink); font-size: 11.5px; } svg.graph .what { fill: var(--soft); } svg.graph .m { fill: var(--c); }
.wire { fill: none; stroke: var(--copy); stroke-width: 1.2; } .tip { fill: var(--copy); } .frame { fill: var(--card); stroke: var(--copy); stroke-width: 1.5; }
svg.graph .box { fill: var(--paper); stroke: var(--copy); } svg.graph .end { fill: none; stroke: var(--copy); } svg.graph circle.end { fill: var(--copy); } svg.graph .box.gap { fill: color-mix(in srgb, var(--c) 12%, var(--paper)); stroke: var(--c); stroke-width: 2; stroke-dasharray: 5 3; }
.heat tbody td { background: color-mix(in srgb, var(--verdict, transparent) 13%, var(--paper)); border-inline-start: 3px solid var(--verdict, var(--line)); } .compare.heat :is(thead, tbody, tfoot) th:first-child { min-width: 10rem; max-width: 16rem; } .heat b { color: var(--verdict); font-weight: 600; } .heat small { display: block; color: var(--ink); } .heat tfoot th, .heat tfoot td { border-bottom: 0; border-top: 2px solid var(--line); }
.bars .strip + .strip { height: .35rem; margin-top: 2px; }
.engines { margin: .5rem 0 0; font-size: .82rem; color: var(--soft); } .engines li { margin: .15rem 0; overflow-wrap: anywhere; } .answered { color: var(--verdict); font-weight: 600; }
.heat .elsewhere { color: var(--soft); background: none; border-inline-start-color: var(--line); }
.spans .words { width: 75%; max-width: none; } .spanned { min-width: 13rem; white-space: normal; } svg.span { width: 100%; height: 1.35rem; } .span .grid { stroke-width: 1; } .span .middle { stroke: var(--ink); stroke-width: 2; }
.span .t-measured { fill: var(--call); } .span .t-relatives { fill: color-mix(in srgb, var(--call) 45%, var(--paper)); stroke: var(--call); } .span .t-none { fill: none; stroke: var(--copy); stroke-width: 1.5; stroke-dasharray: 4 3; }
pre { margin: .4rem 0; padding: .7rem .9rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; white-space: pre-wrap; overflow-wrap: anywhere; max-width: 60rem; break-inside: avoid; } pre code { font-size: .82rem; line-height: 1.5; }
.brief { break-inside: avoid; margin-top: 1.75rem; } .brief:not(.broad) .scroll { max-width: 52rem; }
.notes { padding-inline-start: 1.1rem; font-size: .9rem; } ol.notes { padding-inline-start: 2rem; } .notes li { margin: .2rem 0; overflow-wrap: anywhere; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 40rem) { .compare.heat :is(thead, tbody, tfoot) th:first-child { min-width: 7rem; max-width: 9rem; } .tongue { position: static; width: max-content; margin-bottom: .75rem; } .kicker { margin-inline-end: 0; } .facts dt { flex-basis: 100%; } .words { min-width: 13rem; } .name { min-width: 7rem; } }
@media print { svg.graph { max-width: 100%; height: auto; } .long { max-height: none; } .sort::after { content: none; } .compare th, .compare td { min-width: 0; font-size: 6.8pt; padding: .15rem .25rem; } .compare .badge { font-size: 6.5pt; padding-inline: .2rem; } .compare :is(thead th, tbody:not(.group) th):first-child { position: static; min-width: 0; } .words, .name { min-width: 0; } body { font-size: 10.5pt; padding: 0; } .tongue, .contents, .choose, .filters { display: none; } h2, h3, h4 { break-after: avoid; } .cards { grid-template-columns: repeat(3, 1fr); } .answers { grid-template-columns: repeat(4, 1fr); } th, td { padding: .2rem .35rem; white-space: normal; } table { font-size: 8.5pt; } svg { print-color-adjust: exact; } .strip, .tile, .badge { print-color-adjust: exact; } }
`;

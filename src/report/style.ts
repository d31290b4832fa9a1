/** How reports look: light and dark, from narrow to wide, on paper too. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --paper: #ffffff; --card: #f6f8fa; --mark: #0b62c4; --warn: #a83a00; --rest: #b6bfc9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #9aa6b2; --line: #363e47; --paper: #0e1216; --card: #171c22; --mark: #62a8f5; --warn: #f29a5c; --rest: #4a545f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: .9rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: .35rem 0; max-width: 46rem; }
.soft, figcaption, th, .unit { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.tiles li { padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.tiles b { display: block; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
.wide { max-width: 46rem; }
figure { margin: 0; }
figcaption { font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.axis { stroke: var(--line); stroke-width: 1; }
.mark { fill: var(--mark); }
.curve { fill: none; stroke: var(--mark); stroke-width: 1.75; stroke-linejoin: round; }
.left { fill: var(--rest); }
.clip { stroke: var(--warn); stroke-width: 1.25; stroke-dasharray: 4 3; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { font-weight: 600; background: var(--card); }
tr:last-child td { border-bottom: 0; }
th:first-child, td:first-child { text-align: left; }
.words { text-align: left; white-space: normal; min-width: 14rem; }
.name { white-space: normal; overflow-wrap: anywhere; min-width: 11rem; }
.warn { color: var(--warn); }
ul.notes { padding-left: 1.1rem; }
@media print { body { max-width: none; } .charts figure, .tiles li, tr { break-inside: avoid; } .scroll { overflow: visible; } }
`;

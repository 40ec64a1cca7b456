import { Markup } from "./markup.js";

/** The style of the page: no other file is needed. Colours stand beside words that say the same. */
export const style = new Markup(`
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --ink: #1d2329; --soft: #66707a; --line: #dfe3e6; --panel: #fff;
  --failed: #c2362b; --unreachable: #8e4ec6; --cancelled: #8a7a5c; --unfinished: #2f74c0;
  --notBegun: #b5bcc3; --changed: #c98a12; --unchanged: #3f8f5f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --ink: #dde2e6; --soft: #8e99a3; --line: #2b3137; --panel: #1a1e22;
    --failed: #ef6a5e; --unreachable: #b98ae6; --cancelled: #b3a27f; --unfinished: #6aa8ec;
    --notBegun: #5a636c; --changed: #e0ab45; --unchanged: #62b584;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.5rem 4rem;
  background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.5rem; font-weight: 600; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.05rem; font-weight: 600; margin: 2.75rem 0 0.75rem; }
h2 small, .soft { color: var(--soft); font-weight: 400; }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.87em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1.25rem; margin: 1rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.totals { display: flex; flex-wrap: wrap; gap: 0.25rem 2.25rem; margin: 1.75rem 0 0; padding: 0; list-style: none; }
.totals b { display: block; font-size: 1.75rem; font-weight: 600; line-height: 1.2; }
.totals span { color: var(--soft); font-size: 0.87rem; }
.share { display: flex; gap: 2px; height: 8px; margin: 0.9rem 0 0; }
.share i { min-width: 3px; border-radius: 2px; background: var(--of); }
.dot { display: inline-block; width: 0.6em; height: 0.6em; border-radius: 50%; margin-right: 0.45em; background: var(--of); }
.failed { --of: var(--failed); } .unreachable { --of: var(--unreachable); }
.cancelled, .interrupted { --of: var(--cancelled); } .unfinished { --of: var(--unfinished); }
.notBegun, .notReached { --of: var(--notBegun); } .changed { --of: var(--changed); }
.unchanged { --of: var(--unchanged); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 0 2.5rem; }
@media (max-width: 30rem) { .columns { grid-template-columns: 1fr; } }
table { width: 100%; border-collapse: collapse; }
th { color: var(--soft); font-weight: 400; font-size: 0.87rem; text-align: left; }
th, td { padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.number + td:not(.number), .number + th:not(.number) { padding-left: 0.5rem; }
details { border-bottom: 1px solid var(--line); }
details.all { border: 0; margin-top: 0.5rem; }
summary { display: flex; gap: 0.25rem 1rem; flex-wrap: wrap; align-items: baseline; padding: 0.4rem 0; cursor: pointer; }
summary::before { content: "▸"; color: var(--soft); width: 0.7em; }
details[open] > summary::before { content: "▾"; }
summary::-webkit-details-marker { display: none; }
summary .end { margin-left: auto; color: var(--soft); white-space: nowrap; }
.inside { padding: 0 0 1rem 1.7rem; }
.inside p { margin: 0.25rem 0; }
.error { margin: 0.5rem 0 1rem; }
.error .message { white-space: pre-wrap; overflow-wrap: anywhere; }
.error dl { margin: 0.4rem 0 0; font-size: 0.87rem; }
pre {
  margin: 0.35rem 0 0.6rem; padding: 0.6rem 0.8rem; max-height: 24rem; overflow: auto;
  background: var(--panel); border: 1px solid var(--line); border-radius: 5px;
  font: 0.82rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
ul.items { list-style: none; margin: 0; padding: 0; }
ul.items li { display: flex; align-items: baseline; gap: 0.1rem; padding: 0.1rem 0; }
ul.items .what { flex: 1; overflow-wrap: anywhere; }
ul.items .number { color: var(--soft); padding-left: 1rem; }
.names { columns: 14rem; column-gap: 1.5rem; overflow-wrap: anywhere; }
.names div { break-inside: avoid; }
svg { display: block; width: 100%; height: auto; font-size: 11px; }
svg text { fill: var(--ink); } svg .tick { fill: var(--soft); text-anchor: middle; }
svg .name { text-anchor: end; }
svg line { stroke: var(--line); }
svg rect { fill: var(--of); } svg rect.unfinished { fill-opacity: 0.35; stroke: var(--of); stroke-dasharray: 3 2; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0.5rem 0 0; color: var(--soft); font-size: 0.87rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.87rem; }
@media print { body { max-width: none; padding: 0; } }
`);

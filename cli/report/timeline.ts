import type { HostRun, Run } from "../../engine/journal/index.js";
import { duration } from "../render/words.js";
import { html, type Markup } from "./markup.js";
import { type Verdict, verdictOn, verdicts } from "./totals.js";

/** In the units of the drawing, which is scaled to the page. */
const width = 1000;
const labels = 210;
const row = 17;
const top = 24;
/** Hosts that are drawn: of more the slowest. */
const most = 50;

interface Bar {
  readonly host: HostRun;
  readonly from: number;
  readonly to: number;
}

/** A drawing of when hosts were begun and when they ended; undefined when none was begun. */
export function timeline(run: Run): Markup | undefined {
  const all = [...run.hosts.values()].flatMap((host): Bar[] => {
    if (!host.begunAt) return [];
    const from = host.begunAt.getTime();
    return [{ host, from, to: Math.max(from, (host.endedAt ?? run.lastAt).getTime()) }];
  });
  const slowest = all.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, most);
  const bars = slowest.sort((a, b) => a.from - b.from);
  const [first] = bars;
  if (!first) return undefined;
  const span = Math.max(1, Math.max(...bars.map(({ to }) => to)) - first.from);
  const x = (ms: number) => labels + 10 + (ms / span) * (width - labels - 20);
  const height = top + bars.length * row + 4;
  const what = bars.length < all.length ? `the slowest ${bars.length} of ${all.length}` : "all";
  return html`<h2>When hosts were begun and ended <small>${what}</small></h2>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="When hosts were begun and ended">
${ticks(span).map(({ ms, text }) => tick(x(ms), height, text))}
${bars.map((bar, i) => drawn(bar, top + i * row, x(bar.from - first.from), x(bar.to - first.from)))}
</svg>
${legend(new Set(bars.map(({ host }) => verdictOn(host))))}`;
}

function tick(x: number, height: number, text: string): Markup {
  const at = x.toFixed(1);
  return html`<line x1="${at}" x2="${at}" y1="${top - 6}" y2="${height}"/><text class="tick" x="${at}" y="12">${text}</text>
`;
}

function drawn({ host, from, to }: Bar, y: number, x1: number, x2: number): Markup {
  const verdict = verdictOn(host);
  const wide = Math.max(2, x2 - x1).toFixed(1);
  const name = host.host.length > 32 ? `${host.host.slice(0, 31)}…` : host.host;
  return html`<g><title>${host.host}: ${verdicts[verdict]}, ${duration(to - from)}</title><text class="name" x="${labels}" y="${y + 11}">${name}</text><rect class="${verdict}" x="${x1.toFixed(1)}" y="${y + 2}" width="${wide}" height="11" rx="2"/></g>
`;
}

/** What the colours mean. */
function legend(shown: ReadonlySet<Verdict>): Markup {
  const all = (Object.keys(verdicts) as Verdict[]).filter((verdict) => shown.has(verdict));
  const words = all.map(
    (verdict) => html`<span><i class="dot ${verdict}"></i>${verdicts[verdict]}</span>`,
  );
  return html`<p class="legend">${words}</p>`;
}

/** Up to ten round times from zero on, all in the same unit. */
function ticks(span: number): readonly { ms: number; text: string }[] {
  const units = [
    { name: "s", unit: 1000, steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] },
    { name: "min", unit: 60_000, steps: [0.5, 1, 2, 5, 10] },
    { name: "h", unit: 3_600_000, steps: [0.5, 1, 2, 6, 12] },
    { name: "days", unit: 86_400_000, steps: [1, 2, 7, 30, 365] },
  ];
  const scales = units.flatMap(({ steps, ...unit }) => steps.map((step) => ({ ...unit, step })));
  const wanted = scales.find(({ unit, step }) => span / (unit * step) < 10) ?? scales.at(-1);
  if (!wanted) return [];
  const { name, unit, step } = wanted;
  // A journal may tell of any time, however far.
  const count = Math.min(10, Math.floor(span / (unit * step)) + 1);
  return Array.from({ length: count }, (_, i) => ({
    ms: i * unit * step,
    text: `${Number((i * step).toFixed(2))} ${name}`,
  }));
}

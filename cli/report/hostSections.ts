import type { EndedItem, HostRun, RecordedError, Run } from "../../engine/journal/index.js";
import { duration, lineOf, several } from "../render/words.js";
import { occurrencesOn } from "./analysis.js";
import { html, type Markup } from "./markup.js";
import { totalsOf, type Verdict, verdictOn, verdicts } from "./totals.js";

/** So many items of one host are shown, at most: a page is to stay readable. */
const mostItems = 200;
/** As many hosts have a line, the worst first, and with what is inside of these the page is as large. */
const mostHosts = 20_000;
const largest = 12_000_000;
/** How much is shown of an error's single texts, and how many of its facts. */
const longestText = 4000;
const mostFacts = 20;

/** Each host with what was changed and what failed, the worst first. */
export function* hostSections(run: Run): Iterable<Markup> {
  yield html`<h2>Hosts</h2>\n`;
  let [hostsLeft, left] = [mostHosts, largest];
  for (const [verdict, count] of totalsOf(run)) {
    const all = [...run.hosts.values()].filter((host) => verdictOn(host) === verdict);
    const hosts = all.slice(0, hostsLeft);
    hostsLeft -= hosts.length;
    const title = html`<i class="dot ${verdict}"></i>${count} ${verdicts[verdict]}`;
    const isOpen = isGood(verdict) ? undefined : html` open="open"`;
    yield html`<details class="all"${isOpen}><summary><b>${title}</b></summary><div class="inside">\n`;
    if (verdict === "notBegun" || verdict === "unchanged") yield names(hosts);
    else {
      for (const host of hosts) {
        const whole = section(host, left > 0);
        left -= whole.text.length;
        yield whole;
      }
    }
    const more = all.length - hosts.length;
    if (more > 0) yield html`<p class="soft">and ${several(more, "more host")}</p>`;
    yield html`</div></details>\n`;
  }
  if (left <= 0) {
    yield html`<p class="soft">Of some hosts no more is shown than one line: the page would be too large. The report as JSON has all.</p>\n`;
  }
}

function isGood(verdict: Verdict): boolean {
  return verdict === "changed" || verdict === "unchanged" || verdict === "notBegun";
}

function names(hosts: readonly HostRun[]): Markup {
  const all = hosts.map(({ host, durationMs }) => {
    const took = durationMs === undefined ? undefined : duration(durationMs);
    return html`<div>${host} <span class="soft">${took}</span></div>
`;
  });
  return html`<div class="names">${all}</div>`;
}

/** A host's line, and behind it what is worth telling: what changed, failed, or was left out. */
function section(host: HostRun, isRoom: boolean): Markup {
  const { counts, durationMs } = host;
  const words = (Object.entries(counts) as [keyof typeof counts, number][]) // it has no others
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcomeInWords(outcome)}`);
  const took = durationMs === undefined ? undefined : duration(durationMs);
  const line = html`<b>${host.host}</b><span class="soft">${words.join(", ")}</span><span class="end">${took}</span>`;
  if (!isRoom) return html`<p>${line}</p>\n`;
  return html`<details><summary>${line}</summary><div class="inside">${detailsOf(host)}</div></details>\n`;
}

function detailsOf(host: HostRun): Markup {
  const { attempts, chain, tags } = host;
  const about = [chain, ...tags, ...(attempts > 1 ? [`begun ${attempts} times`] : [])];
  const errors = occurrencesOn(host).map(({ item, error }) => errorMarkup(error, item?.desc));
  const items = [...host.ended.values()].filter(({ outcome }) => outcome !== "unchanged");
  const more = items.length - mostItems;
  const rest = more > 0 ? html`<li class="soft">and ${several(more, "more item")}</li>` : undefined;
  return html`<p class="soft">${about.join(" · ")}</p>
${errors.slice(0, mostItems)}<ul class="items">${items.slice(0, mostItems).map(itemMarkup)}${rest}</ul>`;
}

function itemMarkup({ desc, outcome, at, depth, durationMs }: EndedItem): Markup {
  const place = at === undefined ? undefined : html` <span class="soft mono">${lineOf(at)}</span>`;
  const indent = Math.min(depth, 8) * 1.25;
  return html`<li style="padding-left:${indent}em"><i class="dot ${outcome}"></i><span class="what">${desc}${place}</span><span class="number">${outcomeInWords(outcome)} · ${duration(durationMs)}</span></li>
`;
}

function outcomeInWords(outcome: EndedItem["outcome"]): string {
  return outcome === "notReached" ? "not reached" : outcome;
}

/** An error: what, where, and all that is known of it. */
export function errorMarkup({ codes, message, facts }: RecordedError, desc?: string): Markup {
  const { hint, output, property: _same, ...others } = facts;
  const rows = Object.entries(others)
    .slice(0, mostFacts)
    .map(([name, value]) => html`<dt>${name}</dt><dd class="mono">${cut(String(value))}</dd>`);
  const where = desc === undefined ? undefined : html` in ${desc}`;
  return html`<div class="error"><p><i class="dot failed"></i><code>${codes[0]}</code>${where}</p>
<p class="message">${cut(message)}</p>${output ? html`<pre>${cut(String(output))}</pre>` : undefined}
<dl>${rows}${hint ? html`<dt>hint</dt><dd>${cut(String(hint))}</dd>` : undefined}</dl></div>
`;
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

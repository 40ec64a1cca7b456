import type { Run } from "../../engine/journal/index.js";
import { duration, several } from "../render/words.js";
import { type FailureGroup, failureGroups, slowestHosts, slowestItems } from "./analysis.js";
import { errorMarkup, hostSections } from "./hostSections.js";
import { html, type Markup } from "./markup.js";
import { style } from "./style.js";
import { timeline } from "./timeline.js";
import { totalsOf, verdictOn, verdicts } from "./totals.js";
import { commandInWords, stateInWords, tookMs } from "./words.js";

const mostSlow = 10;
const mostGroups = 100;
const mostNotes = 50;
const mostHostsOfGroup = 500;

/** The run as one page that needs no other file, no script and no network. */
export function* htmlReport(run: Run): Iterable<string> {
  for (const { text } of sections(run)) yield text;
}

function* sections(run: Run): Iterable<Markup> {
  const title = `Run ${run.id}`;
  yield html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${title}: ${commandInWords(run)}</title>
<style>${style}</style>
</head>
<body>
<h1>${title} <span class="soft">${stateInWords(run)}</span></h1>
`;
  yield about(run);
  yield totals(run);
  yield failures(failureGroups(run));
  yield timeline(run) ?? html``;
  yield slowest(run);
  yield* hostSections(run);
  yield html`<footer>Times are of the process that deployed. Items that were unchanged are counted and not listed.</footer>
</body>
</html>
`;
}

function about(run: Run): Markup {
  const rows: [string, Markup][] = [
    ["command", html`<code>consfig ${commandInWords(run)}</code>`],
    ["consfig", html`<code>${run.consfig}</code>`],
    ["began", html`${utc(run.begunAt)}`],
    ["took", html`${duration(tookMs(run))}`],
    ...(run.stopped === undefined ? [] : [["stopped", html`${run.stopped}`] as [string, Markup]]),
    ...run.notes.slice(0, mostNotes).map((note): [string, Markup] => ["note", html`${note}`]),
    ...run.damage.map((line): [string, Markup] => ["damage", html`${line} of the journal`]),
  ];
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
`;
}

function totals(run: Run): Markup {
  const all = [...totalsOf(run)];
  const figures = all.map(
    ([verdict, count]) =>
      html`<li><b>${count}</b><span><i class="dot ${verdict}"></i>${verdicts[verdict]}</span></li>`,
  );
  const shares = all.map(
    ([verdict, count]) => html`<i class="${verdict}" style="flex:${count}"></i>`,
  );
  return html`<ul class="totals"><li><b>${run.hosts.size}</b><span>hosts</span></li>${figures}</ul>
<div class="share" aria-hidden="true">${shares}</div>
`;
}

function failures(groups: readonly FailureGroup[]): Markup {
  if (groups.length === 0) return html``;
  const more = groups.length - mostGroups;
  const rest = more > 0 ? html`<p class="soft">and ${several(more, "more sort")}</p>` : undefined;
  return html`<h2>Failures <small>same error in the same property</small></h2>
${groups.slice(0, mostGroups).map(group)}${rest}`;
}

function group({ code, property, occurrences }: FailureGroup): Markup {
  const hosts = [...new Set(occurrences.map(({ host }) => host))];
  const shown = hosts.slice(0, mostHostsOfGroup).map((host) => html`<div>${host}</div>`);
  const more = hosts.length - shown.length;
  const rest = more > 0 ? html`<p class="soft">and ${several(more, "more host")}</p>` : undefined;
  const [first] = occurrences;
  const example =
    first &&
    html`<p class="soft">on ${first.host}</p>${errorMarkup(first.error, first.item?.desc)}`;
  return html`<details><summary><span><i class="dot failed"></i><code>${code}</code></span><span>${property ?? "the deployment"}</span><span class="soft">${first?.error.message.split("\n")[0]?.slice(0, 120)}</span><span class="end">${several(hosts.length, "host")}</span></summary>
<div class="inside"><div class="names">${shown}</div>${rest}${example}</div></details>
`;
}

function slowest(run: Run): Markup {
  const hosts = slowestHosts(run, mostSlow).map(
    (
      host,
    ) => html`<tr><td class="number">${duration(host.durationMs ?? 0)}</td><td><i class="dot ${verdictOn(host)}"></i>${host.host}</td></tr>
`,
  );
  const items = slowestItems(run, mostSlow).map(
    ({
      item,
      hosts,
      sumMs,
      longestMs,
      longestOn,
    }) => html`<tr><td class="number">${duration(sumMs)}</td><td class="number" title="${longestOn}">${duration(longestMs)}</td><td class="number">${hosts}</td><td>${item.desc}</td></tr>
`,
  );
  if (hosts.length + items.length === 0) return html``;
  return html`<div class="columns">
<section><h2>Slowest properties</h2><table><tr><th class="number">all hosts</th><th class="number">at most</th><th class="number">hosts</th><th>property</th></tr>
${items}</table></section>
<section><h2>Slowest hosts</h2><table><tr><th class="number">took</th><th>host</th></tr>
${hosts}</table></section>
</div>
`;
}

/** A page is read in other places than where it was made. */
function utc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

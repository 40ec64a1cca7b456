import type { EndedItem, HostRun, RecordedError, Run } from "../../engine/journal/index.js";
import { codeOf, occurrencesOn } from "./analysis.js";
import { verdicts } from "./totals.js";
import { tookMs } from "./words.js";
import { xmlAttributes, xmlText } from "./xml.js";

/** What a test case came to, if it did not pass. */
interface Trouble {
  readonly sort: "failure" | "error" | "skipped";
  readonly message: string;
  readonly type?: string;
  readonly text?: string;
}

interface Case {
  readonly name: string;
  readonly durationMs: number;
  readonly trouble?: Trouble;
}

/**
 * The run as CI systems read test results: a suite for each host, in it a case for each of the host's
 * own properties, and one for what else went wrong with the host.
 */
export function* junitReport(run: Run): Iterable<string> {
  const suites = [...run.hosts.values()].map((host) => ({ host, cases: casesOf(host) }));
  const all = suites.flatMap(({ cases }) => cases);
  const { skipped: _none, ...counts } = countsOf(all);
  const about = { name: `consfig ${run.command.name}`, ...counts, time: seconds(tookMs(run)) };
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${xmlAttributes(about)}>\n`;
  for (const { host, cases } of suites) yield suite(host, cases);
  yield "</testsuites>\n";
}

function suite(host: HostRun, cases: readonly Case[]): string {
  const about = xmlAttributes({
    name: host.host,
    ...countsOf(cases),
    time: seconds(host.durationMs ?? 0),
    // The time is in UTC: the schema has no place for a zone.
    timestamp: host.begunAt?.toISOString().slice(0, 19),
  });
  const lines = cases.map((one) => `    ${testcase(host.host, one)}\n`);
  return `  <testsuite${about}>\n${lines.join("")}  </testsuite>\n`;
}

function testcase(classname: string, { name, durationMs, trouble }: Case): string {
  const start = `<testcase${xmlAttributes({ name, classname, time: seconds(durationMs) })}`;
  if (!trouble) return `${start}/>`;
  const { sort, message, type, text = "" } = trouble;
  return `${start}><${sort}${xmlAttributes({ message, type })}>${xmlText(text)}</${sort}></testcase>`;
}

function casesOf(host: HostRun): readonly Case[] {
  const own = [...host.ended].filter(([, { depth }]) => depth === 0);
  const items = own.map(([path, item]) => itemCase(host, path, item));
  const trouble = hostTrouble(host);
  return trouble ? [...items, { name: "deployed to the end", durationMs: 0, trouble }] : items;
}

function itemCase(host: HostRun, path: string, item: EndedItem): Case {
  const { desc: name, outcome, durationMs } = item;
  if (outcome === "notReached") {
    return { name, durationMs, trouble: { sort: "skipped", message: "not reached" } };
  }
  if (outcome === "interrupted") {
    const message = "interrupted: it may have changed something";
    return { name, durationMs, trouble: { sort: "error", message, type: outcome } };
  }
  if (outcome !== "failed") return { name, durationMs };
  const inside = host.failures.filter((one) => isWithin(one.path, path));
  const text = inside.map(({ item, error }) => `${item.desc}\n${errorInWords(error)}`).join("\n\n");
  const first = inside[0]?.error;
  const message = first?.message ?? "failed";
  return { name, durationMs, trouble: { sort: "failure", message, type: codeOf(first), text } };
}

/** What went wrong with the host and is no property's. */
function hostTrouble(host: HostRun): Trouble | undefined {
  const { state } = host;
  if (state === "notBegun") return { sort: "skipped", message: verdicts[state] };
  const error = occurrencesOn(host).find(({ item }) => item === undefined)?.error;
  if (error) {
    const { message } = error;
    return { sort: "error", message, type: codeOf(error), text: errorInWords(error) };
  }
  if (state !== "unfinished") return undefined;
  return { sort: "error", message: "nothing tells how it ended", type: "unfinished" };
}

function errorInWords({ message, facts }: RecordedError): string {
  const rows = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return [message, ...rows].join("\n");
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}/`);
}

function countsOf(cases: readonly Case[]) {
  const count = (sort: Trouble["sort"]) =>
    cases.filter(({ trouble }) => trouble?.sort === sort).length;
  return {
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

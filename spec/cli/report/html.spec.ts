import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlReport } from "../../../cli/report/html.js";
import { printableLines } from "../../../engine/base/printable.js";
import type { JournalRecord } from "../../../engine/journal/records.js";
import { at, hostile, runOf, sampleRun } from "./sample.js";
import { allOf, named, parseXml } from "./xml.js";

function pageOf(text: string): string {
  return [...htmlReport(sampleRun(text))].join("");
}

/** What is on the page besides texts: the same, whatever anybody says. */
function skeleton(text: string): readonly string[] {
  return allOf(parseXml(pageOf(text))).map(
    ({ name, attributes }) => `${name} ${Object.keys(attributes).join(" ")}`,
  );
}

test("whatever somebody else says is text", () => {
  const page = pageOf(hostile);
  assert.deepEqual(skeleton(hostile), skeleton("harmless"));
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&quot;&amp;amp;"));
  for (const acting of "\0\u001b\u202e\ufffe") assert.ok(!page.includes(acting));
  const bold = named(parseXml(page), "b").map(({ text }) => text);
  assert.ok(bold.includes(printableLines(`failed${hostile}`)));
});

test("it needs nothing else", () => {
  const page = parseXml(pageOf("x"));
  for (const { name, attributes } of allOf(page)) {
    assert.ok(!["script", "link", "img", "iframe", "object", "form", "a"].includes(name), name);
    for (const key of Object.keys(attributes)) assert.doesNotMatch(key, /^(on|href|src)/);
  }
  assert.doesNotMatch(named(page, "style")[0]?.text ?? "", /url\(|@import/);
  const policy = named(page, "meta").find((meta) => meta.attributes["http-equiv"]);
  assert.match(policy?.attributes.content ?? "", /^default-src 'none'/);
});

test("it tells what came of all hosts", () => {
  const page = parseXml(pageOf("."));
  const totals = named(page, "li")
    .slice(0, 8)
    .map((one) =>
      allOf(one)
        .map(({ text }) => text)
        .join(""),
    );
  const states = [
    "failed",
    "unreachable",
    "cancelled",
    "unfinished",
    "not begun",
    "changed",
    "unchanged",
  ];
  assert.deepEqual(totals, ["7hosts", ...states.map((state) => `1${state}`)]);
  const bars = named(page, "rect").map(({ attributes }) => attributes);
  assert.deepEqual(
    bars.map((bar) => bar.class),
    ["changed", "unchanged", "failed", "unreachable", "cancelled", "unfinished"],
  );
  const ends = bars.map(({ x = "", width = "" }) => Number(x) + Number(width));
  const [first = 0, , , , , last = 0] = ends;
  // All but the last ended after nine seconds of twelve.
  assert.equal(Math.round(((first - 220) / (last - 220)) * 100), 75);
  assert.ok(ends.slice(0, 5).every((end) => Math.abs(end - first) < 1));
  const titles = named(page, "summary").map((one) =>
    allOf(one)
      .map(({ text }) => text)
      .join("|"),
  );
  assert.ok(titles.some((title) => /E_COMMAND.*apt\.installed.*1 host/.test(title)));
  assert.ok(titles.some((title) => /E_UNREACHABLE.*the deployment.*1 host/.test(title)));
  assert.ok(!titles.some((title) => title.includes("E_CANCELLED")));
});

test("with very many hosts it stays small, and says what is left out", () => {
  const names = Array.from({ length: 21_000 }, (_, i) => `host${i}`);
  const error = {
    codes: ["E_COMMAND"],
    message: "m".repeat(9000),
    facts: { output: "o".repeat(9000) },
  };
  const counts = { changed: 0, unchanged: 0, failed: 1, notReached: 0 };
  const process = { pid: 4194304, start: "1", boot: "" };
  const command = { name: "deploy", words: [], options: {} };
  const page = [
    ...htmlReport(
      runOf([
        { type: "begin", v: 1, run: "", at: at(0), process, consfig: "/c.ts", command },
        { type: "hosts", hosts: names.map((host) => ({ host, chain: "", tags: [], plan: "" })) },
        { type: "item", n: 0, id: "a.b", desc: "b" },
        ...names.flatMap((host): JournalRecord[] => [
          { type: "started", host, at: at(0), attempt: 1 },
          { type: "failed", host, path: "0.0", n: 0, error },
          { type: "progress", host, items: [["0.0", 0, "f", 0, 1]] },
          { type: "finished", host, at: at(1), durationMs: 1, counts, changed: false },
        ]),
      ]),
    ),
  ].join("");
  assert.ok(page.length < 20_000_000, `${page.length}`);
  assert.match(page, /<b>21000<\/b>/);
  assert.match(page, /and 1000 more hosts/);
  assert.match(page, /and 20500 more hosts/);
  assert.match(page, /Of some hosts no more is shown/);
  assert.match(page, /the slowest 50 of 21000/);
});

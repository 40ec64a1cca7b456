/** A run for specs of reports, with every state a host can be in. */

import { RunFold } from "../../../engine/journal/fold.js";
import type { JournalRecord } from "../../../engine/journal/records.js";
import type { Run } from "../../../engine/journal/run.js";

/** What acts on terminals, pages and XML, if somebody lets it. */
export const hostile = `<script>alert(1)</script>'"&amp;]]>-->\u001b[31m\u0000\ufffe\u202e\ud800\n\t&x;`;

const start = Date.UTC(2026, 10, 21, 19, 33);

export function at(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString();
}

/** As if these records were a journal. */
export function runOf(records: readonly JournalRecord[]): Run {
  const fold = new RunFold("20261121-193300-k3f");
  for (const [i, record] of records.entries()) fold.record(record, i + 1);
  return fold.result();
}

const counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
const traffic = { commands: 1, roundTrips: 1, bytesSent: 1, bytesReceived: 1 };

function errorOf(code: string, text: string) {
  return {
    codes: [code, "E_FAILED"],
    message: `it failed: ${text}`,
    facts: { output: text, hint: text },
  };
}

/** The run; `text` is wherever somebody else may say what there is. */
export function sampleRun(text: string): Run {
  const names = ["changed", "unchanged", "failed", "unreachable", "cancelled", "unfinished", "not"];
  const hosts = names.map((name) => ({
    host: `${name}${text}`,
    chain: text,
    tags: [text],
    plan: "",
  }));
  const named = (name: string) => ({ host: `${name}${text}` });
  const finished = (name: string, more: object = {}) =>
    ({
      type: "finished",
      ...named(name),
      at: at(9),
      durationMs: 8000,
      counts,
      changed: false,
      traffic,
      ...more,
    }) as const;
  const process = { pid: 4194304, start: "1", boot: "" };
  const command = { name: "deploy", words: [text], options: {} };
  return runOf([
    { type: "begin", v: 1, run: "", at: at(0), process, consfig: `/${text}`, command },
    { type: "hosts", hosts },
    { type: "item", n: 0, id: "apt.installed", desc: `curl installed ${text}`, at: `/c.ts:1:2` },
    { type: "item", n: 1, id: "chroot.made", desc: `a chroot ${text}`, at: `${text}:1:2` },
    ...names
      .slice(0, -1)
      .map((name, i) => ({ type: "started", ...named(name), at: at(i), attempt: 1 }) as const),
    {
      type: "progress",
      ...named("changed"),
      items: [
        ["0.0", 0, "c", 0, 1500],
        ["0.1.0", 0, "u", 1, 10],
        ["0.1", 1, "u", 0, 20],
      ],
    },
    finished("changed", { changed: true, counts: { ...counts, changed: 1, unchanged: 1 } }),
    { type: "progress", ...named("unchanged"), items: [["0.0", 0, "u", 0, 100]] },
    finished("unchanged", { counts: { ...counts, unchanged: 1 } }),
    {
      type: "failed",
      ...named("failed"),
      path: "0.1/0.0",
      n: 0,
      error: errorOf("E_COMMAND", text),
    },
    {
      type: "progress",
      ...named("failed"),
      items: [
        ["0.0", 0, "u", 0, 5],
        ["0.1/0.0", 0, "f", 1, 50],
        ["0.1", 1, "f", 0, 60],
        ["0.2", 0, "s", 0, 0],
      ],
    },
    finished("failed", { counts: { ...counts, unchanged: 1, failed: 1, notReached: 1 } }),
    { type: "progress", ...named("unreachable"), items: [["0.0", 0, "s", 0, 0]] },
    {
      ...finished("unreachable", {
        error: { ...errorOf("E_UNREACHABLE", text), codes: ["E_UNREACHABLE", "E_CONNECTION"] },
      }),
      traffic: undefined,
    } as never,
    finished("cancelled", { error: errorOf("E_CANCELLED", text) }),
    { type: "progress", ...named("unfinished"), items: [["0.0", 0, "c", 0, 5]] },
    { type: "note", at: at(10), text },
    { type: "end", at: at(12), exitCode: 3, stopped: text },
  ]);
}

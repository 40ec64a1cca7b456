/** Programs in the place of Node that say what they should not: only clear errors come of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { local } from "../../../connections/local/index.js";
import { node } from "../../../connections/node/index.js";
import type { Wire } from "../../../core/index.js";
import {
  ConsfigError,
  deploy,
  HopFailed,
  type Host,
  host,
  isError,
  resetDataSources,
  SessionGarbled,
} from "../../../engine/index.js";
import * as cmd from "../../../properties/cmd/index.js";
import { encodeFrame } from "../../../zygote/frames.js";
import { supply } from "../../helpers/dataSource.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const consfig = `
import { host } from "consfigurator";
import * as file from "consfigurator/properties/file";
export const it = host("it", file.hasContent("/etc/made", "x"));
export const large = host("large", file.hasContent("/etc/made", "x".repeat(17 * 1024 * 1024)));
`;

const welcome = `{"missing":[],"pid":4242,"runtime":"v20"}`;
const framed = (value: Parameters<typeof encodeFrame>[0]) => encodeFrame(value).toString("base64");
const said = (value: object) => framed({ kind: "said", value: value as Wire });
const returned = (value: object) => framed({ kind: "returned", exitCode: 0, value: value as Wire });
const item = { path: "0.0", depth: 0, desc: "\u001b[2J", id: "x", silent: false };
const error = { codes: ["E_X"], name: "X", message: "\u001b[31mred", facts: { hint: "\u001b[0m" } };
const coded = (code: string) => ({ codes: [code], name: "X", message: "x", facts: {} });
const unchanged = { outcome: "unchanged" };
const wholeItem = [
  said({ type: "started", item }),
  said({ type: "ended", item, durationMs: 1, ending: unchanged }),
];
const conversations: Readonly<Record<string, readonly string[]>> = {
  "random bytes": [
    Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7919) % 256)).toString("base64"),
  ],
  "a length without end": [Buffer.from([0xff, 0xff, 0xff, 0xff, 1]).toString("base64")],
  "a message of no kind": [framed({ kind: "hello" })],
  "an event that is none": [framed({ kind: "said", value: { type: "finished" } })],
  "an event with too much": [
    framed({ kind: "said", value: { type: "started", item: { ...item, depth: -1 } } }),
  ],
  "a value that is no result": [
    framed({ kind: "returned", exitCode: 0, value: { outcome: "perhaps" } }),
  ],
  "a question about what is not declared": [
    framed({ kind: "asked", id: 1, question: { iden1: "_x", iden2: "y" } }),
  ],
  "an answer to nothing": [framed({ kind: "answer", id: 1, value: 1 })],
  "that all is done, without any item": [returned({ outcome: "unchanged", leftRunning: [] })],
  "that all is done, with an item of others": [
    said({ type: "ended", item: { ...item, path: "0.1" }, durationMs: 1, ending: unchanged }),
    returned({ outcome: "unchanged", leftRunning: [] }),
  ],
  "that the lock is held": [
    returned({ failed: { number: 0, error: coded("E_LOCK_HELD") }, leftRunning: [] }),
  ],
  "that the time is over": [
    returned({ failed: { number: 0, error: coded("E_DEPLOYMENT_TIMEOUT") }, leftRunning: [] }),
  ],
  "that an item was cancelled by us": [
    said({ type: "started", item }),
    said({
      type: "ended",
      item,
      durationMs: 1,
      ending: { outcome: "failed", error: { number: 0, error: coded("E_CANCELLED") } },
    }),
  ],
  "that a process of no number is left": [
    ...wholeItem,
    returned({ outcome: "changed", leftRunning: [{ pid: -1, command: "x" }] }),
  ],
  "that thousands of processes are left": [
    ...wholeItem,
    returned({
      outcome: "changed",
      leftRunning: Array.from({ length: 3000 }, (_, pid) => ({ pid: pid + 1, command: "x" })),
    }),
  ],
};

/** What an image says again and again, with what it says before. */
const endless: Readonly<Record<string, { first?: readonly string[]; again: readonly string[] }>> = {
  "items that there are not": {
    again: [said({ type: "started", item: { ...item, path: "0.7" } })],
  },
  "the same item": { again: wholeItem },
  "the begin of an item": { again: [said({ type: "started", item })] },
  "the end of an item": { first: wholeItem, again: wholeItem.slice(1) },
  "news for everybody": { again: [said({ type: "inform", level: 1, text: "x".repeat(5000) })] },
  questions: {
    again: [framed({ kind: "asked", id: 1, question: { iden1: "_it", iden2: "data", from: 0 } })],
  },
  "bytes of a frame that has no end": { first: ["AP////8="], again: ["AAAA"] },
};

/** It tells of the one item that there is. */
const mayEnd = /are left$|is left$/;
const mebibyte = 1024 * 1024;
const healthy = host("healthy", cmd.single(["sleep", "0.3"]));

describe("a lying image", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let it: Host | undefined;
  let large: Host | undefined;
  const lying = node({ from: ["system"] });

  before(async () => {
    place = await Place.open();
    ({ it, large } = await place.load(consfig));
  });
  after(() => place?.close());

  const starts: Readonly<Record<string, string>> = {
    nothing: "exit 0",
    "nonsense without end": "cat /dev/zero",
    "another answer": `echo '{"missing":"all"}'`,
    "that it lacks what there is not": `echo '{"missing":[999],"pid":4242,"runtime":"v20"}'`,
    "that it is the first process": `echo '{"missing":[],"pid":1,"runtime":"v20"}'`,
    "why it cannot": `echo '{"failed":"\\u001b[31mno space"}'`,
  };
  for (const [name, text] of Object.entries(starts)) {
    test(`that says ${name} at its start`, async () => {
      place.installStandIn(text);
      const { report } = await told([place.ssh(), lying], it);
      assert.ok(isError(report.error, HopFailed), String(report.error));
      assert.ok(!report.error.message.includes("\u001b"));
      assert.equal(report.counts.notReached, 1);
    });
  }

  for (const [name, frames] of Object.entries(conversations)) {
    test(`that says ${name}`, async () => {
      const spoken = frames.map((frame) => `echo ${frame} | base64 -d`).join("; ");
      place.installStandIn(`echo '${welcome}'; ${spoken}; exit 0`);
      const { report } = await told([place.ssh(), lying], it);
      assert.ok(report.error instanceof ConsfigError, String(report.error));
      // Bytes may look like a message that is never finished.
      const garbled = !/question|random/.test(name);
      assert.equal(isError(report.error, SessionGarbled), garbled, String(report.error));
      assert.equal(report.counts.notReached + report.counts.failed, mayEnd.test(name) ? 0 : 1);
    });
  }

  for (const [name, { first = [], again }] of Object.entries(endless)) {
    test(`that says ${name}, without end`, { timeout: 20_000 }, async () => {
      const once = (frames: readonly string[]) =>
        frames.map((frame) => `echo ${frame} | base64 -d`).join("; ");
      const much = "/tmp/much";
      place.installStandIn(
        `echo '${welcome}'; ${once(first) || ":"}; { ${once(again)}; } >${much}.1; ` +
          `while [ "$(wc -c <${much}.1)" -lt 100000 ]; do cat ${much}.1 ${much}.1 >${much}.2; ` +
          `mv ${much}.2 ${much}.1; done; while cat ${much}.1; do :; done`,
      );
      const before = process.memoryUsage.rss();
      let most = before;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss());
      }, 20);
      // What another host is told of meanwhile is not disturbed.
      const neighbour = deploy([local()], healthy);
      const { report, events } = await told([place.ssh(), lying], it);
      clearInterval(watch);
      assert.ok(report.error instanceof ConsfigError, String(report.error));
      assert.match(report.error.code, /E_GARBLED|E_LOST|E_FRAME/);
      assert.ok(events.length < 1000, `${events.length} events`);
      assert.ok(most - before < 64 * mebibyte, `${(most - before) / mebibyte} MiB more`);
      assert.equal((await neighbour).error, undefined);
    });
  }

  test("that asks for data that are not declared is given none", async (t) => {
    const asked = supply("a secret");
    t.after(resetDataSources);
    const question = framed({
      kind: "asked",
      id: 1,
      question: { iden1: "_x", iden2: "y", from: 0 },
    });
    place.installStandIn(
      `echo '${welcome}'; echo ${question} | base64 -d; cat >/dev/null & sleep 1`,
    );
    const { report } = await told([place.ssh(), lying], it);
    assert.ok(report.error instanceof ConsfigError, String(report.error));
    assert.deepEqual(asked, []);
  });

  test("that is to be given more than any message can hold", async () => {
    place.installStandIn(`echo '${welcome}'; exec cat >/dev/null`);
    const { report } = await told([place.ssh(), lying], large);
    assert.deepEqual([report.error?.code, report.counts.notReached], ["E_FRAME", 1]);
  });

  test("that wants to write on the person's terminal", async () => {
    const ended = {
      type: "ended",
      item,
      durationMs: 1,
      ending: { outcome: "failed", error: { number: 0, error } },
    };
    const frames = [
      framed({ kind: "said", value: { type: "started", item } }),
      framed({ kind: "said", value: { type: "inform", level: 1, text: "\u001b]0;title\u0007" } }),
      framed({ kind: "said", value: ended }),
      framed({ kind: "returned", exitCode: 0, value: { outcome: "changed" } }),
    ];
    const spoken = frames.map((frame) => `echo ${frame} | base64 -d`).join("; ");
    place.installStandIn(`echo '${welcome}'; printf '\\033[1mbold\\n' >&2; ${spoken}`);
    const result = await told([place.ssh(), lying], it);
    const { events, report } = result;
    const texts = JSON.stringify([
      events,
      report.failures.map(({ error }) => [error.message, error.facts]),
    ]);
    assert.doesNotMatch(texts, /\\u001b|\\u0007/);
    assert.match(texts, /x1b\[31mred/);
  });
});

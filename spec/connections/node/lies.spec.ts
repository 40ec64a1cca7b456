/** Programs in the place of Node that say what they should not: only clear errors come of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { node } from "../../../connections/node/index.js";
import {
  ConsfigError,
  HopFailed,
  type Host,
  isError,
  SessionGarbled,
} from "../../../engine/index.js";
import { encodeFrame } from "../../../zygote/frames.js";
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
const item = { path: "0", depth: 0, desc: "\u001b[2J", id: "x", silent: false };
const error = { codes: ["E_X"], name: "X", message: "\u001b[31mred", facts: { hint: "\u001b[0m" } };
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
};

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
      assert.equal(report.counts.notReached, 1);
    });
  }

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

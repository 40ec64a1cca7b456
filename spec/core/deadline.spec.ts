/** What ends work early: a signal, or the time. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.js";
import { onAbort } from "../../core/onAbort.js";

test("whoever listens is told once, at once if it has happened, and not when it has stopped listening", () => {
  const told: string[] = [];
  const controller = new AbortController();
  onAbort(controller.signal, () => told.push("listens"));
  onAbort(controller.signal, () => told.push("has stopped"))();
  onAbort(undefined, () => told.push("no signal"))();
  controller.abort();
  onAbort(controller.signal, () => told.push("comes later"))();
  assert.deepEqual(told, ["listens", "comes later"]);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});

test("time that is over, and time that is longer than a timer can be", async () => {
  const short = new Deadline({ timeoutMs: 5 });
  const [long, endless] = [new Deadline({ timeoutMs: 2 ** 31 }), new Deadline({})];
  await sleep(20);
  assert.deepEqual([short.isTimedOut, short.signal.aborted], [true, true]);
  for (const one of [long, endless]) assert.equal(one.signal.aborted, false);
});

test("the signal that is given, with its reason, until the work is over", () => {
  const outer = new AbortController();
  const deadline = new Deadline({ signal: outer.signal, timeoutMs: 10_000 });
  const over = new Deadline({ signal: outer.signal });
  over.end();
  outer.abort(new Error("not wanted"));
  assert.equal((deadline.signal.reason as Error).message, "not wanted");
  assert.deepEqual([deadline.isTimedOut, over.signal.aborted], [false, false]);
  deadline.end();
});

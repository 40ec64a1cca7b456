/** How many processes there are at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Semaphore } from "../../core/semaphore.js";

test("no more than so many, in the order asked for", async () => {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  let running = 0;
  const work = async (i: number) => {
    const release = await semaphore.take();
    order.push(i);
    assert.ok(++running <= 2);
    await turn();
    running--;
    release();
  };
  await Promise.all([0, 1, 2, 3, 4, 5, 6].map(work));
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
});

test("whoever gives up waiting takes nobody's turn", async () => {
  const semaphore = new Semaphore(1);
  const release = await semaphore.take();
  const controller = new AbortController();
  const given = semaphore.take(controller.signal);
  const next = semaphore.take(new AbortController().signal);
  controller.abort(new Error("not wanted any more"));
  await assert.rejects(given, { message: "not wanted any more" });
  release();
  (await next)();
  (await semaphore.take())();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { KeyedSemaphore } from "../../core/keyedSemaphore.js";
import fc from "../helpers/seeded.js";

test("never more are inside than may, and all get in, in the order in which they came", async () => {
  const guests = fc.array(fc.record({ place: fc.constantFrom("a", "b"), stay: fc.nat(4) }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(guests, fc.integer({ min: 1, max: 4 }), async (all, most) => {
      const admission = new KeyedSemaphore(most);
      const inside: Record<string, number> = { a: 0, b: 0 };
      const entered: Record<string, number[]> = { a: [], b: [] };
      const stays = all.map(async ({ place, stay }, number) => {
        const leave = await admission.enter(place);
        entered[place]?.push(number);
        inside[place] = (inside[place] ?? 0) + 1;
        assert.ok(inside[place] <= most);
        for (let i = 0; i < stay; i++) await turn();
        inside[place]--;
        leave();
      });
      await Promise.all(stays);
      for (const place of ["a", "b"]) {
        const expected = all.flatMap((one, number) => (one.place === place ? [number] : []));
        assert.deepEqual(entered[place], expected);
      }
    }),
  );
});

/** Whether the promise has been settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await turn();
  return Promise.race([promise.then(() => true), turn(false)]);
}

test("one that gives up is not waited for", async () => {
  const admission = new KeyedSemaphore(1);
  const leave = await admission.enter("a");
  const givesUp = new AbortController();
  const second = admission.enter("a", givesUp.signal);
  const third = admission.enter("a");
  givesUp.abort();
  assert.ok(await isSettled(second));
  (await second)();
  assert.equal(await isSettled(third), false, "who has given up was never inside");
  leave();
  assert.ok(await isSettled(third));
});

test("one that gives up when its turn has come leaves it to the next", async () => {
  const admission = new KeyedSemaphore(1);
  const leave = await admission.enter("a");
  const givesUp = new AbortController();
  const second = admission.enter("a", givesUp.signal);
  const third = admission.enter("a");
  leave();
  givesUp.abort();
  (await second)();
  assert.ok(await isSettled(third));
});

test("to leave twice is to leave once", async () => {
  const admission = new KeyedSemaphore(1);
  const leave = await admission.enter("a");
  const second = admission.enter("a");
  const third = admission.enter("a");
  leave();
  leave();
  assert.ok(await isSettled(second));
  assert.equal(await isSettled(third), false);
  (await second)();
  (await third)();
});

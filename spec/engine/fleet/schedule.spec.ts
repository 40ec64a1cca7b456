import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Candidate, Schedule } from "../../../engine/fleet/schedule.js";
import fc from "../../helpers/seeded.js";

interface Named extends Candidate {
  readonly name: number;
}

const keys = ["a", "b", "c"] as const;

/** A fleet, how it is to be deployed, and how its hosts end: in which order, and whether well. */
const fleets = fc.record({
  hosts: fc.array(
    fc.record({
      limits: fc.array(fc.tuple(fc.constantFrom(...keys), fc.integer({ min: 1, max: 3 })), {
        maxLength: 3,
      }),
      isCanary: fc.boolean(),
      isWell: fc.boolean(),
    }),
    { maxLength: 20 },
  ),
  options: fc.record(
    { slots: fc.integer({ min: 1, max: 6 }), maxFailures: fc.integer({ min: 0, max: 4 }) },
    { requiredKeys: [] },
  ),
  order: fc.infiniteStream(fc.nat()),
});

test("whatever the hosts, what is promised of them holds at any time", () => {
  fc.assert(
    fc.property(fleets, ({ hosts, order, options }) => {
      const { slots, maxFailures } = options;
      const candidates = hosts.map((host, name) => ({ ...host, name }));
      const schedule = new Schedule(candidates, options);
      const running: (typeof candidates)[number][] = [];
      const begun: number[] = [];
      let failed = 0;
      for (;;) {
        for (let next = schedule.next(); next; next = schedule.next()) {
          // Nobody begins when it has been said that nobody does.
          assert.equal(schedule.stopped, undefined);
          assert.ok(maxFailures === undefined || failed <= maxFailures);
          const others = candidates.filter((one) => one.isCanary && !running.includes(one));
          if (!next.isCanary) assert.ok(others.every((one) => begun.includes(one.name)));
          running.push(next);
          begun.push(next.name);
          if (!next.isCanary) assert.ok(!running.some((one) => one.isCanary));
        }
        assert.equal(schedule.running, running.length);
        assert.ok(slots === undefined || running.length + failed <= slots);
        for (const key of keys) {
          const said = candidates.flatMap(({ limits }) => limits.filter(([name]) => name === key));
          const most = Math.min(...said.map(([, number]) => number));
          const holders = running.filter(({ limits }) => limits.some(([name]) => name === key));
          assert.ok(holders.length <= most, `${key}: ${holders.length} of ${most}`);
        }
        const [one] = running.splice(Number(order.next().value) % (running.length || 1), 1);
        if (!one) break;
        schedule.ended(one, one.isWell);
        if (!one.isWell) failed++;
      }
      // Nothing is under way: all have been begun, or it is said why not.
      assert.ok(schedule.isOver);
      assert.equal(new Set(begun).size, begun.length);
      assert.equal(schedule.stopped === undefined, begun.length === candidates.length);
      if (schedule.stopped !== undefined) assert.ok(failed > 0);
    }),
    { numRuns: 2000 },
  );
});

/** Hosts without limits, the first of them canaries. */
function plain(count: number, canaries = 0): Named[] {
  return Array.from({ length: count }, (_, name) => {
    return { name, limits: [], isCanary: name < canaries };
  });
}

/** All that may begin now. */
function begin<C extends Candidate>(schedule: Schedule<C>): C[] {
  const begun: C[] = [];
  for (let next = schedule.next(); next; next = schedule.next()) begun.push(next);
  return begun;
}

const names = (hosts: readonly Named[]) => hosts.map(({ name }) => name);

describe("a budget", () => {
  test("of failures stops all when it is exceeded, not when it is reached", () => {
    const schedule = new Schedule(plain(10), { slots: 5, maxFailures: 1 });
    const [one, two] = begin(schedule);
    assert.ok(one && two);
    schedule.ended(one, false);
    assert.equal(schedule.stopped, undefined);
    schedule.ended(two, false);
    assert.equal(schedule.stopped, "more than 1 failed");
    assert.deepEqual([begin(schedule), schedule.isOver], [[], false]);
  });

  test("of none is exceeded by the first", () => {
    const schedule = new Schedule(plain(10), { slots: 1, maxFailures: 0 });
    for (const isWell of [true, true, false]) {
      const [one, ...more] = begin(schedule);
      assert.ok(one && more.length === 0);
      schedule.ended(one, isWell);
    }
    assert.deepEqual([schedule.stopped, schedule.isOver], ["more than 0 failed", true]);
  });

  test("of slots is used up by those that have failed", () => {
    const schedule = new Schedule(plain(10), { slots: 2 });
    const [one, two] = begin(schedule);
    assert.ok(one && two);
    schedule.ended(one, false);
    assert.deepEqual(begin(schedule), []);
    schedule.ended(two, true);
    const [three, ...more] = begin(schedule);
    assert.ok(three && more.length === 0);
    schedule.ended(three, false);
    assert.equal(schedule.stopped, "2 failed, and no more may be out of service");
    assert.ok(schedule.isOver);
  });

  test("that is exceeded by the last stops nobody", () => {
    const schedule = new Schedule(plain(2), { maxFailures: 0 });
    for (const one of begin(schedule)) schedule.ended(one, false);
    assert.deepEqual([schedule.stopped, schedule.isOver], [undefined, true]);
  });
});

describe("canaries", () => {
  test("go first, wherever they stand, and the others when all have gone well", () => {
    const candidates = plain(5).map((one) => ({ ...one, isCanary: one.name > 2 }));
    const schedule = new Schedule(candidates);
    const [one, two, ...more] = begin(schedule);
    assert.ok(one && two && more.length === 0);
    assert.deepEqual(names([one, two]), [3, 4]);
    schedule.ended(one, true);
    assert.deepEqual(begin(schedule), []);
    schedule.ended(two, true);
    assert.deepEqual(names(begin(schedule)), [0, 1, 2]);
  });

  test("that fail keep the others from beginning", () => {
    const schedule = new Schedule(plain(3, 1));
    const [one] = begin(schedule);
    assert.ok(one);
    schedule.ended(one, false);
    assert.deepEqual([schedule.stopped, schedule.isOver], ["a canary failed", true]);
  });
});

describe("a limit", () => {
  test("is the least number that is said, and of one host what it says twice", () => {
    const twice: Candidate = {
      limits: [
        ["web", 2],
        ["web", 5],
      ],
      isCanary: false,
    };
    const schedule = new Schedule([twice, { ...twice }, { ...twice }]);
    assert.equal(begin(schedule).length, 2);
  });

  test("of some does not keep others back", () => {
    const limited: Candidate = { limits: [["db", 1]], isCanary: false };
    const free: Candidate = { limits: [], isCanary: false };
    const schedule = new Schedule([limited, { ...limited }, free]);
    assert.deepEqual(begin(schedule), [limited, free]);
  });
});

test("what stopped it first is the reason", () => {
  const schedule = new Schedule(plain(3), { slots: 1, maxFailures: 0 });
  const [one] = begin(schedule);
  assert.ok(one);
  schedule.stop("interrupted");
  schedule.ended(one, false);
  assert.equal(schedule.stopped, "interrupted");
});

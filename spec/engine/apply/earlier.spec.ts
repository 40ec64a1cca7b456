/** A deployment that goes on where an earlier one was interrupted. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import type { Earlier } from "../../../engine/apply/terms.js";
import {
  AbortedChange,
  concurrently,
  deploysThese,
  described,
  host,
  inOrder,
  inOrderUntil,
  keepGoing,
  type Outcome,
  onApplyChange,
  onChange,
  onceWithFlagFile,
  type Propspec,
  posixProperty,
  propList,
  reapplied,
  unapplied,
} from "../../../engine/index.js";
import { checked, step, steps, stepsAfter } from "../../helpers/steps.js";
import { temporary } from "../shell/helpers/shells.js";

const both = propList("earlier.both", {
  args: z.tuple([z.string(), z.string()]),
  props: (first: string, second: string) => [step(first), step(second)],
});

/** Applies others as a part of it. */
const whole = posixProperty<[a: string, b: string]>("earlier.whole", {
  args: z.tuple([z.string(), z.string()]),
  apply: (on, a, b) => on.apply(inOrder(step(a), step(b))),
});

type Ended = Readonly<Record<string, Outcome>>;

/** What is applied after a run that came to `ended`; checks may begin ahead of their turn. */
async function after(earlier: Earlier, props: readonly Propspec[]): Promise<readonly string[]> {
  const { called } = await stepsAfter(earlier, ...props);
  return called.filter((one) => !one.endsWith("?"));
}

/** The same where the run did not come to its end. */
function cut(ended: Ended, ...props: readonly Propspec[]): Promise<readonly string[]> {
  return after({ ended, interrupted: true }, props);
}

/** The same where it did, and what is not in `ended` failed. */
function failed(ended: Ended, ...props: readonly Propspec[]): Promise<readonly string[]> {
  return after({ ended, interrupted: false }, props);
}

const done = { "0.0": "changed" } as const;

describe("after an earlier run", () => {
  test("what nothing tells whether it holds is not done twice", async () => {
    for (const ended of [{ "0.0": "changed" }, { "0.0": "unchanged" }] as const) {
      for (const again of [cut, failed]) {
        assert.deepEqual(await again(ended, step("a"), step("b")), ["b"]);
      }
    }
    assert.deepEqual(await cut({}, step("a")), ["a"]);
    assert.deepEqual(await cut(done, checked("a", false), step("b")), ["a", "b"]);
    assert.deepEqual(await cut({ "0.0.0": "changed" }, both("a", "b")), ["b"]);
  });

  test("its line is there, and says that nothing was changed now", async () => {
    const { lines, report } = await stepsAfter(
      { ended: done, interrupted: false },
      step("a"),
      step("b"),
    );
    assert.deepEqual(lines, ["a unchanged", "b changed"]);
    assert.equal(report.counts.unchanged, 1);
  });

  for (const follow of [onChange, onApplyChange]) {
    const fixed = follow(checked("a", true), step("f"));
    const inside = { "0.0.0": "changed" } as const;
    test(`${follow.name}: what was to follow upon its change follows`, async () => {
      for (const again of [cut, failed]) {
        assert.deepEqual(await again(inside, fixed), ["f"]);
        assert.deepEqual(await again({ "0.0.0": "unchanged" }, fixed), []);
        assert.deepEqual(await again({ ...inside, "0.0.1": "changed" }, fixed), []);
        assert.deepEqual(await again(inside, follow(step("a"), step("f"))), ["f"]);
      }
      // It may have changed more than is known.
      assert.deepEqual(await cut({}, fixed), ["f"]);
      assert.deepEqual(await failed({}, fixed), []);
    });

    test(`${follow.name}: what has followed upon it follows again upon a change of now`, async () => {
      const ended = { ...inside, "0.0.1": "changed", "0.0.2": "unchanged" } as const;
      const changes = follow(checked("a", false), step("f"), checked("g", true));
      for (const again of [cut, failed]) {
        assert.deepEqual(await again(ended, changes), ["a", "f"]);
        const several = follow(inOrder(step("a"), checked("b", false)), both("f", "g"));
        const all = { "0.0.0.0": "changed", "0.0.1.0": "changed", "0.0.1.1": "changed" } as const;
        assert.deepEqual(await again(all, several), ["b", "f", "g"]);
      }
    });

    test(`${follow.name}: one in another`, async () => {
      const one = follow(follow(checked("a", true), step("f")), step("g"));
      assert.deepEqual(await failed({ "0.0.0.0": "changed", "0.0.0.1": "changed" }, one), ["g"]);
      const other = follow(checked("a", true), follow(checked("f", true), step("g")));
      const ended = { "0.0.0": "changed", "0.0.1.0": "changed" } as const;
      assert.deepEqual(await failed(ended, other), ["g"]);
    });
  }

  test("upon what was unapplied follows what was to follow", async () => {
    const undone = unapplied(onChange(checked("a", false), step("f")));
    assert.deepEqual(await failed({ "0.0.0.0-": "changed" }, undone), ["f"]);
    assert.deepEqual(await failed({ "0.0.0.0": "changed" }, undone), []);
    const other = onChange(unapplied(checked("a", false)), step("f"));
    assert.deepEqual(await failed({ "0.0.0.0-": "changed", "0.0.0": "changed" }, other), ["f"]);
    assert.deepEqual(await failed({}, other), []);
    assert.deepEqual(await cut(done, unapplied(step("a"))), ["-a"]);
  });

  test("reapplied: it is, each time", async () => {
    for (const ended of [
      { "0.0.0-": "changed" },
      { "0.0.0-": "changed", "0.0.0": "changed" },
    ] as const) {
      assert.deepEqual(await cut(ended, reapplied(step("a"))), ["-a", "a"]);
      assert.deepEqual(await failed(ended, reapplied(both("a", "b"))), ["-b", "-a", "a", "b"]);
    }
  });

  test("onceWithFlagFile: the flag is made, and what follows follows", async () => {
    const flag = path.join(temporary(), "flag");
    const once = onChange(onceWithFlagFile(flag, step("a"), step("b")), step("f"));
    const ended = { "0.0.0.0": "changed" } as const;
    assert.deepEqual(await cut(ended, once), ["b", "f"]);
    assert.ok(fs.existsSync(flag));
    assert.deepEqual(await cut({ ...ended, "0.0.0.1": "changed" }, once), ["f"]);
    assert.deepEqual(await failed({}, once), []);
  });

  test("inOrderUntil: it ends where it ended", async () => {
    const until = inOrderUntil(AbortedChange, step("a"), step("b", "aborts"), step("c"));
    assert.deepEqual(await cut({ "0.0.0": "changed" }, until), ["b"]);
    const followed = onChange(until, step("f"));
    assert.deepEqual(await failed({ "0.0.0.0": "changed" }, followed), ["b", "f"]);
  });

  test("concurrently, keepGoing and a description", async () => {
    const ended = { "0.0.0": "changed", "0.0.2": "unchanged" } as const;
    for (const combine of [concurrently, keepGoing]) {
      assert.deepEqual(await cut(ended, combine(step("a"), step("b"), step("c"))), ["b"]);
    }
    const text = described("text", step("a"), step("b"));
    assert.deepEqual(await cut({ "0.0.0": "changed" }, text), ["b"]);
    const followed = onChange(described("text", checked("a", true), checked("b", true)), step("f"));
    assert.deepEqual(await failed({ "0.0.0.0": "changed" }, followed), ["f"]);
  });

  test("what a property applies as a part of it is no item of the host", async () => {
    const ended = { "0.0": "changed", "0.1": "changed", "0": "changed" } as const;
    assert.deepEqual(await cut(ended, step("x"), step("y"), whole("a", "b")), ["a", "b"]);
    assert.deepEqual(await cut(ended, whole("x", "y"), step("z"), whole("a", "b")), ["a", "b"]);
  });

  test("items of another host have the place before them", async () => {
    const inner = host("inner.example");
    const within = deploysThese([local()], inner, step("a"), step("b"), checked("c", true));
    const place = "0.2/0";
    const { events } = await steps(step("x"), step("y"), within);
    const paths = events.flatMap((event) => (event.type === "ended" ? [event.item.path] : []));
    assert.deepEqual(
      paths.filter((one) => one.startsWith(place)),
      [`${place}.0`, `${place}.1`, `${place}.2`],
    );
    const ended = { "0.0": "changed", "0.1": "changed", [`${place}.1`]: "changed" } as const;
    assert.deepEqual(await cut(ended, step("x"), step("y"), within), ["a"]);
    const followed = onChange(within, step("f"));
    assert.deepEqual(await failed({ "0.0.0/0.0": "changed", "0.0.0/0.1": "changed" }, followed), [
      "f",
    ]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { Lookahead } from "../../../engine/apply/lookahead.js";
import { keepGoing, onChange, posixProperty, script, unapplied } from "../../../engine/index.js";
import { checked, step, steps } from "../../helpers/steps.js";

test("with nothing to do every check is asked once, before any answer is needed", async () => {
  const props = Array.from({ length: 100 }, (_, i) => checked(`p${i}`, true));
  const { called, report } = await steps(keepGoing(...props));
  assert.equal(called.length, 100);
  assert.equal(report.counts.unchanged, 100);
});

test("after a change the host is asked again", async () => {
  const { called } = await steps(checked("a", true), changes("x"), checked("b", true));
  assert.deepEqual(called.toSorted(), ["a?", "b?", "b?"]);
});

test("… also if it was made by a property itself, or by one that is a part of it", async () => {
  for (const change of [step("x", "changed"), parts("x"), step("x", "fails")]) {
    const { called } = await steps(keepGoing(checked("a", true), change, checked("b", true)));
    assert.equal(called.filter((name) => name === "b?").length, 2, JSON.stringify(change));
  }
});

test("a first run asks little in vain", async () => {
  const props = Array.from({ length: 100 }, (_, i) =>
    keepGoing(checked(`p${i}`, false), changes("x")),
  );
  const { called } = await steps(...props);
  const checks = called.filter((name) => name.endsWith("?")).length;
  assert.ok(checks <= 100 + 64 + 8, `${checks} checks for 100 properties`);
});

test("checks are looked ahead through combinators, and never out of a branch that may not come", async () => {
  const { called } = await steps(
    keepGoing(
      onChange(checked("a", true), checked("never", true)),
      unapplied(checked("b", false)),
      step("c", "unchanged"),
    ),
  );
  assert.deepEqual(called, ["a?", "b?", "c"]);
});

/** Runs a command that changes nothing, but might have. */
const changes = posixProperty<[text: string]>("lookahead.changes", {
  args: z.tuple([z.string()]),
  apply: async (on, text) => {
    await on.run(script`: ${text}`);
    return "changed";
  },
});

/** Applies the above, and does not know that it changes anything. */
const parts = posixProperty<[text: string]>("lookahead.parts", {
  args: z.tuple([z.string()]),
  apply: async (on, text) => {
    await on.apply(changes(text));
    return "unchanged";
  },
});

test("a check that fails is a failure only if its answer is still believed", async () => {
  const lookahead = new Lookahead();
  const fails = () => Promise.reject(new Error("too early"));
  lookahead.begin([{ path: "1", check: fails }]);
  await assert.rejects(lookahead.take("1", fails), /too early/);
  lookahead.begin([{ path: "2", check: fails }]);
  lookahead.changed();
  assert.equal(await lookahead.take("2", async () => true), true);
});

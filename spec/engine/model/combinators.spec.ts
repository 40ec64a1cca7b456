import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbortedChange,
  CommandFailed,
  concurrently,
  described,
  FailedChange,
  inOrder,
  inOrderUntil,
  keepGoing,
  onApplyChange,
  onChange,
  type Propspec,
  reapplied,
  silently,
  unapplied,
  WrongExecutionContextForImageDump,
  withUnapply,
} from "../../../engine/index.js";
import { checked, forGood, step, steps } from "../../helpers/steps.js";

/** A propspec, what it calls, and how the whole ends. */
const cases: [
  name: string,
  propspec: () => Propspec<"posix">,
  called: string,
  outcome: "changed" | "unchanged" | "failed",
][] = [
  ["inOrder applies in order", () => inOrder(step("a"), step("b")), "a b", "changed"],
  ["inOrder of nothing", () => inOrder(), "", "unchanged"],
  [
    "inOrder changes if any does",
    () => inOrder(step("a", "unchanged"), step("b")),
    "a b",
    "changed",
  ],
  ["inOrder all unchanged", () => inOrder(step("a", "unchanged")), "a", "unchanged"],
  ["inOrder stops", () => inOrder(step("a"), step("b", "fails"), step("c")), "a b", "failed"],
  ["keepGoing goes on", () => keepGoing(step("a", "fails"), step("b")), "a b", "changed"],
  ["keepGoing of an abort alone", () => keepGoing(step("a", "aborts")), "a", "unchanged"],
  [
    "the innermost sequence skips its own direct child",
    () => keepGoing(keepGoing(step("a"), step("b", "aborts"), step("c")), step("d")),
    "a b c d",
    "changed",
  ],
  [
    "inOrder inside keepGoing is skipped as one",
    () => keepGoing(inOrder(step("a", "fails"), step("b")), step("c")),
    "a c",
    "changed",
  ],
  ["unapplied unapplies", () => unapplied(step("a")), "-a", "changed"],
  ["unapplied twice applies", () => unapplied(unapplied(step("a"))), "a", "changed"],
  ["unapplied in reverse", () => unapplied(inOrder(step("a"), step("b"))), "-b -a", "changed"],
  [
    "unapplied when check says there is nothing",
    () => unapplied(checked("a", false)),
    "a?",
    "unchanged",
  ],
  [
    "unapplied when check says there is something",
    () => unapplied(checked("a", true)),
    "a? -a",
    "changed",
  ],
  ["apply when check says it holds", () => checked("a", true), "a?", "unchanged"],
  ["apply when check says it does not", () => checked("a", false), "a? a", "changed"],
  ["reapplied", () => reapplied(step("a")), "-a a", "changed"],
  [
    "reapplied gives the second result",
    () => reapplied(step("a", "unchanged")),
    "-a a",
    "unchanged",
  ],
  ["onChange after a change", () => onChange(step("a"), step("b"), step("c")), "a b c", "changed"],
  ["onChange without", () => onChange(step("a", "unchanged"), step("b")), "a", "unchanged"],
  [
    "onChange gives the first result",
    () => onChange(step("a"), step("b", "unchanged")),
    "a b",
    "changed",
  ],
  [
    "onChange applies after unapplying",
    () => unapplied(onChange(step("a"), step("b"))),
    "-a b",
    "changed",
  ],
  [
    "onChange fails with what follows",
    () => onChange(step("a"), step("b", "fails")),
    "a b",
    "failed",
  ],
  ["onApplyChange after applying", () => onApplyChange(step("a"), step("b")), "a b", "changed"],
  [
    "onApplyChange after unapplying",
    () => unapplied(onApplyChange(step("a"), step("b"))),
    "-a",
    "changed",
  ],
  [
    "withUnapply applies the first",
    () => withUnapply([step("a"), step("b")], [step("c")]),
    "a b",
    "changed",
  ],
  [
    "withUnapply unapplied applies the second",
    () => unapplied(withUnapply([forGood("a")], [step("b"), step("c")])),
    "b c",
    "changed",
  ],
  ["withUnapply of nothing", () => unapplied(withUnapply([step("a")], [])), "", "unchanged"],
  ["described applies", () => described("both", step("a"), step("b")), "a b", "changed"],
  ["silently goes on", () => silently(step("a", "fails"), step("b")), "a b", "changed"],
  [
    "inOrderUntil stops quietly",
    () => inOrderUntil(AbortedChange, step("a"), step("b", "aborts"), step("c")),
    "a b",
    "changed",
  ],
  [
    "inOrderUntil matches descendants of the class",
    () => inOrder(inOrderUntil(FailedChange, step("a", "aborts"), step("b")), step("c")),
    "a c",
    "changed",
  ],
  [
    "inOrderUntil lets other errors out",
    () => inOrderUntil(WrongExecutionContextForImageDump, step("a", "fails"), step("b")),
    "a",
    "failed",
  ],
  [
    "inOrderUntil of a class beside",
    () => inOrderUntil(CommandFailed, step("a", "aborts"), step("b")),
    "a",
    "failed",
  ],
  [
    "concurrently applies all",
    () => concurrently(step("a"), step("b", "unchanged")),
    "a b",
    "changed",
  ],
  ["concurrently lets all end", () => concurrently(step("a", "fails"), step("b")), "a b", "failed"],
];

for (const [name, propspec, called, outcome] of cases) {
  test(name, async () => {
    const { report, called: actually } = await steps(propspec());
    // Those that run at once are called in any order.
    const order = name.startsWith("concurrently") ? actually.toSorted() : actually;
    assert.equal(order.join(" "), called);
    const ended = report.error ? "failed" : report.changed ? "changed" : "unchanged";
    assert.equal(ended, outcome);
  });
}

test("every propapp has exactly one ending", async () => {
  const { lines } = await steps(
    keepGoing(
      inOrder(step("a"), step("b", "fails"), step("c"), onChange(step("d"), step("e"))),
      onChange(step("f", "unchanged"), step("g")),
      described("h and i", step("h", "aborts"), step("i")),
      step("j"),
    ),
  );
  assert.deepEqual(lines, [
    "a changed",
    "b failed",
    "c notReached",
    "d notReached",
    "e notReached",
    "f unchanged",
    "g notReached",
    "h failed",
    "i notReached",
    "h and i failed",
    "j changed",
  ]);
});

test("an error is told once, where it arose", async () => {
  const { report } = await steps(keepGoing(described("outer", step("a", "fails")), step("b")));
  assert.deepEqual(
    report.failures.map(({ item }) => item.desc),
    ["a"],
  );
  assert.deepEqual(report.counts, { changed: 1, unchanged: 0, failed: 1, notReached: 0 });
});

test("a forgiven error is no failure", async () => {
  const { report, lines } = await steps(
    inOrderUntil(AbortedChange, step("a", "unchanged"), step("b", "aborts"), step("c")),
  );
  assert.deepEqual(report.failures, []);
  assert.deepEqual(lines, ["a unchanged", "b notReached", "c notReached"]);
  assert.equal(report.changed, false);
});

/**
 * The points in which this system decides otherwise than the one whose design it follows, or where
 * that one leaves the question open. One test for each; those of the compiler are in spec/types.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import {
  BrokenProperty,
  combinator,
  compareVersions,
  type DeploymentEvent,
  deploys,
  deployThese,
  FailedChange,
  FileFailed,
  HostattrsTooLate,
  host,
  inOrder,
  isError,
  keepGoing,
  MissingData,
  type Propspec,
  posixProperty,
  prepareHost,
  Secret,
  script,
  sh,
  UnknownDefinition,
  UsageError,
  unapplied,
  withHome,
} from "../../../engine/index.js";
import { forGood, note, noted, step, steps } from "../../helpers/steps.js";

const scratch = mkdtempSync(path.join(os.tmpdir(), "consfig-decisions-"));
after(() => rmSync(scratch, { recursive: true }));

const reads = posixProperty<[path: string]>("decisions.reads", {
  args: z.tuple([z.string()]),
  apply: async (on, file) => {
    await on.readFile(file);
    return "unchanged";
  },
});

const saysNothing = posixProperty<[]>("decisions.saysNothing", {
  args: z.tuple([]),
  apply: (async () => {}) as never,
});

const needsData = posixProperty<[iden2: string]>("decisions.needsData", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, iden2) => attrs.requireData("_decisions", iden2),
  apply: async (on, iden2) => {
    await on.data("_decisions", iden2);
    return "unchanged";
  },
});

test("2: lost files and missing data can be left behind, mistakes in a property cannot", async () => {
  const left = await steps(keepGoing(reads("/nowhere/at/all"), needsData("x"), step("after")));
  assert.deepEqual(left.called, ["after"]);
  assert.ok(left.report.failures.every(({ error }) => isError(error, FailedChange)));
  assert.ok(left.report.failures.some(({ error }) => isError(error, MissingData)));
  const broken = await steps(keepGoing(step("before"), step("breaks", "breaks"), step("after")));
  assert.deepEqual(broken.called, ["before", "breaks"]);
  assert.ok(isError(broken.report.error, BrokenProperty));
  const mute = await steps(saysNothing());
  assert.ok(isError(mute.report.error, BrokenProperty));
  assert.match(mute.report.error.message, /its apply returned undefined/);
});

test("3: an abort is caught by the innermost sequence that goes on, and is no change", async () => {
  const { called, report } = await steps(
    keepGoing(keepGoing(step("a", "unchanged"), step("b", "aborts"), step("c", "unchanged"))),
  );
  assert.deepEqual(called, ["a", "b", "c"]);
  assert.equal(report.changed, false);
});

test("4: the report tells changes and failures apart", async () => {
  const { report } = await steps(keepGoing(step("a", "aborts"), step("b", "unchanged")));
  assert.equal(report.changed, false);
  assert.equal(report.failures.length, 1);
  assert.deepEqual(report.counts, { changed: 0, unchanged: 1, failed: 1, notReached: 0 });
});

test("5: unapplying what cannot be unapplied fails", async () => {
  const forced = forGood("a") as Propspec<"posix", boolean> as Propspec<"posix", true>;
  const { report, called } = await steps(unapplied(forced));
  assert.deepEqual(called, []);
  assert.ok(isError(report.error, FailedChange));
  const inside = await steps(unapplied(inOrder(step("b"), forced)));
  assert.ok(isError(inside.report.error, FailedChange));
});

test("6: an unknown id is found before any connection is made", () => {
  assert.throws(
    () => prepareHost(host("h1", { property: "decisions.none", args: [] })),
    UnknownDefinition,
  );
});

const combineByNote = combinator<[]>("decisions.byNote", {
  args: z.tuple([]),
  choose: (attrs) => (attrs.first(note) === "second" ? 1 : 0),
  apply: (run, node) => run.apply(node.props[0]),
  unapply: (run, node) => run.unapply(node.props[0]),
});

test("7: a choice by hostattrs is made once, in its place", async () => {
  const choice = combineByNote<"posix", true>([], [step("first"), step("second")]);
  const { called } = await steps(noted("first"), choice, noted("second"), choice);
  assert.deepEqual(called, ["first", "second"]);
});

const appliesInside = posixProperty<[]>("decisions.appliesInside", {
  args: z.tuple([]),
  apply: (on) => on.apply(needsData("late")),
});
const saysBefore = posixProperty<[]>("decisions.saysBefore", {
  args: z.tuple([]),
  hostattrs: (attrs) => attrs.of(step("inside")),
  apply: (on) => on.apply(step("inside")),
});

test("8: a property applied by another cannot say new things of the host", async () => {
  const { report } = await steps(appliesInside());
  assert.ok(isError(report.error, HostattrsTooLate));
  assert.match(report.error.hint ?? "", /attrs\.of/);
  assert.deepEqual((await steps(saysBefore())).called, ["inside"]);
});

test("10: versions are dotted numbers", () => {
  const ordered = ["", "1", "1.0.1", "1.1", "1.10", "2"];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries())
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j));
  }
  assert.equal(compareVersions("1.a", "1"), 0);
  assert.equal(compareVersions("1.0", "1."), 0);
});

const runsIn = posixProperty<[cwd: string]>("decisions.runsIn", {
  args: z.tuple([z.string()]),
  apply: async (on, cwd) => {
    await on.run(script`touch ${`${scratch}/ran`}`, { cwd });
    return "changed";
  },
});
const readsStdin = posixProperty<[]>("decisions.readsStdin", {
  args: z.tuple([]),
  apply: async (on) => {
    assert.equal((await on.run(sh`cat`)).stdout, "");
    await on.run(script`x=1; cd /; umask 0`);
    const { lines } = await on.run(script`echo $x; umask`);
    assert.deepEqual(lines, ["", "0022"]);
    return "unchanged";
  },
});

test("11: a missing directory stops the command; stdin is empty; each command starts afresh", async () => {
  const missing = await steps(runsIn("/nowhere/at/all"));
  assert.ok(isError(missing.report.error, FileFailed));
  assert.equal((await steps(reads(`${scratch}/ran`))).report.failures.length, 1);
  assert.equal((await steps(readsStdin())).report.error, undefined);
});

test("12: outcomes are told as they happen", async () => {
  const seen: string[] = [];
  const watch = posixWatch(seen);
  await deployThese([local()], host("h1"), [step("a"), step("b")], { listener: watch });
  assert.deepEqual(seen, ["started a", "ended a", "started b", "ended b", "finished"]);
});

function posixWatch(seen: string[]) {
  return (event: DeploymentEvent) => {
    if (event.type === "started" || event.type === "ended")
      seen.push(`${event.type} ${event.item.desc}`);
    if (event.type === "finished") seen.push(event.type);
  };
}

const usesSecret = posixProperty<[]>("decisions.usesSecret", {
  args: z.tuple([]),
  apply: async (on) => {
    const secret = new Secret("hunter2-hunter2");
    // What is running while the secret is read: nothing may have it among its words.
    const scan = script`p=$(cat); cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "$p" | head -1`;
    const { lines } = await on.run(scan, { stdin: secret, mayFail: true });
    // The grep itself, and the shell that has the pattern in a variable, must be the only ones.
    on.inform(
      `found ${lines[0]}, secret is ${secret} ${inspect(secret)} ${JSON.stringify({ secret })}`,
    );
    await on.run(script`cat >&2; exit 3`, { stdin: new Secret("nothing secret") });
    return "changed";
  },
});

test("13: a secret is printed by no ordinary way, and is in no command's words", async () => {
  const { events } = await steps(usesSecret());
  const told = JSON.stringify(events) + inspect(events, { depth: 20 });
  assert.doesNotMatch(told, /hunter2/);
  const informed = events.find(
    (event) => event.type === "inform" && event.text.startsWith("found"),
  );
  assert.ok(informed?.type === "inform");
  assert.match(informed.text, /^found [01], secret is \[secret\]/);
});

test("15: what a subdeployment reports is in the report of the whole", async () => {
  const inner = host("inner", step("x"), step("y", "fails"), step("z"));
  const { report, called } = await steps(deploys([local()], inner), step("after"));
  assert.deepEqual(called, ["x", "y", "z", "after"]);
  assert.deepEqual(
    report.failures.map(({ item }) => item.desc),
    ["y"],
  );
});

const homes: string[] = [];
const tellsHome = posixProperty<[]>("decisions.tellsHome", {
  args: z.tuple([]),
  apply: async (on) => {
    const { lines } = await on.run(script`sleep 0.1; echo $HOME; pwd`);
    homes.push(lines.join(" "));
    return "unchanged";
  },
});

test("16: two deployments at once have each their own HOME and directory", async () => {
  const before = [process.cwd(), process.env.HOME];
  const run = (directory: string) =>
    deployThese([local()], host("h1"), [withHome({ directory }, tellsHome(), tellsHome())]);
  const reports = await Promise.all([run("/"), run(scratch)]);
  assert.ok(reports.every((report) => !report.error));
  assert.deepEqual(homes.toSorted(), [
    "/ /",
    "/ /",
    `${scratch} ${scratch}`,
    `${scratch} ${scratch}`,
  ]);
  assert.deepEqual([process.cwd(), process.env.HOME], before);
});

test("17: local() is refused where it would be another machine than it looks", async () => {
  await assert.rejects(deployThese([local(), local()], host("h1"), [step("a")]), UsageError);
});

test("18: a prepared host shares nothing with the consfig or with another preparation", () => {
  const one = host("h1", noted("a"));
  const [first, second] = [prepareHost(one), prepareHost(one)];
  (first.hostattrs.attrs[note.key] as string[]).push("spoilt");
  assert.deepEqual(second.hostattrs.attrs[note.key], ["a"]);
  assert.deepEqual(prepareHost(one).hostattrs.attrs[note.key], ["a"]);
});

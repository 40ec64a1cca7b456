import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbortedChange,
  FailedChange,
  InvalidArgument,
  inOrder,
  unapplied,
} from "../../../engine/index.js";
import * as cron from "../../../properties/cron/index.js";
import type { Place } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";

const crontab = (place: Place, user = "root") =>
  place.shell(`crontab -u ${user} -l 2>/dev/null || :`);

const is =
  (expected: string, user = "root") =>
  async (place: Place) =>
    assert.equal(await crontab(place, user), expected);

const install =
  (text: string, user = "root") =>
  (place: Place) =>
    place.shell(`crontab -u ${user} - <<'END'\n${text}END`);

test("what does not fit in one line of a crontab, or is no time, is refused", () => {
  const { userCrontabContains, userCrontabSets, systemJob } = cron;
  assert.throws(() => userCrontabContains("x", "* * * * *", "a\nb"), InvalidArgument);
  assert.throws(() => userCrontabContains("x\ny", "* * * * *", "a"), InvalidArgument);
  assert.throws(() => userCrontabContains("x", "* * * *", "a"), /five fields/);
  assert.throws(() => userCrontabContains("x", "* * * * * root", "a"), InvalidArgument);
  assert.throws(() => userCrontabContains("x", "@never", "a"), InvalidArgument);
  assert.throws(() => userCrontabContains("x", "@daily", "a", { user: "-r" }), InvalidArgument);
  assert.throws(() => userCrontabSets({ "A B": "x" }), InvalidArgument);
  assert.throws(() => userCrontabSets({ A: "x\ny" }), InvalidArgument);
  assert.throws(() => systemJob("x", "yearly", "root", "a"), InvalidArgument);
  assert.throws(() => systemJob("x", "daily", "a b", "a"), InvalidArgument);
  userCrontabContains("x", "*/5 0-4,8 1 Jan Mon-Fri", "a");
});

const job = (name: string, line: string) => `# BEGIN ${name}\n${line}\n# END ${name}\n`;

const users: PropertyCase[] = [
  {
    name: "a crontab has a job; unapplied there is none",
    system: true,
    props: () => cron.userCrontabContains("backup", "0 4 * * *", "backup --all"),
    outcome: "changed",
    verify: is(job("backup", "0 4 * * * backup --all")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! crontab -l")),
  },
  {
    name: "another user's crontab",
    system: true,
    props: () => cron.userCrontabContains("tidy", "@daily", "tidy", { user: "alice" }),
    outcome: "changed",
    verify: async (place) => {
      await is(job("tidy", "@daily tidy"), "alice")(place);
      await is("")(place);
    },
    unapplied: {},
  },
  {
    name: "all else in the crontab stays",
    system: true,
    prepare: install("# mine\nMAILTO=me\n\n1 2 * * * mine 50\\%\n", "alice"),
    props: () =>
      inOrder(
        cron.userCrontabContains("a", "@daily", "a", { user: "alice" }),
        cron.userCrontabContains("b", "@daily", "b", { user: "alice" }),
      ),
    outcome: "changed",
    verify: is(
      `# mine\nMAILTO=me\n\n1 2 * * * mine 50\\%\n${job("a", "@daily a")}${job("b", "@daily b")}`,
      "alice",
    ),
    unapplied: {},
    verifyUnapplied: is("# mine\nMAILTO=me\n\n1 2 * * * mine 50\\%\n", "alice"),
  },
  {
    name: "a job that was changed is put right where it stands, and goes when unapplied",
    system: true,
    prepare: install(`${job("a", "@weekly a")}@daily mine\n`),
    props: () => cron.userCrontabContains("a", "@daily", "a"),
    outcome: "changed",
    verify: is(`${job("a", "@daily a")}@daily mine\n`),
    unapplied: {},
    verifyUnapplied: is("@daily mine\n"),
  },
  {
    name: "a percent sign reaches the shell",
    system: true,
    props: () => cron.userCrontabContains("stamp", "@daily", "date +%F"),
    outcome: "changed",
    verify: is(job("stamp", "@daily date +\\%F")),
  },
  {
    name: "variables are set above all else",
    system: true,
    prepare: install("@daily mine\n"),
    props: () => cron.userCrontabSets({ MAILTO: "", PATH: "/opt/my bin:/bin" }),
    outcome: "changed",
    verify: is(
      `# BEGIN environment\nMAILTO=""\nPATH="/opt/my bin:/bin"\n# END environment\n@daily mine\n`,
    ),
    unapplied: {},
    verifyUnapplied: is("@daily mine\n"),
  },
  {
    name: "a crontab consists of exactly these lines; unapplied there is none",
    system: true,
    prepare: install("@daily theirs\n", "alice"),
    props: () => cron.userCrontabInstalled(["# ours", "", "@daily ours"], { user: "alice" }),
    outcome: "changed",
    verify: is("# ours\n\n@daily ours\n", "alice"),
    unapplied: {},
    verifyUnapplied: is("", "alice"),
  },
  {
    name: "a line that crontab does not take is a failure, and the crontab stays",
    system: true,
    prepare: install("@daily mine\n"),
    props: () => cron.userCrontabInstalled(["this is no job"]),
    outcome: { fails: FailedChange, says: /errors in crontab file|bad/ },
    verify: is("@daily mine\n"),
  },
  {
    name: "nothing is to be undone for a user who is not there",
    system: true,
    props: () => unapplied(cron.userCrontabContains("a", "@daily", "a", { user: "bob" })),
    outcome: "unchanged",
  },
  {
    name: "a user who is not there cannot have a crontab",
    system: true,
    props: () => cron.userCrontabContains("a", "@daily", "a", { user: "bob" }),
    outcome: { fails: FailedChange, says: /user.*bob.*unknown/ },
  },
  {
    name: "a crontab that would not survive editing is left alone",
    system: true,
    prepare: (place) => place.shell("printf '@daily caf\\351\\n' | crontab -"),
    props: () => cron.userCrontabContains("a", "@daily", "a"),
    outcome: { fails: AbortedChange, says: /UTF-8/ },
  },
  {
    name: "an account's own crontab",
    system: true,
    byAdmin: true,
    props: () => cron.userCrontabContains("a", "@daily", "a"),
    outcome: "changed",
    verify: is(job("a", "@daily a"), "admin"),
    unapplied: {},
  },
];

runCases("cron", users);

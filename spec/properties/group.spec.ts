import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, InvalidArgument } from "../../engine/index.js";
import * as group from "../../properties/group/index.js";
import type { Place } from "../helpers/places.js";
import { runCases } from "../helpers/propertyCases.js";

/** The group's number and members, as the host's own database has them. */
async function entry(place: Place, name: string): Promise<string> {
  return (await place.shell(`getent group ${name} | cut -d: -f3,4 || :`)).trim();
}

test("a group's name is none that a program could take for something else", () => {
  for (const name of ["-x", "", "a b", "a:b", "1000", "a\nb", "a,b", "a\0"]) {
    assert.throws(() => group.exists(name), InvalidArgument, JSON.stringify(name));
    assert.throws(() => group.hasMembers("crew", name), InvalidArgument, JSON.stringify(name));
  }
});

runCases("group", [
  {
    name: "a group is made, and is gone when unapplied",
    system: true,
    props: () => group.exists("crew"),
    outcome: "changed",
    verify: async (place) => assert.match(await entry(place, "crew"), /^\d+:$/),
    unapplied: {},
    verifyUnapplied: async (place) => assert.equal(await entry(place, "crew"), ""),
  },
  {
    name: "a new group has the number that is asked for",
    system: true,
    props: () => group.exists("crew", { gid: 4321 }),
    outcome: "changed",
    verify: async (place) => assert.equal(await entry(place, "crew"), "4321:"),
  },
  {
    name: "a system's own group has a number for such",
    system: true,
    props: () => group.exists("crew", { system: true }),
    outcome: "changed",
    verify: async (place) => assert.ok(Number.parseInt(await entry(place, "crew"), 10) < 1000),
  },
  {
    name: "a group that has another number gets the right one",
    system: true,
    prepare: (place) => place.shell("groupadd --gid 4000 crew"),
    props: () => group.exists("crew", { gid: 4321 }),
    outcome: "changed",
    verify: async (place) => assert.equal(await entry(place, "crew"), "4321:"),
    unapplied: {},
    verifyUnapplied: async (place) => assert.equal(await entry(place, "crew"), ""),
  },
  {
    name: "a group that is there stays as it is",
    system: true,
    props: () => group.exists("alice"),
    outcome: "unchanged",
  },
  {
    name: "a number that is taken is a failure that says so",
    system: true,
    props: () => group.exists("crew", { gid: 0 }),
    outcome: { fails: CommandFailed, says: /groupadd/ },
  },
  {
    name: "users are put into a group and out of it, and others stay in it",
    system: true,
    prepare: (place) => place.shell("groupadd crew && gpasswd --add noisy crew"),
    props: () => group.hasMembers("crew", "alice", "admin"),
    outcome: "changed",
    verify: async (place) => assert.match(await entry(place, "crew"), /:noisy,alice,admin$/),
    unapplied: {},
    verifyUnapplied: async (place) => assert.match(await entry(place, "crew"), /:noisy$/),
  },
  {
    name: "of several users those who lack are added, and unapplied all are taken out",
    system: true,
    prepare: (place) => place.shell("groupadd crew && gpasswd --add admin crew"),
    props: () => group.hasMembers("crew", "alice", "admin"),
    outcome: "changed",
    verify: async (place) => assert.match(await entry(place, "crew"), /:admin,alice$/),
    unapplied: {},
  },
  {
    name: "a user is in its primary group already, and cannot be taken out",
    system: true,
    props: () => group.hasMembers("alice", "alice"),
    outcome: "unchanged",
    unapplied: "unchanged",
  },
  {
    name: "a group that is not there has no members",
    system: true,
    props: () => group.hasMembers("crew", "alice"),
    outcome: { fails: CommandFailed, says: /gpasswd --add alice -- crew/ },
  },
]);

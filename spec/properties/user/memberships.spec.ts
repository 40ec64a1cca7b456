import assert from "node:assert/strict";
import { CommandFailed, unapplied } from "../../../engine/index.js";
import * as user from "../../../properties/user/index.js";
import type { Place } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";

async function passwd(place: Place, name: string): Promise<string[]> {
  return (await place.shell(`getent passwd ${name} || :`)).trim().split(":");
}

async function groups(place: Place, name: string): Promise<string> {
  return (await place.shell(`id -nG ${name}`)).trim();
}

const memberships: PropertyCase[] = [
  {
    name: "a user is put into groups, stays in others, and is taken out again",
    system: true,
    props: () => user.hasGroups("alice", "games", "video", "alice"),
    outcome: "changed",
    verify: async (place) => assert.equal(await groups(place, "alice"), "alice sudo video games"),
    unapplied: {},
    verifyUnapplied: async (place) => assert.equal(await groups(place, "alice"), "alice sudo"),
  },
  {
    name: "a user who is in one of the groups is taken out of that one, too",
    system: true,
    props: () => user.hasGroups("alice", "sudo"),
    outcome: "unchanged",
    unapplied: {},
    verifyUnapplied: async (place) => assert.equal(await groups(place, "alice"), "alice"),
  },
  {
    name: "a user who is not there is in no groups",
    system: true,
    props: () => unapplied(user.hasGroups("bob", "sudo")),
    outcome: "unchanged",
  },
  {
    name: "a user who is not there cannot be put into groups",
    system: true,
    props: () => user.hasGroups("bob", "sudo"),
    outcome: { fails: CommandFailed, says: /user 'bob' does not exist/ },
  },
  {
    name: "a desktop user is in those of the usual groups that there are",
    system: true,
    props: () => user.hasDesktopGroups("alice"),
    outcome: "changed",
    verify: async (place) => assert.match(await groups(place, "alice"), /audio.*video/),
  },
  {
    name: "a user has another login shell",
    system: true,
    props: () => user.hasLoginShell("alice", "/bin/bash"),
    outcome: "changed",
    verify: async (place) => assert.equal((await passwd(place, "alice"))[6], "/bin/bash"),
  },
];

runCases("user", memberships);

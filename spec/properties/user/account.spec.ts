import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, InvalidArgument, inOrder } from "../../../engine/index.js";
import * as group from "../../../properties/group/index.js";
import * as user from "../../../properties/user/index.js";
import type { Place } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";

async function passwd(place: Place, name: string): Promise<string[]> {
  return (await place.shell(`getent passwd ${name} || :`)).trim().split(":");
}

async function groups(place: Place, name: string): Promise<string> {
  return (await place.shell(`id -nG ${name}`)).trim();
}

test("what cannot be a field of an account is refused", () => {
  assert.throws(() => user.hasAccount("-r"), InvalidArgument);
  assert.throws(() => user.hasAccount("a\nroot"), InvalidArgument);
  assert.throws(() => user.hasAccount("bob", { comment: "a:b" }), InvalidArgument);
  assert.throws(() => user.hasAccount("bob", { home: "home/bob" }), InvalidArgument);
  assert.throws(() => user.hasAccount("bob", { uid: -1 }), InvalidArgument);
  assert.throws(() => user.hasAccount("bob", { gid: 5, group: "games" }), InvalidArgument);
  assert.throws(() => user.hasLoginShell("bob", "zsh"), InvalidArgument);
  assert.throws(() => user.hasGroups("bob", "a,b"), InvalidArgument);
});

const accounts: PropertyCase[] = [
  {
    name: "an account is made with its home; unapplied it is gone and the home stays",
    system: true,
    props: () => user.hasAccount("bob"),
    outcome: "changed",
    verify: async (place) => {
      const [, , , , , home, shell] = await passwd(place, "bob");
      assert.deepEqual([home, shell], ["/home/bob", "/bin/sh"]);
      assert.equal(await groups(place, "bob"), "bob");
      await place.shell("test -d /home/bob");
    },
    unapplied: {},
    verifyUnapplied: async (place) => {
      assert.deepEqual(await passwd(place, "bob"), [""]);
      await place.shell("test -d /home/bob");
    },
  },
  {
    name: "an account is made with all that is asked for; its home goes when asked for",
    system: true,
    props: () =>
      user.hasAccount("bob", {
        uid: 2345,
        gid: 3456,
        home: "/srv/bob's home",
        shell: "/bin/bash",
        comment: `Bob "the $HOME" O'Hara`,
        groups: ["sudo", "games"],
        removeHome: true,
      }),
    outcome: "changed",
    verify: async (place) => {
      const fields = await passwd(place, "bob");
      const comment = `Bob "the $HOME" O'Hara`;
      assert.deepEqual(fields.slice(2), ["2345", "3456", comment, "/srv/bob's home", "/bin/bash"]);
      assert.equal(await groups(place, "bob"), "bob sudo games");
    },
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell(`! test -e "/srv/bob's home"`)),
  },
  {
    name: "a system's own account has a number for such and no home directory",
    system: true,
    props: () => user.hasAccount("daemonic", { system: true, shell: "/usr/sbin/nologin" }),
    outcome: "changed",
    verify: async (place) => {
      const [, , uid, , , , shell] = await passwd(place, "daemonic");
      assert.ok(Number(uid) < 1000);
      assert.equal(shell, "/usr/sbin/nologin");
      await place.shell("! test -e /home/daemonic");
    },
  },
  {
    name: "what differs of an account is put right, and nothing else",
    system: true,
    props: () =>
      user.hasAccount("alice", { shell: "/bin/bash", comment: "Alice", groups: ["games"] }),
    outcome: "changed",
    verify: async (place) => {
      const [, , , , comment, home, shell] = await passwd(place, "alice");
      assert.deepEqual([comment, home, shell], ["Alice", "/home/alice", "/bin/bash"]);
      assert.equal(await groups(place, "alice"), "alice sudo games");
    },
  },
  {
    name: "numbers of an account are put right, with the owner of what is in its home",
    system: true,
    props: () => user.hasAccount("alice", { uid: 2222, gid: 3333 }),
    outcome: "changed",
    verify: async (place) => {
      assert.equal((await place.shell("id -u alice; id -g alice")).trim(), "2222\n3333");
      assert.equal((await place.shell("stat -c %u:%g /home/alice/.ssh")).trim(), "2222:3333");
    },
  },
  {
    name: "another home is the account's from then on, and nothing moves",
    system: true,
    props: () => user.hasAccount("alice", { home: "/srv/alice" }),
    outcome: "changed",
    verify: async (place) => {
      assert.equal((await passwd(place, "alice"))[5], "/srv/alice");
      await place.shell("test -d /home/alice/.ssh");
    },
  },
  {
    name: "the primary group is put right",
    system: true,
    props: () => user.hasAccount("alice", { group: "games" }),
    outcome: "changed",
    verify: async (place) => assert.match(await groups(place, "alice"), /^games/),
  },
  {
    name: "an account that has drifted is unapplied all the same",
    system: true,
    props: () => user.hasAccount("noisy", { shell: "/bin/dash" }),
    prepare: (place) => place.shell("usermod --comment drifted noisy"),
    outcome: "changed",
    unapplied: {},
    verifyUnapplied: async (place) => assert.deepEqual(await passwd(place, "noisy"), [""]),
  },
  {
    name: "a new account gets the group of its name, if that is there",
    system: true,
    props: () => inOrder(group.exists("bob", { gid: 4567 }), user.hasAccount("bob")),
    outcome: "changed",
    verify: async (place) => assert.equal((await passwd(place, "bob"))[3], "4567"),
  },
  {
    name: "an account that is there already is left as it is",
    system: true,
    props: () => user.hasAccount("alice", { home: "/home/alice", groups: ["sudo", "alice"] }),
    outcome: "unchanged",
  },
  {
    name: "a group that is not there is a failure that says so",
    system: true,
    props: () => user.hasAccount("bob", { group: "nosuch" }),
    outcome: { fails: CommandFailed, says: /group 'nosuch' does not exist/ },
  },
  {
    name: "a number that is taken is a failure that says so",
    system: true,
    props: () => user.hasAccount("bob", { uid: 0 }),
    outcome: { fails: CommandFailed, says: /UID 0 is not unique/ },
  },
];

runCases("user", accounts);

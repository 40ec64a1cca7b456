import "../../../connections/as/index.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { FailedChange, InvalidArgument, inOrder, unapplied } from "../../../engine/index.js";
import * as ssh from "../../../properties/ssh/index.js";
import * as user from "../../../properties/user/index.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import type { Entry } from "../../helpers/tree.js";
import { ecdsa, k1, k2, k3 } from "./keys.js";

test("what is no whole key of the type it says is refused", () => {
  const { authorizedKeys, knownHost } = ssh;
  authorizedKeys(k1, `${ecdsa} me@home`, `from="a b",command="echo \\"hi\\"" ${k2}`);
  for (const key of [
    "",
    "x",
    k1.slice(0, 30),
    k1.replace("ed25519", "rsa"),
    `${k1}\n${k2}`,
    `# ${k1}`,
  ]) {
    assert.throws(() => authorizedKeys(key), InvalidArgument, JSON.stringify(key));
    assert.throws(() => knownHost("web1", key), InvalidArgument, JSON.stringify(key));
  }
  assert.throws(() => knownHost("web1", `no-pty ${k1}`), InvalidArgument);
  for (const name of ["", "-x", "a b", "a,b", "*.x", "!x", "|1|x", "@x", "#x"]) {
    assert.throws(() => knownHost(name, k1), InvalidArgument, name);
  }
  knownHost(["web1", "10.0.0.1", "fe80::1%eth0", "[web1]:2222"], k1);
});

const mine = (content: string, mode = 0o600): Entry => ({
  content,
  mode,
  user: "alice",
  group: "alice",
});
const directory = (mode: number): Entry => ({
  directory: true,
  mode,
  user: "alice",
  group: "alice",
});
const alices = { user: "alice" };
const [home, file] = ["home/alice/.ssh", "home/alice/.ssh/authorized_keys"];

const authorized: PropertyCase[] = [
  {
    name: "a user's keys are authorized; unapplied they are not",
    system: true,
    given: { [file]: mine(`# others\n${k3}\n`), [home]: directory(0o700) },
    props: () => ssh.authorizedKeys(alices, `${k1} one`, `no-pty ${k2} two`),
    outcome: "changed",
    becomes: {
      [file]: mine(`# others\n${k3}\n${k1} one\nno-pty ${k2} two\n`),
      [home]: directory(0o700),
    },
    unapplied: "restored",
  },
  {
    name: "a key is the same with other options and another comment: its line is updated",
    system: true,
    given: { [file]: mine(`\nfrom="a b" ${k1} old\n${k3}\n  ${k1}\n`) },
    props: () => ssh.authorizedKeys(alices, `command="echo \\"hi\\"" ${k1} new`),
    outcome: "changed",
    becomes: { [file]: mine(`\ncommand="echo \\"hi\\"" ${k1} new\n${k3}\n`) },
    unapplied: { [file]: mine(`\n${k3}\n`) },
  },
  {
    name: "when only some of the keys are authorized, those go when unapplied",
    system: true,
    given: { [file]: mine(`${k1}\n`) },
    props: () => ssh.authorizedKeys(alices, k1, k2),
    outcome: "changed",
    becomes: { [file]: mine(`${k1}\n${k2}\n`) },
    unapplied: { [file]: mine("") },
  },
  {
    name: "no other key is authorized",
    system: true,
    given: { [file]: mine(`# comment\n${k3}\n${k1}\n${ecdsa}\n`) },
    props: () => ssh.authorizedKeys({ user: "alice", exclusive: true }, k1, k2),
    outcome: "changed",
    becomes: { [file]: mine(`# comment\n${k1}\n${k2}\n`) },
  },
  {
    name: "a user's own link to another place is followed",
    system: true,
    given: {
      [file]: { symlink: "../keys", user: "alice", group: "alice" },
      "home/alice/keys": mine(""),
    },
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: "changed",
    becomes: {
      [file]: { symlink: "../keys", user: "alice", group: "alice" },
      "home/alice/keys": mine(`${k1}\n`),
    },
    unapplied: "restored",
  },
  {
    name: "directory and file are made private",
    system: true,
    given: { [home]: directory(0o755), [file]: mine(`${k1}\n`, 0o664) },
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: "changed",
    becomes: { [home]: directory(0o700), [file]: mine(`${k1}\n`) },
  },
  {
    name: "directory and file are made when there are none",
    system: true,
    prepare: (place) => place.shell("rm -r /home/alice/.ssh"),
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: "changed",
    becomes: { [home]: directory(0o700), [file]: mine(`${k1}\n`) },
  },
  {
    name: "a user who is made just before",
    system: true,
    props: () => inOrder(user.hasAccount("bob"), ssh.authorizedKeys({ user: "bob" }, k1)),
    outcome: "changed",
    becomes: {},
    verify: async (place) =>
      assert.equal(
        await place.shell("cd /home/bob; cat .ssh/authorized_keys; stat -c %U:%a .ssh .ssh/*"),
        `${k1}\nbob:700\nbob:600\n`,
      ),
  },
  {
    name: "a link that a user put in the way leads uid 0 nowhere",
    system: true,
    given: { "etc/target": { content: "precious\n", mode: 0o600 } },
    prepare: (place) =>
      place.shell(
        "cd /home/alice; ln -sf /etc/target .ssh/authorized_keys; chown -h alice: .ssh/*",
      ),
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: { fails: FailedChange, says: /denied/ },
  },
  {
    name: "nor does a link in the place of the directory",
    system: true,
    given: { "etc/target/authorized_keys": { content: "precious\n", mode: 0o600 } },
    prepare: (place) =>
      place.shell("cd /home/alice; rm -r .ssh; ln -s /etc/target .ssh; chown -h alice: .ssh"),
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: { fails: FailedChange },
  },
  {
    name: "a user whose file is no file cannot make anybody wait",
    system: true,
    prepare: (place) => place.shell("cd /home/alice/.ssh; rm *; ln -s /dev/zero authorized_keys"),
    props: () => ssh.authorizedKeys(alices, k1),
    outcome: { fails: FailedChange },
  },
  {
    name: "nothing is to be undone for a user who is not there",
    system: true,
    props: () => unapplied(ssh.authorizedKeys({ user: "bob" }, k1)),
    outcome: "unchanged",
  },
  {
    name: "a user who is not there is a failure",
    system: true,
    props: () => ssh.authorizedKeys({ user: "bob" }, k1),
    outcome: { fails: FailedChange, says: /no user bob.*user\.hasAccount/s },
  },
  {
    name: "the keys of the account that commands run as, named or not",
    system: true,
    props: () => inOrder(ssh.authorizedKeys(k1), ssh.authorizedKeys({ user: "root" }, k2)),
    outcome: "changed",
    verify: async (place) => {
      const text = await place.shell("cat /root/.ssh/authorized_keys");
      assert.ok(text.endsWith(`testbed\n${k1}\n${k2}\n`), text);
    },
    unapplied: {},
    verifyUnapplied: async (place) =>
      assert.match(await place.shell("cat /root/.ssh/authorized_keys"), /^.* testbed\n$/),
  },
  {
    name: "the keys of an account that is not uid 0",
    system: true,
    byAdmin: true,
    props: () => ssh.authorizedKeys(k1),
    outcome: "changed",
    verify: async (place) =>
      assert.match(
        await place.shell("cat /home/admin/.ssh/authorized_keys"),
        /testbed\nssh.*L9\n$/,
      ),
    unapplied: {},
  },
];

runCases("ssh", authorized);

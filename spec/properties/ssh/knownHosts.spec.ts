import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { childHost, host, prepareHost, registerDataSource } from "../../../engine/index.js";
import { resetDataSources } from "../../../engine/model/data.js";
import { Hostattrs } from "../../../engine/model/hostattrs.js";
import * as ssh from "../../../properties/ssh/index.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { ecdsa, k1, k2, k3 } from "./keys.js";

before(() =>
  registerDataSource({
    description: "keys of a spec",
    version: async (_iden1, iden2) => (iden2 === "/root/id" ? "1" : undefined),
    read: async (iden1) => Buffer.from(`secret of ${iden1}\n`),
  }),
);
after(resetDataSources);

test("the host around is known if it is said to have keys", () => {
  const around = new Hostattrs(prepareHost(host("around.example", ssh.hasHostKeys(k1))).hostattrs);
  const inside = (attrs: Hostattrs) => {
    const child = childHost(attrs, { name: "inside.example" }, ssh.parentIsSystemKnownHost());
    return JSON.stringify(prepareHost(child).propspec);
  };
  assert.match(inside(around), /around\.example.*"ssh\.systemKnownHost"/);
  assert.doesNotMatch(inside(new Hostattrs()), /systemKnownHost"/);
});

const systemFile = "etc/ssh/ssh_known_hosts";
const others = `# comment

|1|tI8aTw0p6S1ZyPFl0v7vn1k4Xt8=|9bwrXYoSnWv1rAKXzbTRFq3h0Ek= ${k1}
@cert-authority web1 ${k1}
[web1]:2222 ${k2}
web10,10.0.0.10 ${k3}
nonsense
`;

const known: PropertyCase[] = [
  {
    name: "a host is known by its names; unapplied it is not, and others stay",
    system: true,
    given: { [systemFile]: others },
    props: () => ssh.systemKnownHost(["web1", "10.0.0.1"], `${k1} comment`, ecdsa),
    outcome: "changed",
    becomes: { [systemFile]: `${others}web1,10.0.0.1 ${k1}\nweb1,10.0.0.1 ${ecdsa}\n` },
    unapplied: "restored",
  },
  {
    name: "keys that the host has no more are forgotten, as are those under some of its names",
    system: true,
    given: {
      [systemFile]: `web1,old ${k3}\n${others}10.0.0.1 ${k2}\nweb1,10.0.0.1 ${k1} remark\n`,
    },
    props: () => ssh.systemKnownHost(["web1", "10.0.0.1"], k1),
    outcome: "changed",
    becomes: { [systemFile]: `${others}web1,10.0.0.1 ${k1} remark\n` },
    unapplied: { [systemFile]: others },
  },
  {
    name: "a line that is about another host as well stays",
    system: true,
    given: { [systemFile]: `web2,web1 ${k2}\n` },
    props: () => ssh.systemKnownHost("web1", k1),
    outcome: "changed",
    becomes: { [systemFile]: `web2,web1 ${k2}\nweb1 ${k1}\n` },
    unapplied: "restored",
  },
  {
    name: "a host on another port is another host",
    system: true,
    given: { [systemFile]: others },
    props: () => ssh.systemKnownHost("[web1]:2222", k1),
    outcome: "changed",
    becomes: { [systemFile]: `${others.replace(`[web1]:2222 ${k2}\n`, "")}[web1]:2222 ${k1}\n` },
    unapplied: { [systemFile]: others.replace(`[web1]:2222 ${k2}\n`, "") },
  },
  {
    name: "the account knows a host by the keys that the host is said to have",
    system: true,
    prepare: (place) => place.shell("rm -f /root/.ssh/known_hosts"),
    props: () => {
      const web1 = host("web1.example", ssh.hasHostKeys(k1), ssh.hasHostKeys(k1, `${k2} x`));
      return ssh.knownHost("web1.example", ...ssh.keysOf(web1));
    },
    outcome: "changed",
    verify: async (place) => {
      assert.match(await place.shell("ssh-keygen -F web1.example"), /L9\n.*YeK1|YeK1\n.*L9/s);
    },
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! ssh-keygen -F web1.example")),
  },
  {
    name: "an account that is not uid 0, and had no directory for it",
    system: true,
    byAdmin: true,
    prepare: (place) => place.shell("rm -f /home/admin/.ssh/known_hosts"),
    props: () => ssh.knownHost("web1", k1),
    outcome: "changed",
    verify: async (place) =>
      assert.equal(await place.shell("cat /home/admin/.ssh/known_hosts"), `web1 ${k1}\n`),
  },
  {
    name: "an account has a key of its own",
    system: true,
    props: () => ssh.hasUserKey("/root/id", `${k1} me`),
    outcome: "changed",
    becomes: {
      "root/id.pub": `${k1} me\n`,
      "root/id": { content: "secret of cases.example\n", mode: 0o600 },
    },
    unapplied: {},
  },
  {
    name: "a key that several hosts have",
    system: true,
    props: () => ssh.hasUserKey("/root/id", k1, "_shared"),
    outcome: "changed",
    becomes: {
      "root/id.pub": `${k1}\n`,
      "root/id": { content: "secret of _shared\n", mode: 0o600 },
    },
  },
];

runCases("ssh", known);

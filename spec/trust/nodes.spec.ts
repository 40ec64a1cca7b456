/** A host's Node, and what a Node image is made of: where another account could have put it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { as } from "../../connections/as/index.js";
import { node } from "../../connections/node/index.js";
import type { Host } from "../../engine/index.js";
import { Place, told } from "../connections/node/place.js";
import { isWhole, sampled } from "../helpers/seed.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = `
import { z } from "zod";
import { host, nodeProperty } from "consfigurator";
const says = nodeProperty<[]>("nodes.says", {
  args: z.tuple([]),
  apply: async (on) => {
    on.inform(\`\${process.execPath} \${process.getuid?.()}\`);
    return "unchanged";
  },
});
export const it = host("it", says());
`;

/** What tells that it was run, at the place of a Node of alice's. */
const evil = 'echo "$(id -u)" >>/tmp/evil; echo v20.0.0';

describe("on a host", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let it: Host | undefined;

  before(async () => {
    place = await Place.open();
    it = (await place.load(consfig)).it;
  });
  after(() => place?.close());
  beforeEach(() => place.bed.reset());

  const shell = async (command: string) => (await place.bed.host(0).shell(command)).stdout;
  const system = node({ from: ["system"] });

  /** Shell text: what is at `/opt/node1`, which has `bin/node`, is what alice can change. */
  const openings: Readonly<Record<string, string>> = {
    "that belongs to another account": "chown -R alice: /opt/node1",
    "of which a group can change the program":
      "chgrp alice /opt/node1/bin/node; chmod g+w /opt/node1/bin/node",
    "in a directory that everybody can write": "chmod o+w /opt/node1/bin",
    "in a directory that uid 0's group can write": "chmod g+w /opt/node1",
    "of which the place is a link of another account":
      "mv /opt/node1 /home/alice/n; ln -s /home/alice/n /opt/node1",
    "that is reached by way of another account's link":
      "cp /opt/node1/bin/node /usr/local/sbin/n; ln -s /usr/local/sbin/n /home/alice/l; ln -sf /home/alice/l /opt/node1/bin/node; chmod 755 /home/alice",
    "of which the directory is another account's": "chown alice /opt",
  };

  for (const [name, open] of sampled(Object.entries(openings), "nodes")) {
    test(`a Node ${name} is not run, and another one is`, async () => {
      place.installStandIn(evil, 0, "opt/node1/bin/node");
      await shell(open);
      const { report } = await told([place.ssh(), system], it);
      const why =
        /no Node is found; \/opt\/node1\/bin\/node is not used: \/\S+ (belongs to uid|can be written)/;
      assert.match(String(report.error), why);
      const named = await told([place.ssh(), node({ path: "/opt/node1/bin/node" })], it);
      assert.match(String(named.report.error), why);
      place.installNode(0, "usr/local/bin/node");
      const found = await told([place.ssh(), system], it);
      assert.equal(found.report.error, undefined);
      assert.equal(found.informed.at(-1), "/usr/local/bin/node 0");
      assert.equal(await shell("cat /tmp/evil 2>/dev/null"), "");
    });
  }

  test("an account uses its own Node, which its own group may write", async () => {
    place.installNode(0, "home/alice/n/bin/node");
    await shell("chown -R alice: /home/alice/n; chmod -R g+w /home/alice/n; chmod 755 /home/alice");
    const own = node({ path: "/home/alice/n/bin/node" });
    const { report, informed } = await told([place.ssh(), as("alice"), own], it);
    assert.equal(report.error, undefined);
    assert.match(informed.at(-1) ?? "", /^\/home\/alice\/n\/bin\/node 100\d$/);
    await shell("usermod -a -G alice admin");
    const shared = await told([place.ssh(), as("alice"), own], it);
    assert.match(String(shared.report.error), /can be written by others/);
  });

  test("modules that another account has put into a home like /tmp are not run", async () => {
    place.installNode();
    await shell(`useradd --home-dir /tmp svc
      su alice -c 'mkdir -p /tmp/.cache/consfigurator/modules; chmod -R 777 /tmp/.cache'
      echo 'require("fs").writeFileSync("/tmp/evil." + process.getuid(), "")' >/opt/evil.cjs
      su alice -c 'cd /tmp/.cache/consfigurator/modules; while [ -d . ] && [ -e /opt/evil.cjs ]; do
        for f in *.cjs; do cp -f /opt/evil.cjs .e; mv -f .e "$f"; done; done' >/dev/null 2>&1 &`);
    const chain = [place.ssh(), as("svc"), system];
    for (let tries = 0; tries < (isWhole ? 5 : 1); tries++) {
      const { report, informed } = await told(chain, it);
      assert.equal(report.error, undefined);
      assert.match(informed.at(-1) ?? "", /^\/usr\/bin\/node 100\d$/);
    }
    assert.equal(await shell("rm /opt/evil.cjs; ls -d /tmp/evil.* 2>/dev/null"), "");
  });

  test("a Node in a home in which nothing may be run is passed over, and another is brought elsewhere", async () => {
    await shell("mkdir -p /root/.cache && mount -t tmpfs -o noexec tmpfs /root/.cache");
    place.installNode(0, "root/.cache/n");
    await shell(`d=/root/.cache/consfigurator/node/v20.1.0-$(uname -s)-$(uname -m)-glibc; umask 077
      mkdir -p $d && mv /root/.cache/n $d/node`);
    const { report } = await told([place.ssh(), node({ from: ["cached", "system"] })], it);
    assert.match(String(report.error), /\/node is not used: \/root\/\.cache is mounted noexec/);
    if (isWhole) {
      const chain = [place.ssh(), node({ from: ["cached", "upload"] })];
      for (const pattern of [/uploads Node/, /all are there/]) {
        const { report, informed } = await told(chain, it);
        assert.equal(report.error, undefined);
        assert.match(informed.join("\n"), pattern);
        assert.match(informed.at(-1) ?? "", /^\/var\/lib\/consfigurator\/node\/v\S+\/node 0$/);
      }
    }
    place.installNode();
    const found = await told([place.ssh(), node()], it);
    assert.equal(found.report.error, undefined);
    const where = isWhole ? /^\/var\/lib/ : /^\/usr\/bin\/node 0$/;
    assert.match(found.informed.at(-1) ?? "", where);
  });
});

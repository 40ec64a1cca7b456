/** As alice, in a chroot without Node, on a host behind another: it works, and is told while it happens. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { as } from "../../connections/as/index.js";
import { chroot } from "../../connections/chroot/index.js";
import { node } from "../../connections/node/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { ssh } from "../../connections/ssh/index.js";
import type { Chain, Host } from "../../engine/index.js";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { Place, told } from "../connections/node/place.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = (target: string) => `
import { writeFileSync } from "node:fs";
import { deploys, host, nodeProperty, posixProperty, script } from "consfigurator";
import "consfigurator/connections/as";
import { chroot } from "consfigurator/connections/chroot";
import { node } from "consfigurator/connections/node";
import { setuid } from "consfigurator/connections/setuid";
import { ssh } from "consfigurator/connections/ssh";
import * as file from "consfigurator/properties/file";
import { z } from "zod";

const noted = nodeProperty<[into: string]>("bastion.noted", {
  args: z.tuple([z.string()]),
  check: (on, into) => on.exists(into),
  apply: async (_on, into) => {
    writeFileSync(into, [process.getuid?.(), process.getgid?.(), process.env.HOME].join(" "));
    return "changed";
  },
});
/** Whoever makes the file has been told of what came before. */
const waited = posixProperty<[file: string]>("bastion.waited", {
  args: z.tuple([z.string()]),
  check: (on, file) => on.exists(file + ".seen"),
  apply: async (on, file) => {
    await on.run(script\`n=0
      until [ -e \${file} ]; do n=$((n + 1)); [ $n -lt 300 ] || exit 1; sleep 0.1; done
      exec touch \${file}.seen\`);
    return "changed";
  },
});
export const inner = host("inner.example.com",
  file.hasContent("/home/alice/first", "by a shell"),
  noted("/home/alice/second"),
  waited("/home/alice/go"),
);
export const outer = host("outer.example.com",
  deploys([chroot("/srv/x"), setuid("alice")], inner),
);
const further = ssh({ host: "${target}", user: "root", identityFile: "/root/.ssh/id_bed" });
export const bastion = host("bastion.example.com",
  deploys([further, node(), chroot("/srv/x"), setuid("alice")], inner),
);
`;

const uid = 1234;
const files = ["first", "second", "go.seen"];

describe("alice in the chroot", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;
  /** Leads to the second host by way of the first. */
  let configFile: string;

  before(async () => {
    place = await Place.open(2);
    const [bastion, target] = place.bed.hosts;
    assert.ok(bastion && target);
    hosts = await place.load(consfig(target.address));
    configFile = path.join(place.directory, "ssh_config");
    const jump = `Host ${target.name}\n  ProxyJump ${bastion.name}\n`;
    writeFileSync(configFile, jump + readFileSync(place.bed.sshConfigFile, "utf8"));
    place.installNode(0);
    place.installNode(1);
    // For when the bastion itself connects.
    const prepared = await bastion.shell("umask 077; mkdir -p .ssh; cat >.ssh/id_bed", {
      input: readFileSync(place.bed.keyFile, "utf8"),
    });
    assert.equal(prepared.code, 0);
    await bastion.shell("cat >.ssh/known_hosts", { input: `${target.hostKeyLine}\n` });
  });
  after(() => place?.close());

  const inTree = (...names: readonly string[]) =>
    path.join(place.bed.host(1).root, "srv/x", ...names);

  beforeEach(async () => {
    const tree = busyboxTree({
      "etc/passwd": `root:x:0:0::/root:/bin/sh\nalice:x:${uid}:${uid}::/home/alice:/sbin/nologin\n`,
      "etc/group": `root:x:0:\nalice:x:${uid}:\n`,
      "home/alice": {},
      ...{ proc: {}, sys: {}, dev: {}, tmp: {}, run: {} },
    });
    execFileSync("chown", [`${uid}:${uid}`, path.join(tree, "home/alice")]);
    await place.bed.host(1).shell("rm -rf --one-file-system /srv/x");
    execFileSync("cp", ["-a", tree, inTree()]);
    removeTree(tree);
  });

  /** From whom the second host has connections at the moment. */
  async function peers(): Promise<string> {
    const { stdout } = await place.bed
      .host(1)
      .shell(
        "ss -Htn state established '( sport = :22 )' | awk '{print $4}' | cut -d: -f1 | sort -u",
      );
    return stdout.trim();
  }

  async function works(chain: Chain, host: Host | undefined): Promise<void> {
    const seen: string[] = [];
    const first = await told(chain, host, {
      listener: async (event) => {
        if (event.type !== "ended" || !event.item.desc.startsWith("/home/alice/first")) return;
        seen.push(event.ending.outcome, await peers());
        // Until now what comes last could not end.
        writeFileSync(inTree("home/alice/go"), "");
      },
    });
    assert.equal(first.report.error, undefined);
    assert.deepEqual(first.report.failures, []);
    assert.equal(first.report.changed, true);
    assert.deepEqual(seen, ["changed", place.bed.host(0).address]);
    for (const file of files) {
      const { uid: user, gid: group } = statSync(inTree("home/alice", file));
      assert.deepEqual([file, user, group], [file, uid, uid]);
    }
    assert.equal(readFileSync(inTree("home/alice/first"), "utf8"), "by a shell\n");
    assert.equal(readFileSync(inTree("home/alice/second"), "utf8"), `${uid} ${uid} /home/alice`);
    const second = await told(chain, host);
    assert.deepEqual([second.report.failures, second.report.changed], [[], false]);
    const { stdout } = await place.bed.host(1).shell("grep /srv/x /proc/mounts; ls -A /tmp");
    assert.equal(stdout, "", "nothing is left");
  }

  const target = () => place.bed.host(1);
  const jumping = () => ssh({ host: target().name, configFile });

  test("over ProxyJump, and setuid", () =>
    works([jumping(), node(), chroot("/srv/x"), setuid("alice")], hosts.inner));

  test("over two hops, and as", () => {
    const further = ssh({
      host: target().address,
      user: "root",
      identityFile: "/root/.ssh/id_bed",
    });
    const chain = [place.ssh("root", 0), further, node(), chroot("/srv/x"), as("alice")];
    return works(chain, hosts.inner);
  });

  test("as a part of another host's deployment", () => works([jumping(), node()], hosts.outer));

  test("as a part of the bastion's own deployment", () =>
    works([place.ssh("root", 0), node()], hosts.bastion));
});

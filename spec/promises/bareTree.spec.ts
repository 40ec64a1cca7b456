/** In a chroot with nothing but busybox, on a real host: both kinds of property, by a Node outside. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chroot } from "../../connections/chroot/index.js";
import { node } from "../../connections/node/index.js";
import { sudo } from "../../connections/sudo/index.js";
import type { Chain, Host } from "../../engine/index.js";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { Place, told } from "../connections/node/place.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = `
import { readdirSync, writeFileSync } from "node:fs";
import { deploys, host, nodeProperty } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import * as file from "consfigurator/properties/file";
import { z } from "zod";

const listed = nodeProperty<[into: string]>("bareTree.listed", {
  args: z.tuple([z.string()]),
  check: (on, into) => on.exists(into),
  apply: async (_on, into) => {
    writeFileSync(into, readdirSync("/").toSorted().join(" "));
    return "changed";
  },
});
export const inside = host("inside.example.com",
  file.directoryExists("/etc/made"),
  file.hasContent("/etc/made/by-a-shell", "hello"),
  listed("/etc/made/by-a-process"),
);
export const outside = host("outside.example.com", deploys([chroot("/srv/bare")], inside));
`;

describe("a bare tree", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
  });
  after(() => place?.close());

  const inTree = (...names: readonly string[]) =>
    path.join(place.bed.host(0).root, "srv/bare", ...names);

  const ways: [name: string, chain: () => Chain, host: () => Host | undefined][] = [
    [
      "at the end of the chain",
      () => [place.ssh(), node(), chroot("/srv/bare")],
      () => hosts.inside,
    ],
    [
      "after sudo",
      () => [place.ssh("admin"), sudo(), node(), chroot("/srv/bare")],
      () => hosts.inside,
    ],
    ["as a part of its host", () => [place.ssh(), node()], () => hosts.outside],
  ];
  for (const [name, chain, host] of ways) {
    test(`${name}: both kinds apply, and nothing changes again`, async () => {
      const tree = busyboxTree();
      await place.bed.host(0).shell("rm -rf --one-file-system /srv/bare");
      execFileSync("cp", ["-a", tree, inTree()]);
      removeTree(tree);
      assert.deepEqual(readdirSync(inTree()), ["bin"]);
      assert.equal(existsSync(inTree("bin/node")), false);

      const first = await told(chain(), host());
      assert.equal(first.report.error, undefined);
      assert.deepEqual(first.report.failures, []);
      assert.equal(first.report.changed, true);
      assert.equal(readFileSync(inTree("etc/made/by-a-shell"), "utf8"), "hello\n");
      // No program gets on without /dev, so that is made.
      assert.equal(readFileSync(inTree("etc/made/by-a-process"), "utf8"), "bin dev etc");
      const second = await told(chain(), host());
      assert.deepEqual([second.report.failures, second.report.changed], [[], false]);
      const { stdout } = await place.bed.host(0).shell("grep /srv/bare /proc/mounts; ls -A /tmp");
      assert.equal(stdout, "", "nothing is left");
    });
  }
});

/** Deployments whose hops are entered by grandchildren: both kinds of property, beyond real hops. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { as } from "../../connections/as/index.js";
import { chroot } from "../../connections/chroot/index.js";
import { local } from "../../connections/local/index.js";
import { setuid } from "../../connections/setuid/index.js";
import {
  asUser,
  type Chain,
  deploy,
  deploys,
  host,
  nodeProperty,
  onChange,
  over,
  posixProperty,
} from "../../engine/index.js";
import * as file from "../../properties/file/index.js";
import { mountsIn } from "../helpers/belongings.js";
import { needsUid0, scenario } from "../zygote/scenario.js";
import { busyboxTree, removeTree } from "./helpers/trees.js";

/** Written by this program itself, wherever it is. */
const noted = nodeProperty<[into: string]>("grandchildren.noted", {
  args: z.tuple([z.string()]),
  desc: (into) => `noted in ${into}`,
  apply: async (_on, into) => {
    const text = `${process.getuid?.()} ${process.env.HOME} ${process.cwd()}`;
    if (readdirSync(path.dirname(into)).includes(path.basename(into))) return "unchanged";
    writeFileSync(into, text);
    return "changed";
  },
});
const touched = posixProperty<[into: string]>("grandchildren.touched", {
  args: z.tuple([z.string()]),
  check: (on, into) => on.exists(into),
  apply: async (on, into) => {
    await on.run(["touch", into]);
    return "changed";
  },
});

const passwd = "root:x:0:0:root:/root:/bin/sh\nalice:x:1234:1234::/home/alice:/sbin/nologin\n";

/** Works on a busybox tree with an account, and sees that nothing of it is left mounted. */
async function inTree(work: (tree: string) => Promise<void>): Promise<void> {
  const group = "root:x:0:\nalice:x:1234:\n";
  const content = { "etc/passwd": passwd, "etc/group": group, "root/a": "", "home/alice/a": "" };
  const tree = busyboxTree({ ...content, proc: {}, sys: {}, dev: {}, tmp: {}, run: {} });
  try {
    await work(tree);
    assert.deepEqual(mountsIn(tree), []);
  } finally {
    removeTree(tree);
  }
}

const read = (...names: string[]) => readFileSync(path.join(...names), "utf8");

await scenario(
  import.meta.url,
  ["forked"],
  {
    "a bare tree without Node: both kinds, and nothing changes again": () =>
      inTree(async (tree) => {
        const inside = host(
          "tree.example.com",
          file.hasContent("/etc/motd", "hello\n"),
          noted("/root/noted"),
          onChange(touched("/root/one"), touched("/root/two")),
        );
        const chain: Chain = [local(), chroot(tree)];
        const first = await deploy(chain, inside);
        assert.deepEqual(first.failures, []);
        assert.equal(first.counts.changed, 4, JSON.stringify(first.error));
        assert.equal(read(tree, "etc/motd"), "hello\n");
        assert.equal(read(tree, "root/noted"), "0 /root /root");
        assert.deepEqual(readdirSync(path.join(tree, "root")).toSorted(), [
          "a",
          "noted",
          "one",
          "two",
        ]);
        const second = await deploy(chain, inside);
        assert.deepEqual([second.changed, second.counts.unchanged], [false, 3]);
      }),
    "another account in there, as a further hop and as a part": () =>
      inTree(async (tree) => {
        for (const name of ["home/alice", "home/alice/sub"]) {
          mkdirSync(path.join(tree, name), { recursive: true });
          chmodSync(path.join(tree, name), 0o777); // whatever the umask is
        }
        const alice = host(
          "alice.example.com",
          noted("/home/alice/own"),
          touched("/home/alice/too"),
        );
        const deeper = await deploy([local(), chroot(tree), setuid("alice")], alice);
        assert.deepEqual([deeper.failures, deeper.counts.changed], [[], 2], String(deeper.error));
        assert.equal(read(tree, "home/alice/own"), "1234 /home/alice /home/alice");
        assert.equal(statSync(path.join(tree, "home/alice/too")).uid, 1234);
        const parts = host(
          "parts.example.com",
          asUser("alice", touched("/home/alice/sub/as")),
          over([as("alice")], noted("/home/alice/sub/over")),
          touched("/root/mine"),
        );
        const whole = await deploy([local(), chroot(tree)], parts);
        assert.deepEqual(whole.failures, [], String(whole.error));
        assert.equal(statSync(path.join(tree, "home/alice/sub/as")).uid, 1234);
        assert.match(read(tree, "home/alice/sub/over"), /^1234 /);
        assert.equal(statSync(path.join(tree, "root/mine")).uid, 0);
      }),
    "a subdeployment, whose change is one for those outside": () =>
      inTree(async (tree) => {
        const child = host("child.example.com", noted("/root/child"));
        const outside = path.join(tree, "root/outside");
        const parent = host(
          "parent.example.com",
          onChange(deploys([chroot(tree)], child), touched(outside)),
        );
        const first = await deploy([local()], parent);
        assert.deepEqual(first.failures, [], String(first.error));
        assert.deepEqual(readdirSync(path.join(tree, "root")).toSorted(), [
          "a",
          "child",
          "outside",
        ]);
        const again = await deploy([local()], parent);
        assert.equal(again.changed, false);
      }),
    "a directory that is not there": async () => {
      const nowhere = await deploy([local(), chroot("/no/such/tree")], host("x", noted("/x")));
      assert.equal(nowhere.error?.code, "E_ABORTED");
      assert.match(String(nowhere.error?.message), /chroot \/no\/such\/tree/);
    },
  },
  { unavailable: needsUid0 },
);

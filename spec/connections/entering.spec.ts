/** What a grandchild is once it has evaluated the form that takes it beyond a hop. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import { z } from "zod";
import { as } from "../../connections/as/index.js";
import { chroot } from "../../connections/chroot/index.js";
import { nsenter } from "../../connections/nsenter/index.js";
import { setuid } from "../../connections/setuid/index.js";
import type { Hop } from "../../engine/index.js";
import { hopTypeOf } from "../../engine/model/hop.js";
import { evalInGrandchild, type Form, form } from "../../zygote/index.js";
import { mountsIn } from "../helpers/belongings.js";
import { ensureBase } from "../testbed/base.js";
import { testbedUnavailable } from "../testbed/index.js";
import { scenario } from "../zygote/scenario.js";
import { busyboxTree, Leader, removeTree } from "./helpers/trees.js";

/** The form of the hop's own type. */
function entering({ hop, args }: Hop): Form {
  const { enter } = hopTypeOf(hop);
  assert.ok(enter, `${hop} can be entered`);
  return enter(...args);
}

const look = form("entering.look", {
  args: z.tuple([]),
  evaluate: async () => {
    const shell = (text: string) => spawnSync("sh", ["-c", text], { encoding: "utf8" }).stdout;
    const nested = await evalInGrandchild(null, ids());
    return {
      ids: own(),
      groups: process.getgroups?.() ?? [],
      nested: nested.value,
      cwd: process.cwd(),
      env: { ...process.env } as Record<string, string>,
      names: readdirSync("/"),
      hostname: os.hostname(),
      shell: shell('echo "$(id -u) $(pwd)"').trim(),
      pid: Number(shell("echo $$")),
      mounts: shell("cat /proc/mounts"),
      uidMap: shell("cat /proc/self/uid_map"),
    };
  },
});
const ids = form("entering.ids", { args: z.tuple([]), evaluate: () => own() });
const zero = [0, 0];
const own = () => [process.getuid?.(), process.getgid?.()];

/** What it is beyond the hop. */
async function beyond(hop: Hop) {
  const { value, error, stderr, gone } = await evalInGrandchild(entering(hop), look());
  await gone;
  assert.ok(value, `${error?.message} ${stderr}`);
  return value;
}

/** The error by which the form of the hop ends, in a process that has passed the ones before. */
const through = form("entering.through", {
  args: z.tuple([z.string(), z.array(z.union([z.string(), z.number()])).readonly()]),
  evaluate: async (hop, args) => {
    const enter = hopTypeOf(hop).enter?.(...args) ?? null;
    return (await evalInGrandchild(enter, ids())).error?.message;
  },
});
async function failure(before: Hop, { hop, args }: Hop) {
  const further = through(hop, args as string[]);
  return (await evalInGrandchild(entering(before), further)).value;
}

await scenario(
  import.meta.url,
  ["forked"],
  {
    "a chroot with nothing but busybox": async () => {
      const tree = busyboxTree({ proc: {}, tmp: {}, "etc/passwd": "root:x:0:0::/home/b:\n" });
      try {
        const found = await beyond(chroot(tree));
        assert.deepEqual(found.names, ["bin", "dev", "etc", "proc", "tmp"]);
        assert.deepEqual([found.ids, found.cwd, found.shell], [[0, 0], "/", "0 /"]);
        const { HOME, USER, SHELL, PATH, ...rest } = found.env;
        assert.deepEqual([HOME, USER, SHELL], ["/home/b", "root", "/bin/sh"]);
        assert.match(PATH ?? "", /sbin/);
        assert.deepEqual(
          Object.keys(rest).filter((name) => name !== "TERM"),
          ["LOGNAME"],
        );
        const targets = found.mounts
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[1]);
        assert.deepEqual(targets, ["/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/tmp"]);
        assert.deepEqual(mountsIn(tree), []);
      } finally {
        removeTree(tree);
      }
    },
    "a chroot of Debian": async () => {
      const tree = await ensureBase();
      const found = await beyond(chroot(tree));
      assert.equal(found.cwd, "/root");
      assert.equal(found.shell, "0 /root");
      assert.match(found.mounts, /^\S+ \/sys sysfs ro/m);
      assert.deepEqual(mountsIn(tree), []);
      // An account of in there, not of out here.
      assert.equal(await failure(chroot(tree), setuid("alice")), undefined);
      assert.match(String(await failure(chroot(tree), setuid("nobodyatall"))), /there is no user/);
    },
    "links of a chroot lead nowhere outside": async () => {
      const tree = busyboxTree();
      for (const name of ["proc", "tmp", "run"]) symlinkSync(os.tmpdir(), `${tree}/${name}`);
      try {
        const found = await beyond(chroot(tree));
        assert.equal(found.mounts, "");
      } finally {
        removeTree(tree);
      }
    },
    "another account, with its groups and environment": async () => {
      for (const hop of [setuid("games"), as("games")]) {
        const found = await beyond(hop);
        const id = (option: string) =>
          Number(spawnSync("id", [option, "games"], { encoding: "utf8" }).stdout);
        assert.deepEqual(found.ids, [id("-u"), id("-g")]);
        assert.deepEqual(found.nested, found.ids);
        assert.deepEqual(found.groups, [id("-g")]);
        assert.equal(found.shell, `${id("-u")} ${found.cwd}`);
        assert.equal(found.env.USER, "games");
        assert.doesNotMatch(found.env.PATH ?? "", /sbin/);
        assert.equal(found.env.ZYGOTE_SCENARIO, undefined);
      }
    },
    "not from another account than uid 0": async () => {
      assert.match(String(await failure(setuid("nobody"), chroot("/"))), /chroot needs uid 0/);
      assert.match(String(await failure(setuid("nobody"), setuid("games"))), /setuid needs uid 0/);
      assert.match(String(await failure(setuid("nobody"), nsenter(1))), /EACCES|EPERM/);
    },
    "another process's namespaces, root and environment": async () => {
      const tree = await ensureBase();
      const options = ["-muinpf", "--mount-proc", "chroot", tree];
      const leader = await Leader.start(options, ["A=b", "C=d 'e'", "NOTIFY_SOCKET=x"]);
      try {
        const found = await beyond(nsenter(leader.pid));
        assert.deepEqual([found.ids, found.nested, found.cwd], [[0, 0], [0, 0], "/"]);
        assert.deepEqual([found.env.A, found.env.C], ["b", "d 'e'"]);
        assert.equal(found.env.NOTIFY_SOCKET, undefined);
        assert.ok(found.pid > 1 && found.pid < 1000, `a number of in there: ${found.pid}`);
        assert.ok(found.names.includes("opt") && readdirSync(`${tree}/opt`).includes("repo"));
      } finally {
        await leader.end();
      }
    },
    "user namespaces: one that forbids other groups, one with other numbers": async () => {
      for (const map of ["", "0 100000 65536"]) {
        const leader = await Leader.start(map === "" ? ["-Umr"] : ["-Um"], []);
        try {
          if (map !== "") {
            for (const sort of ["uid", "gid"])
              writeFileSync(`/proc/${leader.pid}/${sort}_map`, map);
          }
          const found = await beyond(nsenter(leader.pid));
          assert.deepEqual([found.ids, found.nested], [zero, zero]);
          assert.deepEqual(found.groups, [0]);
          const inMap = map === "" ? "0 0 1" : map;
          assert.equal(found.uidMap.trim().replace(/ +/g, " "), inMap);
        } finally {
          await leader.end();
        }
      }
    },
    "a user namespace of one's own, without uid 0": async () => {
      const leader = await Leader.start(["-Umnr"], ["A=b"], 65534);
      try {
        assert.equal(await failure(setuid("nobody"), nsenter(leader.pid)), undefined);
      } finally {
        await leader.end();
      }
    },
    "an account that has no number in the user namespace": async () => {
      const leader = await Leader.start(["-Um"], []);
      const { error } = await evalInGrandchild(entering(nsenter(leader.pid)), ids());
      await leader.end();
      assert.match(error?.message ?? "", /nsenter \d+: .*EINVAL/);
    },
    "no such process": async () => {
      const { error } = await evalInGrandchild(entering(nsenter(4_000_000)), ids());
      assert.match(error?.message ?? "", /ENOENT/);
      assert.equal(error?.code, "E_HOP");
    },
  },
  { unavailable: testbedUnavailable() },
);

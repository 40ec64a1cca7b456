/** The chroot hop over a shell: who one is in there, what is mounted, and that nothing is left. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { chroot } from "../../connections/chroot/index.js";
import { local } from "../../connections/local/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { ssh } from "../../connections/ssh/index.js";
import {
  type Chain,
  ConnectionLost,
  deployThese,
  HopFailed,
  host,
  isError,
  posixProperty,
  sh,
} from "../../engine/index.js";
import { mountsIn } from "../helpers/belongings.js";
import { ensureBase } from "../testbed/base.js";
import { type Testbed, testbed, testbedUnavailable } from "../testbed/index.js";
import { busyboxTree, ran, removeTree, said, standIns } from "./helpers/trees.js";

/** Writes a file that is to be the account's own. */
const writes = posixProperty<[file: string]>("chroot.writes", {
  args: z.tuple([z.string()]),
  apply: async (on, file) => {
    const { uid: user, gid: group, name, home } = await on.account();
    await on.writeFile(file, `${name} ${home}`, { mode: 0o600, user, group });
    return "changed";
  },
});

const who = "id -u; echo $HOME $(pwd) $USER $SHELL $PATH; env | cut -d= -f1 | sort | tr '\\n' ' '";
const mounted = "awk '{ print $2, $3 }' /proc/mounts | sort";

/** What is mounted in the tree as this machine sees it, while something runs in there. */
const seenHere: string[][] = [];
const looksHere = posixProperty<[directory: string]>("chroot.looksHere", {
  args: z.tuple([z.string()]),
  apply: async (on, directory) => {
    await on.run(sh`true`);
    seenHere.push(mountsIn(directory));
    return "changed";
  },
});

async function deployed(chain: Chain, ...texts: readonly string[]) {
  said.length = 0;
  return deployThese(
    chain,
    host("inside.example"),
    texts.map((text) => ran(text)),
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds()) return;
    await sleep(100);
  }
  assert.fail("it does not come to be so");
}

describe("chroot over a shell", { skip: testbedUnavailable() ?? false }, () => {
  test("a tree with nothing but busybox", async () => {
    const tree = busyboxTree();
    try {
      const report = await deployed([local(), chroot(tree)], who, "ls /", "echo x >/dev/null");
      assert.equal(report.error, undefined);
      const names = "HOME LOGNAME PATH PWD SHELL";
      assert.match(said[0] ?? "", /^0\n\/ \/ root \/bin\/sh \/usr\/local\/sbin:\S*:\/bin\n/);
      assert.ok(names.split(" ").every((name) => said[0]?.includes(name)));
      assert.doesNotMatch(said[0] ?? "", /NODE|LANG/);
      assert.equal(said[1], "bin\ndev");
      assert.deepEqual(readdirSync(path.join(tree, "dev")), []);
      const writing = await deployThese([local(), chroot(tree)], host("i.example"), [writes("/f")]);
      assert.equal(writing.error ?? writing.failures[0]?.error, undefined);
      assert.equal(readFileSync(path.join(tree, "f"), "utf8"), "0 /");
    } finally {
      removeTree(tree);
    }
  });

  test("a home that is told of inside", async () => {
    const passwd = "root:x:0:0::/home/boss:/bin/nologin\n";
    const tree = busyboxTree({ "etc/passwd": passwd, "home/boss": {}, proc: {}, tmp: {} });
    try {
      const report = await deployed([local(), chroot(tree)], "echo $HOME $(pwd)", mounted);
      assert.equal(report.error, undefined);
      assert.equal(said[0], "/home/boss /home/boss");
      const others = said[1]?.split("\n").filter((line) => !/^\/ /.test(line));
      assert.deepEqual(others, [
        "/dev tmpfs",
        "/dev/pts devpts",
        "/dev/shm tmpfs",
        "/proc proc",
        "/tmp tmpfs",
      ]);
    } finally {
      removeTree(tree);
    }
  });

  test("a Debian tree, and an account in there", async () => {
    const tree = await ensureBase();
    const report = await deployed([local(), chroot(tree)], who, mounted, "ls -A /tmp");
    assert.equal(report.error, undefined);
    assert.match(said[0] ?? "", /^0\n\/root \/root root \/bin\/sh /);
    const targets = said[1]?.split("\n").map((line) => line.split(" ")[0]);
    for (const one of ["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run", "/tmp"]) {
      assert.ok(targets?.includes(one), `${one} in ${targets}`);
    }
    assert.equal(said[2], "");
    const further = await deployed([local(), chroot(tree), setuid("alice")], "id -un; pwd");
    assert.equal(further.error, undefined);
    assert.equal(said[0], "alice\n/home/alice");
    assert.deepEqual(mountsIn(tree), []);
  });

  test("what is mounted already stays as it is", async () => {
    const tree = busyboxTree({ proc: {}, "dev/pts": {}, "extra/a": "" });
    const own = ["proc", "dev"].map((name) => path.join(tree, name));
    for (const at of own) execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "own", at]);
    try {
      execFileSync("cp", ["-a", "/dev/null", own[1] as string]);
      mkdirSync(path.join(tree, "dev/pts"));
      const report = await deployed([local(), chroot(tree)], "ls /proc /dev; ls /dev/pts");
      assert.equal(report.error, undefined);
      assert.equal(said[0], "/dev:\nnull\npts\n\n/proc:");
    } finally {
      for (const at of own) execFileSync("umount", [at]);
      removeTree(tree);
    }
  });

  test("links lead nowhere outside, with and without a mount namespace of its own", async () => {
    const outside = mkdtempSync(path.join(os.tmpdir(), "outside-"));
    const tree = busyboxTree();
    const without = standIns({ unshare: "exit 1", busybox: "exit 1" });
    const PATH = process.env.PATH;
    try {
      mkdirSync(path.join(outside, "tmp"));
      symlinkSync(outside, path.join(tree, "sys"));
      symlinkSync(path.join(outside, "tmp"), path.join(tree, "tmp"));
      symlinkSync("/proc", path.join(tree, "proc"));
      for (const isAlone of [false, true]) {
        seenHere.length = 0;
        if (isAlone) process.env.PATH = `${without}:${PATH}`;
        const looking = [looksHere(tree), looksHere(outside)];
        const report = await deployThese([local(), chroot(tree)], host("inside.example"), looking);
        assert.equal(report.error, undefined);
        const expected = isAlone ? ["/dev", "/dev/pts", "/dev/shm"] : [];
        const escaped = tree.replaceAll(" ", "\\040");
        assert.deepEqual(seenHere, [expected.map((at) => escaped + at), []]);
      }
    } finally {
      process.env.PATH = PATH;
      removeTree(tree);
      for (const one of [outside, without]) rmSync(one, { recursive: true });
    }
  });

  test("from another account than uid 0, or to nowhere: refused at once", async () => {
    const notAllowed = await deployed([local(), setuid("nobody"), chroot("/")], "true");
    assert.ok(isError(notAllowed.error, HopFailed));
    assert.match(String(notAllowed.error.facts.output), /chroot: needs uid 0/);
    const nowhere = await deployed([local(), chroot("/no/such/tree")], "true");
    assert.ok(isError(nowhere.error, HopFailed));
    assert.match(String(nowhere.error.facts.output), /chroot: cannot enter \/no\/such\/tree/);
  });

  describe("on another host", () => {
    let bed: Testbed;
    before(async () => {
      bed = await testbed({ hosts: 1 });
    });
    after(() => bed?.down());

    test("a package is installed, whose script starts a daemon that ends with the hop", async () => {
      const there = bed.host(0);
      // The host's own system, without what is mounted in it.
      await there.shell(`mkdir -p /srv/system /run/demo && mount --bind / /srv/system
        echo machine >/run/demo/pid; mkdir -p /tmp/demo/DEBIAN; cd /tmp/demo/DEBIAN
        printf '%s\\n' 'Package: demo' 'Version: 1' 'Architecture: all' 'Maintainer: a <a@b.example>' \
          'Description: demo' >control
        printf '%s\\n' '#!/bin/sh -e' 'rm -rf /run/demo; mkdir /run/demo; echo $$ >/run/demo/pid' \
          'setsid sleep 1000.5 </dev/null >/dev/null 2>&1 &' >postinst
        chmod 755 postinst; dpkg-deb --build /tmp/demo /srv/demo.deb`);
      const to = ssh({ host: there.name, user: "root", configFile: bed.sshConfigFile });
      const install = "apt-get -qq install /srv/demo.deb >/dev/null && cat /run/demo/pid";
      const report = await deployed([to, chroot("/srv/system")], install);
      assert.equal(report.error, undefined);
      assert.deepEqual(report.failures, []);
      assert.match(said[0] ?? "", /^\d+$/);
      await until(async () => (await there.shell("pgrep -f '[s]leep 1000.5'")).code !== 0);
      const { stdout } = await there.shell("dpkg-query -s demo | grep ^Status; cat /run/demo/pid");
      assert.equal(stdout, "Status: install ok installed\nmachine\n");
      await there.shell("umount /srv/system");
    });

    for (const hasUnshare of [true, false]) {
      test(`nothing is left there, ${hasUnshare ? "with" : "without"} unshare`, async () => {
        const there = bed.host(0);
        const tree = busyboxTree({ proc: {}, tmp: {}, run: {} });
        try {
          const copy = `${there.root}/srv/tree-${hasUnshare}`;
          execFileSync("cp", ["-a", tree, copy]);
          if (!hasUnshare) await there.shell("rm /usr/bin/unshare");
          const { stdout: before } = await there.shell("cat /proc/mounts");
          const to = ssh({ host: there.name, user: "root", configFile: bed.sshConfigFile });
          const report = await deployed([to, chroot(`/srv/tree-${hasUnshare}`)], mounted);
          assert.equal(report.error, undefined);
          assert.match(
            said[0] ?? "",
            /^\/dev tmpfs\n\/dev\/pts devpts\n\/dev\/shm tmpfs\n\/proc proc\n/m,
          );
          const { stdout: afterwards } = await there.shell("sleep 0.2; cat /proc/mounts");
          assert.equal(afterwards, before);
          // Contact lost in the middle.
          const running = deployed([to, chroot(`/srv/tree-${hasUnshare}`)], "echo x; sleep 300");
          await until(async () => (await there.shell("pgrep -f '[s]leep 300'")).code === 0);
          await there.killConnections();
          assert.ok(isError((await running).error, ConnectionLost));
          await until(async () => (await there.shell("cat /proc/mounts")).stdout === before);
          await until(async () => (await there.shell("pgrep -f '[s]leep 300'")).code !== 0);
        } finally {
          removeTree(tree);
        }
      });
    }
  });
});

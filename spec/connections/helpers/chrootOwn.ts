/** What a chroot has of its own, what it can share, and what ends with it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chroot } from "../../../connections/chroot/index.js";
import { processes } from "../../helpers/processes.js";
import { printsIn } from "./hostileTrees.js";
import { busyboxTree, removeTree } from "./trees.js";

/** Shell text that prints the commands of all processes. */
const commands = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";

const names = ["proc", "sys", "dev", "run", "tmp", "etc"];

async function inTree(work: (tree: string) => Promise<void>): Promise<void> {
  const tree = busyboxTree(Object.fromEntries(names.map((name) => [name, {}])));
  try {
    await work(tree);
  } finally {
    removeTree(tree);
  }
}

/** Does the work with a directory in the machine's /run that a service there keeps its files in. */
async function withDemo(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync("/run/demo-");
  writeFileSync(path.join(directory, "pid"), "1\n");
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const ownOfChroots: Readonly<Record<string, () => Promise<void>>> = {
  "what a package's script does in /run is not done in the machine's": () =>
    inTree((tree) =>
      withDemo(async (demo) => {
        const script = `rm -rf ${demo}; mkdir ${demo}; echo 2 >${demo}/pid; touch /run/lock/x; ls /run`;
        assert.equal(
          await printsIn(tree, [chroot(tree)], script),
          `consfigurator\n${path.basename(demo)}\nlock`,
        );
        assert.equal(readFileSync(path.join(demo, "pid"), "utf8"), "1\n");
      }),
    ),
  "the machine's, where that is said": () =>
    inTree((tree) =>
      withDemo(async (demo) => {
        const all = chroot(tree, { shares: ["run", "dev", "proc"] });
        const said = await printsIn(tree, [all], `cat ${demo}/pid; ls /dev; ${commands}`);
        assert.match(said, /^1\n/);
        for (const name of readdirSync("/dev")) assert.ok(said.includes(`\n${name}\n`), name);
        assert.ok(said.includes(path.basename(process.argv[1] as string)), said);
      }),
    ),
  "devices that work, and no others": () =>
    inTree(async (tree) => {
      const said = await printsIn(
        tree,
        [chroot(tree)],
        "ls /dev; echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c",
      );
      const own = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero";
      assert.equal(said, `${own.replaceAll(" ", "\n")}\n3\n2`);
    }),
  "processes of its own, and none of them is left": () =>
    inTree(async (tree) => {
      const seconds = `1000.${process.pid}`;
      const outside = spawn("sleep", [`2${seconds}`], { stdio: "ignore" });
      const daemon = `setsid sleep ${seconds} </dev/null >/dev/null 2>&1 &`;
      const said = await printsIn(
        tree,
        [chroot(tree)],
        `${daemon} readlink /proc/1/root; ${commands}`,
      );
      assert.match(said, /^\/\n/);
      outside.kill();
      assert.ok(said.includes(seconds) && !said.includes(`2${seconds}`), said);
      for (let attempt = 0; attempt < 100 && isRunning(seconds); attempt++) await sleep(20);
      assert.ok(!isRunning(seconds));
    }),
  "whom to ask for names, where the tree's link leads to /run": () =>
    inTree(async (tree) => {
      if (!existsSync("/etc/resolv.conf")) return;
      for (const link of ["../run/resolver/stub.conf", "/run/resolver/stub.conf"]) {
        rmSync(`${tree}/etc/resolv.conf`, { force: true });
        symlinkSync(link, `${tree}/etc/resolv.conf`);
        const said = await printsIn(tree, [chroot(tree)], "cat /etc/resolv.conf");
        assert.equal(said, readFileSync("/etc/resolv.conf", "utf8").trim());
      }
    }),
};

function isRunning(seconds: string): boolean {
  return processes().some(({ command }) => command.includes(`sleep ${seconds}`));
}

/** Mounts and namespaces that a grandchild enters are its own, and gone with it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  evalInGrandchild,
  form,
  joinNamespaces,
  mount,
  mountFlags,
  pivotRoot,
  streamInGrandchild,
  unmount,
  unshareNamespaces,
} from "../../zygote/index.js";
import { needsUid0, scenario } from "./scenario.js";

const { bind, recursive, private: own, readOnly } = mountFlags;
const remount = 32;

/** A tree in memory that only this process sees, and everything above it gone. */
const enterTree = form("mounts.enterTree", {
  args: z.tuple([z.string()]),
  evaluate: (directory) => {
    unshareNamespaces("mount");
    mount({ source: "none", target: "/", flags: own | recursive });
    mount({ source: "tree", target: directory, type: "tmpfs", data: "size=1m,mode=755" });
    for (const name of ["old", "etc", "fixed"]) mkdirSync(path.join(directory, name));
    mount({ source: "/etc", target: path.join(directory, "etc"), flags: bind });
    mount({ source: directory, target: path.join(directory, "fixed"), flags: bind });
    const fixed = path.join(directory, "fixed");
    mount({ source: "none", target: fixed, flags: bind | remount | readOnly });
    pivotRoot(directory, path.join(directory, "old"));
    unmount("/old", { lazily: true });
  },
});
const inTree = form("mounts.inTree", {
  args: z.tuple([]),
  evaluate: () => {
    let refused = "";
    try {
      writeFileSync("/fixed/a", "");
    } catch (error) {
      refused = (error as NodeJS.ErrnoException).code ?? "";
    }
    return { names: readdirSync("/"), old: readdirSync("/old"), refused, cwd: process.cwd() };
  },
});
const renamed = form("mounts.renamed", {
  args: z.tuple([]),
  evaluate: async () => {
    unshareNamespaces("uts", "network");
    execFileSync("hostname", ["renamed"]);
    process.stdout.write("ready");
    await sleep(60_000);
  },
});
const join = form("mounts.join", {
  args: z.tuple([z.number()]),
  evaluate: (pid) => {
    const names = [
      ["uts", "uts"],
      ["network", "net"],
    ] as const;
    joinNamespaces(new Map(names.map(([kind, name]) => [kind, `/proc/${pid}/ns/${name}`])));
  },
});
const look = form("mounts.look", {
  args: z.tuple([]),
  evaluate: () => [os.hostname(), readlinkSync("/proc/self/ns/net"), readdirSync("/sys/class/net")],
});
const newPids = form("mounts.newPids", {
  args: z.tuple([]),
  evaluate: () => unshareNamespaces("pid"),
});
const whoAmI = form("mounts.whoAmI", {
  args: z.tuple([]),
  evaluate: async () => {
    const inner = await evalInGrandchild(null, look(), { timeoutMs: 5000 });
    return [inner.ended, execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" })];
  },
});

await scenario(
  import.meta.url,
  ["forked"],
  {
    "a root of its own, in memory": async () => {
      const directory = mkdtempSync(path.join(os.tmpdir(), "tree-"));
      try {
        const before = readFileSync("/proc/self/mountinfo", "utf8");
        const { value, stderr, gone } = await evalInGrandchild(enterTree(directory), inTree());
        assert.deepEqual(
          value,
          { names: ["etc", "fixed", "old"], old: [], refused: "EROFS", cwd: "/" },
          stderr,
        );
        await gone;
        assert.equal(readFileSync("/proc/self/mountinfo", "utf8"), before);
        assert.deepEqual(readdirSync(directory), []);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    "another process's namespaces": async () => {
      const other = await streamInGrandchild(null, renamed());
      other.stderr.resume();
      for await (const piece of other.stdout) if (String(piece).includes("ready")) break;
      const { value, stderr } = await evalInGrandchild(join(other.pid), look());
      assert.equal(value?.[0], "renamed", stderr);
      assert.equal(value?.[1], readlinkSync(`/proc/${other.pid}/ns/net`));
      assert.notEqual(value?.[1], readlinkSync("/proc/self/ns/net"));
      other.kill("SIGKILL");
      await other.outcome;
    },
    "process numbers of its own": async () => {
      const { value, stderr } = await evalInGrandchild(newPids(), whoAmI());
      assert.equal(value?.[0], "returned", stderr);
      // Its own zygote is the first process there.
      assert.match(String(value?.[1]), /^[2-9]\n$/);
    },
  },
  { unavailable: needsUid0 },
);

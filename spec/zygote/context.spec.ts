/** Entering another context: what the addon does, and how it fails. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { host, prepareHost } from "../../engine/index.js";
import * as file from "../../properties/file/index.js";
import {
  becomeUser,
  enterRoot,
  evalInGrandchild,
  form,
  unshareNamespaces,
} from "../../zygote/index.js";
import { native } from "../../zygote/native.js";
import { needsUid0, scenario } from "./scenario.js";

const none = z.tuple([]);

const chroot = form("context.chroot", {
  args: z.tuple([z.string()]),
  evaluate: (directory) => enterRoot(directory),
});
const inside = form("context.inside", {
  args: z.tuple([z.number()]),
  evaluate: async (levels): Promise<unknown> => {
    if (levels > 0) return (await evalInGrandchild(null, inside(levels - 1))).value;
    await sleep(1);
    const { stdout, status } = spawnSync("/static", { encoding: "utf8" });
    writeFileSync("/made", "inside");
    return {
      names: readdirSync("/").toSorted(),
      cwd: process.cwd(),
      checked: z.object({ a: z.number() }).safeParse({ a: 1 }).success,
      static: [stdout, status],
      hasNode: spawnSync("node").error !== undefined,
      prepared: prepareHost(host("inside.example.com", file.hasContent("/made", "x"))).name,
      intl: new Intl.DateTimeFormat("de", { timeZone: "Europe/Berlin" }).format(0),
    };
  },
});
const drop = form("context.drop", {
  args: none,
  evaluate: () => becomeUser({ uid: 65534, gid: 65534, groups: [] }),
});
const whoami = form("context.whoami", {
  args: none,
  evaluate: async () => {
    const inner = await evalInGrandchild(null, ids());
    return [process.getuid?.(), process.getgid?.(), process.getgroups?.(), inner.value];
  },
});
const ids = form("context.ids", {
  args: none,
  evaluate: () => {
    try {
      process.setuid?.(0);
      return "became uid 0 again";
    } catch (error) {
      return `${process.getuid?.()} ${(error as NodeJS.ErrnoException).code}`;
    }
  },
});
const hostname = form("context.hostname", {
  args: none,
  evaluate: () => {
    unshareNamespaces("uts", "mount", "ipc");
    execFileSync("hostname", ["elsewhere"]);
    return os.hostname();
  },
});
const fails = form("context.fails", {
  args: none,
  evaluate: () => {
    const attempts: (() => void)[] = [
      () => native().chroot("/no/such/directory"),
      () => native().setns(0, 0),
      () => native().mount("none", "/no/such/target", "tmpfs", 0, ""),
      () => native().umount("/no/such/target", 0),
      () => native().pivotRoot("/no/such", "/no/such/old"),
      () => native().unshare(0x7fffffff),
      () => native().dup2(999, 5),
      () => native().write(999, Buffer.from("x")),
      () => native().send(999, Buffer.from("x"), []),
      () => native().pollChild(1),
      () => native().chroot("a\0b"),
      () => native().chroot(7 as unknown as string),
      () => native().dup2("x" as unknown as number, 1),
      () => native().becomeUser(Number.NaN, 65534, []),
      () => native().becomeUser(0.5, 65534, []),
      () => native().becomeUser(2 ** 32, 65534, []),
      () => native().becomeUser(65534, 2 ** 32 - 1, []),
      () => native().becomeUser(65534, 65534, [-1]),
    ];
    return attempts.map((attempt) => {
      try {
        attempt();
        return "no error";
      } catch (error) {
        const { code, syscall, argument } = error as { [key: string]: string };
        return `${code} ${syscall ?? ""} ${argument ?? ""}`.trim();
      }
    });
  },
});

await scenario(
  import.meta.url,
  ["forked"],
  {
    "in an empty directory tree, two deep": async () => {
      const directory = mkdtempSync(path.join(os.tmpdir(), "chroot-"));
      try {
        const source = 'int puts(const char *); int main(void) { puts("ran"); return 5; }';
        const binary = path.join(directory, "static");
        execFileSync("cc", ["-static", "-x", "c", "-o", binary, "-"], { input: source });
        chmodSync(binary, 0o755);
        for (const levels of [0, 2]) {
          const { value, stderr } = await evalInGrandchild(chroot(directory), inside(levels));
          const names = ["made", "static"];
          assert.deepEqual(
            value,
            {
              names,
              cwd: "/",
              checked: true,
              static: ["ran\n", 5],
              hasNode: true,
              intl: "1.1.1970",
              prepared: "inside.example.com",
            },
            stderr,
          );
        }
        assert.equal(readFileSync(path.join(directory, "made"), "utf8"), "inside");
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    "another user, for good": async () => {
      const { value, stderr } = await evalInGrandchild(drop(), whoami());
      const groups = value?.[2];
      assert.deepEqual(value?.slice(0, 2), [65534, 65534], stderr);
      assert.deepEqual(
        groups,
        [65534].filter((id) => (groups as number[]).includes(id)),
      );
      assert.equal(value?.[3], "65534 EPERM");
    },
    "namespaces of its own": async () => {
      const before = os.hostname();
      const { value, stderr } = await evalInGrandchild(null, hostname());
      assert.equal(value, "elsewhere", stderr);
      assert.equal(os.hostname(), before);
    },
    "a failed syscall says what, on what, and why": async () => {
      const { value, stderr } = await evalInGrandchild(null, fails());
      assert.deepEqual(
        value,
        [
          "ENOENT chroot /no/such/directory",
          "EINVAL setns 0",
          "ENOENT mount /no/such/target",
          "ENOENT umount2 /no/such/target",
          "ENOENT pivot_root /no/such",
          "EINVAL unshare 2147483647",
          "EBADF dup2 999",
          "EBADF write 999",
          "EBADF sendmsg 999",
          "ECHILD waitpid 1",
          ...Array(8).fill("ERR_INVALID_ARG_TYPE"),
        ],
        stderr,
      );
    },
  },
  { unavailable: needsUid0 },
);

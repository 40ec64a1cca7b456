/** A session's lock: held by one at a time, and free as soon as its session is over. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { after, test } from "node:test";
import { type LockAnswer, tryLock } from "../../../engine/shell/lock.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { killIfThere, pidIn, until } from "../../helpers/processes.js";
import { anatomy } from "./helpers/anatomy.js";
import {
  changes,
  dash,
  installed,
  looks,
  onEveryShell,
  session,
  temporary,
  withSession,
} from "./helpers/shells.js";

const skip = process.getuid?.() === 0 ? false : "the locks of uid 0 are elsewhere";
const directory = "/run/consfigurator";
const names: string[] = [];
// The directory stays: other specs may be about to use it.
after(() => {
  for (const name of names) fs.rmSync(fileOf(name), { recursive: true, force: true });
});

function newName(): string {
  const name = `${randomUUID()}.example.com`;
  names.push(name);
  return name;
}

function fileOf(name: string): string {
  return `${directory}/${name}.lock`;
}

function take(by: ShellSession, name: string, holder = "me"): Promise<LockAnswer> {
  return tryLock(by, name, holder, undefined);
}

async function isTaken(by: ShellSession, name: string): Promise<boolean> {
  return (await take(by, name)).state === "taken";
}

onEveryShell(
  (shell) => {
    test("is held by one session, which is told, and free when that is closed", { skip }, () =>
      withSession(shell, async (second) => {
        const name = newName();
        const begun = Math.floor(Date.now() / 1000) * 1000;
        const { session: first } = await session(shell);
        assert.deepEqual(await take(first, name, "it's \u001b[31m$HOME\n`me`"), { state: "taken" });
        const held = await take(second, name);
        assert.ok(held.state === "held");
        assert.equal(held.holder, "it's \\x1b[31m$HOME\\n`me`");
        assert.ok(Date.parse(held.since) >= begun, held.since);
        assert.equal(fs.statSync(fileOf(name)).mode & 0o7777, 0o600);
        assert.equal(fs.statSync(directory).mode & 0o7777, 0o700);
        await first.close();
        await until(() => isTaken(second, name), "free");
      }),
    );

    test("is taken once by each session, and others are not touched", { skip }, () =>
      withSession(shell, async (first) => {
        const [one, other] = [newName(), newName()];
        assert.equal(await isTaken(first, one), true);
        await withSession(shell, async (second) => {
          assert.equal(await isTaken(second, one), false);
          assert.equal(await isTaken(second, other), true);
        });
      }),
    );

    test("commands do not have it, and nothing that they leave running keeps it", { skip }, () =>
      withSession(shell, async (second) => {
        const name = newName();
        const { session: first } = await session(shell);
        assert.equal(await isTaken(first, name), true);
        const pids: number[] = [];
        try {
          for (const [kind, how] of Object.entries({ looks, changes })) {
            for (const stdin of [undefined, "short", Buffer.alloc(99_999)]) {
              const file = `${temporary()}/${kind}`;
              const text = `setsid sh -c 'echo $$ >${file}; exec sleep 300' >/dev/null 2>&1 & ls -l /proc/self/fd`;
              const { stdout } = await first.execText(text, { ...how, ...(stdin && { stdin }) });
              assert.doesNotMatch(stdout.toString(), /\.lock/);
              pids.push(await pidIn(file));
            }
          }
          await first.close();
          await until(() => isTaken(second, name), "free");
        } finally {
          await first.close();
          pids.forEach(killIfThere);
        }
      }),
    );

    for (const which of ["main", "dispatcher", "executor"] as const) {
      test(`is free when its ${which} is killed, and what runs with it`, { skip }, () =>
        withSession(shell, async (second) => {
          const name = newName();
          const { session: first, program } = await session(shell);
          const all = await anatomy(program);
          assert.equal(await isTaken(first, name), true);
          const running = first.execText("exec sleep 300", changes).catch(() => {});
          process.kill(all[which], "SIGKILL");
          // Nobody has to be there who would close the session.
          if (which !== "main") await until(() => isTaken(second, name), "free");
          await first.close();
          await until(() => isTaken(second, name), "free");
          await running;
        }),
      );
    }

    test("what is in the place of its file is not followed, read or waited for", { skip }, () =>
      withSession(shell, async (host) => {
        const target = `${temporary()}/target`;
        fs.writeFileSync(target, "precious");
        const hostile: ((file: string) => void)[] = [
          (file) => fs.symlinkSync(target, file),
          (file) => fs.symlinkSync(`${target}-new`, file),
          (file) => fs.mkdirSync(file),
          (file) => execFileSync("mkfifo", [file]),
          (file) => {
            fs.writeFileSync(file, "");
            fs.chownSync(file, 4242, 4242);
          },
        ];
        for (const make of hostile) {
          const name = newName();
          await isTaken(host, newName()); // makes the directory
          make(fileOf(name));
          const answer = await take(host, name);
          assert.ok(answer.state === "none");
          assert.match(answer.why, /is no file of the account/);
        }
        assert.equal(fs.readFileSync(target, "utf8"), "precious");
        assert.equal(fs.existsSync(`${target}-new`), false);
      }),
    );

    test("huge content is cut", { skip }, () =>
      withSession(shell, async (second) => {
        const name = newName();
        await withSession(shell, async (first) => {
          assert.equal(await isTaken(first, name), true);
          fs.writeFileSync(fileOf(name), Buffer.alloc(10_000_000, "\u0007x"));
          const held = await take(second, name);
          assert.ok(held.state === "held");
          assert.ok(held.holder.length < 5000, `${held.holder.length}`);
          assert.doesNotMatch(held.holder, /\p{C}/u);
        });
      }),
    );

    test("any text is a name", { skip }, () =>
      withSession(shell, async (host) => {
        for (const name of ["../../etc/x", "a b'\"$(date)\n`é", "-n", ".", ""]) {
          const answer = await take(host, name);
          assert.deepEqual(answer, { state: "taken" });
          await withSession(shell, async (other) => {
            assert.equal(await isTaken(other, name), false);
          });
        }
        const made = fs.readdirSync(directory).filter((file) => /%|^-n|^\.lock/.test(file));
        assert.equal(made.length, 5, String(made));
        for (const file of made) fs.rmSync(`${directory}/${file}`);
      }),
    );
  },
  { concurrency: 1 },
);

test("a host without flock has none, which it says", async () => {
  const programs = temporary();
  for (const name of ["dash", "id", "sleep", "cat", "mkdir", "chmod", "setsid"]) {
    fs.symlinkSync(installed(name) ?? "", `${programs}/${name}`);
  }
  fs.symlinkSync("dash", `${programs}/sh`);
  await withSession(
    dash(),
    async (host) => {
      assert.deepEqual(await take(host, newName()), { state: "none", why: "there is no flock" });
      assert.equal((await host.execText("echo a", changes)).stdout.toString(), "a\n");
    },
    { env: { PATH: programs } },
  );
});

/** Commands that are stopped: they are really gone, nothing else is, and the session goes on. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fs from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Cancelled,
  CommandSilent,
  CommandTimedOut,
  ConnectionLost,
  type ErrorClass,
  isError,
} from "../../../engine/base/errors.js";
import { type LeftProcess, unknownLeft } from "../../../engine/shell/leftRunning.js";
import type { ExecResult } from "../../../engine/shell/options.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { family, gone, killIfThere, pidIn, spools, tidiesUp } from "../../helpers/processes.js";
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

const kinds = { looks, changes };

const warnings: Error[] = [];
const noteWarning = (warning: Error) => warnings.push(warning);
process.on("warning", noteWarning);
after(() => process.off("warning", noteWarning));

async function fails(run: Promise<ExecResult>, errorClass: ErrorClass): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(isError(error, errorClass), String(error));
    return true;
  });
}

async function usable(session: ShellSession): Promise<void> {
  const [first, second] = await Promise.all([
    session.exec(["echo", "1"], looks),
    session.execText("echo 2", changes),
  ]);
  assert.equal(`${first?.stdout}${first?.stderr}`, "1\n");
  assert.equal(`${second?.stdout}${second?.stderr}`, "2\n");
}

onEveryShell(
  (shell) => {
    for (const [kind, how] of Object.entries(kinds)) {
      const script = (file: string) =>
        `sh -c 'sleep 77 & echo "$!" >${file}.child; echo "$$" >${file}; wait; sleep 77'`;
      const pids = async (file: string) => [await pidIn(file), await pidIn(`${file}.child`)];

      test(`ends at its time limit, with its children (${kind})`, () =>
        withSession(shell, async (session) => {
          const file = `${temporary()}/pid`;
          const started = Date.now();
          await fails(session.execText(script(file), { ...how, timeoutMs: 300 }), CommandTimedOut);
          assert.ok(Date.now() - started < 1500, "it took longer than it had to");
          await gone(await pids(file), 200);
          await usable(session);
        }));

      test(`ends when it is aborted, and the commands after it do not (${kind})`, () =>
        withSession(shell, async (session) => {
          const file = `${temporary()}/pid`;
          const aborter = new AbortController();
          const run = session.execText(script(file), { ...how, signal: aborter.signal });
          const later = [session.execText("echo a", looks), session.execText("echo b", changes)];
          const all = await pids(file);
          aborter.abort();
          await fails(run, Cancelled);
          await gone(all, 200);
          const told = (await Promise.all(later)).map(({ stdout }) => stdout.toString());
          assert.deepEqual(told, ["a\n", "b\n"]);
          assert.equal(getEventListeners(aborter.signal, "abort").length, 0);
          await usable(session);
        }));

      test(`is not run when it was aborted before (${kind})`, () =>
        withSession(shell, async (session) => {
          const file = `${temporary()}/ran`;
          const signal = AbortSignal.abort();
          await fails(session.execText(`echo >${file}`, { ...how, signal }), Cancelled);
          await usable(session);
          assert.ok(!fs.existsSync(file));
          assert.equal(getEventListeners(signal, "abort").length, 0);
        }));

      test(`what it throws while it listens ends it (${kind})`, () =>
        withSession(shell, async (session) => {
          for (const onOutput of [
            () => Promise.reject(new RangeError("x")),
            () => {
              throw new RangeError("x");
            },
          ]) {
            const run = session.execText("echo a; exec sleep 77", { ...how, onOutput });
            await assert.rejects(run, RangeError);
          }
          await usable(session);
        }));
    }

    test("one that ignores SIGTERM is killed (changes)", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/pid`;
        const text = `sh -c 'trap "" TERM; sleep 77 & echo "$!" >${file}.child; echo "$$" >${file}; sleep 77; sleep 77'`;
        await fails(session.execText(text, { ...changes, timeoutMs: 300 }), CommandTimedOut);
        await gone([await pidIn(file), await pidIn(`${file}.child`)], 200);
        await usable(session);
      }));

    test("what it leaves behind that ignores SIGTERM is killed (changes)", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/pid`;
        const text = `sh -c 'trap "" TERM; echo "$$" >${file}; sleep 77; sleep 77' & exec sleep 77`;
        const aborter = new AbortController();
        const run = session.execText(text, { ...changes, signal: aborter.signal });
        const pid = await pidIn(file);
        aborter.abort();
        await fails(run, Cancelled);
        await gone([pid], 500);
        await usable(session);
      }));

    test("what it leaves behind can tidy up before anything else runs (changes)", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/pid`;
        const aborter = new AbortController();
        const text = `${tidiesUp(file)} & exec sleep 77`;
        const run = session.execText(text, { ...changes, signal: aborter.signal });
        const later = session.execText(`cat ${file}.tidy`, looks);
        const pid = await pidIn(file);
        aborter.abort();
        await fails(run, Cancelled);
        await gone([pid], 200);
        assert.equal((await later).stdout.toString(), "tidy\n");
        await usable(session);
      }));

    test("one that ignores SIGTERM is killed with the session (looks)", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/pid`;
        const text = `sh -c 'trap "" TERM; echo "$$" >${file}; sleep 77; sleep 77'`;
        const run = session.execText(text, { ...looks, timeoutMs: 300 });
        const later = session.execText("echo later", looks);
        await Promise.all([fails(run, CommandTimedOut), fails(later, ConnectionLost)]);
        await gone([await pidIn(file)]);
        assert.ok(isError(await session.ended, ConnectionLost));
        await fails(session.execText("echo later", looks), ConnectionLost);
      }));

    test("one that waits is cancelled at once, never runs, and nothing else is touched", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/ran`;
        const aborter = new AbortController();
        const { signal } = aborter;
        const slow = session.execText("sleep 1; echo slow", changes);
        const changing = session.execText(`echo >${file}`, { ...changes, signal });
        const stored = session.execText("cat", { ...looks, signal, stdin: Buffer.alloc(99_999) });
        const last = session.execText("echo last", looks);
        aborter.abort();
        const started = Date.now();
        await Promise.all([fails(changing, Cancelled), fails(stored, Cancelled)]);
        assert.ok(Date.now() - started < 500, "it was waited for");
        assert.equal((await slow).stdout.toString(), "slow\n");
        assert.equal((await last).stdout.toString(), "last\n");
        assert.ok(!fs.existsSync(file), "it ran");
      }));

    test("one that looks and has been sent is cancelled at once, and stopped when it starts", () =>
      withSession(shell, async (session) => {
        const aborter = new AbortController();
        const slow = session.execText("sleep 1; echo slow", looks);
        const run = session.execText("sleep 77", {
          ...looks,
          signal: aborter.signal,
          timeoutMs: 60_000,
        });
        const last = session.execText("echo last", looks);
        await sleep(200);
        aborter.abort();
        const started = Date.now();
        await fails(run, Cancelled);
        assert.ok(Date.now() - started < 500, "it was waited for");
        assert.equal((await slow).stdout.toString(), "slow\n");
        assert.equal((await last).stdout.toString(), "last\n");
        assert.ok(Date.now() - started < 5000, "it was not stopped");
      }));

    test("no command is hit by the signal for the one before it", () =>
      withSession(shell, async (session) => {
        for (let round = 0; round < 40; round++) {
          // Ends by itself at about the time at which it is stopped.
          const first = session.execText("sleep 0.02", { ...looks, timeoutMs: 15 + (round % 10) });
          const next = session.execText("echo next; sleep 0.005", looks);
          const last = session.execText("echo last", changes);
          await first.catch((error) => assert.ok(isError(error, CommandTimedOut)));
          const results = await Promise.all([next, last]);
          const told = results.map(({ exitCode, stdout }) => `${exitCode} ${stdout}`);
          assert.deepEqual(told, ["0 next\n", "0 last\n"], `round ${round}`);
        }
      }));

    test("what has left its group is told, and nothing else (changes)", () =>
      withSession(shell, async (session) => {
        const file = `${temporary()}/pid`;
        const leaves = (name: string) =>
          `setsid sh -c 'echo "$$" >${file}.${name}; sleep 77; :' >/dev/null 2>&1 &`;
        await session.execText(`${leaves("daemon")} true`, changes);
        const daemon = await pidIn(`${file}.daemon`);
        const told: LeftProcess[] = [];
        const onLeft = (processes: readonly LeftProcess[]) => told.push(...processes);
        const aborter = new AbortController();
        const text = `${leaves("left")} exec sleep 77`;
        const options = { ...changes, signal: aborter.signal, onLeft };
        const run = session.execText(text, options);
        const later = session.execText("echo later", changes);
        const left = await pidIn(`${file}.left`);
        aborter.abort();
        await fails(run, Cancelled);
        assert.equal((await later).stdout.toString(), "later\n");
        try {
          const own = told.filter(({ pid }) => pid === left);
          assert.match(String(own[0]?.command), / -c echo .* sleep 77; :$/);
          assert.deepEqual(
            told.filter(({ pid, command }) => pid !== left && command !== "sleep 77"),
            [],
          );
          assert.ok(!told.some(({ pid }) => pid === daemon));
        } finally {
          for (const { pid } of [daemon, left].flatMap(family)) killIfThere(pid);
        }
        await fails(
          session.execText("exec sleep 77", { ...changes, timeoutMs: 300, onLeft }),
          CommandTimedOut,
        );
        assert.ok(told.length <= 2, "nothing was left of the last");
        await usable(session);
      }));

    test("where the host does not tell what is left, the error says so", () =>
      withSession(shell, async (session, program) => {
        const { executor } = await anatomy(program);
        const file = `${temporary()}/pid`;
        const aborter = new AbortController();
        const run = session.execText(`echo "$$" >${file}; exec sleep 77`, {
          ...changes,
          signal: aborter.signal,
          onLeft: () => assert.fail("nobody knows"),
        });
        const pid = await pidIn(file);
        process.kill(executor, "SIGSTOP");
        aborter.abort();
        await assert.rejects(run, (error) => {
          assert.ok(isError(error, Cancelled) && error.hint === unknownLeft, String(error));
          return true;
        });
        await gone([executor, pid]);
      }));

    for (const [kind, how] of Object.entries(kinds)) {
      test(`ends when it is silent for too long, not before (${kind})`, () =>
        withSession(shell, async (session) => {
          const limited = { ...how, silenceMs: 500 };
          const talks = await session.execText(
            "for i in 1 2 3 4; do echo $i; sleep 0.2; done; echo 5 >&2",
            limited,
          );
          assert.equal(talks.exitCode, 0);
          const silent = session.execText("echo a; echo b >&2; exec sleep 77", limited);
          await assert.rejects(silent, (error) => {
            assert.ok(isError(error, CommandSilent), String(error));
            assert.match(error.message, /printed nothing for 500 ms: echo a; /);
            assert.deepEqual([error.facts.silenceMs, error.facts.output], [500, "b"]);
            return true;
          });
          await usable(session);
        }));
    }

    test("a host that does not answer any more is given up", () =>
      withSession(shell, async (session, program) => {
        const { executor } = await anatomy(program);
        process.kill(executor, "SIGSTOP");
        const aborter = new AbortController();
        const run = session.execText("true", { ...changes, signal: aborter.signal });
        const later = session.execText("true", looks);
        aborter.abort();
        await Promise.all([fails(run, Cancelled), fails(later, ConnectionLost)]);
        await gone([executor]);
        assert.ok(isError(await session.ended, ConnectionLost));
      }));

    test("sending much is stopped at once", () =>
      withSession(shell, async (session) => {
        const aborter = new AbortController();
        const stdin = Buffer.alloc(64 * 1024 * 1024);
        const run = session.exec(["cat"], { ...looks, stdin, signal: aborter.signal });
        await sleep(100);
        aborter.abort();
        const started = Date.now();
        await fails(run, Cancelled);
        await usable(session);
        assert.ok(Date.now() - started < 3000, "it was sent nevertheless");
        assert.ok(session.statistics.bytesSent < stdin.length, "it was sent nevertheless");
        const stored = spools().flatMap((name) => fs.readdirSync(`/tmp/${name}`));
        assert.deepEqual(stored, []);
      }));
  },
  { concurrency: 8 },
);

test("a signal for many commands keeps no listeners, and nobody is warned", () =>
  withSession(dash(), async (session) => {
    const { signal } = new AbortController();
    const runs = Array.from({ length: 200 }, () => session.exec(["true"], { ...looks, signal }));
    await Promise.all(runs);
    assert.equal(getEventListeners(signal, "abort").length, 0);
    await sleep(10);
    assert.deepEqual(warnings, []);
  }));

test("a time limit longer than a timer of Node can be is none", () =>
  withSession(dash(), async (session) => {
    const options = { ...looks, timeoutMs: 2 ** 40 };
    assert.equal((await session.execText("sleep 0.1; echo a", options)).stdout.toString(), "a\n");
  }));

test("a host without setsid: the command itself is ended, and the session goes on", async () => {
  const programs = temporary();
  for (const name of ["dash", "id", "sleep", "cat", "head", "mkdir", "rm", "wc"]) {
    fs.symlinkSync(installed(name) ?? "", `${programs}/${name}`);
  }
  fs.symlinkSync("dash", `${programs}/sh`);
  const { session: host, program } = await session(dash(), { env: { PATH: programs } });
  const all = [program.child.pid ?? 0];
  await usable(host);
  await fails(host.execText("exec sleep 77", { ...changes, timeoutMs: 200 }), CommandTimedOut);
  const long = await host.exec(["wc", "-c"], { ...looks, stdin: Buffer.alloc(99_999) });
  assert.equal(long.stdout.toString(), "99999\n");
  await usable(host);
  await host.close();
  await gone(all);
});

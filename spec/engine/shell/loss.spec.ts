/** The end of a session, wanted or not: it comes soon, everybody is told, and nothing is left. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionLost, isError } from "../../../engine/base/errors.js";
import type { ExecResult } from "../../../engine/shell/options.js";
import { family, gone, isAlive, pidIn, tidiesUp } from "../../helpers/processes.js";
import { type Anatomy, anatomy } from "./helpers/anatomy.js";
import { changes, looks, onEveryShell, session, temporary } from "./helpers/shells.js";

const kinds = { looks, changes };

async function lost(...runs: Promise<ExecResult>[]): Promise<void> {
  const started = Date.now();
  for (const result of await Promise.allSettled(runs)) {
    const error = result.status === "rejected" ? result.reason : result.value;
    assert.ok(isError(error, ConnectionLost), String(error));
    assert.match(error.hint ?? "", /deploy again/);
  }
  const waited = Date.now() - started;
  assert.ok(waited < 5000, `it took ${waited} ms`);
}

/** What can be killed on the host, and how. */
const killings: Record<string, (parts: Anatomy) => void> = {
  "the dispatcher": ({ dispatcher }) => process.kill(dispatcher, "SIGKILL"),
  "the dispatcher (SIGTERM)": ({ dispatcher }) => process.kill(dispatcher, "SIGTERM"),
  "the executor": ({ executor }) => process.kill(executor, "SIGKILL"),
  "the executor's group": ({ executor }) => process.kill(-executor, "SIGKILL"),
  "the first shell": ({ main }) => process.kill(main, "SIGKILL"),
  "the whole group": ({ main }) => process.kill(-main, "SIGKILL"),
  "the whole group (SIGHUP)": ({ main }) => process.kill(-main, "SIGHUP"),
};

onEveryShell(
  (shell) => {
    const script = (file: string) =>
      `sh -c 'sleep 77 & trap "" TERM; echo "$!" >${file}.child; echo "$$" >${file}; wait; sleep 77'`;
    const pids = async (file: string) => [await pidIn(file), await pidIn(`${file}.child`)];

    for (const [kind, how] of Object.entries(kinds)) {
      test(`this side ends while a command runs (${kind})`, async () => {
        const { session: host, program } = await session(shell);
        const file = `${temporary()}/pid`;
        const runs = [
          host.execText(script(file), { ...how, stdin: Buffer.alloc(99_999) }),
          host.exec(["true"], looks),
          host.exec(["true"], changes),
        ];
        const told = lost(...runs);
        const all = [
          ...(await pids(file)),
          ...family(program.child.pid ?? 0).map(({ pid }) => pid),
        ];
        program.destroy();
        await gone(all);
        await told;
        assert.ok(isError(await host.ended, ConnectionLost));
      });

      for (const [what, kill] of Object.entries(killings)) {
        test(`${what} is killed while a command runs (${kind})`, async () => {
          const { session: host, program } = await session(shell);
          const file = `${temporary()}/pid`;
          const told = lost(
            host.execText(script(file), { ...how, stdin: Buffer.alloc(99_999) }),
            host.exec(["true"], looks),
            host.exec(["true"], changes),
          );
          const running = await pids(file);
          const parts = await anatomy(program);
          const all = [...running, ...family(parts.main).map(({ pid }) => pid)];
          kill(parts);
          await Promise.all([told, gone(all)]);
          assert.ok(isError(await host.ended, ConnectionLost));
          await host.close();
        });
      }

      test(`it is closed while a command runs (${kind})`, async () => {
        const { session: host, program } = await session(shell);
        const file = `${temporary()}/pid`;
        const told = lost(host.execText(script(file), how), host.exec(["true"], looks));
        const all = [
          ...(await pids(file)),
          ...family(program.child.pid ?? 0).map(({ pid }) => pid),
        ];
        await host.close();
        await told;
        await gone(all, 100);
        assert.equal(await host.ended, undefined);
      });

      test(`it is closed at the moment a command starts (${kind})`, async () => {
        for (let round = 0; round < 10; round++) {
          const { session: host, program } = await session(shell);
          const told = lost(host.execText("exec sleep 77.7", how));
          await sleep(round);
          const all = family(program.child.pid ?? 0);
          await host.close();
          await told;
          await gone(
            all.map(({ pid }) => pid),
            2500,
          );
        }
      });
    }

    for (const [what, kill] of Object.entries(killings)) {
      test(`${what} is killed while nothing runs`, async () => {
        const { session: host, program } = await session(shell);
        await host.exec(["true"], { ...looks, stdin: Buffer.alloc(99_999) });
        const parts = await anatomy(program);
        const all = family(parts.main).map(({ pid }) => pid);
        kill(parts);
        await Promise.all([host.ended, gone(all)]);
        assert.ok(isError(await host.ended, ConnectionLost));
        await lost(host.exec(["true"], looks));
      });
    }

    test("this side ends: what a command leaves behind can tidy up", async () => {
      const { session: host, program } = await session(shell);
      const file = `${temporary()}/pid`;
      const told = lost(host.execText(`${tidiesUp(file)} & exec sleep 77`, changes));
      const pid = await pidIn(file);
      const all = [pid, ...family(program.child.pid ?? 0).map(({ pid }) => pid)];
      program.destroy();
      await Promise.all([told, gone(all)]);
      assert.equal(fs.readFileSync(`${file}.tidy`, "utf8"), "tidy\n");
    });

    test("this side ends while it sends much", async () => {
      const { session: host, program } = await session(shell);
      const told = lost(host.exec(["cat"], { ...looks, stdin: Buffer.alloc(50 * 1024 * 1024) }));
      await sleep(100);
      const all = family(program.child.pid ?? 0).map(({ pid }) => pid);
      program.destroy();
      await Promise.all([told, gone(all)]);
    });
  },
  { concurrency: 8 },
);

// What is measured by the clock, one after the other.
onEveryShell((shell) => {
  test("a session that is idle closes at once, and twice", async () => {
    const { session: host, program } = await session(shell);
    await host.exec(["cat"], { ...changes, stdin: Buffer.alloc(99_999) });
    const all = family(program.child.pid ?? 0).map(({ pid }) => pid);
    const started = Date.now();
    await Promise.all([host.close(), host.close()]);
    await host.close();
    const waited = Date.now() - started;
    assert.ok(waited < 500, `it took ${waited} ms`);
    await gone(all, 100);
    assert.equal(await host.ended, undefined);
    await lost(host.exec(["true"], looks));
  });

  test("what was left running on purpose lives on, and holds up nothing", async () => {
    const file = `${temporary()}/pid`;
    const { session: host } = await session(shell);
    await host.execText(`sleep 77 & echo "$!" >${file}`, changes);
    const started = Date.now();
    await host.close();
    assert.ok(Date.now() - started < 1000, "it was waited for");
    const pid = await pidIn(file);
    await sleep(100);
    assert.ok(isAlive(pid));
    process.kill(pid);
  });
});

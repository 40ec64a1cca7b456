/** Hosts that stand still, or have no end: what waits for them ends at a limit of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLost, HopFailed, isError, OutputTooLarge } from "../../../engine/base/errors.js";
import { changes, dash, looks, session, withSession } from "./helpers/shells.js";

const mebibyte = 1024 * 1024;

test("a look is ended when it has printed too much, and the session goes on", () =>
  withSession(dash(), async (opened) => {
    for (const text of ["yes", "yes >&2", "exec cat /dev/zero"]) {
      await assert.rejects(opened.execText(text, { ...looks, name: "it" }), (error) => {
        assert.ok(isError(error, OutputTooLarge), String(error));
        assert.match(error.message, /^it printed too much$/);
        return true;
      });
    }
    assert.ok(opened.statistics.bytesReceived < 200 * mebibyte);
    assert.equal((await opened.exec(["echo", "on"], looks)).stdout.toString(), "on\n");
  }));

test("a look that ends by itself at the limit is none that printed too much", () =>
  withSession(dash(), async (opened) => {
    const text = `head -c ${2 * mebibyte} /dev/zero`;
    const { stdout, dropped } = await opened.execText(text, looks);
    assert.deepEqual([stdout.length, dropped], [2 * mebibyte, 0]);
  }));

for (const [kind, how] of Object.entries({ looks, changes })) {
  test(`the host says nothing any more once the session has begun (${kind})`, async () => {
    const { session: opened, program } = await session(dash());
    process.kill(-Number(program.child.pid), "SIGSTOP");
    try {
      const result = opened.execText("echo", { ...how, name: "it", silenceMs: 300 });
      const after = opened.execText("echo", how);
      await assert.rejects(result, (error) => {
        assert.ok(isError(error, ConnectionLost), String(error));
        assert.match(error.message, /a command was not begun for 300 ms: it$/);
        return true;
      });
      await assert.rejects(after, (error) => isError(error, ConnectionLost));
    } finally {
      process.kill(-Number(program.child.pid), "SIGCONT");
      await opened.close();
    }
  });
}

test("a command that waits for its turn is no host that stands still", () =>
  withSession(dash(), async (opened) => {
    const first = opened.execText("sleep 1; echo one", looks);
    const second = opened.execText("echo two", { ...looks, silenceMs: 300 });
    const third = opened.execText("echo three", { ...changes, silenceMs: 300 });
    const printed = (await Promise.all([first, second, third])).map(({ stdout }) => `${stdout}`);
    assert.deepEqual(printed, ["one\n", "two\n", "three\n"]);
  }));

test("silence on the way in", async () => {
  for (const text of ["cat >/dev/null", "echo noise; cat >/dev/null"]) {
    const options = { text, readyTimeoutMs: 300 };
    await assert.rejects(session(dash(), options), (error) => {
      assert.ok(isError(error, HopFailed), String(error));
      assert.match(error.message, /no shell after 300 ms/);
      return true;
    });
  }
});

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled, ConnectionFailed, isError } from "../../../engine/base/errors.js";
import { descendants } from "../../helpers/processes.js";
import { bothTransports } from "./helpers/bothTransports.js";

const mib = 1024 * 1024;

bothTransports("a transport", (on) => {
  test("says who is connected with what", () => {
    assert.match(on.transport.description, /^ssh \S+@lab \(.*\)$/);
  });

  test("keeps stdout, stderr and the exit code apart", { timeout: 20_000 }, async () => {
    assert.deepEqual(await on.run("echo out; echo err >&2; exit 3"), {
      stdout: "out\n",
      stderr: "err\n",
      end: { exitCode: 3 },
    });
    assert.deepEqual((await on.run("true")).end, { exitCode: 0 });
    assert.deepEqual((await on.run("exit 255")).end, { exitCode: 255 });
  });

  test("tells a signal where it can", { timeout: 20_000 }, async () => {
    const { end } = await on.run("kill -9 $$");
    // The ssh program knows no more than that there is no exit code.
    assert.deepEqual(end, on.kind === "ssh2" ? { signal: "SIGKILL" } : {});
  });

  test("has no terminal", { timeout: 20_000 }, async () => {
    assert.equal((await on.run("tty")).stdout, "not a tty\n");
  });

  test("takes the command as text for the login shell", { timeout: 20_000 }, async () => {
    const { stdout } = await on.run(`printf '%s|' 'a  b' "it's" '$HOME' '-x' '%h'`);
    assert.equal(stdout, "a  b|it's|$HOME|-x|%h|");
  });

  test("carries every byte both ways", { timeout: 30_000 }, async () => {
    const all = Buffer.from(Array.from({ length: 65536 }, (_, index) => index % 256));
    const stream = await on.transport.open("cat");
    stream.stdin.end(all);
    assert.ok(all.equals(await buffer(stream.stdout)));
    assert.deepEqual(await stream.ended, { exitCode: 0 });
  });

  test("carries 64 MiB through and back unchanged", { timeout: 120_000 }, async () => {
    const block = randomBytes(mib);
    const sent = createHash("sha256");
    const received = createHash("sha256");
    const stream = await on.transport.open("cat");
    const writing = (async () => {
      for (let count = 0; count < 64; count++) {
        block[0] = count;
        sent.update(block);
        if (!stream.stdin.write(Buffer.from(block))) {
          await new Promise((resolve) => stream.stdin.once("drain", resolve));
        }
      }
      stream.stdin.end();
    })();
    let total = 0;
    for await (const chunk of stream.stdout as AsyncIterable<Buffer>) {
      received.update(chunk);
      total += chunk.length;
    }
    await writing;
    assert.equal(total, 64 * mib);
    assert.equal(received.digest("hex"), sent.digest("hex"));
    assert.deepEqual(await stream.ended, { exitCode: 0 });
  });

  test("passes the end of stdin on", { timeout: 20_000 }, async () => {
    const stream = await on.transport.open("cat >/dev/null; echo seen; sleep 0.1; exit 7");
    await sleep(100);
    stream.stdin.end();
    assert.equal(await text(stream.stdout), "seen\n");
    assert.deepEqual(await stream.ended, { exitCode: 7 });
  });

  test("settles although nobody reads a little output", { timeout: 20_000 }, async () => {
    const stream = await on.transport.open("echo out; echo err >&2; exit 5");
    assert.deepEqual(await stream.ended, { exitCode: 5 });
    await sleep(50);
    assert.equal(await text(stream.stdout), "out\n");
    assert.equal(await text(stream.stderr), "err\n");
  });

  test("ends although a reader leaves early", { timeout: 20_000 }, async () => {
    const stream = await on.transport.open("head -c 3000000 /dev/zero; exit 4");
    for await (const _ of stream.stdout) break;
    assert.deepEqual(await stream.ended, { exitCode: 4 });
  });

  test("does not fail when a program does not read its stdin", { timeout: 20_000 }, async () => {
    const stream = await on.transport.open("exit 6");
    for (let count = 0; count < 20; count++) stream.stdin.write(Buffer.alloc(mib));
    assert.deepEqual(await stream.ended, { exitCode: 6 });
    stream.stdin.write("more");
    await sleep(50);
  });

  test("destroy ends it from this side", { timeout: 20_000 }, async () => {
    const stream = await on.transport.open("yes");
    const reading = text(stream.stdout);
    await sleep(200);
    stream.destroy();
    stream.destroy();
    assert.deepEqual(await stream.ended, {});
    await reading;
    // Over there it meets a closed pipe.
    await until(() => !descendants(on.server.pid).some(({ command }) => command === "yes"));
    assert.deepEqual((await on.run("echo still here")).stdout, "still here\n");
  });

  test("an aborted signal ends a stream and refuses a new one", { timeout: 20_000 }, async () => {
    const controller = new AbortController();
    const stream = await on.transport.open(on.lab.sleep, controller.signal);
    controller.abort();
    assert.deepEqual(await stream.ended, {});
    await assert.rejects(on.transport.open("true", controller.signal), (error) =>
      isError(error, Cancelled),
    );
  });

  test("more programs than MaxSessions are refused clearly", { timeout: 30_000 }, async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => on.transport.open("cat")),
    );
    const opened = results.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    const refused = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as ConnectionFailed] : [],
    );
    assert.equal(opened.length, 10);
    assert.equal(refused.length, 2);
    for (const error of refused) {
      assert.equal(error.code, ConnectionFailed.code);
      assert.match(error.message, /refused to start another program/);
      assert.match(error.hint ?? "", /MaxSessions/);
    }
    for (const stream of opened) stream.stdin.end("x");
    for (const stream of opened) {
      assert.equal(await text(stream.stdout), "x");
      assert.deepEqual(await stream.ended, { exitCode: 0 });
    }
    // Also at once, when the host may not have noticed yet that they have ended.
    const again = await Promise.all(Array.from({ length: 10 }, () => on.run("echo again")));
    for (const { stdout } of again) assert.equal(stdout, "again\n");
  });

  test("close ends every stream, twice is once, and nothing opens after", {
    timeout: 20_000,
  }, async () => {
    const stream = await on.transport.open(on.lab.sleep);
    await Promise.all([on.transport.close(), on.transport.close()]);
    assert.deepEqual(await stream.ended, {});
    await assert.rejects(on.transport.open("true"), (error) => isError(error, ConnectionFailed));
    await until(() => on.server.connections().length === 0);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (condition()) return;
    await sleep(50);
  }
  assert.fail("it did not come about within 5 s");
}

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import type { ByteStream, Transport } from "../../../engine/byteStream.js";
import { Cancelled, ConnectionFailed, ConnectionLost, isError } from "../../../engine/errors.js";
import { commandsBelow, killIfThere, Lab, missingServer, type Sshd } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

const mib = 1024 * 1024;

for (const kind of ["ssh2", "system"] as const) {
  describe(`a transport by ${kind}`, { skip: missingServer(), timeout: 180_000 }, () => {
    let lab: Lab;
    let server: Sshd;
    let key: string;
    let knownHosts: string;
    let transport: Transport;
    let checkLeaks: () => Promise<void>;

    before(async () => {
      // Loaded before the first leak check: it may keep descriptors.
      await import("ssh2");
      lab = new Lab();
      key = lab.key();
      server = await lab.sshd([], [lab.publicKey(key)]);
      knownHosts = lab.knownHosts(lab.hostLine(server));
    });
    after(() => lab.close());
    beforeEach(async () => {
      checkLeaks = leakCheck();
      transport = await openSsh(lab.options(server, key, knownHosts, { transport: kind }));
    });
    afterEach(async () => {
      await transport.close();
      await checkLeaks();
    });

    const run = async (command: string, input: Buffer | string = "") => {
      const stream = await transport.open(command);
      stream.stdin.end(input);
      const [stdout, stderr, end] = await Promise.all([
        text(stream.stdout),
        text(stream.stderr),
        stream.ended,
      ]);
      return { stdout, stderr, end };
    };

    test("says who is connected with what", () => {
      assert.match(transport.description, /^ssh \S+@lab \(.*\)$/);
    });

    test("keeps stdout, stderr and the exit code apart", { timeout: 20_000 }, async () => {
      assert.deepEqual(await run("echo out; echo err >&2; exit 3"), {
        stdout: "out\n",
        stderr: "err\n",
        end: { exitCode: 3 },
      });
      assert.deepEqual((await run("true")).end, { exitCode: 0 });
      assert.deepEqual((await run("exit 255")).end, { exitCode: 255 });
    });

    test("tells a signal where it can", { timeout: 20_000 }, async () => {
      const { end } = await run("kill -9 $$");
      // The ssh program knows no more than that there is no exit code.
      assert.deepEqual(end, kind === "ssh2" ? { signal: "SIGKILL" } : {});
    });

    test("has no terminal", { timeout: 20_000 }, async () => {
      assert.equal((await run("tty")).stdout, "not a tty\n");
    });

    test("takes the command as text for the login shell", { timeout: 20_000 }, async () => {
      const { stdout } = await run(`printf '%s|' 'a  b' "it's" '$HOME' '-x' '%h'`);
      assert.equal(stdout, "a  b|it's|$HOME|-x|%h|");
    });

    test("carries every byte both ways", { timeout: 30_000 }, async () => {
      const all = Buffer.from(Array.from({ length: 65536 }, (_, index) => index % 256));
      const stream = await transport.open("cat");
      stream.stdin.end(all);
      assert.ok(all.equals(await buffer(stream.stdout)));
      assert.deepEqual(await stream.ended, { exitCode: 0 });
    });

    test("carries 64 MiB through and back unchanged", { timeout: 120_000 }, async () => {
      const block = randomBytes(mib);
      const sent = createHash("sha256");
      const received = createHash("sha256");
      const stream = await transport.open("cat");
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
      const stream = await transport.open("cat >/dev/null; echo seen; sleep 0.1; exit 7");
      await sleep(100);
      stream.stdin.end();
      assert.equal(await text(stream.stdout), "seen\n");
      assert.deepEqual(await stream.ended, { exitCode: 7 });
    });

    test("settles although nobody reads a little output", { timeout: 20_000 }, async () => {
      const stream = await transport.open("echo out; echo err >&2; exit 5");
      assert.deepEqual(await stream.ended, { exitCode: 5 });
      await sleep(50);
      assert.equal(await text(stream.stdout), "out\n");
      assert.equal(await text(stream.stderr), "err\n");
    });

    test("ends although a reader leaves early", { timeout: 20_000 }, async () => {
      const stream = await transport.open("head -c 3000000 /dev/zero; exit 4");
      for await (const _ of stream.stdout) break;
      assert.deepEqual(await stream.ended, { exitCode: 4 });
    });

    test("does not fail when a program does not read its stdin", { timeout: 20_000 }, async () => {
      const stream = await transport.open("exit 6");
      for (let count = 0; count < 20; count++) stream.stdin.write(Buffer.alloc(mib));
      assert.deepEqual(await stream.ended, { exitCode: 6 });
      stream.stdin.write("more");
      await sleep(50);
    });

    test("waits for a reader that pauses", { timeout: 60_000 }, async () => {
      for (const command of [
        "head -c 1073741824 /dev/zero",
        "head -c 1073741824 /dev/zero >&2",
        // What is read on one side must not let in a flood on the other.
        "head -c 1073741824 /dev/zero & head -c 1073741824 /dev/zero >&2; true",
      ]) {
        const stream = await transport.open(command);
        if (command.endsWith("true")) drain(stream.stderr);
        await sleep(300);
        const rss = process.memoryUsage.rss();
        await sleep(2000);
        const grown = process.memoryUsage.rss() - rss;
        assert.ok(grown < 48 * mib, `${command}: grown by ${Math.round(grown / mib)} MiB`);
        stream.destroy();
        assert.deepEqual(await stream.ended, {});
      }
    });

    test("goes on when a reader that paused reads again", { timeout: 60_000 }, async () => {
      const stream = await transport.open(
        "head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; exit 9",
      );
      await sleep(500);
      let total = 0;
      const count = async (side: Readable) => {
        for await (const chunk of side as AsyncIterable<Buffer>) {
          total += chunk.length;
          if (total % 7 === 0) await sleep(1);
        }
      };
      await Promise.all([count(stream.stdout), count(stream.stderr)]);
      assert.equal(total, 40_000_000);
      assert.deepEqual(await stream.ended, { exitCode: 9 });
    });

    test("a writer is told to wait for a program that does not read", {
      timeout: 30_000,
    }, async () => {
      const stream = await transport.open(lab.sleep);
      let taken = 0;
      const block = Buffer.alloc(64 * 1024);
      while (taken < 256 * mib) {
        taken += block.length;
        if (stream.stdin.write(block)) continue;
        const drained = await Promise.race([
          new Promise((resolve) => stream.stdin.once("drain", () => resolve(true))),
          sleep(500, false),
        ]);
        if (!drained) break;
      }
      assert.ok(taken < 16 * mib, `${taken} bytes were taken`);
      stream.destroy();
    });

    test("destroy ends it from this side", { timeout: 20_000 }, async () => {
      const stream = await transport.open("yes");
      const reading = text(stream.stdout);
      await sleep(200);
      stream.destroy();
      stream.destroy();
      assert.deepEqual(await stream.ended, {});
      await reading;
      // Over there it meets a closed pipe.
      await until(() => !commandsBelow(server.pid).some((command) => command === "yes"));
      assert.deepEqual((await run("echo still here")).stdout, "still here\n");
    });

    test("an aborted signal ends a stream and refuses a new one", { timeout: 20_000 }, async () => {
      const controller = new AbortController();
      const stream = await transport.open(lab.sleep, controller.signal);
      controller.abort();
      assert.deepEqual(await stream.ended, {});
      await assert.rejects(transport.open("true", controller.signal), (error) =>
        isError(error, Cancelled),
      );
    });

    test("a connection that dies is told to every stream", { timeout: 20_000 }, async () => {
      const streams = await Promise.all([
        transport.open(lab.sleep),
        transport.open(`echo before; ${lab.sleep}`),
        transport.open("yes"), // nobody reads it
      ]);
      await sleep(300);
      const killed = performance.now();
      for (const pid of server.connections()) killIfThere(pid);
      const ends = await Promise.all(streams.map((stream: ByteStream) => stream.ended));
      assert.ok(performance.now() - killed < 5000);
      for (const end of ends) assert.ok(isError(end.error, ConnectionLost), String(end.error));
      assert.equal(ends[0]?.error?.facts.host, "lab");
      // What had arrived is delivered, and the end of it is seen.
      assert.equal(await text((streams[1] as ByteStream).stdout), "before\n");
      drain((streams[2] as ByteStream).stdout);
      await finished((streams[2] as ByteStream).stdout, { error: false });
      await assert.rejects(transport.open("true"), (error) => isError(error, ConnectionLost));
    });

    test("a host that falls silent is lost", { timeout: 30_000 }, async () => {
      const settings = ["ServerAliveInterval 1", "ServerAliveCountMax 2"];
      const options = lab.options(server, key, knownHosts, { transport: kind, settings });
      await transport.close();
      transport = await openSsh(options);
      const stream = await transport.open("cat");
      const frozen = server.connections();
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
      try {
        const since = performance.now();
        const { error } = await stream.ended;
        assert.ok(isError(error, ConnectionLost), String(error));
        assert.ok(performance.now() - since < 6000);
      } finally {
        for (const pid of frozen) killIfThere(pid);
      }
    });

    test("an idle connection that dies is known by the next use", { timeout: 20_000 }, async () => {
      for (const pid of server.connections()) killIfThere(pid);
      await sleep(500);
      await assert.rejects(transport.open("true"), (error) => isError(error, ConnectionLost));
    });

    test("more programs than MaxSessions are refused clearly", { timeout: 30_000 }, async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, () => transport.open("cat")),
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
      assert.equal((await run("echo again")).stdout, "again\n");
    });

    test("close ends every stream, twice is once, and nothing opens after", {
      timeout: 20_000,
    }, async () => {
      const stream = await transport.open(lab.sleep);
      await Promise.all([transport.close(), transport.close()]);
      assert.deepEqual(await stream.ended, {});
      await assert.rejects(transport.open("true"), (error) => isError(error, ConnectionFailed));
      await until(() => server.connections().length === 0);
    });
  });
}

function drain(side: Readable): void {
  side.on("data", () => {});
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (condition()) return;
    await sleep(50);
  }
  assert.fail("it did not come about within 5 s");
}

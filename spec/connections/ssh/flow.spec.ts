import assert from "node:assert/strict";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bothTransports } from "./helpers/bothTransports.js";

const mib = 1024 * 1024;

bothTransports("flow control", (on) => {
  test("waits for a reader that pauses", { timeout: 60_000 }, async () => {
    for (const command of [
      "head -c 1073741824 /dev/zero",
      "head -c 1073741824 /dev/zero >&2",
      // What is read on one side must not let in a flood on the other.
      "head -c 1073741824 /dev/zero & head -c 1073741824 /dev/zero >&2; true",
    ]) {
      const stream = await on.transport.open(command);
      if (command.endsWith("true")) stream.stderr.resume();
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
    const stream = await on.transport.open(
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
    const stream = await on.transport.open(on.lab.sleep);
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
});

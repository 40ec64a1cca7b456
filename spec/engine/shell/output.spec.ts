/** Much output: what is kept of it, what it costs, and who may hold it up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CappedOutput } from "../../../core/cappedOutput.js";
import { changes, dash, looks, withSession } from "./helpers/shells.js";

const mebibyte = 1024 * 1024;
const much = (process.env.CONFSIG_LONG === undefined ? 64 : 1024) * mebibyte;
const line = "0123456789abcde\n";

for (const stream of ["stdout", "stderr"] as const) {
  test(`${much / mebibyte} MiB on ${stream}`, () =>
    withSession(dash(), async (session) => {
      const before = process.memoryUsage().rss;
      let most = before;
      let length = 0;
      const text = `echo first; yes ${line.trim()} | head -c ${much}; printf last`;
      const result = await session.execText(`{ ${text}; } >&${stream === "stdout" ? 1 : 2}`, {
        ...changes,
        onOutput: (name, bytes) => {
          assert.equal(name, stream);
          length += bytes.length;
          most = Math.max(most, process.memoryUsage.rss());
        },
      });
      const kept = result[stream];
      assert.equal(length, much + 10);
      assert.equal(kept.length + result.dropped, length);
      assert.equal(kept.length, 2 * mebibyte);
      const expected = `first\n${line.repeat(mebibyte / line.length)}`.slice(0, mebibyte);
      assert.ok(kept.subarray(0, mebibyte).equals(Buffer.from(expected)), "the beginning");
      const end = `${line.repeat(mebibyte / line.length)}last`.slice(-mebibyte);
      assert.ok(kept.subarray(mebibyte).equals(Buffer.from(end)), "the end");
      assert.ok(most - before < 64 * mebibyte, `${(most - before) / mebibyte} MiB more`);
      assert.equal((await session.exec(["echo", "on"], looks)).stdout.toString(), "on\n");
    }));
}

test("both streams at once", () =>
  withSession(dash(), async (session) => {
    const text = `yes a | head -c 9000000 & yes b | head -c 9000000 >&2; wait`;
    const result = await session.execText(text, { ...looks, maxOutputBytes: 10_000_000 });
    assert.equal(result.stdout.toString(), "a\n".repeat(4_500_000));
    assert.equal(result.stderr.toString(), "b\n".repeat(4_500_000));
  }));

test("whoever listens can hold up the host", () =>
  withSession(dash(), async (session) => {
    let length = 0;
    let busy = 0;
    let most = 0;
    const run = session.execText(`yes | head -c ${20 * mebibyte}; echo end >&2`, {
      ...changes,
      onOutput: async (_stream, bytes) => {
        length += bytes.length;
        busy++;
        most = Math.max(most, busy);
        await sleep(length < mebibyte ? 20 : 0);
        busy--;
      },
    });
    await sleep(200);
    assert.ok(session.statistics.bytesReceived < 2 * mebibyte, "it was not held up");
    const result = await run;
    assert.equal(length, 20 * mebibyte + 4);
    assert.equal(result.dropped, 18 * mebibyte);
    // A portion that holds a mark is told in two pieces.
    assert.ok(most <= 4, `${most} at once`);
  }));

test("what is kept is the beginning and the end", () => {
  const all = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  for (const most of [0, 1, 2, 3, 10, 999, 1000, 1001, 5000]) {
    for (const portion of [1, 3, 64, 1000]) {
      const half = Math.ceil(most / 2);
      const output = new CappedOutput(half);
      for (let start = 0; start < all.length; start += portion) {
        output.push(all.subarray(start, start + portion));
      }
      const whole = 2 * half >= all.length;
      const expected = whole
        ? all
        : Buffer.concat([all.subarray(0, half), all.subarray(all.length - half)]);
      assert.ok(output.bytes().equals(expected), `${most} in portions of ${portion}`);
      assert.equal(output.dropped, all.length - expected.length);
    }
  }
});

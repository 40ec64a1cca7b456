import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isError, SessionGarbled } from "../../../engine/base/errors.js";
import type { LiarOptions } from "./helpers/liar.js";
import { lies } from "./helpers/lies.js";

const mib = 1024 * 1024;

lies("a server that floods", ({ kind, lie }) => {
  test("it does not heed flow control", { timeout: 60_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, id, protocol, socket) => {
      const block = Buffer.alloc(30_000);
      const timer = setInterval(() => {
        // What cannot be sent yet is kept in here, and is not what is measured.
        if (socket.writableLength > 16 * mib) return;
        try {
          for (let count = 0; count < 64; count++) protocol.channelData(id, block);
        } catch {
          clearInterval(timer);
        }
      }, 1);
      setTimeout(() => clearInterval(timer), 3000);
    };
    await lie({ onExec }, async (connect) => {
      const transport = await connect();
      const stream = await transport.open("x");
      const rss = process.memoryUsage.rss();
      const end = await Promise.race([stream.ended, sleep(4000)]);
      // ssh throws away what is too much; ssh2 would keep it.
      if (kind === "ssh2") assert.ok(isError(end?.error, SessionGarbled), String(end?.error));
      assert.ok(process.memoryUsage.rss() - rss < 150 * mib); // the liar is in here too
      assert.ok(stream.stdout.readableLength < 2 * mib);
    });
  });

  test("its stderr does not keep the window of its stdout open", {
    timeout: 20_000,
  }, async () => {
    let sent = 0;
    const onExec: LiarOptions["onExec"] = async (channel) => {
      const block = Buffer.alloc(256 * 1024);
      for (; sent < 400; sent++) {
        await new Promise((resolve) => channel.write(block, resolve));
        channel.stderr.write("x");
      }
    };
    await lie({ onExec }, async (connect) => {
      const stream = await (await connect()).open("x");
      stream.stderr.resume();
      await sleep(1500);
      assert.ok(sent < 32, `${sent / 4} MiB were let in, and nobody reads them`);
      stream.destroy();
    });
  });

  test("it invites more than it takes", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, id, protocol) => {
      protocol.channelWindowAdjust(id, 2 ** 30);
      protocol.stopReading();
    };
    await lie({ onExec }, async (connect) => {
      const stream = await (await connect()).open("x");
      await sleep(200);
      const block = Buffer.alloc(mib);
      let taken = 0;
      while (taken < 200) {
        taken++;
        if (stream.stdin.write(block)) continue;
        const drained = new Promise((resolve) => stream.stdin.once("drain", () => resolve(true)));
        if (!(await Promise.race([drained, sleep(500, false)]))) break;
      }
      assert.ok(taken < 50, `${taken} MiB were taken`);
      stream.destroy();
    });
  });

  test("it opens channels to us", { timeout: 30_000 }, async () => {
    let answers = 0;
    const onExec: LiarOptions["onExec"] = (channel) => {
      channel.on("data", () => {
        channel.exit(0);
        channel.end();
      });
    };
    const onConnection: LiarOptions["onConnection"] = (connection) => {
      connection.on("ready", () => {
        for (let count = 0; count < 2000; count++) {
          connection.forwardOut("1.2.3.4", 1, "5.6.7.8", 2, (error) => {
            if (error) answers++;
          });
        }
      });
    };
    await lie({ onExec, onConnection }, async (connect) => {
      const stream = await (await connect()).open("x");
      for (let tries = 0; tries < 100 && answers < 2000; tries++) await sleep(50);
      assert.equal(answers, 2000, "each is refused");
      stream.stdin.write("go");
      assert.deepEqual(await stream.ended, { exitCode: 0 });
    });
  });
});

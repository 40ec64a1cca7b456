import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ConnectionFailed,
  ConnectionLost,
  HostKeyRefused,
  isError,
} from "../../../engine/base/errors.js";
import { disconnect, exitSignal, type LiarOptions, send } from "./helpers/liar.js";
import { escapes, lies, unsafe } from "./helpers/lies.js";

lies("a server that lies", ({ kind, said, lab, lie }) => {
  for (const [name, known] of [
    ["an unknown key", "none"],
    ["another key, where new ones are accepted", "another"],
  ] as const) {
    test(`${name}: no login is tried`, { timeout: 20_000 }, async () => {
      await lie(
        {},
        async (connect, liar) => {
          await assert.rejects(connect(), (error) => isError(error, HostKeyRefused));
          await sleep(100);
          assert.equal(liar.attempts, 0);
        },
        known,
      );
    });
  }

  test("it hangs up in the middle", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (channel, _id, _protocol, socket) => {
      channel.write("part");
      setTimeout(() => socket.destroy(), 100);
    };
    await lie({ onExec }, async (connect) => {
      const transport = await connect();
      const stream = await transport.open("x");
      const { error } = await stream.ended;
      assert.ok(isError(error, ConnectionLost), String(error));
      assert.equal(await text(stream.stdout), "part");
    });
  });

  test("it ends a program without a word", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (channel) => {
      channel.write("all");
      channel.end();
      setTimeout(() => channel.close(), 50);
    };
    await lie({ onExec }, async (connect) => {
      const stream = await (await connect()).open("x");
      assert.equal(await text(stream.stdout), "all");
      assert.deepEqual(await stream.ended, {});
    });
  });

  test("it gives an exit code twice, and data after the end", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, id, protocol) => {
      protocol.exitStatus(id, 3);
      protocol.exitStatus(id, 0);
      protocol.channelEOF(id);
      protocol.channelData(id, Buffer.from("late"));
      protocol.channelClose(id);
    };
    await lie({ onExec }, async (connect) => {
      const transport = await connect();
      const stream = await transport.open("x");
      const end = await stream.ended;
      // Which of the two counts, or whether ssh gives the connection up, is its own affair.
      assert.ok(end.error || end.exitCode === 3 || end.exitCode === 0, JSON.stringify(end));
      await text(stream.stdout);
    });
  });

  test("it names a signal that would act on a terminal", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, id, protocol) => {
      exitSignal(protocol, id, "KILL\u001b[2J", escapes);
      protocol.channelEOF(id);
      protocol.channelClose(id);
    };
    await lie({ onExec }, async (connect) => {
      const stream = await (await connect()).open("x");
      const { signal, exitCode } = await stream.ended;
      assert.equal(exitCode, undefined);
      assert.doesNotMatch(signal ?? "", unsafe);
      if (kind === "ssh2") assert.match(signal ?? "", /^SIG\? SIGKILL/);
    });
  });

  test("it does not answer when a program is to be started", { timeout: 20_000 }, async () => {
    await lie({ mute: true }, async (connect) => {
      const transport = await connect();
      if (kind === "system") {
        // ssh tells that the session is open, not that the program has started.
        const stream = await transport.open("x");
        stream.destroy();
        return;
      }
      await assert.rejects(transport.open("x"), (error) => {
        assert.ok(isError(error, ConnectionFailed));
        assert.match(error.message, /does not start/);
        return true;
      });
    });
  });

  test("its banner is huge and full of escapes", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (channel) => {
      channel.exit(0);
      channel.end();
    };
    // ssh itself gives up at a NUL.
    const banner = `${escapes.replace("\u0000", "")}\r\n${"x".repeat(30_000)}`;
    const greeting = "Hello\u001b[31m there";
    await lie({ onExec, banner, greeting }, async (connect) => {
      const stream = await (await connect()).open("x");
      assert.deepEqual(await stream.ended, { exitCode: 0 });
      assert.equal(await text(stream.stderr), "");
      assert.ok(said.some((line) => line.includes("evil")));
      assert.ok(said.join("").length < 20_000, `${said.join("").length} characters`);
    });
  });

  test("it takes leave with escapes", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, _id, protocol, socket) => {
      disconnect(protocol, 2, escapes);
      setTimeout(() => socket.destroy(), 200);
    };
    await lie({ onExec }, async (connect) => {
      const transport = await connect();
      const error = await transport.open("x").then(
        (stream) => stream.ended.then((end) => end.error),
        (thrown: unknown) => thrown as ConnectionLost,
      );
      assert.ok(isError(error, ConnectionLost), String(error));
      assert.doesNotMatch(error.message, unsafe);
      assert.match(error.message, /evil/);
    });
  });

  test("it takes leave with escapes before the login", { timeout: 20_000 }, async () => {
    const onConnection: LiarOptions["onConnection"] = (connection, protocol) => {
      connection.on("handshake", () => disconnect(protocol, 2, escapes));
    };
    await lie({ onConnection }, async (connect) => {
      await assert.rejects(connect(), (error) => {
        assert.ok(isError(error, ConnectionFailed));
        assert.doesNotMatch(error.message, unsafe);
        return true;
      });
    });
  });

  test("it shows another key when keys are exchanged again", { timeout: 20_000 }, async () => {
    const other = lab().key();
    const onExec: LiarOptions["onExec"] = () => {};
    let swap = () => {};
    const onConnection: LiarOptions["onConnection"] = (connection, protocol) => {
      swap = () => {
        const replacement = parse(readFileSync(other));
        protocol._hostKeys["ssh-ed25519"] = replacement;
        connection.rekey();
      };
    };
    const { default: ssh2 } = await import("ssh2");
    const parse = ssh2.utils.parseKey;
    await lie({ onExec, onConnection }, async (connect) => {
      const transport = await connect();
      const stream = await transport.open("x");
      swap();
      const end = await Promise.race([stream.ended, sleep(5000)]);
      assert.ok(isError(end?.error, ConnectionFailed), String(end?.error));
      if (kind === "ssh2") {
        assert.ok(isError(end.error, HostKeyRefused), String(end.error));
        assert.equal(end.error.facts.reason, "swapped");
      }
    });
  });

  test("it speaks nonsense after the login", { timeout: 20_000 }, async () => {
    const onExec: LiarOptions["onExec"] = (_channel, _id, protocol) => {
      send(protocol, Buffer.from([94, 0, 0])); // channel data, cut short
    };
    await lie({ onExec }, async (connect) => {
      const transport = await connect();
      const error = await transport.open("x").then(
        (stream) => stream.ended.then((end) => end.error),
        (thrown: unknown) => thrown as ConnectionFailed,
      );
      assert.ok(isError(error, ConnectionFailed), String(error));
    });
  });
});

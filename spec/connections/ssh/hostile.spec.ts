import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import type { Transport } from "../../../engine/byteStream.js";
import {
  ConnectionFailed,
  ConnectionLost,
  HostKeyRefused,
  isError,
  SessionGarbled,
} from "../../../engine/errors.js";
import { Lab } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";
import { disconnect, exitSignal, Liar, type LiarOptions, send } from "./helpers/liar.js";

const mib = 1024 * 1024;
const escapes = "\u001b[2J\u001b]0;title\u0007\u009b31m\u202eevil\r\nsecond\u0000line";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

for (const kind of ["ssh2", "system"] as const) {
  describe(`a server that lies, by ${kind}`, { timeout: 120_000 }, () => {
    let lab: Lab;
    let key: string;
    let hostKey: string;
    const said: string[] = [];

    before(async () => {
      await import("ssh2");
      lab = new Lab();
      key = lab.key();
      hostKey = lab.key();
    });
    after(() => lab.close());

    const lie = async (
      options: Omit<LiarOptions, "hostKeys">,
      use: (connect: () => Promise<Transport>, liar: Liar) => Promise<void>,
      known = true,
    ) => {
      const checkLeaks = leakCheck();
      said.length = 0;
      const liar = await Liar.start({ ...options, hostKeys: [hostKey] });
      const line = `[127.0.0.1]:${liar.port} ${lab.publicKey(hostKey)}`;
      const knownHosts = known ? lab.knownHosts(line) : lab.knownHosts();
      let transport: Transport | undefined;
      try {
        await use(async () => {
          const settings = lab.options(liar, key, knownHosts, {
            transport: kind,
            connectTimeoutMs: 5000,
          });
          transport = await openSsh(settings, { report: (_, line) => said.push(line) });
          return transport;
        }, liar);
      } finally {
        await transport?.close();
        await liar.stop();
      }
      await checkLeaks();
      for (const line of said) assert.doesNotMatch(line, unsafe);
    };

    test("an unknown key: no login is tried", { timeout: 20_000 }, async () => {
      await lie(
        {},
        async (connect, liar) => {
          await assert.rejects(connect(), (error) => isError(error, HostKeyRefused));
          await sleep(100);
          assert.equal(liar.attempts, 0);
        },
        false,
      );
    });

    test("it hangs up in the middle", { timeout: 20_000 }, async () => {
      const onExec: LiarOptions["onExec"] = (channel, _id, _protocol, end) => {
        channel.write("part");
        setTimeout(end, 100);
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
      const onExec: LiarOptions["onExec"] = (_channel, _id, protocol, end) => {
        disconnect(protocol, 2, escapes);
        setTimeout(end, 200);
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

    test("it does not heed flow control", { timeout: 60_000 }, async () => {
      const onExec: LiarOptions["onExec"] = (_channel, id, protocol) => {
        const block = Buffer.alloc(30_000);
        const timer = setInterval(() => {
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

    test("it shows another key when keys are exchanged again", { timeout: 20_000 }, async () => {
      const other = lab.key();
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
}

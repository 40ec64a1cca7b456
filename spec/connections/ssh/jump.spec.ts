import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSsh, type SshOptions } from "../../../connections/ssh/openSsh.js";
import {
  AuthenticationFailed,
  ConnectionFailed,
  ConnectionLost,
  HostKeyRefused,
  HostUnreachable,
  isError,
} from "../../../engine/base/errors.js";
import { killIfThere } from "../../helpers/processes.js";
import { failure, settleIn } from "./helpers/attempts.js";
import { freePort, Lab, missingServer, type Sshd } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

for (const kind of ["ssh2", "system"] as const) {
  describe(`jump hosts by ${kind}`, { skip: missingServer(), timeout: 180_000 }, () => {
    let lab: Lab;
    let key: string;
    let jumpKey: string;
    let first: Sshd;
    let second: Sshd;
    let target: Sshd;
    let checkLeaks: () => Promise<void>;

    before(async () => {
      await settleIn();
      lab = new Lab();
      key = lab.key();
      jumpKey = lab.key();
      first = await lab.sshd(["LogLevel DEBUG1"], [lab.publicKey(jumpKey)]);
      second = await lab.sshd(["LogLevel DEBUG1"], [lab.publicKey(jumpKey)]);
      target = await lab.sshd(["LogLevel DEBUG1"], [lab.publicKey(key)]);
    });
    after(() => lab.close());
    beforeEach(() => {
      checkLeaks = leakCheck();
    });
    afterEach(() => checkLeaks());

    const allKnown = () => [first, second, target].map((server) => lab.hostLine(server));

    /** Options for the target; the two jump hosts are `one` and `two` in the configuration. */
    const options = (
      settings: readonly string[],
      known: readonly string[] = allKnown(),
      more: { port?: number; jumpSettings?: readonly string[]; knownHosts?: string } = {},
    ): SshOptions => {
      const jump = (name: string, server: Sshd) => [
        `Host ${name}`,
        "  HostName 127.0.0.1",
        `  Port ${server.port}`,
        `  User ${lab.user}`,
        `  IdentityFile "${jumpKey}"`,
        ...(more.jumpSettings ?? []),
      ];
      const lines = [
        "Host lab",
        "  HostName 127.0.0.1",
        `  Port ${more.port ?? target.port}`,
        `  User ${lab.user}`,
        `  IdentityFile "${key}"`,
        ...settings,
        ...jump("one", first),
        ...jump("two", second),
        "Host *",
        "  IdentityAgent none",
        "",
      ];
      return {
        host: "lab",
        transport: kind,
        configFile: lab.write("ssh_config", lines.join("\n")),
        knownHostsFiles: [more.knownHosts ?? lab.knownHosts(...known)],
      };
    };

    const greet = async (given: SshOptions) => {
      const transport = await openSsh(given);
      const stream = await transport.open("echo $SSH_CONNECTION");
      stream.stdin.end();
      const answer = await text(stream.stdout);
      await transport.close();
      assert.match(answer, new RegExp(` ${target.port}\n$`));
    };

    /** How often a server has been logged in to. */
    const logins = (server: Sshd) => server.log().split("Accepted publickey").length - 1;

    test("one jump host", { timeout: 20_000 }, async () => {
      const before = logins(first);
      await greet(options(["ProxyJump one"]));
      assert.equal(logins(first), before + 1);
    });

    test("a list of two, and one that has its own", { timeout: 30_000 }, async () => {
      const counts = [logins(first), logins(second)];
      await greet(options(["ProxyJump one,two"]));
      await greet(options(["ProxyJump two", "Host two", "  ProxyJump one"]));
      assert.deepEqual(
        [logins(first), logins(second)],
        counts.map((count) => count + 2),
      );
    });

    test("user, port and key of the jump host given in full", { timeout: 20_000 }, async () => {
      const settings = [`ProxyJump ssh://${lab.user}@127.0.0.1:${first.port}`];
      const general = ["Host 127.0.0.1", `  IdentityFile "${jumpKey}"`];
      await greet(options([...settings, ...general]));
    });

    test("ProxyJump none is none", { timeout: 20_000 }, async () => {
      const before = logins(first);
      await greet(options(["ProxyJump none", "Host lab", "  ProxyJump one"]));
      assert.equal(logins(first), before);
    });

    test("file names that need quoting survive two jumps", { timeout: 30_000 }, async () => {
      const folder = lab.path("a b%h'c$d");
      mkdirSync(folder);
      const file = join(folder, "known hosts");
      renameSync(lab.knownHosts(...allKnown()), file);
      await greet(options(["ProxyJump one,two"], [], { knownHosts: file }));
    });

    test("an unknown jump host is refused, though told not to check", {
      timeout: 20_000,
    }, async () => {
      for (const value of ["no", "accept-new", "ask"]) {
        const counts = [first, second, target].map(logins);
        const known = [lab.hostLine(first), lab.hostLine(target)];
        const jumpSettings = [`  StrictHostKeyChecking ${value}`];
        const error = await failure(
          HostKeyRefused,
          options(["ProxyJump one,two"], known, { jumpSettings }),
        );
        assert.equal(error.facts.host, "two");
        assert.equal(error.facts.port, second.port);
        assert.equal(error.facts.reason, "unknown");
        counts[0] = (counts[0] ?? 0) + 1;
        assert.deepEqual([first, second, target].map(logins), counts);
      }
    });

    test("a changed key behind a jump host is refused", { timeout: 20_000 }, async () => {
      const wrong = `[127.0.0.1]:${target.port} ${first.publicHostKey("ed25519")}`;
      const error = await failure(
        HostKeyRefused,
        options(["ProxyJump one"], [lab.hostLine(first), wrong]),
      );
      assert.equal(error.facts.host, "lab");
      assert.equal(error.facts.reason, "changed");
    });

    test("acceptNewHostKey counts for the whole way", { timeout: 20_000 }, async () => {
      const knownHosts = lab.knownHosts();
      const given = options(["ProxyJump one,two"], [], { knownHosts });
      await greet({ ...given, acceptNewHostKey: true });
      const lines = readFileSync(knownHosts, "utf8").trim().split("\n");
      assert.deepEqual(lines, allKnown());
      await greet(given);
    });

    test("a jump host that lets nobody in is named", { timeout: 20_000 }, async () => {
      const jumpSettings = ["  IdentitiesOnly yes", "  PubkeyAuthentication yes"];
      const wrong = lab.key();
      const given = options(["ProxyJump one"], allKnown(), { jumpSettings });
      const text = readFileSync(given.configFile ?? "", "utf8");
      const configFile = lab.write("ssh_config", text.replaceAll(jumpKey, wrong));
      const error = await failure(AuthenticationFailed, { ...given, configFile });
      assert.equal(error.facts.host, "one");
    });

    test("a host that does not answer the jump host", { timeout: 20_000 }, async () => {
      const port = await freePort();
      const known = [...allKnown(), `[127.0.0.1]:${port} ${target.publicHostKey("ed25519")}`];
      const error = await failure(HostUnreachable, options(["ProxyJump one"], known, { port }));
      assert.equal(error.facts.host, "lab");
      assert.equal(error.facts.port, port);
    });

    test("a jump host that does not answer", { timeout: 20_000 }, async () => {
      const port = await freePort();
      const error = await failure(HostUnreachable, options([`ProxyJump 127.0.0.1:${port}`]));
      assert.equal(error.facts.port, port);
      assert.equal(error.facts.errno, "ECONNREFUSED");
    });

    test("a jump host that may not forward", { timeout: 20_000 }, async () => {
      const closed = await lab.sshd(["AllowTcpForwarding no"], [lab.publicKey(jumpKey)]);
      const settings = [
        "ProxyJump closed",
        "Host closed",
        "  HostName 127.0.0.1",
        `  Port ${closed.port}`,
        `  IdentityFile "${jumpKey}"`,
      ];
      const error = await failure(
        ConnectionFailed,
        options(settings, [...allKnown(), lab.hostLine(closed)]),
      );
      assert.match(error.hint ?? "", /AllowTcpForwarding/);
      await closed.stop();
    });

    test("a loop is found", { timeout: 30_000 }, async () => {
      const error = await failure(
        ConnectionFailed,
        options(["ProxyJump one", "Host one", "  ProxyJump two", "Host two", "  ProxyJump one"]),
      );
      assert.match(error.message, /jump hosts/);
    });

    test("a jump host that dies takes every stream with it", { timeout: 20_000 }, async () => {
      const transport = await openSsh(options(["ProxyJump one,two"]));
      const streams = [await transport.open(lab.sleep), await transport.open("yes")];
      await sleep(200);
      for (const pid of first.connections()) killIfThere(pid);
      const ends = await Promise.all(streams.map((stream) => stream.ended));
      for (const end of ends) assert.ok(isError(end.error, ConnectionLost));
      await transport.close();
    });

    test("64 MiB through two jumps, and a bounded wait", { timeout: 60_000 }, async () => {
      const transport = await openSsh(options(["ProxyJump one,two"]));
      const stream = await transport.open("head -c 67108864 /dev/zero");
      await sleep(1000);
      let total = 0;
      for await (const chunk of stream.stdout as AsyncIterable<Buffer>) total += chunk.length;
      assert.equal(total, 67108864);
      assert.deepEqual(await stream.ended, { exitCode: 0 });
      await transport.close();
    });
  });
}

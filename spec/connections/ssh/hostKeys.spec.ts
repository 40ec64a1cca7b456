import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSsh, type SshOptions } from "../../../connections/ssh/openSsh.js";
import type { ConnectionFailed } from "../../../engine/base/errors.js";
import { ConsfigError, HostKeyRefused, isError } from "../../../engine/base/errors.js";
import { hostKeyCases } from "./helpers/hostKeyCases.js";
import { keygen, Lab, missingServer, type Sshd } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

for (const kind of ["ssh2", "system"] as const) {
  describe(`host keys by ${kind}`, { skip: missingServer(), timeout: 120_000 }, () => {
    let lab: Lab;
    let server: Sshd;
    let other: Sshd;
    let key: string;

    before(async () => {
      await import("ssh2");
      lab = new Lab();
      key = lab.key();
      server = await lab.sshd(["LogLevel DEBUG1"], [lab.publicKey(key)]);
      other = await lab.sshd();
    });
    after(() => lab.close());

    /** Connects and closes; the answer is the error and whether a login was tried. */
    const attempt = async (options: SshOptions, reports: string[] = []) => {
      const logged = server.log().length;
      const checkLeaks = leakCheck();
      let error: ConnectionFailed | undefined;
      try {
        const report = (_: number, line: string) => reports.push(line);
        const transport = await openSsh({ transport: kind, ...options }, { report });
        await transport.close();
      } catch (thrown) {
        assert.ok(thrown instanceof ConsfigError, String(thrown));
        error = thrown;
      }
      await checkLeaks();
      await sleep(100); // the server's log may be a little late
      const log = server.log().slice(logged);
      return { error, tried: /userauth-request|Accepted|Failed/.test(log), log };
    };

    for (const { name, lines, expected, more } of hostKeyCases) {
      test(`${name}: ${expected}`, { timeout: 20_000 }, async () => {
        const knownHosts = lab.knownHosts(...lines(server, other, lab));
        const before = readFileSync(knownHosts, "utf8");
        const { error, tried, log } = await attempt(lab.options(server, key, knownHosts, more));
        assert.equal(readFileSync(knownHosts, "utf8"), before, "known_hosts stays as it was");
        if (expected === "accepted") {
          assert.equal(error, undefined);
          assert.ok(tried);
          return;
        }
        assert.ok(error && isError(error, HostKeyRefused), String(error));
        assert.equal(error.facts.reason, expected);
        assert.equal(error.facts.port, server.port);
        assert.match(String(error.facts.shown), /^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/);
        assert.ok(error.message.includes(String(error.facts.shown)));
        assert.ok((error.hint ?? "").length > 10);
        assert.match(log, /Connection (from|closed|reset)|kex/i);
        assert.equal(tried, false, `a login was tried:\n${log}`);
        if (more?.settings?.[0]?.startsWith("Strict")) assert.match(error.message, /not honoured/);
        if (name === "only broken lines") assert.match(error.message, /line 1, .* line 2/);
        if (expected === "changed") {
          assert.equal(error.facts.file, knownHosts);
          assert.equal(error.facts.line, 1);
          assert.match(error.hint ?? "", /ssh-keygen -R/);
        }
      });
    }

    test("a hashed name counts", { timeout: 20_000 }, async () => {
      const knownHosts = lab.knownHosts(lab.hostLine(server));
      execFileSync("ssh-keygen", ["-H", "-f", knownHosts], { stdio: "ignore" });
      assert.match(readFileSync(knownHosts, "utf8"), /^\|1\|/);
      assert.equal((await attempt(lab.options(server, key, knownHosts))).error, undefined);
    });

    test("a file that cannot be read refuses, though another one knows", {
      timeout: 20_000,
    }, async () => {
      const folder = lab.path("folder");
      mkdirSync(folder);
      const known = lab.knownHosts(lab.hostLine(server));
      const options = { ...lab.options(server, key, known), knownHostsFiles: [known, folder] };
      const { error, tried } = await attempt(options);
      assert.ok(error && isError(error, HostKeyRefused));
      assert.equal(error.facts.reason, "unreadable");
      assert.ok(!tried);
    });

    test("a file that is not there says nothing", { timeout: 20_000 }, async () => {
      const known = lab.knownHosts(lab.hostLine(server));
      const missing = lab.path("missing");
      const options = { ...lab.options(server, key, known), knownHostsFiles: [missing, known] };
      assert.equal((await attempt(options)).error, undefined);
      const { error } = await attempt({ ...options, knownHostsFiles: [missing] });
      assert.equal(error?.facts.reason, "unknown");
    });

    test("acceptNewHostKey adds the key, once, for good", { timeout: 20_000 }, async () => {
      const folder = lab.path("fresh");
      const file = join(folder, "known_hosts");
      const options = lab.options(server, key, file, { acceptNewHostKey: true });
      const reports: string[] = [];
      assert.equal((await attempt(options, reports)).error, undefined);
      assert.ok(
        reports.some((line) => /added/i.test(line)),
        reports.join("\n"),
      );
      const added = readFileSync(file, "utf8");
      assert.equal(added, `${lab.hostLine(server)}\n`);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      assert.equal((await attempt(options)).error, undefined);
      assert.equal(readFileSync(file, "utf8"), added);
      const strict = { ...options, acceptNewHostKey: false };
      assert.equal((await attempt(strict)).error, undefined);
    });

    test("a line is added after one without an end", { timeout: 20_000 }, async () => {
      const line = lab.hostLine(other);
      const file = lab.write("known_hosts", line);
      const options = lab.options(server, key, file, { acceptNewHostKey: true });
      assert.equal((await attempt(options)).error, undefined);
      assert.equal(readFileSync(file, "utf8"), `${line}\n${lab.hostLine(server)}\n`);
    });

    test("a key that cannot be written down is not accepted", { timeout: 20_000 }, async () => {
      for (const file of ["/proc/known_hosts", "/dev/null", undefined]) {
        const options = lab.options(server, key, "", { acceptNewHostKey: true });
        const knownHostsFiles = file === undefined ? [] : [file];
        const { error } = await attempt({ ...options, knownHostsFiles });
        assert.ok(error && isError(error, HostKeyRefused), String(error));
        assert.equal(error.facts.reason, "unrecorded");
        assert.equal(error.facts.host, "lab");
      }
    });

    test("HashKnownHosts hides the added name", { timeout: 20_000 }, async () => {
      const file = lab.knownHosts();
      const settings = ["HashKnownHosts yes"];
      const options = lab.options(server, key, file, { acceptNewHostKey: true, settings });
      assert.equal((await attempt(options)).error, undefined);
      assert.match(readFileSync(file, "utf8"), /^\|1\|[^|]+\|\S+ ssh-ed25519 \S+\n$/);
      const strict = { ...options, acceptNewHostKey: false };
      assert.equal((await attempt(strict)).error, undefined);
    });
  });
}

describe("host certificates", { skip: missingServer(), timeout: 60_000 }, () => {
  let lab: Lab;
  let server: Sshd;
  let key: string;
  let authority: string;

  before(async () => {
    lab = new Lab();
    key = lab.key();
    authority = lab.key();
    const hostKey = lab.key();
    keygen(["-s", authority, "-I", "lab", "-h", "-n", "127.0.0.1", `${hostKey}.pub`]);
    server = await lab.sshd(
      [`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`, "LogLevel DEBUG1"],
      [lab.publicKey(key)],
    );
  });
  after(() => lab.close());

  test("an authority alone leads to the system's ssh", { timeout: 20_000 }, async () => {
    const file = lab.knownHosts(`@cert-authority 127.0.0.1 ${lab.publicKey(authority)}`);
    const reports: string[] = [];
    const report = (_: number, line: string) => reports.push(line);
    const transport = await openSsh(lab.options(server, key, file), { report });
    assert.match(transport.description, /system ssh/);
    await transport.close();
    assert.match(reports[0] ?? "", /authority in .* line 1/);
    await assert.rejects(
      openSsh(lab.options(server, key, file, { transport: "ssh2" })),
      (error) => {
        assert.ok(error instanceof ConsfigError);
        assert.match(String(error.facts.missing), /host certificates/);
        return true;
      },
    );
  });

  test("another authority is refused", { timeout: 20_000 }, async () => {
    const wrong = lab.publicKey(lab.key());
    const file = lab.knownHosts(`@cert-authority 127.0.0.1 ${wrong}`);
    await assert.rejects(openSsh(lab.options(server, key, file)), (error) => {
      assert.ok(isError(error, HostKeyRefused), String(error));
      return true;
    });
    assert.doesNotMatch(server.log().split("another").at(-1) ?? "", /Failed/);
  });

  test("a plain key beside the authority is enough for ssh2", { timeout: 20_000 }, async () => {
    const plain = server.publicHostKey("rsa");
    const file = lab.knownHosts(
      `@cert-authority 127.0.0.1 ${lab.publicKey(authority)}`,
      `[127.0.0.1]:${server.port} ${plain}`,
    );
    const transport = await openSsh(lab.options(server, key, file));
    assert.match(transport.description, /ssh2/);
    await transport.close();
  });

  test("a revocation list leads to the system's ssh", { timeout: 20_000 }, async () => {
    const file = lab.knownHosts(`[127.0.0.1]:${server.port} ${server.publicHostKey("rsa")}`);
    const list = lab.path("revoked");
    writeFileSync(list, `${server.publicHostKey("rsa")}\n`);
    const settings = [`RevokedHostKeys ${list}`, "HostKeyAlgorithms rsa-sha2-512"];
    await assert.rejects(openSsh(lab.options(server, key, file, { settings })), (error) => {
      assert.ok(isError(error, HostKeyRefused), String(error));
      assert.equal(error.facts.reason, "revoked");
      return true;
    });
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import { AuthenticationFailed, HostUnreachable, isError } from "../../../engine/base/errors.js";
import { failure, greet } from "./helpers/attempts.js";
import { bothKinds } from "./helpers/bothTransports.js";
import { keygen } from "./helpers/lab.js";

bothKinds("logging in", (on) => {
  for (const type of ["ed25519", "rsa", "ecdsa"] as const) {
    test(`with a key of type ${type}`, { timeout: 20_000 }, async () => {
      const own = on.lab.key(type);
      const host = await on.lab.sshd([], [on.lab.publicKey(own)]);
      const known = on.lab.knownHosts(on.lab.hostLine(host));
      await greet(on.options({ server: host, key: own, knownHosts: known }));
      await host.stop();
    });
  }

  test("with RSA and EC keys in PKCS#8 form", { timeout: 20_000 }, async () => {
    const pairs = [
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }),
    ];
    for (const { privateKey } of pairs) {
      const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
      assert.match(pem, /BEGIN PRIVATE KEY/);
      const own = on.lab.write("pkcs8", pem);
      const line = keyLine(own);
      const host = await on.lab.sshd([], [line]);
      const known = on.lab.knownHosts(on.lab.hostLine(host));
      await greet(on.options({ server: host, key: own, knownHosts: known }));
      await host.stop();
    }
  });

  test("with the key given as an option", { timeout: 20_000 }, async () => {
    const wrong = on.lab.key();
    await greet(on.options({ key: wrong, identityFile: on.key }));
  });

  test("with a user and a port given as options", { timeout: 20_000 }, async () => {
    const { configFile, ...options } = on.options();
    const other = on.lab.write("ssh_config", `Host *\n  IdentityFile ${on.key}\n`);
    const { port } = on.server;
    await greet({ ...options, configFile: other, host: "127.0.0.1", port, user: on.lab.user });
    assert.notEqual(configFile, other);
  });

  test("a wrong key is refused, and the error says what was tried", {
    timeout: 20_000,
  }, async () => {
    const wrong = on.lab.key();
    const error = await failure(AuthenticationFailed, on.options({ key: wrong }));
    assert.deepEqual(error.facts.accepted, ["publickey"]);
    const [offered] = error.facts.offered as string[];
    assert.match(offered ?? "", /SHA256:/);
    assert.ok(offered?.includes(wrong));
    assert.ok(error.message.includes(String(offered)));
    assert.match(error.hint ?? "", /authorized_keys/);
    assert.equal(error.facts.user, on.lab.user);
  });

  test("no key at all", { timeout: 20_000 }, async () => {
    const options = on.options({ key: on.lab.path("missing") });
    const error = await failure(AuthenticationFailed, options);
    assert.deepEqual(error.facts.offered, []);
    assert.match(error.message, /no key was offered/);
    assert.match(error.hint ?? "", /IdentityFile/);
  });

  test("an encrypted key needs an agent, and the hint says so", { timeout: 20_000 }, async () => {
    const encrypted = on.lab.key("ed25519", "a passphrase");
    const options = on.options({ key: encrypted });
    const error = await failure(AuthenticationFailed, options);
    assert.equal(error.hint, `give the key to an agent: ssh-add ${encrypted}`);
  });

  test("a key that others can read is not used", { timeout: 20_000 }, async () => {
    const exposed = on.lab.key();
    chmodSync(exposed, 0o644);
    const options = on.options({ key: exposed });
    const error = await failure(AuthenticationFailed, options);
    assert.equal(error.hint, `chmod 600 ${exposed}`);
  });

  test("with an agent, named in ssh_config or in the environment", {
    timeout: 30_000,
  }, async () => {
    const agent = await on.lab.agent(on.lab.key(), on.key);
    const file = on.lab.path("missing");
    const settings = [`IdentityAgent ${agent}`];
    await greet(on.options({ key: file, settings }));
    process.env.SSH_AUTH_SOCK = agent;
    try {
      await greet(on.options({ key: file, settings: ["IdentityAgent SSH_AUTH_SOCK"] }));
    } finally {
      delete process.env.SSH_AUTH_SOCK;
    }
  });

  test("with an encrypted key that an agent holds", { timeout: 30_000 }, async () => {
    // The agent gets it before it is encrypted.
    const own = on.lab.key("rsa");
    const agent = await on.lab.agent(own);
    keygen(["-p", "-P", "", "-N", "a passphrase", "-f", own]);
    const host = await on.lab.sshd([], [on.lab.publicKey(own)]);
    const known = on.lab.knownHosts(on.lab.hostLine(host));
    const settings = [`IdentityAgent ${agent}`, "IdentitiesOnly yes"];
    await greet(on.options({ server: host, key: own, knownHosts: known, settings }));
    await host.stop();
  });

  test("IdentitiesOnly keeps the agent's other keys back", { timeout: 30_000 }, async () => {
    const agent = await on.lab.agent(on.key);
    const settings = [`IdentityAgent ${agent}`, "IdentitiesOnly yes"];
    const wrong = on.lab.key();
    const options = on.options({ key: wrong, settings });
    const error = await failure(AuthenticationFailed, options);
    assert.equal((error.facts.offered as string[]).length, 1);
  });

  test("an agent's key named by its public half comes first", { timeout: 30_000 }, async () => {
    const keys = Array.from({ length: 8 }, () => on.lab.key());
    const agent = await on.lab.agent(...keys, on.key);
    const half = on.lab.write("half.pub", `${on.lab.publicKey(on.key)}\n`);
    const settings = [`IdentityAgent ${agent}`];
    await greet(on.options({ key: half, settings }));
    // Without that, sshd's limit of 6 tries is met first.
    const options = on.options({ key: on.lab.path("missing"), settings });
    const error = await failure(AuthenticationFailed, options);
    assert.match(error.hint ?? "", /IdentitiesOnly/);
  });

  test("an agent that hangs does not hang us", { timeout: 30_000 }, async () => {
    const socket = on.lab.path("mute");
    const mute = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => mute.listen(socket, resolve));
    try {
      const settings = [`IdentityAgent ${socket}`];
      const options = on.options({ settings, connectTimeoutMs: 4000 });
      // ssh itself waits for the agent.
      if (on.kind === "ssh2") await openSsh(options).then((connection) => connection.close());
      else await assert.rejects(openSsh(options), (error) => isError(error, HostUnreachable));
    } finally {
      mute.close();
    }
  });

  test("a banner is reported and kept out of the output", { timeout: 20_000 }, async () => {
    const banner = on.lab.write(
      "banner",
      "Authorised \u001b[31musers\u001b[0m only\nsecond line\n",
    );
    const host = await on.lab.sshd([`Banner ${banner}`], [on.lab.publicKey(on.key)]);
    const reports: string[] = [];
    const known = on.lab.knownHosts(on.lab.hostLine(host));
    await greet(on.options({ server: host, knownHosts: known }), reports);
    const shown = reports.filter((line) => line.startsWith("2 lab says: "));
    assert.equal(shown.length, 2, reports.join("\n"));
    assert.match(shown[0] ?? "", /^2 lab says: Authorised \S+users/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    assert.doesNotMatch(reports.join(""), /\u001b/);
    await host.stop();
  });
});

function keyLine(path: string): string {
  return execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }).trim();
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import { AuthenticationFailed, HostUnreachable, isError } from "../../../engine/errors.js";
import { failure, greet, settleIn } from "./helpers/attempts.js";
import { keygen, Lab, missingServer, type Sshd } from "./helpers/lab.js";

const skip = missingServer();
before(settleIn);

for (const transport of ["ssh2", "system"] as const) {
  describe(`logging in by ${transport}`, { skip, timeout: 120_000 }, () => {
    let lab: Lab;
    let server: Sshd;
    let key: string;
    let knownHosts: string;

    before(async () => {
      lab = new Lab();
      key = lab.key();
      server = await lab.sshd([], [lab.publicKey(key)]);
      knownHosts = lab.knownHosts(lab.hostLine(server));
    });
    after(() => lab.close());

    for (const type of ["ed25519", "rsa", "ecdsa"] as const) {
      test(`with a key of type ${type}`, { timeout: 20_000 }, async () => {
        const own = lab.key(type);
        const host = await lab.sshd([], [lab.publicKey(own)]);
        const known = lab.knownHosts(lab.hostLine(host));
        await greet(lab.options(host, own, known, { transport }));
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
        const own = lab.write("pkcs8", pem);
        const line = keyLine(own);
        const host = await lab.sshd([], [line]);
        const known = lab.knownHosts(lab.hostLine(host));
        await greet(lab.options(host, own, known, { transport }));
        await host.stop();
      }
    });

    test("with the key given as an option", { timeout: 20_000 }, async () => {
      const wrong = lab.key();
      await greet(lab.options(server, wrong, knownHosts, { transport, identityFile: key }));
    });

    test("with a user and a port given as options", { timeout: 20_000 }, async () => {
      const { configFile, ...options } = lab.options(server, key, knownHosts, { transport });
      const other = lab.write("ssh_config", `Host *\n  IdentityFile ${key}\n`);
      const { port } = server;
      await greet({ ...options, configFile: other, host: "127.0.0.1", port, user: lab.user });
      assert.notEqual(configFile, other);
    });

    test("a wrong key is refused, and the error says what was tried", {
      timeout: 20_000,
    }, async () => {
      const wrong = lab.key();
      const error = await failure(
        AuthenticationFailed,
        lab.options(server, wrong, knownHosts, { transport }),
      );
      assert.deepEqual(error.facts.accepted, ["publickey"]);
      const [offered] = error.facts.offered as string[];
      assert.match(offered ?? "", /SHA256:/);
      assert.ok(offered?.includes(wrong));
      assert.ok(error.message.includes(String(offered)));
      assert.match(error.hint ?? "", /authorized_keys/);
      assert.equal(error.facts.user, lab.user);
    });

    test("no key at all", { timeout: 20_000 }, async () => {
      const options = lab.options(server, lab.path("missing"), knownHosts, { transport });
      const error = await failure(AuthenticationFailed, options);
      assert.deepEqual(error.facts.offered, []);
      assert.match(error.message, /no key was offered/);
      assert.match(error.hint ?? "", /IdentityFile/);
    });

    test("an encrypted key needs an agent, and the hint says so", { timeout: 20_000 }, async () => {
      const encrypted = lab.key("ed25519", "a passphrase");
      const options = lab.options(server, encrypted, knownHosts, { transport });
      const error = await failure(AuthenticationFailed, options);
      assert.equal(error.hint, `give the key to an agent: ssh-add ${encrypted}`);
    });

    test("a key that others can read is not used", { timeout: 20_000 }, async () => {
      const exposed = lab.key();
      chmodSync(exposed, 0o644);
      const options = lab.options(server, exposed, knownHosts, { transport });
      const error = await failure(AuthenticationFailed, options);
      assert.equal(error.hint, `chmod 600 ${exposed}`);
    });

    test("with an agent, named in ssh_config or in the environment", {
      timeout: 30_000,
    }, async () => {
      const agent = await lab.agent(lab.key(), key);
      const file = lab.path("missing");
      const settings = [`IdentityAgent ${agent}`];
      await greet(lab.options(server, file, knownHosts, { transport, settings }));
      process.env.SSH_AUTH_SOCK = agent;
      try {
        const inEnvironment = { transport, settings: ["IdentityAgent SSH_AUTH_SOCK"] };
        await greet(lab.options(server, file, knownHosts, inEnvironment));
      } finally {
        delete process.env.SSH_AUTH_SOCK;
      }
    });

    test("with an encrypted key that an agent holds", { timeout: 30_000 }, async () => {
      // The agent gets it before it is encrypted.
      const own = lab.key("rsa");
      const agent = await lab.agent(own);
      keygen(["-p", "-P", "", "-N", "a passphrase", "-f", own]);
      const host = await lab.sshd([], [lab.publicKey(own)]);
      const known = lab.knownHosts(lab.hostLine(host));
      const settings = [`IdentityAgent ${agent}`, "IdentitiesOnly yes"];
      await greet(lab.options(host, own, known, { transport, settings }));
      await host.stop();
    });

    test("IdentitiesOnly keeps the agent's other keys back", { timeout: 30_000 }, async () => {
      const agent = await lab.agent(key);
      const settings = [`IdentityAgent ${agent}`, "IdentitiesOnly yes"];
      const wrong = lab.key();
      const options = lab.options(server, wrong, knownHosts, { transport, settings });
      const error = await failure(AuthenticationFailed, options);
      assert.equal((error.facts.offered as string[]).length, 1);
    });

    test("an agent's key named by its public half comes first", { timeout: 30_000 }, async () => {
      const keys = Array.from({ length: 8 }, () => lab.key());
      const agent = await lab.agent(...keys, key);
      const half = lab.write("half.pub", `${lab.publicKey(key)}\n`);
      const settings = [`IdentityAgent ${agent}`];
      await greet(lab.options(server, half, knownHosts, { transport, settings }));
      // Without that, sshd's limit of 6 tries is met first.
      const options = lab.options(server, lab.path("missing"), knownHosts, { transport, settings });
      const error = await failure(AuthenticationFailed, options);
      assert.match(error.hint ?? "", /IdentitiesOnly/);
    });

    test("an agent that hangs does not hang us", { timeout: 30_000 }, async () => {
      const socket = lab.path("mute");
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(socket, resolve));
      try {
        const settings = [`IdentityAgent ${socket}`];
        const options = lab.options(server, key, knownHosts, { transport, settings });
        const more = { ...options, connectTimeoutMs: 4000 };
        // ssh itself waits for the agent.
        if (transport === "ssh2") await openSsh(more).then((connection) => connection.close());
        else await assert.rejects(openSsh(more), (error) => isError(error, HostUnreachable));
      } finally {
        mute.close();
      }
    });

    test("a banner is reported and kept out of the output", { timeout: 20_000 }, async () => {
      const banner = lab.write("banner", "Authorised \u001b[31musers\u001b[0m only\nsecond line\n");
      const host = await lab.sshd([`Banner ${banner}`], [lab.publicKey(key)]);
      const reports: string[] = [];
      const known = lab.knownHosts(lab.hostLine(host));
      await greet(lab.options(host, key, known, { transport }), reports);
      const shown = reports.filter((line) => line.startsWith("2 lab says: "));
      assert.equal(shown.length, 2, reports.join("\n"));
      assert.match(shown[0] ?? "", /^2 lab says: Authorised \S+users/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      assert.doesNotMatch(reports.join(""), /\u001b/);
      await host.stop();
    });
  });
}

function keyLine(path: string): string {
  return execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }).trim();
}

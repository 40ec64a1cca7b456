import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { openSsh, type SshOptions } from "../../../connections/ssh/openSsh.js";
import {
  AuthenticationFailed,
  Cancelled,
  ConnectionFailed,
  type ErrorClass,
  HostUnreachable,
  InvalidArgument,
  isError,
} from "../../../engine/errors.js";
import { freePort, keygen, Lab, missingServer, type Sshd } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

/** Runs `echo` there; the answer is the transport's description. */
async function greet(options: SshOptions, reports: string[] = []): Promise<string> {
  const checkLeaks = leakCheck();
  try {
    const report = (level: number, line: string) => reports.push(`${level} ${line}`);
    const transport = await openSsh(options, { report });
    try {
      const stream = await transport.open("echo hello");
      stream.stdin.end();
      assert.equal(await text(stream.stdout), "hello\n");
      return transport.description;
    } finally {
      await transport.close();
    }
  } finally {
    await checkLeaks();
  }
}

async function failure<E extends ErrorClass>(
  errorClass: E,
  options: SshOptions,
  signal?: AbortSignal,
): Promise<E["prototype"]> {
  const checkLeaks = leakCheck();
  try {
    const transport = await openSsh(options, { signal });
    await transport.close();
  } catch (error) {
    assert.ok(isError(error, errorClass), String((error as Error).stack));
    await checkLeaks();
    return error;
  }
  return assert.fail(`it connected to ${options.host}`);
}

const skip = missingServer();
before(async () => {
  await import("ssh2");
  // As on a person's machine without an agent.
  delete process.env.SSH_AUTH_SOCK;
});

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

    test("nothing listens there", { timeout: 20_000 }, async () => {
      const port = await freePort();
      const error = await failure(
        HostUnreachable,
        lab.options({ port }, key, knownHosts, { transport }),
      );
      assert.equal(error.facts.errno, "ECONNREFUSED");
      assert.ok(error.message.includes(`127.0.0.1:${port}`));
    });

    test("the name does not resolve", { timeout: 30_000 }, async () => {
      const options = lab.options(server, key, knownHosts, { transport });
      const error = await failure(HostUnreachable, { ...options, host: "no-such-host.invalid" });
      assert.ok(["ENOTFOUND", "EAI_AGAIN"].includes(String(error.facts.errno)), error.message);
      assert.match(error.message, /no-such-host\.invalid/);
    });

    test("a server that says nothing is given up", { timeout: 20_000 }, async () => {
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
      const address = mute.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const more = { transport, connectTimeoutMs: 1000 };
        const started = performance.now();
        const error = await failure(HostUnreachable, lab.options({ port }, key, knownHosts, more));
        assert.ok(performance.now() - started < 5000);
        assert.equal(error.facts.errno, "ETIMEDOUT");
      } finally {
        mute.close();
      }
    });

    test("a server that hangs up at once", { timeout: 20_000 }, async () => {
      const rude = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
      const address = rude.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const error = await failure(
          ConnectionFailed,
          lab.options({ port }, key, knownHosts, { transport }),
        );
        assert.match(error.message, /127\.0\.0\.1/);
      } finally {
        rude.close();
      }
    });

    test("cancelling ends the attempt", { timeout: 20_000 }, async () => {
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
      const address = mute.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const options = lab.options({ port }, key, knownHosts, { transport });
        await failure(Cancelled, options, AbortSignal.timeout(500));
        await failure(Cancelled, options, AbortSignal.abort());
      } finally {
        mute.close();
      }
    });

    test("options that could be taken for something else are refused", async () => {
      for (const host of ["-oProxyCommand=id", "", "a b", "a;b", "$(id)", "a\nb", "`id`"]) {
        await failure(InvalidArgument, { host, transport });
      }
      await failure(InvalidArgument, { host: "x", user: "-l", transport });
      await failure(InvalidArgument, { host: "x", port: 0, transport });
      await failure(InvalidArgument, { host: "x", knownHostsFiles: ['a"b'], transport });
    });
  });
}

describe("what only the ssh program can do", { skip, timeout: 120_000 }, () => {
  let lab: Lab;

  before(() => {
    lab = new Lab();
  });
  after(() => lab.close());

  test("a user certificate", { timeout: 30_000 }, async () => {
    const authority = lab.key();
    const key = lab.key();
    keygen(["-s", authority, "-I", "lab", "-n", lab.user, `${key}.pub`]);
    const server = await lab.sshd([`TrustedUserCAKeys ${authority}.pub`]);
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    const reports: string[] = [];
    assert.match(await greet(lab.options(server, key, knownHosts), reports), /system ssh/);
    assert.match(reports[0] ?? "", /^1 .*user certificate .*-cert\.pub/);
    const error = await failure(
      ConnectionFailed,
      lab.options(server, key, knownHosts, { transport: "ssh2" }),
    );
    assert.match(String(error.facts.missing), /user certificate/);
  });

  test("a certificate in the agent", { timeout: 30_000 }, async () => {
    const authority = lab.key();
    const key = lab.key();
    keygen(["-s", authority, "-I", "lab", "-n", lab.user, `${key}.pub`]);
    const agent = await lab.agent(key); // ssh-add takes the certificate along
    const server = await lab.sshd([`TrustedUserCAKeys ${authority}.pub`]);
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    const settings = [`IdentityAgent ${agent}`];
    const options = lab.options(server, lab.path("missing"), knownHosts, { settings });
    const reports: string[] = [];
    assert.match(await greet(options, reports), /system ssh/);
    assert.match(reports[0] ?? "", /certificate in the agent/);
  });

  test("a proxy command", { timeout: 30_000 }, async () => {
    const key = lab.key();
    const server = await lab.sshd([], [lab.publicKey(key)]);
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    const script = lab.write(
      "proxy.mjs",
      `import { connect } from "node:net";
       const [host, port] = process.argv.slice(2);
       const socket = connect(Number(port), host);
       process.stdin.pipe(socket).pipe(process.stdout);`,
    );
    const settings = [`ProxyCommand ${process.execPath} ${script} %h %p`];
    const reports: string[] = [];
    const options = lab.options(server, key, knownHosts, { settings });
    assert.match(await greet(options, reports), /system ssh/);
    assert.match(reports[0] ?? "", /ProxyCommand/);
  });

  test("only post-quantum key exchange", { timeout: 30_000 }, async () => {
    const key = lab.key();
    const kex = "KexAlgorithms sntrup761x25519-sha512@openssh.com";
    const server = await lab.sshd([kex], [lab.publicKey(key)]);
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    // The server alone knows: the error says what to do.
    const error = await failure(ConnectionFailed, lab.options(server, key, knownHosts));
    assert.match(error.message, /no matching key exchange/);
    assert.match(error.hint ?? "", /transport: "system"/);
    // The client's configuration says it: the choice is made.
    const reports: string[] = [];
    const options = lab.options(server, key, knownHosts, { settings: [kex] });
    assert.match(await greet(options, reports), /system ssh/);
    assert.match(reports[0] ?? "", /KexAlgorithms/);
  });

  test("algorithms configured for ssh2 are kept to", { timeout: 30_000 }, async () => {
    const key = lab.key();
    const server = await lab.sshd(
      ["KexAlgorithms ecdh-sha2-nistp384", "Ciphers aes256-ctr", "MACs hmac-sha2-512"],
      [lab.publicKey(key)],
    );
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    const settings = [
      "KexAlgorithms sntrup761x25519-sha512@openssh.com,ecdh-sha2-nistp384",
      "Ciphers chacha20-poly1305@openssh.com,aes256-ctr",
      "MACs umac-64@openssh.com,hmac-sha2-512",
    ];
    const options = lab.options(server, key, knownHosts, { settings });
    assert.match(await greet(options), /ssh2/);
  });

  test("without an ssh program the missing feature is named", { timeout: 30_000 }, async () => {
    const key = lab.key();
    const server = await lab.sshd([], [lab.publicKey(key)]);
    const knownHosts = lab.knownHosts(lab.hostLine(server));
    const { PATH } = process.env;
    const settings = ["ProxyCommand nc %h %p"];
    const needing = lab.options(server, key, knownHosts, { settings });
    const plain = lab.options(server, key, knownHosts);
    const forced = lab.options(server, key, knownHosts, { transport: "system" });
    const checkLeaks = leakCheck();
    process.env.PATH = lab.folder;
    try {
      await assert.rejects(openSsh(needing), (error) => {
        assert.ok(isError(error, ConnectionFailed));
        assert.equal(error.facts.missing, "ProxyCommand");
        assert.match(error.message, /not installed/);
        return true;
      });
      await assert.rejects(openSsh(forced), (error) => isError(error, ConnectionFailed));
      const transport = await openSsh(plain);
      assert.match(transport.description, /ssh2/);
      await transport.close();
    } finally {
      process.env.PATH = PATH;
    }
    await checkLeaks();
  });
});

function keyLine(path: string): string {
  return execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }).trim();
}

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import { ConnectionFailed, isError } from "../../../engine/base/errors.js";
import { failure, greet, settleIn } from "./helpers/attempts.js";
import { keygen, Lab, missingServer } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

const skip = missingServer();
before(settleIn);

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

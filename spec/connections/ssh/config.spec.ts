import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { beyondSsh2, negotiable } from "../../../connections/ssh/algorithms.js";
import { readConfig, type SshConfig } from "../../../connections/ssh/config.js";
import type { SshOptions } from "../../../connections/ssh/options.js";
import { findProgram } from "../../../connections/ssh/program.js";
import { planRoute } from "../../../connections/ssh/route.js";
import { masterWords } from "../../../connections/ssh/systemWords.js";
import { ConnectionFailed, isError } from "../../../engine/base/errors.js";
import { Lab } from "./helpers/lab.js";

const home = userInfo().homedir;

describe("ssh_config", {
  skip: !findProgram("ssh") && "there is no ssh program",
  timeout: 60_000,
}, () => {
  let lab: Lab;
  before(() => {
    lab = new Lab();
  });
  after(() => lab.close());

  const withoutSsh = async (options: SshOptions): Promise<SshConfig> => {
    const { PATH } = process.env;
    process.env.PATH = lab.folder;
    try {
      return await readConfig(options);
    } finally {
      process.env.PATH = PATH;
    }
  };

  /** Both readings; what is compared is what both can know. */
  const both = async (text: string, options: Partial<SshOptions> = {}) => {
    const configFile = lab.write("ssh_config", text);
    const given = { host: "web1", ...options, configFile };
    const exact = await readConfig(given);
    const own = await withoutSsh(given);
    assert.equal(exact.resolvedBy, "ssh");
    assert.equal(own.resolvedBy, "files");
    const comparable = ({ raw: _, resolvedBy: __, identityFiles, ...rest }: SshConfig) => ({
      ...rest,
      identityFiles: identityFiles.filter((path) => !/\.ssh\/id_(xmss|dsa)$/.test(path)),
    });
    assert.deepEqual(comparable(own), comparable(exact));
    return exact;
  };

  test("nothing configured", { timeout: 10_000 }, async () => {
    const config = await both("");
    assert.equal(config.hostname, "web1");
    assert.equal(config.port, 22);
    assert.equal(config.user, userInfo().username);
    assert.equal(config.strictHostKeyChecking, "ask");
    assert.equal(config.serverAliveIntervalMs, 15_000);
    assert.equal(config.serverAliveCountMax, 3);
    assert.deepEqual(config.algorithms, {});
    assert.deepEqual(config.userKnownHostsFiles.slice(0, 1), [`${home}/.ssh/known_hosts`]);
    assert.ok(config.identityFiles.includes(`${home}/.ssh/id_ed25519`));
  });

  test("the first value counts, and identity files add up", { timeout: 10_000 }, async () => {
    const config = await both(`
      # a comment
      Host web?  other
        HostName = 10.0.0.7
        Port 2222
        User alice
        IdentityFile ~/.keys/%h-%r
        IdentityFile "${lab.folder}/with blank"
        IdentitiesOnly yes
        ServerAliveInterval 7
        ServerAliveCountMax 2
        ConnectTimeout 1m
        HashKnownHosts yes
        HostKeyAlias the-alias
        StrictHostKeyChecking off
        PreferredAuthentications publickey,gssapi-with-mic
        AddressFamily inet
        BindAddress 127.0.0.1
      Host !web1 *
        User nobody
      Host *
        Port 9
        IdentityFile ~/.keys/last
        PubkeyAuthentication no
    `);
    assert.equal(config.hostname, "10.0.0.7");
    assert.equal(config.port, 2222);
    assert.equal(config.user, "alice");
    assert.deepEqual(config.identityFiles, [
      `${home}/.keys/10.0.0.7-alice`,
      `${lab.folder}/with blank`,
      `${home}/.keys/last`,
    ]);
    assert.equal(config.identitiesOnly, true);
    assert.equal(config.serverAliveIntervalMs, 7000);
    assert.equal(config.connectTimeoutMs, 60_000);
    assert.equal(config.strictHostKeyChecking, "no");
    assert.equal(config.addressFamily, 4);
    assert.equal(config.publicKeyLogin, false);
  });

  test("a silent host is asked every 15 s at the latest", { timeout: 10_000 }, async () => {
    for (const line of ["BatchMode yes", "ServerAliveInterval 5m", "ServerAliveInterval 0"]) {
      const config = await both(`Host *\n  ${line}\n`);
      assert.equal(config.serverAliveIntervalMs, 15_000, line);
    }
    const configFile = lab.write("ssh_config", "Host *\n  BatchMode yes\n  IdentityAgent none\n");
    const route = await planRoute({ host: "web1", configFile }, {});
    const folder = { path: lab.folder, socket: lab.path("socket") };
    assert.ok(masterWords(route, folder, 1000).includes("ServerAliveInterval=15"));
  });

  test("Match and Include", { timeout: 10_000 }, async () => {
    const folder = lab.path("conf.d");
    mkdirSync(folder);
    writeFileSync(join(folder, "10-a.conf"), "Host web1\n  User from-a\n");
    writeFileSync(join(folder, "20-b.conf"), "Host web1\n  User from-b\n  Port 20\n");
    writeFileSync(join(folder, "ignored.txt"), "Port 99\n");
    const config = await both(
      `
      Include ${folder}/*.conf
      Match host=web1 !user root
        ServerAliveInterval 3
      Match originalhost web1,web2 user from-a
        ServerAliveCountMax 5
      Match host other
        Include ${folder}/ignored.txt
      Match all
        HostKeyAlias everything
    `.replace("host=web1", "host web1"),
    );
    assert.equal(config.user, "from-a");
    assert.equal(config.port, 20);
    assert.equal(config.serverAliveIntervalMs, 3000);
    assert.equal(config.serverAliveCountMax, 5);
    assert.equal(config.hostKeyAlias, "everything");
  });

  test("of ProxyJump and ProxyCommand the first counts", { timeout: 10_000 }, async () => {
    const jump = await both("Host web1\n  ProxyJump a,b:3\n  ProxyCommand nc %h %p\n");
    assert.equal(jump.proxyJump, "a,b:3");
    assert.equal(jump.proxyCommand, undefined);
    const command = await both('Host web1\n  ProxyCommand nc -x "a b" %h %p\n  ProxyJump a\n');
    assert.equal(command.proxyJump, undefined);
    assert.equal(command.proxyCommand, 'nc -x "a b" %h %p');
    const none = await both("Host web1\n  ProxyJump none\nHost *\n  ProxyJump a\n");
    assert.equal(none.proxyJump, undefined);
  });

  test("options win over the file", { timeout: 10_000 }, async () => {
    const config = await both("Host *\n  User file\n  Port 1\n  IdentityFile /b\n", {
      user: "option",
      port: 2,
      identityFile: pathOf(import.meta.url),
      knownHostsFiles: ["/k"],
    });
    assert.equal(config.user, "option");
    assert.equal(config.port, 2);
    assert.deepEqual(config.identityFiles, [pathOf(import.meta.url), "/b"]);
    assert.deepEqual(config.userKnownHostsFiles, ["/k"]);
    assert.deepEqual(config.globalKnownHostsFiles, []);
  });

  test("known_hosts files and the agent", { timeout: 10_000 }, async () => {
    process.env.LAB_AGENT = "/run/lab-agent";
    const config = await both(
      "Host *\n  UserKnownHostsFile ~/one /two/%h\n  GlobalKnownHostsFile none\n  IdentityAgent $LAB_AGENT\n",
    );
    assert.deepEqual(config.userKnownHostsFiles, [`${home}/one`, "/two/web1"]);
    assert.deepEqual(config.globalKnownHostsFiles, []);
    assert.equal(config.agentSocket, "/run/lab-agent");
    const none = await both("Host *\n  IdentityAgent none\n");
    assert.equal(none.agentSocket, undefined);
  });

  test("what only ssh can resolve is refused without it", { timeout: 10_000 }, async () => {
    const texts = [
      'Match exec "true"\n  Port 1\n',
      "CanonicalizeHostname yes\n",
      "Match final host x\n  Port 1\n",
    ];
    for (const text of texts) {
      const configFile = lab.write("ssh_config", text);
      await assert.rejects(withoutSsh({ host: "web1", configFile }), (error) => {
        assert.ok(isError(error, ConnectionFailed));
        assert.match(error.message, /line 1: .* can only be resolved by the ssh program/);
        return true;
      });
    }
    const skipped = lab.write("ssh_config", 'Match host other exec "true"\n  Port 1\n');
    assert.equal((await withoutSsh({ host: "web1", configFile: skipped })).port, 22);
  });

  test("a mistake in the file is told", { timeout: 10_000 }, async () => {
    const configFile = lab.write("ssh_config", "Host *\n  Nonsense yes\n");
    await assert.rejects(readConfig({ host: "web1", configFile }), (error) => {
      assert.ok(isError(error, ConnectionFailed));
      assert.match(error.message, /nonsense/i);
      return true;
    });
    const missing = { host: "web1", configFile: lab.path("missing") };
    await assert.rejects(readConfig(missing), (error) => isError(error, ConnectionFailed));
    await assert.rejects(withoutSsh(missing), (error) => isError(error, ConnectionFailed));
  });

  test("algorithms that are set are told from the defaults", { timeout: 10_000 }, async () => {
    const configFile = lab.write(
      "ssh_config",
      "KexAlgorithms sntrup761x25519-sha512@openssh.com\nHostKeyAlgorithms +ssh-rsa\n",
    );
    const { algorithms } = await readConfig({ host: "web1", configFile });
    assert.deepEqual(Object.keys(algorithms), ["kex", "serverHostKey"]);
    assert.deepEqual(beyondSsh2(algorithms), ["KexAlgorithms"]);
    assert.ok(negotiable(algorithms, new Set()).serverHostKey.includes("ssh-rsa"));
  });
});

function pathOf(url: string): string {
  return new URL(url).pathname;
}

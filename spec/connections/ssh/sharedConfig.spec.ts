/** Hosts of which ssh_config says the same share one `ssh -G`: each is told what `ssh` says of it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readConfig } from "../../../connections/ssh/config.js";
import type { SshOptions } from "../../../connections/ssh/options.js";
import { findProgram } from "../../../connections/ssh/program.js";
import { ConnectionFailed, isError } from "../../../engine/base/errors.js";
import fc from "../../helpers/seeded.js";
import { Lab } from "./helpers/lab.js";

describe("many hosts of one ssh_config", {
  skip: !findProgram("ssh") && "there is no ssh program",
  timeout: 300_000,
}, () => {
  let lab: Lab;
  before(() => {
    lab = new Lab();
    process.env.LAB_WORD = "web2";
  });
  after(() => {
    delete process.env.LAB_WORD;
    lab.close();
  });

  /** What `ssh` says of one host by itself; undefined: it refuses. */
  function truth({ host, configFile = "", user, port }: SshOptions) {
    const words = ["-F", configFile, ...(user ? ["-l", user] : [])];
    const more = port === undefined ? [] : ["-p", String(port)];
    const { status, stdout } = spawnSync("ssh", [...words, ...more, "-G", "--", host]);
    if (status !== 0) return undefined;
    const said: Record<string, string[]> = {};
    for (const [, keyword = "", value = ""] of stdout.toString().matchAll(/^(\S+) (.*)$/gm)) {
      const values = said[keyword] ?? [];
      values.push(value);
      said[keyword] = values;
    }
    return said;
  }

  async function told(options: SshOptions) {
    try {
      return Object.fromEntries((await readConfig(options)).raw);
    } catch (error) {
      assert.ok(isError(error, ConnectionFailed), String(error));
      assert.match(
        error.message,
        new RegExp(`ssh -G ${options.host.replaceAll(".", "\\.")} failed`),
      );
      assert.equal(error.facts.host, options.host);
      return undefined;
    }
  }

  const aliases = ["web1", "web2", "web3", "db.example.com", "Web1", "10.0.0.7", "bob@web2", "a-b"];

  /** All of them, at once and again, against what `ssh` says of each. */
  async function compare(text: string, about: Partial<SshOptions> = {}): Promise<void> {
    const configFile = lab.write("ssh_config", text);
    const all = aliases.map((host) => ({ host, ...about, configFile }));
    const found = await Promise.all(all.map(told));
    for (const [i, options] of all.entries()) {
      const right = truth(options);
      assert.deepEqual(found[i], right, `${options.host}:\n${text}`);
      assert.deepEqual(await told(options), right, `${options.host} again:\n${text}`);
    }
  }

  const texts: Record<string, string> = {
    "a fleet": aliases.map((name, i) => `Host ${name}\n HostName 10.1.0.${i}\n`).join(""),
    "a default": "Host web1\n HostName One.Example\nHost *\n User all\n Port 2200\n",
    negations: "Host !web1 web* a-b\n User some\nHost * !web2\n Port 7\n",
    "more specific ones": "Host web?\n User w\nHost web1\n User never\n Port 9\n",
    "a token in HostName": "Host web*\n HostName %h.example.com\n",
    "tokens elsewhere": "IdentityFile ~/.ssh/%n-%h-%r\nUserKnownHostsFile /k/%n\n",
    "a token in a command": "ProxyCommand nc %h %p\n",
    "an environment variable":
      "IdentityFile /keys/$" + "{LAB_WORD}\nHost $" + "{LAB_WORD}\n Port 4\n",
    "a comment after patterns": "Host web1 # web2 web3\n User commented\n",
    "a comment after a value": "HostName x.example # not y\nUser bob # alice\n",
    "quoted patterns": 'Host "web1" we"b2" \'web3\'\n User quoted\n',
    "quoted values": "Host web1\n HostName 'x.example'\nHost web2\n HostName \"y.example\"\n",
    "a quoted keyword": '"Host" web1\n User quoted\n',
    "equals signs": "Host=web1\n Port=7\nHost = web2\n User = x\nHost web3\n User==y\n",
    capitals: "Host WEB1 web2\n User upper\nHOST web3\n POrT 3\n HOSTname UP.example\n",
    "capitals in one pattern": "Host WEB1 web1 web2\n User upper\nHost WEB* web3\n Port 6\n",
    "capitals in Match": "Match host WEB1,web2\n User upper\nMatch originalhost Web3\n Port 3\n",
    duplicates:
      "Host web1\n User a\n User b\nHost web1 web2\n User c\n Port 1\nHost web1\n Port 2\n",
    "what adds up":
      "Host web1\n IdentityFile /a\n SendEnv A\nHost *\n SendEnv B\n IdentityFile /b\n",
    "what adds up after what is the same":
      "Host web*\n SendEnv A\nHost web1\n SendEnv B\nHost web2\n SendEnv C\n",
    forwards:
      "Host web*\n LocalForward 1 x:1\nHost web1\n LocalForward 2 x:2\nHost web2\n LocalForward 3 x:3\n",
    "a jump host for all": "Host web*\n ProxyJump web3\nHost db*\n ProxyJump bob@web1:22,a-b\n",
    "a jump host by its address": "Host web1\n HostName web2\nHost *\n ProxyJump web2\n",
    "no jump": "Host web1\n ProxyJump none\nHost *\n ProxyJump bastion\n",
    "a command before a jump": "Host web1\n ProxyCommand none\nHost *\n ProxyJump bastion\n",
    "Match all": "Match all\n User all\nMatch !all\n Port 7\n",
    "Match host": "Host web1\n HostName web2\nMatch host web2\n User two\n",
    "Match originalhost": "Host web1\n HostName web2\nMatch originalhost web2,web3\n User two\n",
    "Match user": "Host web1\n User bob\nMatch user bob\n Port 5\nMatch user B*\n Port 6\n",
    "Match not user": "Match !user bob host web*\n Port 5\n",
    "Match localuser": "Match localuser root,nobody\n Port 5\n",
    "Match exec": 'Match exec "test %n = web1"\n Port 5\n',
    "Match exec of some": 'Match host web2 exec "true"\n Port 5\n',
    "Match final": "Match final host web*\n Port 5\n",
    "Match canonical": "Match canonical\n Port 5\n",
    "Match with an equals sign": "Match host=web1\n Port 5\n",
    "canonical names": "CanonicalizeHostname yes\nCanonicalDomains example.invalid\n",
    "no canonical names": "CanonicalizeHostname no\nCanonicalDomains example.invalid\n",
    "an odd HostName": "Host web1\n HostName 2001:DB8::1\nHost web2\n HostName fe80::1%lo\n",
    "HostName twice": "Host web1\n HostName a\n HostName b\nHost *\n HostName c\n",
    "HostName of no words": "Host web1\n HostName\n",
    "HostName of two words": "Host web1\n HostName a b\n",
    "a mistake for one": "Host web1\n Port x\n",
    "an unknown word": "Host web1\n Nonsense yes\n",
    "an unknown word that is ignored": "IgnoreUnknown Non*\nHost web1\n Nonsense yes\n",
    "an alias for the key": "Host web1\n HostKeyAlias one\nHost web2\n HostKeyAlias %n\n",
    "line ends of another system": "Host web1\r\n  User bob\r\n\r\nHost *\r\n Port 5\r\n",
    "tabs and empty lines": "\n\tHost\tweb1\tweb2\n\t\tUser\tbob\t\n\n# Host web3\n  #\n",
    "a tag": "Tag one\nMatch tagged one\n Port 4\n",
    "an account and a port for each": "Host web1\n User a\n Port 1\nHost web2\n User b\n Port 2\n",
    nothing: "",
  };
  for (const [name, text] of Object.entries(texts)) test(name, () => compare(text));

  test("Include, with patterns, in a block, and of what changes", async () => {
    const folder = lab.path("included");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.conf"), "Host web1\n User a\n");
    writeFileSync(join(folder, "B.conf"), "Host web2\n Port 77\n");
    for (const pattern of ["*.conf", "A.conf", "[ab].conf", "b.conf", "missing"]) {
      await compare(`Include ${folder}/${pattern}\n`);
      await compare(`Host web*\n Include ${folder}/${pattern}\nHost *\n Port 9\n`);
    }
    writeFileSync(join(folder, "a.conf"), "Host web1\n User changed\n");
    await compare(`Include ${folder}/*.conf\n`);
  });

  test("what options say", async () => {
    await compare("Host web1\n User a\nMatch user bob\n Port 5\n", { user: "bob" });
    await compare("Host *\n User a\n Port 7\n", { port: 8 });
  });

  test("anything", async () => {
    const pattern = fc.constantFrom(
      "web1",
      "web2",
      "web*",
      "*",
      "!web1",
      "W*",
      '"web3"',
      "#",
      "db*",
    );
    const host = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((all) => all.join(" "));
    const line = fc.oneof(
      host.map((words) => `Host ${words}`),
      host.map((words) => `Match host ${words.replaceAll(" ", ",")}`),
      fc.constantFrom("Match all", "Match user bob", "Match originalhost !web1,*", "Match final"),
      fc.constantFrom("User bob", "User alice # x", "User=bob", 'User "bob"', "User %r"),
      fc.constantFrom(
        "HostName web2",
        "HostName %h.x",
        "HostName X.y",
        "HostName 'a'",
        "HostName b",
      ),
      fc.constantFrom("Port 1", "Port = 2", "IdentityFile /%h", "IdentityFile /a", "SendEnv A B"),
      fc.constantFrom("ProxyJump web1", "ProxyJump none", "ProxyCommand nc %h", "SetEnv A=b"),
      fc.constantFrom("CanonicalizeHostname no", "# comment", "", "HashKnownHosts yes"),
    );
    const file = fc.array(line, { minLength: 2, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(file, (lines) => compare(`${lines.join("\n")}\n`)),
      { numRuns: 40 },
    );
  });

  test("those that are alike are asked for once, and again when the files change", async () => {
    const calls = lab.path("calls");
    const folder = lab.path("bin");
    mkdirSync(folder);
    const ssh = execFileSync("sh", ["-c", "command -v ssh"]).toString().trim();
    writeFileSync(join(folder, "ssh"), `#!/bin/sh\necho "$@" >>${calls}\nexec ${ssh} "$@"\n`);
    chmodSync(join(folder, "ssh"), 0o755);
    writeFileSync(calls, "");
    const { PATH } = process.env;
    process.env.PATH = `${folder}:${PATH}`;
    try {
      const hosts = Array.from({ length: 40 }, (_, i) => `node${i}`);
      for (const user of ["bob", "alice"]) {
        const blocks = hosts.map((name, i) => `Host ${name}\n HostName 10.0.0.${i}\n`).join("");
        const configFile = lab.write("ssh_config", `${blocks}Host *\n User ${user}\n`);
        const all = await Promise.all(hosts.map((host) => readConfig({ host, configFile })));
        for (const [i, config] of all.entries()) {
          assert.deepEqual([config.hostname, config.user], [`10.0.0.${i}`, user]);
        }
      }
    } finally {
      process.env.PATH = PATH;
    }
    // One for each file, and one for what this ssh does by itself.
    assert.equal(readFileSync(calls, "utf8").split("\n").length - 1, 3);
  });
});

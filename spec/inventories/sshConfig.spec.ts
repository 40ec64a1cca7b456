import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { ssh } from "../../connections/ssh/index.js";
import { chainOf, describeChain, host, InvalidInventory } from "../../engine/index.js";
import { sshConfigHosts } from "../../inventories/sshConfig/index.js";

type Context = { after(end: () => void): void };

function written(t: Context, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), "sshconfig-spec-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text.replaceAll("HERE", directory));
  }
  return path.join(directory, "config");
}

const names = (file: string) => sshConfigHosts({ file }).map(({ name }) => name);

describe("hosts of an ssh_config", () => {
  test("are those that it calls by name", (t) => {
    const file = written(t, {
      config: `
# Host comment
Host web1 web2.example.com *.example.com !web3.example.com "web4"
  HostName 10.0.0.1
host=db1 # and db2
Host web? # and db2
Match host web9
  Port 22
Host web1
Host a !a b
Host *
  User admin
`,
    });
    assert.deepEqual(names(file), ["web1", "web2.example.com", "web4", "db1", "b"]);
    const only = sshConfigHosts({ file, match: /^web\d$/ });
    assert.deepEqual(
      only.map(({ name }) => name),
      ["web1", "web4"],
    );
  });

  test("are looked for in the files it includes, where these are meant for them", (t) => {
    const file = written(t, {
      config: `
Include HERE/conf.d/*.conf HERE/nowhere
Host *.eu
  Include HERE/eu
Match user nobody
  Include HERE/never
Host last
`,
      "conf.d/2.conf": "Host two\nInclude HERE/deep\n",
      "conf.d/1.conf": "Host one\n",
      deep: "Host two deep\n",
      eu: "Host a.eu a.us\n",
      never: "Host never\n",
    });
    assert.deepEqual(names(file), ["one", "two", "a.eu", "last"]);
  });

  test("can be reached with what they come with, as ssh itself reaches them", (t) => {
    const file = written(t, { config: "Host web1\n  HostName 10.0.0.7\n  Port 2200\n" });
    const [first] = sshConfigHosts({ file });
    assert.ok(first);
    const made = host(first.name, { deploy: [ssh(first.ssh)] });
    assert.match(describeChain(chainOf(made), made.host), /ssh web1/);
    const { stdout, error } = spawnSync("ssh", ["-G", "-F", file, first.ssh.host], {
      encoding: "utf8",
    });
    if (!error) assert.match(stdout, /^hostname 10\.0\.0\.7$/m);
  });

  test("files that cannot be read, or include themselves", (t) => {
    const file = written(t, { config: "Include HERE/config\n" });
    assert.throws(() => names(file), InvalidInventory);
    assert.throws(() => names(`${file}.not`), /cannot be read: ENOENT/);
    assert.throws(() => names(path.dirname(file)), /EISDIR/);
  });
});

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { InvalidInventory, isError } from "../../engine/index.js";
import { type AnsibleHost, ansibleInventory } from "../../inventories/ansible/index.js";

type Context = { after(end: () => void): void };

/** The hosts of the inventory in the first of the files. */
function read(
  t: Context,
  files: Readonly<Record<string, string>>,
): Promise<readonly AnsibleHost[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "ansible-spec-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith("#!")) chmodSync(file, 0o755);
  }
  return ansibleInventory(path.join(directory, Object.keys(files)[0] ?? ""));
}

describe("how Ansible connects", () => {
  const line = async (t: Context, vars: string) => {
    const [host] = await read(t, { hosts: `web1 ${vars}\n` });
    assert.ok(host);
    const { ssh, isLocal, become, notes } = host;
    return { ssh, isLocal, become, notes };
  };
  const plain = { ssh: {}, isLocal: false, become: undefined, notes: [] };

  test("what ssh() takes", async (t) => {
    assert.deepEqual(await line(t, ""), plain);
    const vars =
      "ansible_host=10.0.0.7 ansible_user=admin ansible_port=2200 ansible_ssh_private_key_file=~/k";
    const ssh = { host: "10.0.0.7", user: "admin", port: 2200, identityFile: "~/k" };
    assert.deepEqual(await line(t, vars), { ...plain, ssh });
    const both = "ansible_host=a ansible_ssh_host=b";
    assert.deepEqual(await line(t, both), { ...plain, ssh: { host: "b" } });
  });

  test("this machine, and another account", async (t) => {
    assert.deepEqual(await line(t, "ansible_connection=local"), { ...plain, isLocal: true });
    assert.deepEqual(await line(t, "ansible_become=yes"), {
      ...plain,
      become: { user: "root", method: "sudo" },
    });
    const other = "ansible_become=true ansible_become_user=app ansible_become_method=su";
    assert.deepEqual((await line(t, other)).become, { user: "app", method: "su" });
    assert.equal((await line(t, "ansible_become=no ansible_become_user=app")).become, undefined);
  });

  for (const [vars, note] of [
    ["ansible_ssh_common_args='-o ProxyJump=bastion'", /^ansible_ssh_common_args .*ssh_config/],
    ["ansible_password=secret", /^ansible_password is left out/],
    ["ansible_ssh_pass=secret", /^ansible_ssh_pass is left out/],
    ["ansible_become_password=secret", /passwordOf/],
    ["ansible_connection=winrm", /^ansible_connection is winrm/],
    ["ansible_become=1 ansible_become_method=doas", /^ansible_become_method is doas/],
    ["ansible_port=none", /^ansible_port is no port: none/],
    ["ansible_host='{{ address }}'", /^ansible_host is a template/],
  ] as const) {
    test(`${vars} is noted`, async (t) => {
      const { notes, ssh } = await line(t, vars);
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? "", note);
      assert.doesNotMatch(notes[0] ?? "", /secret/);
      assert.deepEqual(ssh, {});
    });
  }

  test("a name that no host can have is noted", async (t) => {
    const hosts = await read(t, { hosts: "web_1\n" });
    assert.match(hosts[0]?.notes[0] ?? "", /^web_1 is no hostname/);
  });
});

describe("values that Ansible cannot write as JSON", () => {
  test("stay text, or become lists", async (t) => {
    const [host] = await read(t, {
      "hosts.yml":
        'all: { hosts: { h: { a: !unsafe "{{ x }}", b: 12345678901234567890, c: .inf } } }',
    });
    assert.deepEqual(host?.vars, { a: "{{ x }}", b: "12345678901234567890", c: ".inf" });
    const [line] = await read(t, { hosts: "h a=1e400 b='{1, 2}' c=12345678901234567890\n" });
    assert.deepEqual(line?.vars, { a: "1e400", b: [1, 2], c: "12345678901234567890" });
  });
});

describe("an inventory that is refused", () => {
  test("one that is not there, beside the file that asks for it", async () => {
    await assert.rejects(ansibleInventory("./gone"), (error) => {
      assert.ok(isError(error, InvalidInventory));
      assert.match(`${error.message} at ${error.facts.at}`, /ENOENT.* at spec\/inventories\/gone$/);
      return true;
    });
  });

  const vault = "$ANSIBLE_VAULT;1.1;AES256\n6162\n";
  for (const [what, files, expected] of [
    ["a section of a strange sort", { hosts: "[a:b]\n" }, /a section is .*hosts:1$/],
    ["a section that is none", { hosts: "\n[a b]\n" }, /no name of a section.*hosts:2$/],
    ["variables of no group", { hosts: "[a:vars]\n" }, /there is no group a: \[a:vars\].*hosts:1$/],
    [
      "children of no group",
      { hosts: "[a:children]\nb\n" },
      /no group b: \[a:children\].*hosts:2$/,
    ],
    ["a group within itself", { hosts: "[a:children]\nb\n[b:children]\na\n[b]\n" }, /hosts:4$/],
    ["a variable without a value", { hosts: "web1 color\n" }, /expected name=value at .*hosts:1$/],
    ["a quotation without end", { hosts: "web1 a='b\n" }, /quotation.*hosts:1$/],
    ["a range without end", { hosts: "web[1:]\n" }, /web\[1:\]: the ends.*hosts:1$/],
    ["a range of two lengths", { hosts: "web[01:100]\n" }, /same length.*hosts:1$/],
    ["a bracket without the other", { hosts: "web[1:2\n" }, /bracket.*hosts:1$/],
    ["a priority that is none", { hosts: "[a]\n[a:vars]\nansible_group_priority=x\n" }, /hosts:3$/],
    ["no YAML", { "hosts.yml": "a:\n  b: [\n" }, /no YAML: .*hosts\.yml:[23]$/],
    ["a list in YAML", { "hosts.yml": "- a\n" }, /expected groups by name.*hosts\.yml$/],
    ["hosts in a list", { "hosts.yml": "a: { hosts: [b] }\n" }, /hosts of a: expected/],
    [
      "a plugin's configuration",
      { "aws_ec2.yml": "plugin: aws_ec2\n" },
      /ansible-inventory --list/,
    ],
    ["TOML", { "hosts.toml": "[a]\n" }, /TOML/],
    ["an encrypted inventory", { hosts: vault }, /encrypted.*hosts$/],
    [
      "an encrypted file",
      { hosts: "a\n", "host_vars/a.yml": vault },
      /encrypted.*host_vars\/a\.yml$/,
    ],
    [
      "an encrypted value",
      { hosts: "[g]\na\n", "group_vars/g.yml": "x: 1\ny: !vault |\n  $ANSIBLE_VAULT\n" },
      /encrypted.*group_vars\/g\.yml:2$/,
    ],
    [
      "variables in a list",
      { hosts: "a\n", "host_vars/a": "- b\n" },
      /expected variables.*host_vars\/a$/,
    ],
    [
      "a program that fails",
      { run: "#!/bin/sh\necho broken >&2; exit 3\n" },
      /the program fails.*run$/,
    ],
    ["a program that prints no JSON", { run: "#!/bin/sh\necho '{'\n" }, /no JSON.*run$/],
    ["a program that prints a list", { run: "#!/bin/sh\necho '[]'\n" }, /no JSON object.*run$/],
    [
      "a program without groups",
      { run: "#!/bin/sh\necho '{\"a\": 1}'\n" },
      /a group a that is none/,
    ],
  ] as const) {
    test(what, async (t) => {
      await assert.rejects(read(t, files), (error) => {
        assert.ok(isError(error, InvalidInventory), String(error));
        assert.match(`${error.message} at ${error.facts.at}`, expected);
        return true;
      });
    });
  }
});
